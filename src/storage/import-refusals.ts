/** Staged rows that cannot be written as things stand when they are written: each is told and taken out. */
import type { PoolClient } from 'pg'
import type { CategoryName } from '../catalogue/index.ts'
import type { Outcome, Plan } from './import-outcome.ts'
import { restage } from './import-staging.ts'
import { importStatements } from './import-statements.ts'

const batch = 1000

/** Rows whose period was closed meanwhile, unless they correct it; the others' periods stay open until the end of the transaction. */
export async function refuseClosed<F>(
  client: PoolClient,
  names: readonly CategoryName[],
  plan: Plan<F>,
  outcome: Outcome<F>,
): Promise<void> {
  const staged = new Map<CategoryName, number[]>()
  for (const name of names) {
    const { rows } = await client.query<{ period_id: number }>(importStatements[name].periods)
    staged.set(
      name,
      rows.map((row) => row.period_id),
    )
  }
  const { rows } = await client.query<{ id: number; state: string; code: string }>(
    `select id, state, code from periods where id = any($1::int[]) order by id ${plan.compareOnly ? '' : 'for share'}`,
    [[...new Set([...staged.values()].flat())]],
  )
  if (plan.correction) return
  const closed = new Map(rows.filter(({ state }) => state === 'closed').map(({ id, code }) => [id, code]))
  for (const [name, ids] of staged) {
    if (!ids.some((id) => closed.has(id))) continue
    const gone = await client.query<{ total: number; line: number; period: number; township: string }>(
      importStatements[name].close,
      [[...closed.keys()], plan.listed.faults],
    )
    outcome.refusedCount += gone.rows[0]?.total ?? 0
    for (const { line, period, township } of gone.rows) {
      const at = { row: line, category: name, periodId: period, township }
      outcome.refused.push({ ...at, code: 'period-closed', params: { period: closed.get(period) ?? '' } })
    }
  }
}

/** Merges rows anew, once through the file, whose record others have changed since it was read. Gives how many there were. */
export async function mergeAgain<F>(client: PoolClient, name: CategoryName, plan: Plan<F>, outcome: Outcome<F>): Promise<number> {
  const remerge = plan.remerge(name)
  for (let [behind, count] = [0, 0]; ; ) {
    const { rows } = await client.query<{ line: number; revision: number; document: string | null }>(
      importStatements[name].stale,
      [batch, behind],
    )
    const last = rows.at(-1)
    if (!last) return count
    const stale = rows.map(({ line, revision, document }) => ({ row: line, revision, document: document ?? undefined }))
    const merged = await remerge(stale)
    await restage(
      client,
      name,
      stale.map(({ row }) => row),
      merged.rows,
    )
    outcome.unmergedCount += stale.length - merged.rows.length - merged.idle
    outcome.tally.unchanged += merged.idle
    outcome.remerged.push(...merged.faults)
    behind = last.line
    count += stale.length
  }
}

/** Refuses rows that expect another revision than the stored one, or change what is not there. */
export async function refuseOthers<F>(client: PoolClient, name: CategoryName, plan: Plan<F>, outcome: Outcome<F>): Promise<void> {
  type Bad = { total: number; line: number; period: number; township: string; expected: number | null; current: number }
  const { rows } = await client.query<Bad>(importStatements[name].refuse(plan.absentIsDeleted), [plan.listed.faults])
  outcome.refusedCount += rows[0]?.total ?? 0
  for (const { line, period, township, expected, current } of rows) {
    const at = { row: line, category: name, periodId: period, township }
    if (current <= 0) outcome.refused.push({ ...at, code: 'record-absent', params: expected === null ? {} : { expected } })
    else outcome.refused.push({ ...at, code: 'revision-mismatch', params: { expected: expected ?? 0, current } })
  }
}
