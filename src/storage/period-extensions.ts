/** Due days that are later for a region: what holds is the last row of each region in `period_changes`, and none is ever removed. */

import { audit } from './audit.ts'
import type { Author } from './author.ts'
import { type Database, type Queryable, transaction } from './database.ts'
import type { PeriodAuthor } from './period-changes.ts'
import { instant } from './record-statements.ts'

export type Extension = { region: string; dueOn: string; reason: string; actor: string; recordedAt: string }
export type Extended = { outcome: 'created' | 'updated' | 'unchanged'; extension: Extension }

const columns = `region, due_on::text as "dueOn", reason, actor, ${instant('recorded_at')} as "recordedAt"`
const list = `
  select ${columns} from (
    select distinct on (region) * from period_changes where period_id = $1 and region is not null order by region, id desc) last
  where action = 'extend' order by region`
const one = `
  select ${columns} from (
    select * from period_changes where period_id = $1 and region = $2 order by id desc limit 1) last
  where action = 'extend'`
const add = `
  insert into period_changes (period_id, action, region, due_on, actor, reason, recorded_at)
  values ($1, $2, $3, $4, $5, $6, date_trunc('milliseconds', clock_timestamp())) returning ${columns}`

const lock = 20_260_902

/** The extensions of a period in the order of their regions. */
export async function listExtensions({ pool }: Pick<Database, 'pool'>, periodId: number): Promise<Extension[]> {
  return (await pool.query<Extension>(list, [periodId])).rows
}

/** The extension of that very region, or undefined. */
export async function findExtension(on: Queryable, periodId: number, region: string): Promise<Extension | undefined> {
  return (await on.query<Extension>(one, [periodId, region])).rows[0]
}

/** Runs `work` with what holds for a region now, after every other writer of extensions. */
async function changing<T>(
  database: Pick<Database, 'pool'>,
  periodId: number,
  region: string,
  work: (client: Queryable, current: Extension | undefined) => Promise<T>,
): Promise<T> {
  return transaction(database, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [lock])
    return work(client, await findExtension(client, periodId, region))
  })
}

async function keep(on: Queryable, by: Author, periodId: number, region: string, reason: string | undefined): Promise<void> {
  const { rows } = await on.query<{ code: string }>('select code from periods where id = $1', [periodId])
  await audit(on, by, { region, target: `periods/${rows[0]?.code}/extensions/${region}`, reason })
}

/** Sets the due day of a region. The same day for the same reason changes nothing. */
export async function extendPeriod(
  database: Pick<Database, 'pool'>,
  periodId: number,
  region: string,
  dueOn: string,
  by: PeriodAuthor,
): Promise<Extended> {
  const { actor, reason } = by
  return changing(database, periodId, region, async (client, current): Promise<Extended> => {
    if (current?.dueOn === dueOn && current.reason === reason) return { outcome: 'unchanged', extension: current }
    const { rows } = await client.query<Extension>(add, [periodId, 'extend', region, dueOn, actor, reason])
    const [extension] = rows
    if (!extension) throw new Error('an extension was not recorded')
    await keep(client, by, periodId, region, reason)
    return { outcome: current ? 'updated' : 'created', extension }
  })
}

/** Ends the extension of a region; false where there is none. */
export async function withdrawExtension(
  database: Pick<Database, 'pool'>,
  periodId: number,
  region: string,
  by: Author & { reason?: string },
): Promise<boolean> {
  const { actor, reason } = by
  return changing(database, periodId, region, async (client, current) => {
    if (!current) return false
    await client.query(add, [periodId, 'withdraw', region, null, actor, reason ?? null])
    await keep(client, by, periodId, region, reason)
    return true
  })
}
