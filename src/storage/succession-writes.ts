/**
 * Successions are recorded with all their effects, or not at all. Writes to places take one lock, since whether a change fits depends on
 * many rows: of two opposite ones at once the second sees the first.
 */

import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { kindOfTownship } from '../registry/rules.ts'
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import { dayBefore } from './calendar.ts'
import { type Database, type Queryable, transaction } from './database.ts'
import {
  type Change,
  existing,
  type Known,
  nameOf,
  newPairs,
  type Pair,
  type Refusal,
  refusalsOf,
  stays,
} from './succession-rules.ts'
import { type Orm, type StoredSuccession, selectSuccessions } from './successions.ts'
import { regions, successions, townshipNames, townships } from './tables.ts'

export type Outcome<R> = { outcome: 'refused'; refusals: R[] } | { outcome: 'recorded' | 'unchanged'; items: StoredSuccession[] }

const lock = 20_260_901

/** Runs `work` in one transaction, after every other writer of places. What it wrote is taken back where its result is not to be kept. */
export async function withPlaces<T>(
  database: Database,
  work: (on: Orm, client: Queryable) => Promise<T>,
  keeps: (result: T) => boolean = () => true,
): Promise<T> {
  return transaction(database, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [lock])
    await client.query('savepoint places')
    const result = await work({ orm: drizzle(client) }, client)
    if (!keeps(result)) await client.query('rollback to savepoint places')
    return result
  })
}

/** What the rules must know of the places of a change. */
async function knownOf({ orm }: Orm, { pairs }: Change): Promise<Known> {
  const codes = [...new Set(pairs.flatMap(({ predecessor, successor }) => [predecessor, successor]))]
  const { predecessor, successor } = successions
  const counties = [...new Set(codes.map((code) => code.slice(0, 6)))]
  const places = await orm.select().from(townships).where(inArray(townships.code, codes))
  return {
    townships: new Map(places.map((place) => [place.code, place])),
    successions: await orm
      .select()
      .from(successions)
      .where(or(inArray(predecessor, codes), inArray(successor, codes))),
    formerNames: await orm.select().from(townshipNames).where(inArray(townshipNames.code, codes)),
    counties: new Set((await orm.select().from(regions).where(inArray(regions.code, counties))).map(({ code }) => code)),
  }
}

/** The predecessors that a successor leads back to by what is recorded, so that they would succeed themselves. */
async function cycles(client: Queryable, pairs: readonly Pair[]): Promise<Refusal[]> {
  const others = pairs.filter(({ predecessor, successor }) => predecessor !== successor)
  const { rows } = await client.query<{ code: string }>(
    `with recursive walk (code) as (
       select unnest($1::text[]) collate "C"
       union
       select s.successor from walk w join successions s on s.predecessor = w.code and not exists (
         select from successions o where o.predecessor = s.predecessor and o.successor = s.predecessor and o.effective_on = s.effective_on))
     select code from walk where code = any($2::text[])`,
    [others.map(({ successor }) => successor), others.map(({ predecessor }) => predecessor)],
  )
  return rows.map(({ code }) => ({ why: 'cycle', code }))
}

async function rename({ orm }: Orm, { predecessor: code, name }: Pair, effectiveOn: string): Promise<void> {
  const [old] = await orm.select().from(townships).where(eq(townships.code, code))
  const validTo = dayBefore(effectiveOn)
  if (!old || name === undefined) return
  if (old.name === name) {
    await orm
      .update(townshipNames)
      .set({ validTo })
      .where(and(eq(townshipNames.code, code), gt(townshipNames.validTo, validTo)))
    return
  }
  await orm.insert(townshipNames).values({ code, name: old.name, validTo })
  await orm
    .update(townships)
    .set({ name, kind: kindOfTownship(code, name) })
    .where(eq(townships.code, code))
}

async function write(on: Orm, change: Change, pairs: readonly Pair[], known: Known, actor: string): Promise<void> {
  const { kind, effectiveOn } = change
  const { orm } = on
  const created = new Map<string, typeof townships.$inferInsert>()
  for (const pair of pairs) {
    const { successor: code } = pair
    const name = nameOf(change, pair, known)
    if (existing(known, code) || name === undefined) continue
    created.set(code, { code, name, kind: kindOfTownship(code, name), validFrom: effectiveOn, validTo: null })
  }
  const anew = { name: sql`excluded.name`, kind: sql`excluded.kind`, validFrom: effectiveOn, validTo: null }
  if (created.size > 0)
    await orm
      .insert(townships)
      .values([...created.values()])
      .onConflictDoUpdate({ target: townships.code, set: anew })
  if (kind === 'rename') for (const pair of pairs) await rename(on, pair, effectiveOn)
  else {
    const ended = pairs.map(({ predecessor }) => predecessor).filter((code) => !stays(change, code))
    await orm
      .update(townships)
      .set({ validTo: dayBefore(effectiveOn) })
      .where(and(inArray(townships.code, ended), isNull(townships.validTo)))
  }
  // A registry of a later day brings the new code first, and knows nothing of when it began.
  if (kind === 'recode' || kind === 'transfer') {
    const begun = pairs.map(({ successor }) => successor)
    await orm
      .update(townships)
      .set({ validFrom: effectiveOn })
      .where(and(inArray(townships.code, begun), isNull(townships.validFrom)))
  }
  const isBegun = (code: string) => (kind === 'recode' || kind === 'transfer') && known.townships.get(code)?.validFrom === null
  const rows = pairs.map(({ predecessor, successor }) => ({
    predecessor,
    successor,
    effectiveOn,
    kind,
    actor,
    ended: kind !== 'rename' && !stays(change, predecessor) && known.townships.get(predecessor)?.validTo === null,
    made: created.has(successor) ? ('created' as const) : isBegun(successor) ? ('begun' as const) : null,
  }))
  await orm.insert(successions).values(rows)
}

/** A change that was looked at: refused, or ready to be written. Call under the lock of `withPlaces`. */
export async function prepareChange(on: Orm, client: Queryable, change: Change, counties: readonly string[] = []) {
  const known = await knownOf(on, change)
  for (const county of counties) known.counties.add(county)
  const pairs = newPairs(change, known)
  const refusals = pairs.length === 0 ? [] : [...refusalsOf(change, pairs, known), ...(await cycles(client, pairs))]
  return { refusals, news: pairs.length > 0, write: (actor: string) => write(on, change, pairs, known, actor) }
}

/** The successions of a change as they are stored. */
export async function storedChange(on: Orm, { kind, effectiveOn, pairs }: Change): Promise<StoredSuccession[]> {
  const { predecessor, successor } = successions
  const codes = pairs.map((pair) => pair.predecessor)
  const others = pairs.map((pair) => pair.successor)
  return selectSuccessions(
    on,
    and(
      eq(successions.kind, kind),
      eq(successions.effectiveOn, effectiveOn),
      inArray(predecessor, codes),
      inArray(successor, others),
    ),
  )
}

/** One entry for each township that a change concerns, so that each steward finds what concerns the own region. */
export async function auditChange(
  client: Queryable,
  by: Author & { reason?: string },
  { pairs }: Pick<Change, 'pairs'>,
): Promise<void> {
  const codes = new Set(pairs.flatMap(({ predecessor, successor }) => [predecessor, successor]))
  for (const code of [...codes].sort())
    await audit(client, by, { region: code, target: `townships/${code}/successions`, reason: by.reason })
}

/** Records a change with all its effects, or nothing. `unchanged` where all of it was recorded before. A dry run tells what would be recorded. */
export async function recordSuccessions(
  database: Database,
  change: Change,
  by: Author,
  dryRun = false,
): Promise<Outcome<Refusal>> {
  const record = async (on: Orm, client: Queryable): Promise<Outcome<Refusal>> => {
    const { refusals, news, write } = await prepareChange(on, client, change)
    if (refusals.length > 0) return { outcome: 'refused', refusals }
    if (news) {
      await write(by.actor)
      await auditChange(client, by, change)
    }
    return { outcome: news ? 'recorded' : 'unchanged', items: await storedChange(on, change) }
  }
  return withPlaces(database, record, () => !dryRun)
}
