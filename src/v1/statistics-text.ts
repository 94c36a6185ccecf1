/**
 * Roll-ups as JSON, group by group, so that a large answer neither fills memory nor holds up other requests. Totals are decimal texts
 * that go out as they are: as numbers of JavaScript sums of money would lose digits.
 */
import { type Change, changeOf, type Total } from '../catalogue/rollup.ts'
import type { Group, RollUp } from '../storage/statistics.ts'

export type Told = { total: Total; change?: Change }

/** The totals of a group, period by period in the order of the figures, each with its change from the period before. */
export function toldOf(group: Group): { expected: number; doubleReports: number; told: Told[] }[] {
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
