/**
 * Periods close and reopen. A write locks its period's row FOR SHARE until it commits, and the update here cannot have that row meanwhile: so
 * a close waits for the writes that began before it, and a write that comes later sees the period closed. What was done stays in
 * `period_changes`, written by the same statement.
 * Share locks do not queue: writes that overlap without a gap keep the row from the update for ever. So after a while the close asks for the
 * table, where locks are granted in turn, and later writes wait behind it.
 */
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import { type Database, type Queryable, transaction } from './database.ts'
import { tookTooLong } from './failures.ts'

export type PeriodState = 'open' | 'closed'
/** Who changes a period, and why. */
export type PeriodAuthor = Author & { reason: string }

// The instant is taken under the lock: no write that got in is later than it.
const statement = `
  with changed as (update periods set state = $2 where id = $1 and state <> $2 returning id)
  insert into period_changes (period_id, action, actor, reason, recorded_at)
  select id, $3, $4, $5, date_trunc('milliseconds', clock_timestamp()) from changed`

/** How long the row is waited for while other writes go on, and the table while they wait too. */
const patience = { row: '1s', table: '20s' }

/** The change itself, inside a transaction of the caller. */
export async function applyState(on: Queryable, id: number, state: PeriodState, by: PeriodAuthor): Promise<boolean> {
  const action = state === 'closed' ? 'close' : 'reopen'
  const { rowCount } = await on.query(statement, [id, state, action, by.actor, by.reason])
  if (!rowCount) return false
  const { rows } = await on.query<{ code: string }>('select code from periods where id = $1', [id])
  await audit(on, by, { region: '', target: `periods/${rows[0]?.code}`, reason: by.reason })
  return true
}

/**
 * Closes or reopens a period; false where it is in that state already, or there is no such period, and then nothing changes.
 * Fails by `contention` where a write that began before goes on for too long.
 */
export async function changeState(
  database: Pick<Database, 'pool'>,
  id: number,
  state: PeriodState,
  by: PeriodAuthor,
): Promise<boolean> {
  try {
    return await transaction(database, async (client) => {
      // Not lock_timeout: that begins anew with each of the writes waited for.
      await client.query(`set local statement_timeout = '${patience.row}'`)
      const applied = await applyState(client, id, state, by)
      // What follows in the transaction of a request with an Idempotency-Key has its usual time.
      await client.query('set local statement_timeout to default')
      return applied
    })
  } catch (error) {
    if (!tookTooLong(error)) throw error
  }
  return transaction(database, async (client) => {
    await client.query(`set local lock_timeout = '${patience.table}'`)
    await client.query('lock table periods in exclusive mode')
    return applyState(client, id, state, by)
  })
}
