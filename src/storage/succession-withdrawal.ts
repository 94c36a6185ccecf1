/**
 * A succession that was recorded by mistake is withdrawn, with what recording it did: its predecessors go on, a township that it created never
 * was (it ends before it began, since no code is ever removed), and a new name gives way to the old one. Figures stay where they were reported.
 */
import { and, eq, gte, inArray, notInArray, or } from 'drizzle-orm'
import { kindOfTownship } from '../registry/rules.ts'
import type { Author } from './author.ts'
import { dayAfter, dayBefore } from './calendar.ts'
import type { Database, Queryable } from './database.ts'
import type { Refusal } from './succession-rules.ts'
import { auditChange, type Outcome, withPlaces } from './succession-writes.ts'
import { type Orm, selectSuccessions } from './successions.ts'
import { successions, townshipNames, townships } from './tables.ts'

type Row = typeof successions.$inferSelect
const { predecessor, successor, effectiveOn } = successions

/** What is recorded of a township on a day: a split with all its parts, everything else only as far as the township has a part in it. */
async function rowsOf({ orm }: Orm, code: string, day: string): Promise<Row[]> {
  const own = await orm
    .select()
    .from(successions)
    .where(and(eq(effectiveOn, day), or(eq(predecessor, code), eq(successor, code))))
  const split = own.filter(({ kind }) => kind === 'split').map((one) => one.predecessor)
  const parts = and(eq(effectiveOn, day), eq(successions.kind, 'split'), inArray(predecessor, split))
  const others = split.length > 0 ? await orm.select().from(successions).where(parts) : []
  const all = new Map([...own, ...others].map((row) => [`${row.predecessor} ${row.successor}`, row]))
  return [...all.values()]
}

const thisRow = (row: Row) =>
  and(eq(predecessor, row.predecessor), eq(successor, row.successor), eq(effectiveOn, row.effectiveOn))

/** Gives a township its name of before back; refused where it bears yet another one since. */
async function unname({ orm }: Orm, code: string, day: string): Promise<Refusal | undefined> {
  const [former, later] = await orm
    .select()
    .from(townshipNames)
    .where(and(eq(townshipNames.code, code), gte(townshipNames.validTo, dayBefore(day))))
    .orderBy(townshipNames.validTo)
  if (later) return { why: 'conflict', code, day: dayAfter(later.validTo) }
  if (former?.validTo !== dayBefore(day)) return undefined
  const { name, validTo } = former
  await orm
    .update(townships)
    .set({ name, kind: kindOfTownship(code, name) })
    .where(eq(townships.code, code))
  await orm.delete(townshipNames).where(and(eq(townshipNames.code, code), eq(townshipNames.validTo, validTo)))
  return undefined
}

/** Undoes what recording did to a successor, once nothing of that day leads to it any more; refused where something came of it later. */
async function unmake({ orm }: Orm, code: string, day: string, made: 'created' | 'begun'): Promise<Refusal | undefined> {
  const others = await orm
    .select()
    .from(successions)
    .where(or(eq(predecessor, code), eq(successor, code)))
    .orderBy(effectiveOn)
  const beside = and(eq(successor, code), eq(effectiveOn, day))
  if (others.some((one) => one.successor === code && one.effectiveOn === day)) {
    await orm.update(successions).set({ made }).where(beside)
    return undefined
  }
  const [later] = others
  if (made === 'created' && later) return { why: 'conflict', code, day: later.effectiveOn }
  await orm
    .update(townships)
    .set(made === 'created' ? { validTo: dayBefore(day) } : { validFrom: null })
    .where(and(eq(townships.code, code), eq(townships.validFrom, day)))
  return undefined
}

async function undo(on: Orm, rows: readonly Row[], day: string): Promise<Refusal[]> {
  const { orm } = on
  for (const row of rows) await orm.delete(successions).where(thisRow(row))
  const ended = rows.filter((row) => row.ended).map((row) => row.predecessor)
  const left = orm.select({ code: predecessor }).from(successions).where(eq(effectiveOn, day))
  await orm
    .update(townships)
    .set({ validTo: null })
    .where(and(inArray(townships.code, ended), eq(townships.validTo, dayBefore(day)), notInArray(townships.code, left)))
  const made = new Map(rows.flatMap((row) => (row.made ? [[row.successor, row.made] as const] : [])))
  const refusals: (Refusal | undefined)[] = []
  for (const { predecessor: code } of rows.filter(({ kind }) => kind === 'rename')) refusals.push(await unname(on, code, day))
  for (const [code, how] of made) refusals.push(await unmake(on, code, day, how))
  return refusals.filter((refusal) => refusal !== undefined)
}

/**
 * Withdraws what is recorded of a township on a day; `allowed` throws where the caller may not touch one of these places. No items where
 * nothing is recorded. A dry run tells what would be withdrawn.
 */
export async function withdrawSuccessions(
  database: Database,
  { code, day }: { code: string; day: string },
  by: Author & { reason?: string },
  allowed: (codes: readonly string[]) => void,
  dryRun: boolean,
): Promise<Outcome<Refusal>> {
  const withdraw = async (on: Orm, client: Queryable): Promise<Outcome<Refusal>> => {
    const rows = await rowsOf(on, code, day)
    allowed(rows.flatMap((row) => [row.predecessor, row.successor]))
    if (rows.length === 0) return { outcome: 'unchanged', items: [] }
    const items = await selectSuccessions(on, or(...rows.map(thisRow)))
    const refusals = await undo(on, rows, day)
    if (refusals.length > 0) return { outcome: 'refused', refusals }
    await auditChange(client, by, { pairs: rows })
    return { outcome: 'recorded', items }
  }
  return withPlaces(database, withdraw, ({ outcome }) => outcome === 'recorded' && !dryRun)
}
