/** What every import does as it writes: it begins a transaction, says who writes, and brings what is staged into the tables. */
import type { PoolClient } from 'pg'
import { type CategoryName, rulesVersion } from '../catalogue/index.ts'
import { StorageFailure } from './failures.ts'
import type { ImportNumber, Outcome } from './import-outcome.ts'
import { importStatements, type Range, rangedStatements } from './import-statements.ts'
import { instant } from './record-statements.ts'

const patience = '10min'

type Row = Record<string, number>

/** The one row of an answer. */
export async function one(client: PoolClient, text: string, values: unknown[] = []): Promise<Row> {
  const { rows } = await client.query<Row>(text, values)
  return rows[0] ?? {}
}

/** Lets a transaction take its time, and room. */
export async function patient(client: PoolClient): Promise<void> {
  await client.query(`set local statement_timeout = '${patience}'; set local work_mem = '64MB'`)
}

/** Runs `work` in a transaction that is kept where it says so. */
export async function within<T>(client: PoolClient, work: () => Promise<{ result: T; keep: boolean }>): Promise<T> {
  await client.query('begin')
  try {
    await patient(client)
    const { result, keep } = await work()
    await client.query(keep ? 'commit' : 'rollback')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** Who writes and why, in which import, and when: the one instant of all rows. */
export type By = { actor: string; reason: string | undefined; id: number; at: string; atText: string }

type Beginning = Pick<By, 'actor' | 'reason'> & { number: ImportNumber }

/** Begins an import, or begins it again: takes its number, unless it has one. */
export async function begin(client: PoolClient, { actor, reason, number }: Beginning): Promise<By> {
  const { rows } = await client.query<{ id: string; at: string; text: string }>(
    `select coalesce($1::bigint, nextval(pg_get_serial_sequence('imports', 'id'))) as id, at::text as at, ${instant('at')} as text
     from date_trunc('milliseconds', now()) at`,
    [number.id],
  )
  const id = Number(rows[0]?.id)
  number.id = id
  return { actor, reason, id, at: rows[0]?.at ?? '', atText: rows[0]?.text ?? '' }
}

/** What is staged of a category, counted: rows that write, rows that delete, rows with findings. */
type Counted = { writes?: number; erases?: number; doubtful?: number }
/**
 * What is known of the records: how many are there, whether others may be new, whether any row was merged with what is stored, or expects
 * something of it; `range` where the rows lie side by side.
 */
type Known = { existing: number; mayBeNew: boolean; bound: boolean; range?: Range }

/** Writes what is staged of a category. */
export async function write<F>(
  client: PoolClient,
  name: CategoryName,
  { writes = 0, erases = 0, doubtful = 0 }: Counted,
  { existing, mayBeNew, bound, range }: Known,
  by: By,
  { tally }: Outcome<F>,
): Promise<void> {
  const statements = (range ? rangedStatements : importStatements)[name]
  const keys = range ?? []
  const first = [by.actor, by.id, by.at, by.reason ?? null]
  const values = [...first, JSON.stringify(by.actor), rulesVersion, by.atText, ...keys]
  // A record that others made meanwhile is replaced as any other, but not one that a row was merged without, or expects not to be: that
  // begins again, and so do rows side by side, among which it is rare.
  const { created = 0 } = writes > 0 && mayBeNew ? await one(client, statements.insert(!bound && !range), values) : {}
  const mayExist = writes > 0 && (existing > 0 || created < writes)
  const { created: reborn = 0, written = 0 } = mayExist ? await one(client, statements.update, values) : {}
  const { missed = 0 } = bound && mayBeNew ? await one(client, statements.missed, [...keys]) : {}
  if (missed > 0) throw new StorageFailure('contention', new Error('others made these records meanwhile'))
  const { deleted = 0 } = erases > 0 ? await one(client, statements.erase, first) : {}
  tally.withFindings += doubtful
  tally.created += created + reborn
  tally.updated += written - reborn
  tally.unchanged += writes - created - written + erases - deleted
  tally.deleted += deleted
}
