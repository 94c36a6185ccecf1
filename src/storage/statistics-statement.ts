/**
 * The statement of a roll-up. A group of townships is a range of the key, so each is an aggregate over one index range: no row is hashed
 * or sorted, other periods are not read, and what is planned does not depend on parameters. Sums and counts run over the typed columns;
 * `qualifiers` and `plans`, null in most records, are counted key by key beside them. Plans stand in the columns too: what must leave
 * them out (derived wholes, rates) says so in its condition, and plain sums have them subtracted by the reader of the row.
 */
import { aggregationOf } from '../catalogue/figure.ts'
import { type CategoryName, columnOf, type Leaf } from '../catalogue/index.ts'
import { bitsOf, breakdownsOf, partLeavesOf } from '../catalogue/rollup.ts'
import { expectedCondition } from './places.ts'

export const levels = { province: 2, prefecture: 4, county: 6, township: 9 } as const
export type Level = keyof typeof levels
export type Shape = { by?: Level; region: boolean; moved: boolean }

/** Where the values of a figure stand in a row. Those of `derived` and `rate` are the beginning of a run of columns. */
export type Slots = { leaf: Leaf; count: number; sum?: number; derived: number[]; rate?: number }
export type RollUpStatement = { text: string; slots: Slots[] }
/** The columns before those of the figures: place, name, expected townships, sparse counts, records. */
const head = 5

const list = (columns: readonly string[]) => `array[${columns.map((column) => `'${column}'`)}]`
const all = (conditions: readonly string[]) => `(${conditions.join(' and ')})`

/** The column holds a result: a value that is no plan. */
const given = (column: string) => `(t.${column} is not null and (t.plans is null or not t.plans ? '${column}'))`

/** The value of a figure that has not been reported itself, from a breakdown whose every member is a result. */
type Derivation = { condition: string; value: string; columns: string[] }

/** Wide enough for sums within a record. */
const exact = ({ column, figure }: Leaf) => (figure.kind === 'money' ? `t.${column}` : `t.${column}::bigint`)

function derivationsOf(name: CategoryName, whole: Leaf): Derivation[] {
  const found: Derivation[] = []
  for (const members of breakdownsOf(name, whole)) {
    const columns = members.map((member) => member.column)
    const value = members.map(exact).join(' + ')
    const complete = columns.map((column) => `t.${column} is not null`)
    const results = `(t.plans is null or not t.plans ?| ${list(columns)})`
    const absent = `(t.${whole.column} is null or t.plans ? '${whole.column}')`
    const first = found.map(({ condition }) => `not ${condition}`)
    found.push({ condition: all([...complete, results, absent, ...first]), value, columns })
  }
  return found
}

/** The result of a figure in one record, reported or derived, and the columns that it comes from; null where there is none. */
function resultOf(name: CategoryName, leaf: Leaf) {
  const derivations = derivationsOf(name, leaf)
  const cases = (own: string, of: (derivation: Derivation) => string) =>
    `case when ${given(leaf.column)} then ${own} ${derivations.map((one) => `when ${one.condition} then ${of(one)}`).join(' ')} end`
  return {
    value: cases(exact(leaf), (one) => one.value),
    columns: cases(list([leaf.column]), (one) => list(one.columns)),
    derived: derivations.length === 0 ? 'false' : `(${derivations.map((one) => one.condition).join(' or ')})`,
  }
}

/** The directions of the qualifiers of some columns of one record; of a denominator, flipped. */
function bits(columns: string, [atLeast, atMost]: readonly [number, number] = [bitsOf.atLeast, bitsOf.atMost]): string {
  return `(select bit_or(case value when 'atLeast' then ${atLeast} when 'atMost' then ${atMost} else ${bitsOf.about} end)
    from jsonb_each_text(t.qualifiers) where key = any(${columns}))`
}

/** How many, their sum, how many of them are qualified, the directions of those. */
function derivedColumns({ condition, value, columns }: Derivation): string[] {
  const qualified = `filter (where ${condition} and t.qualifiers ?| ${list(columns)})`
  return [
    `count(*) filter (where ${condition})`,
    `sum(${value}) filter (where ${condition})`,
    `count(*) ${qualified}`,
    `bit_or(${bits(list(columns))}) ${qualified}`,
  ]
}

/** Records used, records that give the rate or any part, both sums, how many used are derived, how many qualified, the directions. */
function rateColumns(name: CategoryName, rate: Leaf, numerator: Leaf, denominators: readonly Leaf[]): string[] {
  const top = resultOf(name, numerator)
  const bottoms = denominators.map((leaf) => resultOf(name, leaf))
  const value = `coalesce(${bottoms.map((one) => one.value)})`
  const columns = `coalesce(${bottoms.map((one) => one.columns)})`
  const chosen = bottoms.map((one, index) =>
    all([...bottoms.slice(0, index).map((before) => `${before.value} is null`), one.derived]),
  )
  const used = `${top.value} is not null and ${value} is not null`
  const any = [given(rate.column), `${top.value} is not null`, `${value} is not null`].join(' or ')
  const qualified = `filter (where ${used} and t.qualifiers ?| (${top.columns} || ${columns}))`
  return [
    `count(*) filter (where ${used})`,
    `count(*) filter (where ${any})`,
    `sum(${top.value}) filter (where ${used})`,
    `sum(${value}) filter (where ${used})`,
    `count(*) filter (where ${used} and (${[top.derived, ...chosen].join(' or ')}))`,
    `count(*) ${qualified}`,
    `bit_or(coalesce(${bits(top.columns)}, 0) | coalesce(${bits(columns, [bitsOf.atMost, bitsOf.atLeast])}, 0)) ${qualified}`,
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

/** The rows of a group: those of its range and, where some have moved, less those that left it and with those that came. */
function rowsOf(table: string, code: string, condition: string, moved: boolean): string {
  const own = `${table} t where ${condition} and t.${code} >= r.low and t.${code} < r.high`
  if (!moved) return own
  return `(select t.* from ${own} and t.${code} <> all($5::text[]) union all
    select t.* from unnest($5::text[], $6::text[]) m(code, place) join ${table} t on t.${code} = m.code
    where m.place = r.code and ${condition}) t`
}

const valid = expectedCondition('$2::date', 't')
const entries = `jsonb_object_keys(case when t.plans is null then t.qualifiers else coalesce(t.qualifiers, '{}') || t.plans end)`

/**
 * Sums, counts and qualifiers of the figures in one period, a row a group. Parameters: 1 period id, 2 its last day, 3 region, 4 columns,
 * 5 townships that have moved, 6 the group that each of them counts in, null for none of these.
 */
export function rollUpStatement(name: CategoryName, figures: readonly Leaf[], shape: Shape): RollUpStatement {
  const expressions: string[] = []
  const add = (...more: string[]) => head + expressions.push(...more) - more.length
  const slots = figures.map((leaf): Slots => {
    const count = add(`count(t.${leaf.column})`)
    const parts = partLeavesOf(leaf)
    if (parts) return { leaf, count, derived: [], rate: add(...rateColumns(name, leaf, parts.numerator, parts.denominators)) }
    if (aggregationOf(leaf.figure) === 'none') return { leaf, count, derived: [] }
    const derived = derivationsOf(name, leaf).map((one) => add(...derivedColumns(one)))
    return { leaf, count, derived, sum: add(`sum(t.${leaf.column})`) }
  })
  const records = rowsOf(columnOf(name), 'township_code', 't.period_id = $1', shape.moved)
  const text = `
    select r.code, r.name, e.expected, q.words, s.*
    from ${places(shape)} r
    cross join lateral (select count(*)::int as expected from ${rowsOf('townships', 'code', valid, shape.moved)}) e
    cross join lateral (
      select string_agg(concat_ws(' ', k, word, n, total), ',') as words from (
        select k, coalesce(q ->> k, 'planned') as word, count(*) as n, sum((plans ->> k)::numeric) as total
        from (select t.qualifiers as q, t.plans, ${entries} as k from ${records}) keys
        where k = any($4::text[]) group by 1, 2) words) q
    cross join lateral (select count(t.document)::int, ${expressions} from ${records}) s
    where true or ($3::text, $5::text[], $6::text[]) is null`
  return { text, slots }
}
