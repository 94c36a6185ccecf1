/**
 * The order of changes rests on transaction ids, which mean something only in the database that gave them. Where the history has moved
 * (a dump restored elsewhere, a copy), a new epoch begins: what is written from then on comes after all that was there, and a reader
 * that kept a copy of the other database is told to start over. After a restore that none of this shows, emptying `system_identifier`
 * before the next start begins an epoch as well.
 */
import { type Database, type Queryable, transaction } from './database.ts'

/** Which database the history is in, and how many it has been in. */
export type Epoch = { epoch: number; database: string }

async function one<T extends object>(on: Queryable, text: string, values: unknown[] = []): Promise<Partial<T>> {
  const { rows } = await on.query<T>(text, values)
  return rows[0] ?? {}
}

/** Some hosts keep the identifier from ordinary roles; then the oid and the transaction ids have to do. */
async function systemIdentifier(on: Queryable): Promise<string> {
  const { allowed } = await one<{ allowed: boolean }>(
    on,
    `select has_function_privilege('pg_control_system()', 'execute') as allowed`,
  )
  if (!allowed) return 'unknown'
  return (await one<{ id: string }>(on, 'select system_identifier::text as id from pg_control_system()')).id ?? 'unknown'
}

type Stored = { epoch: number; system: string; oid: string; behind: boolean; oidNow: string; next: string }

/** `behind`: the next transaction id is below one that was next before, so this is not the cluster that gave them. */
const stored = `
  select e.epoch, e.system_identifier as system, e.database_oid as oid, d.oid::text as "oidNow", now.next::text as next,
    now.next < e.next_xid
    or now.next < coalesce((select max(position) from record_revisions r where r.epoch = e.epoch), '0'::xid8) as behind
  from change_epoch e, pg_database d, (select pg_snapshot_xmax(pg_current_snapshot()) as next) now where d.datname = current_database()`

/** Begins a new epoch where the database is not the one that the history was written in; gives the current epoch. */
export async function settleEpoch(database: Pick<Database, 'pool'>): Promise<number> {
  return transaction(database, async (client) => {
    const system = await systemIdentifier(client)
    await client.query(
      `insert into change_epoch (id, epoch, system_identifier, database_oid, next_xid)
       select 1, 1, $1, oid::text, '0' from pg_database where datname = current_database() on conflict do nothing`,
      [system],
    )
    // Services that start at once wait here for the first.
    await client.query('select from change_epoch for update')
    const { epoch = 1, oid = '', oidNow = '', next = '0', ...found } = await one<Stored>(client, stored)
    const moved = found.system !== system || oid !== oidNow || found.behind === true
    const current = moved ? epoch + 1 : epoch
    // Waits for the writers that are under way, so that all they write is of the epoch before.
    if (moved) await client.query(`alter table record_revisions alter column epoch set default ${current}`)
    await client.query('update change_epoch set epoch = $1, system_identifier = $2, database_oid = $3, next_xid = $4::xid8', [
      current,
      system,
      oidNow,
      next,
    ])
    return current
  })
}
