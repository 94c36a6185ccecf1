/** Roll-ups: the figures of all townships of a group as one, period by period, from one state of the data. */
import pg from 'pg'
import type { CategoryName, Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { bitsOf, decimalText, percentOf, qualifierOf, type Reason, scaled, type Total } from '../catalogue/rollup.ts'
import { type Database, transaction } from './database.ts'
import { type Level, levels, rollUpStatement, type Slots } from './statistics-statement.ts'
import { currentPlaces } from './successions.ts'

export type RollUp = {
  category: CategoryName
  figures: readonly Leaf[]
  periods: readonly Period[]
  by?: Level
  region?: string
  /** Count a township that is no more where it is now. */
  current: boolean
}
export type Group = {
  /** A region or township; `CN` is the country, `unallocated` what lies in no group of the level. */
  code: string
  name: string
  /** In the order of the request. `totals` computes them, in the order of the figures. */
  periods: { expected: number; totals: () => Total[] }[]
}
type Row = unknown[]
type Sparse = { qualified: number; bits: number; planned: number; plannedSum: string }

const unallocated = 'unallocated'
const words = new Map<string, number>(Object.entries(bitsOf))
/** bigint as numbers: no total of counts reaches 2^53. numeric stays text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => (oid === pg.types.builtins.INT8 || oid === pg.types.builtins.INT4 ? Number : String),
}

/** How many groups a roll-up has at most. */
export async function countGroups({ pool }: Pick<Database, 'pool'>, by: Level | undefined, region = ''): Promise<number> {
  if (!by) return 1
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from ${by === 'township' ? 'townships' : 'regions'}
     where code >= $1 and code < $1 || ':' and length(code) = $2`,
    [region, levels[by]],
  )
  return rows[0]?.count ?? 0
}

/** The group that a township counts in now, null where it is outside the region. */
function groupOf(place: string | null, { by, region }: Pick<RollUp, 'by' | 'region'>): string | null {
  if (region !== undefined && !place?.startsWith(region)) return null
  if (!by) return region ?? 'CN'
  return place !== null && place.length >= levels[by] ? place.slice(0, levels[by]) : unallocated
}

/** Computes a roll-up. Groups stand in the order of their codes; those that hold no townships are there too, `unallocated` only where it is needed. */
export async function rollUp(database: Database, request: RollUp): Promise<Group[]> {
  const { category, figures, periods, by, region } = request
  const moved = await Promise.all(periods.map(({ endsOn }) => (request.current ? currentPlaces(database, endsOn) : [])))
  const columns = figures.map((leaf) => leaf.column)
  const groups = new Map<string, Group>()
  const counted = new Set<string>()
  await transaction(database, async (client) => {
    // Compiling hundreds of aggregates would take longer than to run them.
    await client.query('set transaction isolation level repeatable read, read only; set local jit = off')
    for (const [index, { id, endsOn }] of periods.entries()) {
      const places = moved[index] ?? []
      const shape = { ...(by && { by }), region: region !== undefined, moved: places.length > 0 }
      const { text, slots } = rollUpStatement(category, figures, shape)
      const codes = places.length > 0 ? places.map(({ code }) => code) : null
      const targets = codes && places.map(({ place }) => groupOf(place, request))
      const values = [id, endsOn, region ?? null, columns, codes, targets]
      const { rows } = await client.query<Row>({ text, values, rowMode: 'array', types })
      for (const row of rows) {
        const [code, name, expected, , records] = [String(row[0]), String(row[1]), Number(row[2]), row[3], Number(row[4])]
        const group = groups.get(code) ?? { code, name, periods: [] }
        groups.set(code, group)
        group.periods[index] = { expected, totals: () => totalsOf(slots, row) }
        if (expected > 0 || records > 0) counted.add(code)
      }
    }
  })
  return [...groups.values()]
    .filter(({ code }) => counted.has(code) || (by !== 'township' && code !== unallocated))
    .map((group) => ({ ...group, periods: periods.map((_, index) => group.periods[index] ?? { expected: 0, totals: () => [] }) }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

const at = (row: Row, index: number) => Number(row[index] ?? 0)

/** What stands in `qualifiers` and `plans`: `column word count [sum]`, comma separated. */
function sparseOf(text: unknown): Map<string, Sparse> {
  const found = new Map<string, Sparse>()
  for (const entry of typeof text === 'string' ? text.split(',') : []) {
    const [column = '', word = '', count, sum = '0'] = entry.split(' ')
    const told = found.get(column) ?? { qualified: 0, bits: 0, planned: 0, plannedSum: '0' }
    found.set(column, told)
    const bits = words.get(word)
    if (bits !== undefined) {
      told.qualified += Number(count)
      told.bits |= bits
    } else {
      told.planned = Number(count)
      told.plannedSum = sum
    }
  }
  return found
}

function totalsOf(slots: readonly Slots[], row: Row): Total[] {
  const sparse = sparseOf(row[3])
  const none: Sparse = { qualified: 0, bits: 0, planned: 0, plannedSum: '0' }
  return slots.map((slot) => totalOf(slot, row, sparse.get(slot.leaf.column) ?? none))
}

function totalOf(slot: Slots, row: Row, sparse: Sparse): Total {
  const reported = at(row, slot.count) - sparse.planned
  if (slot.rate !== undefined) return rateTotal(row, slot.rate, reported, sparse.planned)
  const { qualified, planned } = sparse
  if (slot.sum === undefined) return { total: null, reason: 'not-additive', reported, qualified, planned, derived: 0 }
  const total: Total = { total: null, reported, qualified, planned, derived: 0 }
  let bits = sparse.bits
  for (const first of slot.derived) {
    total.derived += at(row, first)
    total.reported += at(row, first)
    total.qualified += at(row, first + 2)
    bits |= at(row, first + 3)
  }
  if (total.reported === 0) return { ...total, reason: 'not-reported' }
  const qualifier = qualifierOf(bits)
  const terms = [row[slot.sum], ...slot.derived.map((first) => row[first + 1])].map((term) => String(term ?? 0))
  const twice = slot.leaf.figure.countsTwice && total.reported > 1
  total.total =
    slot.leaf.figure.kind === 'money'
      ? decimalText(terms.reduce((sum, term) => sum + scaled(term), -scaled(sparse.plannedSum)))
      : String(terms.reduce((sum, term) => sum + Number(term), -Number(sparse.plannedSum)))
  return { ...total, ...(qualifier && { qualifier }), ...(twice && { mayCountTwice: true as const }) }
}

function rateTotal(row: Row, first: number, reported: number, planned: number): Total {
  const [used, of, derived, qualified] = [at(row, first), at(row, first + 1), at(row, first + 4), at(row, first + 5)]
  const told = { reported, qualified, planned, derived, basedOn: { used, of } }
  const none = (reason: Reason): Total => ({ total: null, reason, ...told })
  if (of === 0) return none('not-reported')
  if (used === 0) return none('parts-missing')
  const [numerator, denominator] = [scaled(String(row[first + 2])), scaled(String(row[first + 3]))]
  if (denominator === 0n) return none('denominator-zero')
  const qualifier = qualifierOf(at(row, first + 6))
  return { total: percentOf(numerator, denominator), ...told, ...(qualifier && { qualifier }) }
}
