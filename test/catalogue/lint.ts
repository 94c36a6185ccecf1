/** What is wrong with a catalogue, one line a problem: what types alone cannot hold. */
import { aggregationOf, breakdownOf, type Category, type Figure, kinds, partsOf } from '../../src/catalogue/figure.ts'
import { leavesOf } from '../../src/catalogue/index.ts'
import type { Rule } from '../../src/catalogue/rules.ts'

/** The columns of a record's table that are no figure, and those that queries join to it. */
export const ownColumns = [
  'period_id',
  'township_code',
  'document',
  'content_hash',
  'revision',
  'rules_version',
  'findings',
  'qualifiers',
  'plans',
  'remarks',
  'others',
  'source',
  'category',
  'township',
  'period',
  'created_at',
  'updated_at',
  'updated_by',
]

const han = /\p{Script=Han}/u
const counts: string[] = ['flow', 'stock', 'opening']
const units: { [kind: string]: string } = { rate: '%', money: '元', score: '分' }

function labelProblems(of: string, { zh, en }: { zh: string; en: string }): string[] {
  return [
    ...(zh.trim() === zh && han.test(zh) ? [] : [`${of}: no Chinese label`]),
    ...(en.trim() === en && /[A-Za-z]/.test(en) ? [] : [`${of}: no English label`]),
    ...(zh === en ? [`${of}: one label for both languages`] : []),
  ]
}

function ruleProblems(category: Category, code: string, figure: Figure, rule: Rule): string[] {
  const others = rule.refs.filter((ref) => ref !== code || rule.rule === 'balance')
  const found = others.flatMap((ref) => category.figures[ref] ?? [])
  if (found.length < rule.refs.length) return [`${code}: ${rule.rule} points at no other figure of ${category.name}`]
  const sensible = {
    within: () => found.every((whole) => counts.includes(whole.kind) && whole.unit === figure.unit && !breakdownOf(whole)),
    breakdown: () => found.every((whole) => whole.kind === figure.kind && whole.unit === figure.unit && !breakdownOf(whole)),
    memberWithin: () => found.every((other) => breakdownOf(other)?.codelist === breakdownOf(figure)?.codelist),
    rateOf: () => figure.kind === 'rate' && found.every((part) => counts.includes(part.kind) && !breakdownOf(part)),
    balance: () => found.every((side) => counts.includes(side.kind) && side.unit === figure.unit && !breakdownOf(side)),
    perUnit: () => counts.includes(figure.kind) && found.every((unit) => unit.kind === 'stock' && !breakdownOf(unit)),
  }[rule.rule]
  return sensible() ? [] : [`${code}: ${rule.rule}(${rule.refs.join(', ')}) makes no sense`]
}

/** A part of a rate that could exceed its whole unnoticed would make rates over one hundred unnoticed too. */
function partProblems(category: Category, code: string, figure: Figure): string[] {
  const parts = partsOf(figure)
  if (!parts) return []
  const wholes = category.figures[parts.numerator]?.rules.flatMap((rule) => (rule.rule === 'within' ? rule.refs : [])) ?? []
  return parts.denominators
    .filter((denominator) => !wholes.includes(denominator))
    .map((denominator) => `${code}: ${parts.numerator} is not said to be within ${denominator}`)
}

function figureProblems(category: Category, code: string, figure: Figure): string[] {
  const unit = units[figure.kind]
  const repeated = figure.rules.filter((rule, at) => figure.rules.findIndex((other) => other.rule === rule.rule) < at)
  return [
    ...labelProblems(code, figure.labels),
    ...(/^[a-z][A-Za-z]*$/.test(code) ? [] : [`${code}: not a camelCase code`]),
    ...(figure.kind in kinds ? [] : [`${code}: unknown kind ${figure.kind}`]),
    ...(unit === undefined ? (han.test(figure.unit) ? [] : [`${code}: no unit`]) : []),
    ...(unit !== undefined && figure.unit !== unit ? [`${code}: a ${figure.kind} is in ${unit}`] : []),
    ...(figure.deprecated && !(figure.deprecated.use in category.figures) ? [`${code}: deprecated for no known figure`] : []),
    ...(figure.countsTwice && aggregationOf(figure) !== 'sum' ? [`${code}: is not summed, so nothing counts twice`] : []),
    ...(/^\d{4}\.\d+$/.test(figure.since) ? [] : [`${code}: since no release`]),
    ...repeated.map((rule) => `${code}: ${rule.rule} twice`),
    ...figure.rules.flatMap((rule) => ruleProblems(category, code, figure, rule)),
    ...partProblems(category, code, figure),
    ...Object.entries(breakdownOf(figure)?.codelist.members ?? {}).flatMap(([member, labels]) =>
      labelProblems(`${code}.${member}`, labels),
    ),
  ]
}

const repeats = (texts: string[], what: string) =>
  [...new Set(texts.filter((text, at) => texts.indexOf(text) < at))].map((text) => `${text}: ${what} twice`)

export function problemsOf(categories: readonly Category[]): string[] {
  const leaves = categories.flatMap((category) => leavesOf(category))
  const columns = leaves.map((leaf) => leaf.column)
  return [
    ...categories.flatMap((category) => [
      ...labelProblems(category.name, category.labels),
      ...Object.entries(category.figures).flatMap(([code, figure]) => figureProblems(category, code, figure)),
    ]),
    ...repeats(
      categories.flatMap((category) => Object.keys(category.figures)),
      'code',
    ),
    ...repeats(columns, 'column'),
    ...repeats(
      leaves.map((leaf) => leaf.labels.zh),
      'Chinese label',
    ),
    ...repeats(
      leaves.map((leaf) => leaf.labels.en),
      'English label',
    ),
    ...columns
      .filter((column) => ownColumns.includes(column))
      .map((column) => `${column}: a column that every record has already`),
    ...columns.filter((column) => Buffer.byteLength(column) > 63).map((column) => `${column}: longer than PostgreSQL keeps`),
  ]
}
