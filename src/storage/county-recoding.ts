/** A county whose code changes: each of its townships goes on under the new code, all of them on one day and in one transaction. */

import { and, asc, eq, gte, inArray, lt } from 'drizzle-orm'
import { kindOfRegion } from '../registry/rules.ts'
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import type { Database, Queryable } from './database.ts'
import { type Change, neverWas, type Refusal } from './succession-rules.ts'
import { type Outcome, prepareChange, storedChange, withPlaces } from './succession-writes.ts'
import type { Orm } from './successions.ts'
import { regions, successions, townships } from './tables.ts'

export type CountyRecoding = { county: string; newCode: string; name?: string | undefined; effectiveOn: string }
export type RecodingRefusal =
  | Refusal
  | { why: 'unknown-region' | 'unknown-prefecture' | 'region-exists'; code: string; name?: string }

/** The townships that the new code takes over: those in use on the day, and those that were re-coded by this very change before. */
async function changeOf({ orm }: Orm, { county, newCode, effectiveOn }: CountyRecoding): Promise<Change> {
  const within = and(gte(townships.code, county), lt(townships.code, `${county}:`))
  const all = await orm.select().from(townships).where(within).orderBy(asc(townships.code))
  const { predecessor, successor, kind } = successions
  const told = await orm
    .select({ predecessor, successor })
    .from(successions)
    .where(
      and(
        eq(kind, 'recode'),
        eq(successions.effectiveOn, effectiveOn),
        inArray(
          predecessor,
          all.map(({ code }) => code),
        ),
      ),
    )
  const before = new Set(told.filter((one) => one.successor === newCode + one.predecessor.slice(6)).map((one) => one.predecessor))
  const stood = all.filter((one) => !neverWas(one))
  const moved = stood.filter(({ code, validTo }) => validTo === null || validTo >= effectiveOn || before.has(code))
  const pairs = moved.map(({ code, name }) => ({ predecessor: code, successor: newCode + code.slice(6), name }))
  return { kind: 'recode', effectiveOn, pairs }
}

/**
 * Re-codes a county with all townships that are in use; creates the new region where it is missing. All or nothing; a dry run tells what
 * would be recorded.
 */
export async function recodeCounty(
  database: Database,
  recoding: CountyRecoding,
  by: Author,
  dryRun = false,
): Promise<Outcome<RecodingRefusal>> {
  const { county, newCode, name } = recoding
  const recode = async (on: Orm, client: Queryable): Promise<Outcome<RecodingRefusal>> => {
    const places = await on.orm
      .select()
      .from(regions)
      .where(inArray(regions.code, [county, newCode, newCode.slice(0, 4)]))
    const find = (code: string) => places.find((place) => place.code === code)
    const [old, target, prefecture] = [find(county), find(newCode), find(newCode.slice(0, 4))]
    if (!old) return { outcome: 'refused', refusals: [{ why: 'unknown-region', code: county }] }
    if (!prefecture) return { outcome: 'refused', refusals: [{ why: 'unknown-prefecture', code: newCode.slice(0, 4) }] }
    if (target && name !== undefined && target.name !== name)
      return { outcome: 'refused', refusals: [{ why: 'region-exists', code: newCode, name: target.name }] }
    const change = await changeOf(on, recoding)
    const { refusals, news, write } = await prepareChange(on, client, change, [newCode])
    if (refusals.length > 0) return { outcome: 'refused', refusals }
    if (!target) {
      const called = name ?? old.name
      const kind = kindOfRegion(newCode, called, prefecture.name)
      await on.orm.insert(regions).values({ code: newCode, name: called, parent: prefecture.code, kind })
    }
    if (news) await write(by.actor)
    if (news || !target)
      for (const code of [county, newCode]) await audit(client, by, { region: code, target: `regions/${code}/successions` })
    return { outcome: news || !target ? 'recorded' : 'unchanged', items: await storedChange(on, change) }
  }
  return withPlaces(database, recode, () => !dryRun)
}
