/**
 * Findings: what the rules say of a record. Real reports are often inconsistent, so a finding warns and does not refuse; only
 * what the catalogue calls impossible is refused, and only while no note explains it.
 *
 * A qualified value is an interval: `20余` is 20 or more, `约20` is anything near. A comparison speaks only where it is
 * certain: a part that is at least 30 exceeds a whole of 20, a part of 30 does not contradict a whole of "at least 20".
 * Plans and aims are left out. Stored findings depend on the record and `rulesVersion` alone.
 */
import { decimalsOf, roundTo } from './decimal.ts'
import type { Labels } from './figure.ts'
import { type CategoryName, categories, type Leaf, leaves } from './index.ts'
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

/** A value, or a sum of values, as an interval: `low` is undefined where nothing certain is known of its lower bound. */
type Bounds = { low?: number; high?: number; labels: Labels; paths: string[] }

function boundsOf({ leaf, value, remark }: Value): Bounds {
  const { qualifier } = remark
  const bounds: Bounds = { labels: leaf.labels, paths: [leaf.path] }
  if (qualifier === undefined || qualifier === 'atLeast') bounds.low = value
  if (qualifier === undefined || qualifier === 'atMost') bounds.high = value
  return bounds
}

function sum(parts: Bounds[], labels: Labels): Bounds {
  const total: Bounds = { labels, paths: parts.flatMap((part) => part.paths) }
  for (const bound of ['low', 'high'] as const) {
    let all: number | undefined = 0
    for (const part of parts) all = all === undefined || part[bound] === undefined ? undefined : all + part[bound]
    if (all !== undefined) total[bound] = Number.isInteger(all) ? all : roundTo(all, 4)
  }
  return total
}

/** Parts of which nothing certain is known count as zero: every figure is at least that. */
const certainly = (part: Bounds): Bounds => ({ ...part, low: part.low ?? 0 })

/** The values of each figure; its code is unique over all categories. */
const members = new Map<string, Leaf[]>()
for (const leaf of categories.flatMap(({ name }) => leaves(name)))
  members.set(leaf.code, [...(members.get(leaf.code) ?? []), leaf])
const membersOf = (code: string): readonly Leaf[] => members.get(code) ?? []

/** The findings of a canonical content. */
export function findingsOf(name: CategoryName, content: Content): Finding[] {
  return findingsOfValues(name, valuesOf(name, content))
}

/** Of each value of a category, by its place: the number of its figure, and those of the figures that a rule holds it against. */
type Kin = { figure: number; others: readonly number[]; isRate: boolean }
type Kinship = { kin: readonly Kin[]; seen: Uint32Array; now: number }

function kinshipOf(name: CategoryName): Kinship {
  const { figures } = categoryOf(name)
  const codes = Object.keys(figures)
  const others = codes.map((code, own) => {
    const named = figures[code]?.rules.flatMap(({ refs }) => refs.map((ref) => codes.indexOf(ref.split('.')[0] ?? ''))) ?? []
    return [...new Set(named)].filter((other) => other !== own)
  })
  const kin = leaves(name).map(({ code, figure }): Kin => {
    const own = codes.indexOf(code)
    return { figure: own, others: others[own] ?? [], isRate: figure.kind === 'rate' }
  })
  return { kin, seen: new Uint32Array(codes.length), now: 0 }
}
const kinships = new Map(categories.map(({ name }) => [name, kinshipOf(name)]))

/** Whether a rule has anything to compare: of few figures among many mostly no two are kin, and only such are looked at more closely. */
function mayFind(name: CategoryName, values: readonly Value[]): boolean {
  const kinship = kinships.get(name)
  if (!kinship) return true
  const { kin, seen } = kinship
  // Beyond 32 bits it begins anew: an old mark that is met then costs a closer look, no more.
  const now = (kinship.now + 1) >>> 0
  kinship.now = now
  for (const { leaf } of values) seen[kin[leaf.place]?.figure ?? 0] = now
  for (const { leaf, value } of values) {
    const own = kin[leaf.place]
    if (!own || (own.isRate && ((value > 0 && value <= 1) || value > 100))) return true
    for (const other of own.others) if (seen[other] === now) return true
  }
  return false
}

/** As `findingsOf`, of the values of a content that are at hand, in catalogue order. */
export function findingsOfValues(name: CategoryName, given: readonly Value[]): Finding[] {
  const found: Finding[] = []
  if (!mayFind(name, given)) return found
  const values = new Map<string, Value>()
  const codes = new Set<string>()
  for (const value of given) {
    if (isPlan(value.remark)) continue
    values.set(value.leaf.path, value)
    codes.add(value.leaf.code)
  }
  if (values.size === 0) return found
  const bounds = (path: string) => {
    const value = values.get(path)
    return value && boundsOf(value)
  }
  const partsOf = (code: string) => membersOf(code).flatMap((leaf) => bounds(leaf.path) ?? [])

  function report(
    rule: FindingRule,
    severity: Severity,
    relation: Relation,
    actual: Bounds,
    expected: Bounds,
    values: [actual: number, expected: number],
    told?: Finding['message'],
  ) {
    const words = { '<=': ['大于', 'exceeds'], '=': ['不等于', 'differs from'], '>=': ['小于', 'is less than'] }[relation]
    found.push({
      rule,
      severity,
      figures: [...new Set([...actual.paths, ...expected.paths])],
      relation,
      expected: values[1],
      actual: values[0],
      message: told ?? {
        zh: `${actual.labels.zh}（${values[0]}）${words[0]}${expected.labels.zh}（${values[1]}）`,
        en: `${actual.labels.en} (${values[0]}) ${words[1]} ${expected.labels.en} (${values[1]})`,
      },
    })
  }
  function atMost(rule: FindingRule, part: Bounds | undefined, whole: Bounds | undefined, severity: Severity = 'warning') {
    if (part?.low === undefined || whole?.high === undefined || part.low <= whole.high) return
    report(rule, severity, '<=', part, whole, [part.low, whole.high])
  }
  function equal(rule: FindingRule, left: Bounds, right: Bounds) {
    const exact = left.low !== undefined && left.low === left.high && right.low !== undefined && right.low === right.high
    if (!exact || left.low === undefined || right.low === undefined || left.low === right.low) return
    report(rule, 'warning', '=', left, right, [left.low, right.low])
  }

  function checkWithin(code: string, rule: Within) {
    const whole = rule.refs.find((ref) => values.has(ref))
    if (whole) atMost('within', bounds(code), bounds(whole), rule.impossible ? 'impossible' : 'warning')
  }
  function checkBreakdown(code: string, labels: Labels, rule: Breakdown) {
    const whole = bounds(rule.refs[0] ?? '')
    const parts = whole ? partsOf(code) : []
    if (!whole || parts.length === 0) return
    if (rule.completeness === 'overlapping') for (const part of parts) atMost('breakdown', part, whole)
    else if (rule.completeness === 'exhaustive' && parts.length === membersOf(code).length && whole.low === whole.high) {
      const total = sum(parts, labels)
      if (total.low !== undefined && total.low === total.high) equal('breakdown', total, whole)
      else atMost('breakdown', sum(parts.map(certainly), labels), whole)
    } else atMost('breakdown', sum(parts.map(certainly), labels), whole)
  }
  function checkMemberWithin(code: string, rule: MemberWithin) {
    for (const leaf of membersOf(code))
      if (values.has(leaf.path)) atMost('memberWithin', bounds(leaf.path), bounds(`${rule.refs[0]}.${leaf.member}`))
  }
  function checkBalance(rule: Balance) {
    if (![...rule.left, ...rule.right].every((path) => values.has(path))) return
    const sides = [rule.left, rule.right].map((codes) => codes.map(bounds))
    const [left = [], right = []] = sides.map((side) => side.flatMap((one) => one ?? []))
    const labels = (side: Bounds[]) => ({
      zh: side.map((one) => one.labels.zh).join(' + '),
      en: side.map((one) => one.labels.en).join(' + '),
    })
    equal('balance', sum(left, labels(left)), sum(right, labels(right)))
  }
  function checkPerUnit(code: string, rule: PerUnit) {
    const actual = bounds(code)
    const unit = bounds(rule.refs[0] ?? '')
    if (actual?.high === undefined || unit?.low === undefined || actual.high >= unit.low * rule.min) return
    const labels = { zh: `${unit.labels.zh}×${rule.min}`, en: `${unit.labels.en} × ${rule.min}` }
    report('perUnit', 'warning', '>=', actual, { ...unit, labels }, [actual.high, unit.low * rule.min])
  }
  function checkRate(code: string, rule: RateOf) {
    const rate = values.get(code)
    const numerator = bounds(rule.numerator)
    if (!rate || rate.remark.qualifier || numerator?.low === undefined || numerator.low !== numerator.high) return
    const unit = 10 ** -printedDecimals(rate)
    const top = numerator.low
    const bottoms = rule.denominators.flatMap((path) => bounds(path) ?? [])
    if (bottoms.some((bottom) => bottom.low === undefined || bottom.low !== bottom.high)) return
    const candidates = bottoms.flatMap((bottom) => (bottom.low ? [{ bottom, computed: (100 * top) / bottom.low }] : []))
    const [first] = candidates
    if (!first || candidates.some(({ computed }) => Math.abs(rate.value - computed) < unit - 1e-9)) return
    const labels = {
      zh: `${numerator.labels.zh}/${first.bottom.labels.zh}`,
      en: `${numerator.labels.en} / ${first.bottom.labels.en}`,
    }
    const expected = { labels, paths: [rule.numerator, ...first.bottom.paths] }
    report('rateOf', 'warning', '=', boundsOf(rate), expected, [rate.value, roundTo(first.computed, 4)])
  }
  /** Whether the parts of a rate say that it is as small as it looks. */
  function isConfirmed(parts: RateOf | undefined): boolean {
    const top = values.get(parts?.numerator ?? '')?.value
    const bottoms = parts?.denominators.flatMap((path) => values.get(path)?.value ?? []) ?? []
    return top !== undefined && bottoms.some((bottom) => bottom > 0 && (100 * top) / bottom < 2)
  }
  function checkRateRange(code: string, parts: RateOf | undefined) {
    const rate = bounds(code)
    const { value = 0, remark } = values.get(code) ?? {}
    if (rate && !remark?.qualifier && value > 0 && value <= 1 && !isConfirmed(parts)) {
      const percent = roundTo(100 * value, 4)
      report('rateRange', 'warning', '=', { ...rate, paths: [code] }, { labels: rate.labels, paths: [] }, [value, percent], {
        zh: `${rate.labels.zh}（${value}）疑为小数：比率以百分数填报，${percent}% 填 ${percent}`,
        en: `${rate.labels.en} (${value}) looks like a fraction: rates are in percent, ${percent} % is ${percent}`,
      })
    }
    if (rate?.low === undefined || rate.low <= 100) return
    const strict =
      parts &&
      categoryOf(name).figures[parts.numerator]?.rules.some(
        (rule) => rule.rule === 'within' && rule.impossible && parts.denominators.includes(rule.refs[0] ?? ''),
      )
    report(
      'rateRange',
      strict ? 'impossible' : 'warning',
      '<=',
      rate,
      { labels: { zh: '百分之百', en: 'one hundred percent' }, paths: [] },
      [rate.low, 100],
    )
  }

  const { figures } = categoryOf(name)
  // Values stand in catalogue order, and so do their codes: a finding has its place whatever the order of the body.
  for (const code of codes) {
    const figure = figures[code]
    if (!figure) continue
    for (const rule of figure.rules) {
      if (rule.rule === 'within') checkWithin(code, rule)
      else if (rule.rule === 'breakdown') checkBreakdown(code, figure.labels, rule)
      else if (rule.rule === 'memberWithin') checkMemberWithin(code, rule)
      else if (rule.rule === 'balance') checkBalance(rule)
      else if (rule.rule === 'perUnit') checkPerUnit(code, rule)
      else checkRate(code, rule)
    }
    if (figure.kind === 'rate')
      checkRateRange(
        code,
        figure.rules.find((rule) => rule.rule === 'rateOf'),
      )
  }
  return found
}

/** The decimals that the report printed: those of the quote, where it holds the number, else of the shortest text. */
function printedDecimals({ value, remark }: Value): number {
  const printed = remark.quote?.match(/\d+(?:\.\d+)?/g)?.filter((text) => Number(text) === value) ?? []
  return Math.max(decimalsOf(value), ...printed.map((text) => text.split('.')[1]?.length ?? 0))
}
