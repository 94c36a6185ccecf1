/** Roll-ups: the figures of all townships of a group as one, period by period, from one state of the data. */
import pg from 'pg'
import type { CategoryName, Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Qualifier } from '../catalogue/record.ts'
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
type Sparse = { qualified: number; bits: number; planned: number; plannedSum: bigint }

const unallocated = 'unallocated'
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

type Place = { code: string; place: string | null }

/** The groups of one period. */
async function rollUpPeriod(client: pg.PoolClient, request: RollUp, { id, endsOn }: Period, moved: readonly Place[]) {
  const { category, figures, by, region } = request
  const shape = { ...(by && { by }), region: region !== undefined, moved: moved.length > 0 }
  const { text, slots } = rollUpStatement(category, figures, shape)
  const codes = moved.length > 0 ? moved.map(({ code }) => code) : null
  const places = codes && moved.map(({ place }) => groupOf(place, request))
  const values = [id, endsOn, region ?? null, codes, places]
  const { rows } = await client.query<Row>({ text, values, rowMode: 'array', types })
  return rows.map((row) => {
    const [expected, records] = [Number(row[2]), Number(row[3])]
    return { code: String(row[0]), name: String(row[1]), records, told: { expected, totals: () => totalsOf(slots, row) } }
  })
}

/** Computes a roll-up. Groups stand in the order of their codes, those that hold no townships too; `unallocated` only where it is needed. */
export async function rollUp(database: Database, request: RollUp): Promise<Group[]> {
  const { periods, by } = request
  const moved = await Promise.all(periods.map(async ({ endsOn }) => (request.current ? currentPlaces(database, endsOn) : [])))
  const groups = new Map<string, Group>()
  const counted = new Set<string>()
  await transaction(database, async (client) => {
    // Compiling hundreds of aggregates would take longer than to run them.
    await client.query('set transaction isolation level repeatable read, read only; set local jit = off')
    for (const [index, period] of periods.entries()) {
      for (const { code, name, records, told } of await rollUpPeriod(client, request, period, moved[index] ?? [])) {
        const group = groups.get(code) ?? { code, name, periods: [] }
        groups.set(code, group)
        group.periods[index] = told
        if (told.expected > 0 || records > 0) counted.add(code)
      }
    }
  })
  const nothing = { expected: 0, totals: () => [] }
  return [...groups.values()]
    .filter(({ code }) => counted.has(code) || (by !== 'township' && code !== unallocated))
    .map((group) => ({ ...group, periods: periods.map((_, index) => group.periods[index] ?? nothing) }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

const at = (row: Row, index: number) => Number(row[index] ?? 0)

const objectsOf = <T>(text: unknown): Record<string, T>[] => (typeof text === 'string' ? JSON.parse(`[${text}]`) : [])

/** What the `qualifiers` and `plans` of a group's records say of each column. */
function sparseOf(qualifiers: unknown, plans: unknown): Map<string, Sparse> {
  const found = new Map<string, Sparse>()
  const of = (column: string): Sparse => {
    const told = found.get(column) ?? { qualified: 0, bits: 0, planned: 0, plannedSum: 0n }
    found.set(column, told)
    return told
  }
  for (const record of objectsOf<Qualifier>(qualifiers)) {
    for (const column in record) {
      const [told, word] = [of(column), record[column]]
      told.qualified++
      if (word) told.bits |= bitsOf[word]
    }
  }
  for (const record of objectsOf<number>(plans)) {
    for (const column in record) {
      const told = of(column)
      told.planned++
      told.plannedSum += scaled(String(record[column]))
    }
  }
  return found
}

function totalsOf(slots: readonly Slots[], row: Row): Total[] {
  const sparse = sparseOf(row[4], row[5])
  const none: Sparse = { qualified: 0, bits: 0, planned: 0, plannedSum: 0n }
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
    slot.leaf.figure.kind === 'money' || planned > 0
      ? decimalText(terms.reduce((sum, term) => sum + scaled(term), -sparse.plannedSum))
      : String(terms.reduce((sum, term) => sum + Number(term), 0))
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
