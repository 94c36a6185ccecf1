/**
 * Brings staged rows into the tables: in one transaction they are locked, judged and written set by set.
 * Categories come in the order of a report and keys in their own order, as every other writer takes them. What others
 * have changed since the file was read is looked at again under lock, so that nothing of theirs is lost; where two transactions
 * still block each other, or make the same new record, one of them begins again.
 */
import type { PoolClient } from 'pg'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { failureOf, StorageFailure } from './failures.ts'
import { listClearings } from './import-clearings.ts'
import { type Applied, noOutcome, type Outcome, type Plan } from './import-outcome.ts'
import { mergeAgain, refuseClosed, refuseOthers } from './import-refusals.ts'
import type { StagedCount, Staging } from './import-staging.ts'
import { importStatements } from './import-statements.ts'
import { begin, one, within, write } from './import-write.ts'

const most = 20

/** Whether another attempt can succeed, since others stood in the way: a deadlock, or a record that both make for the first time (23505). */
export function beginsAgain(error: unknown): boolean {
  return failureOf(error)?.kind === 'contention' || (error instanceof Error && 'code' in error && error.code === '23505')
}

async function compare<F>(client: PoolClient, name: CategoryName, plan: Plan<F>, outcome: Outcome<F>): Promise<void> {
  const { tally, changes } = outcome
  const { compare, count, changes: changed } = importStatements[name]
  const { created = 0, updated = 0, deleted = 0 } = await one(client, compare)
  const { writes = 0, erases = 0, doubtful = 0 } = await one(client, count)
  tally.withFindings += doubtful
  tally.created += created
  tally.updated += updated
  tally.deleted += deleted
  tally.unchanged += writes - created - updated + erases - deleted
  if (plan.listed.changes === 0) return
  type Change = { line: number; period: number; township: string; members: string | null; document: string | null }
  const { rows } = await client.query<Change>(changed, [plan.listed.changes])
  for (const { line, period, township, members, document } of rows)
    changes.push({
      row: line,
      category: name,
      periodId: period,
      township,
      members: members ?? undefined,
      document: document ?? undefined,
    })
  await listClearings(client, name, plan.listed.clearings, outcome)
}

/**
 * Locks the records that exist and merges rows anew until what is staged fits them: others may make new ones meanwhile, which are locked in
 * their turn. Gives how many are locked.
 */
async function holdRows<F>(client: PoolClient, name: CategoryName, staged: StagedCount, plan: Plan<F>, outcome: Outcome<F>) {
  for (let pass = 0; pass < most; pass++) {
    const { locked = 0 } = plan.compareOnly ? {} : await one(client, importStatements[name].lock)
    if (staged.merged === 0) return locked
    const again = await mergeAgain(client, name, plan, outcome)
    if (again === 0 || plan.compareOnly || locked === staged.rows) return locked
  }
  throw new StorageFailure('contention', new Error('others keep making these records'))
}

async function attempt<F>(client: PoolClient, staging: Staging, plan: Plan<F>): Promise<{ result: Applied<F>; keep: boolean }> {
  const outcome = noOutcome<F>()
  const names = categories.map(({ name }) => name).filter((name) => staging.counts.has(name))
  if (!plan.compareOnly) await plan.take?.(client)
  const by = plan.compareOnly ? undefined : await begin(client, plan)
  const blocked = () => plan.allOrNothing && outcome.refusedCount + outcome.unmergedCount > 0
  await refuseClosed(client, names, plan, outcome)
  for (const name of names) {
    const staged = staging.counts.get(name)
    if (!staged) continue
    const locked = await holdRows(client, name, staged, plan, outcome)
    if (staged.expecting + staged.erases > 0) await refuseOthers(client, name, plan, outcome)
    if (by === undefined) {
      await compare(client, name, plan, outcome)
      continue
    }
    if (blocked()) continue
    // Of all that was staged: a row that has been refused since was locked as well.
    const mayBeNew = locked < staged.rows
    const counted = await one(client, importStatements[name].count)
    await write(client, name, counted, { existing: locked, mayBeNew, bound: staged.merged + staged.expecting > 0 }, by, outcome)
  }
  if (by === undefined || blocked()) return { result: { outcome, id: undefined }, keep: false }
  await plan.record(outcome, client, by.id)
  return { result: { outcome, id: by.id }, keep: true }
}

/** Applies what is staged, or compares it. Throws a StorageFailure `contention` where others stay in the way. */
export async function applyStaged<F>(staging: Staging, plan: Plan<F>): Promise<Applied<F>> {
  const client = await staging.finish(plan.dropped)
  for (let attempts = 1; ; attempts++) {
    try {
      return await within(client, () => attempt(client, staging, plan))
    } catch (error) {
      if (!beginsAgain(error)) throw error
      if (attempts === most) throw new StorageFailure('contention', error)
    }
  }
}
