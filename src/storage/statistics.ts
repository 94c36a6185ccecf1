/** Roll-ups: the figures of all townships of a group as one, period by period, from one state of the data. */
import pg from 'pg'
import type { CategoryName, Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Total } from '../catalogue/rollup.ts'
import { type Database, transaction } from './database.ts'
import { doubleReports } from './double-reports.ts'
import { side } from './snapshot.ts'
import { type Half, type Level, levels, rollUpStatement } from './statistics-statement.ts'
import { type Row, totalsOf } from './statistics-totals.ts'
import { currentPlaces } from './successions.ts'

export type RollUp = {
  category: CategoryName
  figures: readonly Leaf[]
  periods: readonly Period[]
  by?: Level
  region?: string
  /** Count a township that is no more where it is now. */
  current: boolean
  /** Of what was held at that instant. */
  asOf?: string
}
export type Group = {
  /** A region or township; `CN` is the country, `unallocated` what lies in no group of the level. */
  code: string
  name: string
  /** In the order of the request. */
  periods: InPeriod[]
}
type Summed = { expected: number; totals: () => Total[] }
/** `totals` computes them, in the order of the figures. `doubleReports` counts townships whose successor in the group has reported as well. */
export type InPeriod = Summed & { doubleReports: number }

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

/** How many townships of each group have reported what another of it has reported too. */
async function doubledIn(client: pg.PoolClient, request: RollUp, period: Period, moved: readonly Place[]) {
  const places = new Map(moved.map(({ code, place }) => [code, place]))
  const groupBy = (code: string) => groupOf(places.has(code) ? (places.get(code) ?? null) : code, request)
  const doubled = new Map<string, Set<string>>()
  for (const { predecessor, successor } of await doubleReports(client, request.category, period, request.asOf)) {
    const group = groupBy(predecessor)
    if (group === null || group !== groupBy(successor)) continue
    doubled.set(group, (doubled.get(group) ?? new Set()).add(predecessor))
  }
  return doubled
}

type Counted = { code: string; name: string; records: number; told: Summed }

/** The groups of one period. They are the same in all periods, if `moved` is told of all or of none. */
async function rollUpPeriod(
  client: pg.PoolClient,
  request: RollUp,
  { id, endsOn }: Period,
  moved?: readonly Place[],
  half?: Half,
) {
  const { category, figures, by, region, asOf } = request
  const shape = {
    ...(by && { by }),
    ...(half && { half }),
    region: region !== undefined,
    moved: moved !== undefined,
    asOf: asOf !== undefined,
  }
  const { text, slots } = rollUpStatement(category, figures, shape)
  const codes = moved?.map(({ code }) => code)
  const places = moved?.map(({ place }) => groupOf(place, request))
  const then = asOf === undefined ? [] : [asOf]
  const values = [id, endsOn, region ?? null, codes ?? null, places ?? null, ...then]
  // Compiling hundreds of aggregates would take longer than to run them.
  await client.query('set local jit = off')
  const { rows } = await client.query<Row>({ text, values, rowMode: 'array', types })
  return rows.map((row): Counted => {
    const [expected, records] = [Number(row[2]), Number(row[3])]
    return { code: String(row[0]), name: String(row[1]), records, told: { expected, totals: () => totalsOf(slots, row) } }
  })
}

/** Computes a roll-up. Groups stand in the order of their codes, those that hold no townships too; `unallocated` only where it is needed. */
export async function rollUp(database: Database, request: RollUp): Promise<Group[]> {
  const { periods, by } = request
  const groups = new Map<string, Group>()
  const counted = new Set<string>()
  await transaction(database, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only')
    const moved: Place[][] = []
    for (const { endsOn } of periods) moved.push(request.current ? await currentPlaces(client, endsOn) : [])
    const someMoved = moved.some((places) => places.length > 0)
    for (const [index, period] of periods.entries()) {
      const doubled = await doubledIn(client, request, period, moved[index] ?? [])
      const own = someMoved ? moved[index] : undefined
      const part = (half?: Half) => (on: pg.PoolClient) => rollUpPeriod(on, request, period, own, half)
      // The whole country in groups is what takes longest.
      const inHalves = by !== undefined && request.region === undefined
      const parts = inHalves ? await side(database, client, part('first'), part('second')) : [await part()(client)]
      for (const { code, name, records, told } of parts.flat()) {
        const group = groups.get(code) ?? { code, name, periods: [] }
        groups.set(code, group)
        group.periods.push({ ...told, doubleReports: doubled.get(code)?.size ?? 0 })
        if (told.expected > 0 || records > 0) counted.add(code)
      }
    }
  })
  return [...groups.values()]
    .filter(({ code }) => counted.has(code) || (by !== 'township' && code !== unallocated))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}
