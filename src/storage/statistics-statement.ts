/**
 * The statement of a roll-up. A group of townships is a range of the key, so each is an aggregate over one index range: no row is hashed
 * or sorted, other periods are not read, and no estimate of the planner can turn it round. Sums and counts run over the typed columns.
 * `qualifiers` and `plans`, null in many records, come along as text, for the reader of the row to count: half the cost of taking them
 * apart here. Plans stand in the columns too: what must leave them out (derived wholes, rates) says so in its condition, and plain sums
 * have them subtracted by the reader.
 */
import { aggregationOf, kinds } from '../catalogue/figure.ts'
import { type CategoryName, columnOf, type Leaf } from '../catalogue/index.ts'
import { bitsOf, breakdownsOf, partLeavesOf } from '../catalogue/rollup.ts'
import { rowsThen } from './past.ts'
import { expectedCondition } from './places.ts'

export const levels = { province: 2, prefecture: 4, county: 6, township: 9 } as const
export type Level = keyof typeof levels
/** The groups of codes before 42, and the others: each holds about half of the country's townships. */
export type Half = 'first' | 'second'
export type Shape = { by?: Level; half?: Half; region: boolean; moved: boolean; asOf: boolean }

const halves: Record<Half, string> = { first: `r.code < '42'`, second: `r.code >= '42'` }

/** Where the values of a figure stand in a row. Those of `derived` and `rate` are the beginning of a run of columns. */
export type Slots = { leaf: Leaf; count: number; sum?: number; derived: number[]; rate?: number }
export type RollUpStatement = { text: string; slots: Slots[] }
/** The columns before those of the figures: place, name, expected townships, records, qualifiers, plans. */
const head = 6

const all = (conditions: readonly string[]) => `(${conditions.join(' and ')})`
/** The column holds a result: a value that is no plan. */
const given = (column: string) => `(t.${column} is not null and (t.plans is null or not t.plans ? '${column}'))`
/** Wide enough for sums within a record. */
const exact = ({ column, figure }: Leaf) => (figure.kind === 'money' ? `t.${column}` : `t.${column}::bigint`)

type Directions = readonly [atLeast: number, atMost: number]
const straight: Directions = [bitsOf.atLeast, bitsOf.atMost]
/** Of a denominator. */
const reversed: Directions = [bitsOf.atMost, bitsOf.atLeast]

/** The directions of the qualifiers of some columns of one record, 0 where all are exact. */
function bits(columns: readonly string[], [atLeast, atMost]: Directions): string {
  const words = `when 'atLeast' then ${atLeast} when 'atMost' then ${atMost} when 'about' then ${bitsOf.about} else 0`
  return `(${columns.map((column) => `case t.qualifiers ->> '${column}' ${words} end`).join(' | ')})`
}

/** The value of a figure that has not been reported itself, from a breakdown whose every member is a result. */
type Derivation = { condition: string; value: string; columns: string[] }

function derivationsOf(name: CategoryName, whole: Leaf): Derivation[] {
  const found: Derivation[] = []
  for (const members of breakdownsOf(name, whole)) {
    const columns = members.map((member) => member.column)
    const complete = columns.map((column) => `t.${column} is not null`)
    const results = `(t.plans is null or not t.plans ?| array[${columns.map((column) => `'${column}'`)}])`
    const absent = `(t.${whole.column} is null or t.plans ? '${whole.column}')`
    const first = found.map(({ condition }) => `not ${condition}`)
    found.push({ condition: all([...complete, results, absent, ...first]), value: members.map(exact).join(' + '), columns })
  }
  return found
}

/** The result of a figure in one record, reported or derived, null where there is none; and the directions of what it comes from. */
function resultOf(name: CategoryName, leaf: Leaf, directions: Directions) {
  const derivations = derivationsOf(name, leaf)
  const cases = (own: string, of: (derivation: Derivation) => string) =>
    `case when ${given(leaf.column)} then ${own} ${derivations.map((one) => `when ${one.condition} then ${of(one)}`).join(' ')} end`
  return {
    // Most records have no such figure: its first part is null, and nothing more is looked at.
    present: `(${[given(leaf.column), ...derivations.map((one) => one.condition)].join(' or ')})`,
    value: cases(exact(leaf), (one) => one.value),
    bits: cases(bits([leaf.column], directions), (one) => bits(one.columns, directions)),
    derived: derivations.length === 0 ? 'false' : `(${derivations.map((one) => one.condition).join(' or ')})`,
  }
}

/** How many values a column has, and their sum. Whole numbers are counted and summed in one walk, which is a third of the whole statement. */
function totalColumns({ column, figure }: Leaf): [count: string, sum: string] {
  if (kinds[figure.kind].column !== 'integer') return [`count(t.${column})`, `sum(t.${column})`]
  return [`(figure_total(t.${column}))[1]`, `(figure_total(t.${column}))[2]`]
}

/** How many, their sum, how many of them are qualified, the directions of those. */
function derivedColumns({ condition, value, columns }: Derivation): string[] {
  const directions = bits(columns, straight)
  return [
    `count(*) filter (where ${condition})`,
    `sum(${value}) filter (where ${condition})`,
    `count(*) filter (where ${condition} and ${directions} > 0)`,
    `bit_or(${directions}) filter (where ${condition})`,
  ]
}

/**
 * Records used, records that give the rate or any part, both sums, how many used are derived, how many qualified, the directions. A
 * denominator of 0 has no rate, so its record is not used; the sum of denominators takes it all the same: 0 tells it from none.
 */
function rateColumns(name: CategoryName, rate: Leaf, numerator: Leaf, denominators: readonly Leaf[]): string[] {
  const top = resultOf(name, numerator, straight)
  const bottoms = denominators.map((leaf) => resultOf(name, leaf, reversed))
  const value = `coalesce(${bottoms.map((one) => one.value)})`
  const directions = `(${top.bits} | coalesce(${bottoms.map((one) => one.bits)}))`
  const chosen = bottoms.map((one, index) =>
    all([...bottoms.slice(0, index).map((before) => `not ${before.present}`), one.derived]),
  )
  const bottom = `(${bottoms.map((one) => one.present).join(' or ')})`
  const both = `${top.present} and ${bottom}`
  const used = `${both} and ${value} > 0`
  const someGiven = `${given(rate.column)} or ${top.present} or ${bottom}`
  return [
    `count(*) filter (where ${used})`,
    `count(*) filter (where ${someGiven})`,
    `sum(${top.value}) filter (where ${used})`,
    `sum(${value}) filter (where ${both})`,
    `count(*) filter (where ${used} and (${[top.derived, ...chosen].join(' or ')}))`,
    `count(*) filter (where ${used} and ${directions} > 0)`,
    `bit_or(${directions}) filter (where ${used})`,
  ]
}

/** The groups: code, name, and the range of township codes [low, high). ':' follows '9' in the C collation. */
function places({ by, region, moved }: Shape): string {
  const columns = `code, name, code as low, code || ':' as high`
  const range = `code >= $3 and code < $3 || ':'`
  const nowhere = moved ? ` union all select 'unallocated' collate "C", '未归属', null, null` : ''
  if (by === 'township') return `(select ${columns} from townships ${region ? `where ${range}` : ''}${nowhere})`
  if (by) return `(select ${columns} from regions where length(code) = ${levels[by]} ${region ? `and ${range}` : ''}${nowhere})`
  return region
    ? `(select ${columns} from regions where code = $3)`
    : `(select 'CN' as code, '全国' as name, '' as low, ':' as high)`
}

/** The rows of a group: those of its range and, where townships have moved, less those that left it and with those that came. */
function rowsOf(table: string, code: string, condition: string, moved: boolean): string {
  const own = `${table} t where ${condition} and t.${code} >= r.low and t.${code} < r.high`
  if (!moved) return own
  return `(select t.* from ${own} and t.${code} <> all($4::text[]) union all
    select t.* from unnest($4::text[], $5::text[]) m(code, place) join ${table} t on t.${code} = m.code
    where m.place = r.code and ${condition}) t`
}

/**
 * Sums, counts and qualifiers of the figures in one period, a row a group. Parameters: 1 period id, 2 its last day, 3 region,
 * 4 townships that have moved, 5 the group that each of them counts in, null for none of these; 6 the instant of a roll-up of then.
 */
export function rollUpStatement(name: CategoryName, figures: readonly Leaf[], shape: Shape): RollUpStatement {
  const expressions: string[] = []
  const add = (...more: string[]) => head + expressions.push(...more) - more.length
  const slots = figures.map((leaf): Slots => {
    const [values, total] = totalColumns(leaf)
    const count = add(values)
    const parts = partLeavesOf(leaf)
    if (parts) return { leaf, count, derived: [], rate: add(...rateColumns(name, leaf, parts.numerator, parts.denominators)) }
    if (aggregationOf(leaf.figure) === 'none') return { leaf, count, derived: [] }
    const derived = derivationsOf(name, leaf).map((one) => add(...derivedColumns(one)))
    return { leaf, count, derived, sum: add(total) }
  })
  const table = shape.asOf ? rowsThen(name, '$6::timestamptz') : columnOf(name)
  const records = rowsOf(table, 'township_code', 't.period_id = $1', shape.moved)
  const reporting = rowsOf('townships', 'code', expectedCondition('$2::date', 't'), shape.moved)
  const text = `
    select r.code, r.name, e.expected, s.*
    from ${places(shape)} r
    cross join lateral (select count(*)::int as expected from ${reporting}) e
    cross join lateral (
      select count(t.document)::int, string_agg(t.qualifiers::text, ','), string_agg(t.plans::text, ','), ${expressions}
      from ${records}) s
    where (true or ($3::text, $4::text[], $5::text[]) is null) and ${shape.half ? halves[shape.half] : 'true'}`
  return { text, slots }
}
