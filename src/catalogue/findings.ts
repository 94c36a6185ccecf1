/**
 * Findings: what the rules say of a record. Real reports are often inconsistent, so a finding warns and does not refuse; only
 * what the catalogue calls impossible is refused, and only while no note explains it.
 *
 * A qualified value is an interval: `20余` is 20 or more, `约20` is anything near. A comparison speaks only where it is
 * certain: a part that is at least 30 exceeds a whole of 20, a part of 30 does not contradict a whole of "at least 20".
 * Plans and aims are left out. Stored findings depend on the record and `rulesVersion` alone.
 */
import { type Bounds, boundsOf, certainly, sum } from './bounds.ts'
import { decimalsOf, roundTo } from './decimal.ts'
import type { Figure, Labels } from './figure.ts'
import type { CategoryName } from './index.ts'
import { boundsAt, type Look, lookAt, membersOf, partsOf, valueAt } from './look.ts'
import { type Content, categoryOf, isPlan, type Value, valuesOf } from './record.ts'
import type { Balance, Breakdown, MemberWithin, PerUnit, RateOf, Within } from './rules.ts'

export type Severity = 'warning' | 'impossible'
export type FindingRule = 'within' | 'breakdown' | 'memberWithin' | 'rateOf' | 'balance' | 'perUnit' | 'rateRange'
export type Relation = '<=' | '=' | '>='
export type Finding = {
  rule: FindingRule
  severity: Severity
  /** Paths; the first is the figure that carries the rule. */
  figures: string[]
  /** `actual relation expected` is what the rule demands and the record does not meet. */
  relation: Relation
  expected: number
  actual: number
  message: { zh: string; en: string }
}

const words = { '<=': ['大于', 'exceeds'], '=': ['不等于', 'differs from'], '>=': ['小于', 'is less than'] }

function report(
  { found }: Look,
  rule: FindingRule,
  severity: Severity,
  relation: Relation,
  actual: Bounds,
  expected: Bounds,
  values: [actual: number, expected: number],
  told?: Finding['message'],
): void {
  const [zh, en] = words[relation]
  found.push({
    rule,
    severity,
    figures: [...new Set([...actual.paths, ...expected.paths])],
    relation,
    expected: values[1],
    actual: values[0],
    message: told ?? {
      zh: `${actual.labels.zh}（${values[0]}）${zh}${expected.labels.zh}（${values[1]}）`,
      en: `${actual.labels.en} (${values[0]}) ${en} ${expected.labels.en} (${values[1]})`,
    },
  })
}

function atMost(look: Look, rule: FindingRule, part?: Bounds, whole?: Bounds, severity: Severity = 'warning'): void {
  if (part?.low === undefined || whole?.high === undefined || part.low <= whole.high) return
  report(look, rule, severity, '<=', part, whole, [part.low, whole.high])
}

function equal(look: Look, rule: FindingRule, left: Bounds, right: Bounds): void {
  const exact = left.low !== undefined && left.low === left.high && right.low !== undefined && right.low === right.high
  if (!exact || left.low === undefined || right.low === undefined || left.low === right.low) return
  report(look, rule, 'warning', '=', left, right, [left.low, right.low])
}

function checkWithin(look: Look, code: string, rule: Within): void {
  const whole = rule.refs.find((ref) => valueAt(look, ref))
  if (whole) atMost(look, 'within', boundsAt(look, code), boundsAt(look, whole), rule.impossible ? 'impossible' : 'warning')
}

function checkBreakdown(look: Look, code: string, labels: Labels, rule: Breakdown): void {
  const whole = boundsAt(look, rule.refs[0] ?? '')
  const parts = whole ? partsOf(look, code) : []
  if (!whole || parts.length === 0) return
  if (rule.completeness === 'overlapping') for (const part of parts) atMost(look, 'breakdown', part, whole)
  else if (rule.completeness === 'exhaustive' && parts.length === membersOf(code).length && whole.low === whole.high) {
    const total = sum(parts, labels)
    if (total.low !== undefined && total.low === total.high) equal(look, 'breakdown', total, whole)
    else atMost(look, 'breakdown', sum(parts.map(certainly), labels), whole)
  } else atMost(look, 'breakdown', sum(parts.map(certainly), labels), whole)
}

function checkMemberWithin(look: Look, code: string, rule: MemberWithin): void {
  for (const { path, member } of membersOf(code)) {
    const whole = valueAt(look, path) && boundsAt(look, `${rule.refs[0]}.${member}`)
    if (whole) atMost(look, 'memberWithin', boundsAt(look, path), whole)
  }
}

/** The sum of these figures; undefined where one is missing. */
function sideOf(look: Look, paths: readonly string[]): Bounds | undefined {
  const found = paths.flatMap((path) => boundsAt(look, path) ?? [])
  if (found.length < paths.length) return undefined
  const labels = {
    zh: found.map((one) => one.labels.zh).join(' + '),
    en: found.map((one) => one.labels.en).join(' + '),
  }
  return sum(found, labels)
}

function checkBalance(look: Look, rule: Balance): void {
  const left = sideOf(look, rule.left)
  const right = left && sideOf(look, rule.right)
  if (right) equal(look, 'balance', left, right)
}

function checkPerUnit(look: Look, code: string, rule: PerUnit): void {
  const actual = boundsAt(look, code)
  const unit = boundsAt(look, rule.refs[0] ?? '')
  if (actual?.high === undefined || unit?.low === undefined || actual.high >= unit.low * rule.min) return
  const labels = { zh: `${unit.labels.zh}×${rule.min}`, en: `${unit.labels.en} × ${rule.min}` }
  report(look, 'perUnit', 'warning', '>=', actual, { ...unit, labels }, [actual.high, unit.low * rule.min])
}

function checkRate(look: Look, code: string, rule: RateOf): void {
  const rate = valueAt(look, code)
  const numerator = boundsAt(look, rule.numerator)
  if (!rate || rate.remark.qualifier || numerator?.low === undefined || numerator.low !== numerator.high) return
  const unit = 10 ** -printedDecimals(rate)
  const top = numerator.low
  const bottoms = rule.denominators.flatMap((path) => boundsAt(look, path) ?? [])
  if (bottoms.some((bottom) => bottom.low === undefined || bottom.low !== bottom.high)) return
  const candidates = bottoms.flatMap((bottom) => (bottom.low ? [{ bottom, computed: (100 * top) / bottom.low }] : []))
  const [first] = candidates
  if (!first || candidates.some(({ computed }) => Math.abs(rate.value - computed) < unit - 1e-9)) return
  const labels = {
    zh: `${numerator.labels.zh}/${first.bottom.labels.zh}`,
    en: `${numerator.labels.en} / ${first.bottom.labels.en}`,
  }
  const expected = { labels, paths: [rule.numerator, ...first.bottom.paths] }
  report(look, 'rateOf', 'warning', '=', boundsOf(rate), expected, [rate.value, roundTo(first.computed, 4)])
}

/** Whether the parts of a rate say that it is as small as it looks. */
function isConfirmed(look: Look, parts: RateOf | undefined): boolean {
  const top = valueAt(look, parts?.numerator ?? '')?.value
  const bottoms = parts?.denominators.flatMap((path) => valueAt(look, path)?.value ?? []) ?? []
  return top !== undefined && bottoms.some((bottom) => bottom > 0 && (100 * top) / bottom < 2)
}

/** Whether the numerator of a rate cannot exceed its denominator. */
const isStrict = (look: Look, parts: RateOf) =>
  categoryOf(look.name).figures[parts.numerator]?.rules.some(
    (rule) => rule.rule === 'within' && rule.impossible && parts.denominators.includes(rule.refs[0] ?? ''),
  )

function checkRateRange(look: Look, code: string, parts: RateOf | undefined): void {
  const rate = valueAt(look, code)
  if (!rate) return
  const { value, remark } = rate
  const bounds = boundsOf(rate)
  if (!remark.qualifier && value > 0 && value <= 1 && !isConfirmed(look, parts)) {
    const percent = roundTo(100 * value, 4)
    const { labels } = bounds
    report(look, 'rateRange', 'warning', '=', { ...bounds, paths: [code] }, { labels, paths: [] }, [value, percent], {
      zh: `${labels.zh}（${value}）疑为小数：比率以百分数填报，${percent}% 填 ${percent}`,
      en: `${labels.en} (${value}) looks like a fraction: rates are in percent, ${percent} % is ${percent}`,
    })
  }
  if (bounds.low === undefined || bounds.low <= 100) return
  const severity = parts && isStrict(look, parts) ? 'impossible' : 'warning'
  const whole = { labels: { zh: '百分之百', en: 'one hundred percent' }, paths: [] }
  report(look, 'rateRange', severity, '<=', bounds, whole, [bounds.low, 100])
}

function checkFigure(look: Look, code: string, figure: Figure): void {
  for (const rule of figure.rules) {
    if (rule.rule === 'within') checkWithin(look, code, rule)
    else if (rule.rule === 'breakdown') checkBreakdown(look, code, figure.labels, rule)
    else if (rule.rule === 'memberWithin') checkMemberWithin(look, code, rule)
    else if (rule.rule === 'balance') checkBalance(look, rule)
    else if (rule.rule === 'perUnit') checkPerUnit(look, code, rule)
    else checkRate(look, code, rule)
  }
  if (figure.kind !== 'rate') return
  const parts = figure.rules.find((rule) => rule.rule === 'rateOf')
  checkRateRange(look, code, parts)
}

/** The findings of a canonical content. */
export const findingsOf = (name: CategoryName, content: Content) => findingsOfValues(name, valuesOf(name, content))

/** As `findingsOf`, of the values of a content that are at hand, in catalogue order. */
export function findingsOfValues(name: CategoryName, values: readonly Value[]): Finding[] {
  const look = lookAt(name, values)
  let last = ''
  // Values stand in catalogue order, and so do their codes: a finding has its place whatever the order of the body.
  for (const { leaf, remark } of values) {
    if (leaf.code === last || isPlan(remark)) continue
    last = leaf.code
    checkFigure(look, leaf.code, leaf.figure)
  }
  return look.found
}

/** The decimals that the report printed: those of the quote, where it holds the number, else of the shortest text. */
function printedDecimals({ value, remark }: Value): number {
  const printed = remark.quote?.match(/\d+(?:\.\d+)?/g)?.filter((text) => Number(text) === value) ?? []
  return Math.max(decimalsOf(value), ...printed.map((text) => text.split('.')[1]?.length ?? 0))
}
