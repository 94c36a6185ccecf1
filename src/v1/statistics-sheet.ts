/**
 * Roll-ups as a sheet: a row a group. Periods are never added, so of several each has its columns, side by side under each figure, the later
 * ones with their change from the one before.
 */
import type { Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { breakdownsOf, type ChangeReason, partLeavesOf, type Reason } from '../catalogue/rollup.ts'
import { markWords } from '../exchange/mark-cell.ts'
import type { Group, RollUp } from '../storage/statistics.ts'
import { type Told, toldOf } from './statistics-text.ts'

type Column = { suffix: string; zh: string; cell: (told: Told) => string | number | undefined }

const shared: Column[] = [
  { suffix: ':qualifier', zh: '限定词', cell: ({ total }) => total.qualifier },
  { suffix: ':reported', zh: '填报数', cell: ({ total }) => total.reported },
  { suffix: ':qualified', zh: '约数个数', cell: ({ total }) => total.qualified },
  { suffix: ':planned', zh: '计划数个数', cell: ({ total }) => total.planned },
]
const derived: Column = { suffix: ':derived', zh: '推算个数', cell: ({ total }) => total.derived }
const based: Column[] = [
  { suffix: ':used', zh: '参与计算', cell: ({ total }) => total.basedOn?.used },
  { suffix: ':of', zh: '有相关数据', cell: ({ total }) => total.basedOn?.of },
]
const twice: Column = { suffix: ':mayCountTwice', zh: '可能重复计人', cell: ({ total }) => total.mayCountTwice && 'true' }
const reason: Column = { suffix: ':reason', zh: '无数原因', cell: ({ total }) => total.reason }
const changesSince = ({ code }: Period): Column[] => [
  { suffix: ':change', zh: `比 ${code} 增减`, cell: ({ change }) => change?.change ?? undefined },
  { suffix: ':changeRate', zh: `比 ${code} 增减%`, cell: ({ change }) => change?.changeRate ?? undefined },
  { suffix: ':changeQualifier', zh: '增减限定词', cell: ({ change }) => change?.changeQualifier },
  { suffix: ':changeReason', zh: '增减无数原因', cell: ({ change }) => change?.changeReason },
]

/** The total of a figure in one period and what is said of it; only what can be said of a figure of its kind. */
function columnsOf(category: RollUp['category'], leaf: Leaf, before: Period | undefined): Column[] {
  const parts = partLeavesOf(leaf)
  const derivable = [leaf, ...(parts ? [parts.numerator, ...parts.denominators] : [])].some(
    (one) => breakdownsOf(category, one).length > 0,
  )
  return [
    { suffix: '', zh: '', cell: ({ total }) => total.total ?? undefined },
    ...shared,
    ...(derivable ? [derived] : []),
    ...(parts ? based : []),
    ...(leaf.figure.countsTwice ? [twice] : []),
    reason,
    ...(before ? changesSince(before) : []),
  ]
}

const reasonWords: Readonly<Record<Reason | ChangeReason, string>> = {
  'not-reported': '无人填报',
  'not-additive': '不可汇总',
  'parts-missing': '没有分子分母齐全的记录',
  'denominator-zero': '分母均为 0',
  'earlier-missing': '前期没有',
  'later-missing': '本期没有',
  'earlier-zero': '前期为 0',
}
/** The codes in cells as a sheet with Chinese headers says them. */
const words = new Map<string | number | undefined, string>(Object.entries({ ...markWords, ...reasonWords, true: '是' }))

/** What a spreadsheet would run as a formula begins with an apostrophe; numbers are told by being numbers. */
function cellOf(value: string | number | undefined): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' && /^[=+@\t\r]|^-(?!\d)/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const line = (cells: readonly (string | number | undefined)[]) => `${cells.map(cellOf).join(',')}\r\n`

const countHeads = [
  ['expected', '应报乡镇数'],
  ['doubleReports', '重复填报数'],
] as const

/**
 * The answer as CSV with BOM, in pieces. The one period stands in a column; of several the headers name each: `resolved:2024:reported`. `zh` gives
 * Chinese headers and words.
 */
export function* csvOf(
  { category, figures, periods }: RollUp,
  groups: readonly Group[],
  labels: 'codes' | 'zh',
): Generator<string> {
  const inChinese = labels === 'zh'
  const several = periods.length > 1
  const columns = figures.map((leaf) => periods.map((_, at) => columnsOf(category, leaf, periods[at - 1])))
  const headOf = (leaf: Leaf, { code }: Period, { suffix, zh }: Column) =>
    inChinese
      ? `${several ? `${code} ` : ''}${leaf.labels.zh}（${leaf.figure.unit}）${zh && ` ${zh}`}`
      : `${leaf.path}${several ? `:${code}` : ''}${suffix}`
  const heads = figures.flatMap((leaf, index) =>
    periods.flatMap((period, at) => (columns[index]?.[at] ?? []).map((column) => headOf(leaf, period, column))),
  )
  const counted = periods.flatMap(({ code }) =>
    countHeads.map(([name, zh]) => (inChinese ? `${several ? `${code} ` : ''}${zh}` : `${name}${several ? `:${code}` : ''}`)),
  )
  const places = inChinese ? ['地区代码', '地区'] : ['region', 'name']
  yield `\ufeff${line([...places, ...(several ? [] : [inChinese ? '报告期' : 'period']), ...counted, ...heads])}`
  for (const group of groups) {
    const told = toldOf(group)
    const codes = columns.flatMap((own, figure) =>
      told.flatMap((one, at) => {
        const found = one.told[figure]
        return found ? (own[at] ?? []).map(({ cell }) => cell(found)) : []
      }),
    )
    const counts = told.flatMap(({ expected, doubleReports }) => [expected, doubleReports])
    const cells = inChinese ? codes.map((code) => words.get(code) ?? code) : codes
    yield line([group.code, group.name, ...(several ? [] : [periods[0]?.code]), ...counts, ...cells])
  }
}
