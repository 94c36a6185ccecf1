/**
 * What the header of a sheet means. A figure is named by its code or by its Chinese label, with or without its unit in brackets;
 * width, spaces, line breaks and the style of brackets and quotes do not matter. A column is never passed over in silence: what is not
 * known, stands twice, or counts in another unit is a fault, and a column without a name must be empty.
 */
import { closest, distance } from 'fastest-levenshtein'
import { readCell } from '../catalogue/cell.ts'
import { didYouMean } from '../catalogue/hints.ts'
import { type CategoryName, categories, type Leaf, leaves } from '../catalogue/index.ts'
import { markedHeader } from './mark-cell.ts'
import type { SheetFaultCode } from './row.ts'
import { type HeaderFault, withoutStrays } from './stray-headers.ts'

/** The columns that are no figures: the code and the Chinese header that sheets are written with, then what else is understood. */
export const keyHeaders = {
  township: 'township 乡镇代码 townshipCode 乡镇（街道）代码 街道代码 镇街代码 代码 区划代码 行政区划代码 统计用区划代码',
  name: 'name 乡镇名称 townshipName 乡镇（街道）名称 乡镇（街道） 乡镇 街道 镇街 乡镇街道 镇（街道） 镇街名称 名称 全称 单位名称 填报单位',
  county:
    'county 区县 县区 县（市、区） 县市区 县 县名 区县名称 县区名称 县级区划 所属县 所属区县 所属县区 区县代码 县级区划代码 countyCode',
  period: 'period 报告期 年度 年份 期间 统计期 报告年度 统计年度',
  category: 'category 类别 数据类别',
  revision: 'revision 版本 expectedRevision 版本号',
  remarks: 'remarks 数据说明',
  others: 'others 目录外数据 其他数据',
  source: 'source 数据来源 来源',
  deleted: 'deleted 已删除',
  ignored: 'findings 校验提示 createdAt 首次填报时间 updatedAt 最近变更时间 updatedBy 最近变更人',
  /** Ignored as well, but where the word of a total stands, the row is one. */
  beside: '序号 编号 No. province 省份 省 prefecture 地市 市 市州',
  empty: '备注 说明 note',
} as const
export type KeyKind = keyof typeof keyHeaders
/** Columns that a sheet may have more than once. */
const mayRepeat: readonly KeyKind[] = ['ignored', 'beside', 'empty']
export type Column = { header: string } & (
  | { kind: KeyKind }
  /** `mark`: the column of the qualifiers of a figure. */
  | { kind: 'figure' | 'mark'; leaves: ReadonlyMap<CategoryName, Leaf> }
  | { kind: 'unknown' }
)

/** What must be equal for two headers to be the same. */
export function foldHeader(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[[【〔]/g, '(')
    .replace(/[\]】〕]/g, ')')
    .replace(/[\s\u200b-\u200d\u2060\ufeff"'“”‘’「」*]/g, '')
    .toLowerCase()
}

/** The Chinese header of a figure as sheets are written with it: its label with its unit. */
export const labelHeader = (leaf: Leaf) => `${leaf.labels.zh}（${leaf.figure.unit}）`

const kindsOfKeys = new Map(
  Object.entries(keyHeaders).flatMap(([kind, words]) => words.split(' ').map((word) => [foldHeader(word), kind] as const)),
)
const isKeyKind = (kind: string | undefined): kind is KeyKind => kind !== undefined && kind in keyHeaders

function keysOf(leaf: Leaf): string[] {
  return [...new Set([leaf.path, leaf.labels.zh, labelHeader(leaf)].map(foldHeader))]
}

/** By category: the leaves that a folded header can mean. More than one is ambiguous; a test sees that there are none. */
const known = new Map(
  categories.map(({ name }) => {
    const byKey = new Map<string, Leaf[]>()
    for (const leaf of leaves(name)) for (const key of keysOf(leaf)) byKey.set(key, [...(byKey.get(key) ?? []), leaf])
    return [name, byKey] as const
  }),
)
const find = (category: CategoryName, key: string): readonly Leaf[] => known.get(category)?.get(key) ?? []

/** A label with another unit behind it: one that counts the same (份 for 件) is no matter, 万元 for 元 is. */
function withUnit(category: CategoryName, key: string): { leaf: Leaf; unit: string; same: boolean } | undefined {
  const [, label = '', unit = ''] = /^(.+)\((?:单位:)?([^()]{1,6})\)$/.exec(key) ?? []
  const [leaf] = find(category, label)
  if (!leaf || unit === '') return undefined
  const reading = readCell(`1${unit}`, leaf.figure)
  return { leaf, unit, same: reading.state === 'value' && reading.value === 1 }
}

/** Whether a header means anything to any category; what tells the header of a sheet from a title above it. */
export function isKnownHeader(header: string): boolean {
  const key = foldHeader(header)
  return key !== '' && (kindsOfKeys.has(key) || categories.some(({ name }) => find(name, key).length > 0 || withUnit(name, key)))
}

function nearest(key: string, within: readonly CategoryName[]): { nearest: string; nearestZh: string } {
  const chinese = /[^\0-\x7f]/.test(key)
  const names = within.flatMap((name) => leaves(name).map((leaf) => (chinese ? leaf.labels.zh : leaf.path)))
  const keys = Object.values(keyHeaders).flatMap((words) => words.split(' ').slice(0, 2))
  const best = closest(key, [...names, ...keys].map(foldHeader))
  const name = [...names, ...keys].find((one) => foldHeader(one) === best) ?? ''
  const near = distance(key, best) <= Math.max(chinese ? 1 : 2, Math.floor(key.length / 3))
  return near ? didYouMean(name) : { nearest: '', nearestZh: '' }
}

/** A, B … Z, AA: how a spreadsheet names a column. */
export function letterOf(index: number): string {
  return (index >= 26 ? letterOf(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + (index % 26))
}

/** The one category that all figures of a header belong to, where there is one: codes are unique, and labels nearly so. */
export function categoryOfHeaders(cells: readonly string[]): CategoryName | undefined {
  const knows = (name: CategoryName) => (key: string) => find(name, key).length > 0 || withUnit(name, key) !== undefined
  const keys = cells.map(foldHeader).filter((key) => !kindsOfKeys.has(key) && categories.some(({ name }) => knows(name)(key)))
  const [first, second] = categories.filter(({ name }) => keys.length > 0 && keys.every(knows(name)))
  return second ? undefined : first?.name
}

/** Reads the headers of a sheet of the given categories, with everything that is wrong with them. */
export function readHeaders(
  cells: readonly string[],
  within: readonly CategoryName[],
): { columns: Column[]; faults: HeaderFault[] } {
  const faults: HeaderFault[] = []
  const seen = new Map<string, string>()
  const columns = cells.map((cell, index): Column => {
    const header = cell.replace(/\s+/g, ' ').trim().slice(0, 100) || letterOf(index)
    const key = foldHeader(cell)
    const refuse = (code: SheetFaultCode, params: Record<string, string> = {}): Column => {
      faults.push({ column: header, code, params: { name: header, ...params } })
      return { header, kind: 'unknown' }
    }
    const once = (identity: string, column: Column): Column => {
      const before = seen.get(identity)
      if (before !== undefined) return refuse('header-repeated', { column: letterOf(index), other: before })
      seen.set(identity, letterOf(index))
      return column
    }
    if (key === '') return { header, kind: 'empty' }
    const kind = kindsOfKeys.get(key)
    if (isKeyKind(kind)) return mayRepeat.includes(kind) ? { header, kind } : once(kind, { header, kind })
    const marked = markedHeader(key)
    const named = marked ?? key
    const found = new Map<CategoryName, Leaf>()
    for (const name of within) {
      const [leaf, second] = find(name, named)
      if (leaf && second) return refuse('header-ambiguous', { first: leaf.path, second: second.path })
      const counted = leaf ? undefined : withUnit(name, named)
      if (counted && !counted.same) return refuse('header-unit', { given: counted.unit, allowed: counted.leaf.figure.unit })
      const meant = leaf ?? counted?.leaf
      if (meant) found.set(name, meant)
    }
    if (found.size > 0) {
      const kind = marked === undefined ? 'figure' : 'mark'
      return once([kind, ...[...found.values()].map((leaf) => leaf.path)].join(), { header, kind, leaves: found })
    }
    const other = categories.find(({ name }) => find(name, named).length > 0 || withUnit(name, named))
    if (!other) return refuse('header-unknown', nearest(key, within))
    return refuse('header-of-another-category', { category: other.labels.en, categoryZh: other.labels.zh })
  })
  const figures = columns.flatMap((column) => (column.kind === 'figure' ? [...column.leaves.values()] : []))
  for (const column of columns) {
    if (column.kind !== 'mark' || [...column.leaves.values()].every((leaf) => figures.includes(leaf))) continue
    faults.push({ column: column.header, code: 'header-without-figure', params: { name: column.header } })
  }
  return { columns, faults: withoutStrays(faults, figures.length, within) }
}

const categoryWords = new Map(
  categories.flatMap(({ name, path, labels }) =>
    [name, path, labels.zh, labels.en].map((word) => [foldHeader(word), name] as const),
  ),
)

/** The category that a cell names: by its name, its path, or its label in either language. */
export const findCategoryCell = (text: string) => categoryWords.get(foldHeader(text))
