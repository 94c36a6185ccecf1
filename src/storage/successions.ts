/** What became of townships, and where those that are no more count today. Figures stay on the code that reported them. */
import { asc, eq, or, type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, alias } from 'drizzle-orm/pg-core'
import type { Database, Queryable } from './database.ts'
import { findTownship, type StoredTownship } from './places.ts'
import type { Change } from './succession-rules.ts'
import { successions, townshipNames, townships } from './tables.ts'

export type Orm = Pick<Database, 'orm'>
export type StoredSuccession = {
  kind: Change['kind']
  effectiveOn: string
  predecessor: { code: string; name: string }
  successor: { code: string; name: string }
  recordedAt: string
  recordedBy: string
}
/** A township that another one became, or that became it. */
export type Link = { code: string; name: string; kind: Change['kind']; effectiveOn: string }
export type TownshipDetail = StoredTownship & {
  formerNames: { name: string; validTo: string }[]
  predecessors: Link[]
  successors: Link[]
}

/** Chains end, because days grow along them. Codes order by byte: what the first and the last share, all share. */
const currentPlacesText = `
  with recursive steps as (
    select predecessor, successor, effective_on,
      bool_or(predecessor = successor) over (partition by predecessor, effective_on) as stays
    from successions),
  walk (origin, code, since) as (
    select predecessor, predecessor, $1::date from steps
    union
    select w.origin, s.successor, s.effective_on
    from walk w join steps s on s.predecessor = w.code and s.successor <> s.predecessor
    where not s.stays or s.effective_on > w.since),
  ends as (
    select distinct origin, code from walk w
    where not exists (select from steps s where s.predecessor = w.code and not s.stays)),
  places as (
    select origin as code, case
      when min(code) = max(code) then min(code)
      when left(min(code), 6) = left(max(code), 6) then left(min(code), 6)
      when left(min(code), 4) = left(max(code), 4) then left(min(code), 4)
      when left(min(code), 2) = left(max(code), 2) then left(min(code), 2) end as place
    from ends group by origin)
  select code, place from places where place is distinct from code order by code`

/** What a township was called on a day; its own name where no former one lasted until then. */
const nameThen = (of: AnyPgColumn, name: AnyPgColumn, day: SQL) => sql<string>`coalesce((select n.name from township_names n
  where n.code = ${of} and n.valid_to >= ${day} order by n.valid_to limit 1), ${name})`

/** Successions that a condition holds for, in the order of their days, with the names of then: the last of the one and the first of the other. */
export function selectSuccessions({ orm }: Orm, condition: SQL | undefined): Promise<StoredSuccession[]> {
  const [from, to] = [alias(townships, 'from'), alias(townships, 'to')]
  const { kind, effectiveOn, predecessor, successor, recordedAt, actor } = successions
  return orm
    .select({
      kind,
      effectiveOn,
      predecessor: { code: predecessor, name: nameThen(predecessor, from.name, sql`${effectiveOn} - 1`) },
      successor: { code: successor, name: nameThen(successor, to.name, sql`${effectiveOn}`) },
      recordedAt: sql<string>`to_char(${recordedAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
      recordedBy: actor,
    })
    .from(successions)
    .innerJoin(from, eq(from.code, predecessor))
    .innerJoin(to, eq(to.code, successor))
    .where(condition)
    .orderBy(asc(effectiveOn), asc(predecessor), asc(successor))
}

/** The successions that a township has a part in, as either, in the order of their days. */
export async function listSuccessions(on: Orm, code: string): Promise<StoredSuccession[]> {
  return selectSuccessions(on, or(eq(successions.predecessor, code), eq(successions.successor, code)))
}

/** The township with its former names and those before and after it, or undefined. */
export async function findTownshipDetail(on: Orm, code: string): Promise<TownshipDetail | undefined> {
  const township = await findTownship(on, code)
  if (!township) return undefined
  const { name, validTo } = townshipNames
  const names = on.orm.select({ name, validTo }).from(townshipNames).where(eq(townshipNames.code, code)).orderBy(asc(validTo))
  const [formerNames, all] = [await names, await listSuccessions(on, code)]
  const links = all.filter((one) => one.predecessor.code !== one.successor.code)
  const link = (place: { code: string; name: string }, { kind, effectiveOn }: StoredSuccession): Link => ({
    ...place,
    kind,
    effectiveOn,
  })
  return {
    ...township,
    formerNames,
    predecessors: links.filter((one) => one.successor.code === code).map((one) => link(one.predecessor, one)),
    successors: links.filter((one) => one.predecessor.code === code).map((one) => link(one.successor, one)),
  }
}

/**
 * Where townships that no longer stand for themselves count today: one row a code, in the order of the codes. `place` is the township that
 * all of it became, else the lowest region that holds all successors, else null: nothing is apportioned. Codes that are not listed
 * stand for themselves. Of a township that gave a part of itself away and stayed in use, what was reported before covers more than what is
 * left: `endsOn`, the last day of the period that figures are of, says that successions after that day count too.
 */
export async function currentPlaces(on: Queryable, endsOn?: string): Promise<{ code: string; place: string | null }[]> {
  const { rows } = await on.query<{ code: string; place: string | null }>(currentPlacesText, [endsOn ?? 'infinity'])
  return rows
}
