/**
 * Roll-ups as text, group by group, so that a large answer neither fills memory nor holds up other requests. Totals are decimal texts
 * that go out as they are: as numbers of JavaScript sums of money would lose digits.
 */
import type { Leaf } from '../catalogue/index.ts'
import {
  breakdownsOf,
  type Change,
  type ChangeReason,
  changeOf,
  partLeavesOf,
  type Reason,
  type Total,
} from '../catalogue/rollup.ts'
import { markWords } from '../exchange/mark-cell.ts'
import type { Group, RollUp } from '../storage/statistics.ts'

type Told = { total: Total; change?: Change }

/** The totals of a group, period by period in the order of the figures, each with its change from the period before. */
function toldOf(group: Group): { expected: number; doubleReports: number; told: Told[] }[] {
  let before: Total[] | undefined
  return group.periods.map(({ expected, doubleReports, totals }) => {
    const own = totals()
    const told = own.map((total, index): Told => {
      const earlier = before?.[index]
      return earlier ? { total, change: changeOf(earlier, total) } : { total }
    })
    before = own
    return { expected, doubleReports, told }
  })
}

function totalJson({ total, change }: Told, expected: number): string {
  const { reported, qualified, planned, derived, qualifier, reason, basedOn, mayCountTwice } = total
  return (
    `{"total":${total.total},"reported":${reported},"expected":${expected}` +
    `,"qualified":${qualified},"planned":${planned},"derived":${derived}` +
    (qualifier ? `,"qualifier":"${qualifier}"` : '') +
    (reason ? `,"reason":"${reason}"` : '') +
    (basedOn ? `,"basedOn":{"used":${basedOn.used},"of":${basedOn.of}}` : '') +
    (mayCountTwice ? ',"mayCountTwice":true' : '') +
    (change ? `,"change":${change.change},"changeRate":${change.changeRate}` : '') +
    (change?.changeQualifier ? `,"changeQualifier":"${change.changeQualifier}"` : '') +
    (change?.changeReason ? `,"changeReason":"${change.changeReason}"` : '') +
    '}'
  )
}

/** The answer as JSON, in pieces; `end` are more members of it. */
export function* jsonOf(
  { category, figures, periods, by, region, current }: RollUp,
  groups: readonly Group[],
  end = '',
): Generator<string> {
  const head = { category, boundaries: current ? 'current' : 'as-reported', ...(region && { region }), ...(by && { by }) }
  const keys = figures.map((leaf) => `"${leaf.path}":`)
  yield `${JSON.stringify({ ...head, periods: periods.map(({ code }) => code) }).slice(0, -1)},"items":[`
  for (const [index, group] of groups.entries()) {
    const rows = toldOf(group).map(({ expected, doubleReports, told }, at) => {
      const all = told.map((one, figure) => keys[figure] + totalJson(one, expected))
      return `{"period":"${periods[at]?.code}","expected":${expected},"doubleReports":${doubleReports},"figures":{${all.join(',')}}}`
    })
    const place = JSON.stringify({ code: group.code, name: group.name })
    yield `${index > 0 ? ',' : ''}{"region":${place},"periods":[${rows.join(',')}]}`
  }
  yield `]${end}}`
}

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
const changes: Column[] = [
  { suffix: ':change', zh: '较上期增减', cell: ({ change }) => change?.change ?? undefined },
  { suffix: ':changeRate', zh: '较上期增减%', cell: ({ change }) => change?.changeRate ?? undefined },
  { suffix: ':changeQualifier', zh: '增减限定词', cell: ({ change }) => change?.changeQualifier },
  { suffix: ':changeReason', zh: '增减无数原因', cell: ({ change }) => change?.changeReason },
]

/** The total of a figure and what is said of it; only what can be said of a figure of its kind. */
function columnsOf({ category, periods }: RollUp, leaf: Leaf): Column[] {
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
    ...(periods.length > 1 ? changes : []),
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

/** The answer as CSV with BOM, in pieces: a row a group and period; `zh` gives Chinese headers and words. */
export function* csvOf(request: RollUp, groups: readonly Group[], labels: 'codes' | 'zh'): Generator<string> {
  const { figures, periods } = request
  const columns = figures.map((leaf) => columnsOf(request, leaf))
  const heads = columns.flatMap((own, index) => {
    const leaf = figures[index]
    if (!leaf) return []
    const label = `${leaf.labels.zh}（${leaf.figure.unit}）`
    return own.map(({ suffix, zh }) => (labels === 'zh' ? label + (zh && ` ${zh}`) : leaf.path + suffix))
  })
  const fixed =
    labels === 'zh'
      ? ['地区代码', '地区', '报告期', '应报乡镇数', '重复填报数']
      : ['region', 'name', 'period', 'expected', 'doubleReports']
  yield `\ufeff${line([...fixed, ...heads])}`
  for (const group of groups) {
    const rows = toldOf(group).map(({ expected, doubleReports, told }, at) => {
      const codes = told.flatMap((one, index) => (columns[index] ?? []).map(({ cell }) => cell(one)))
      const cells = labels === 'zh' ? codes.map((code) => words.get(code) ?? code) : codes
      return line([group.code, group.name, periods[at]?.code, expected, doubleReports, ...cells])
    })
    yield rows.join('')
  }
}
