/**
 * What the service's own role may do where another owns the tables (MIGRATION_DATABASE_URL): read and write, but of history and audit only
 * read and add. Granted anew after every migration, since a new table belongs to its maker alone.
 */
import pg from 'pg'
import { reasonOf, UnusableDatabase } from './failures.ts'

/** Rows of these are never changed and never removed. */
const appendOnly = ['record_revisions', 'period_changes', 'audit']

/** Grants to the role of `serviceUrl` what the service needs. Takes the URL of the owner. Throws UnusableDatabase. */
export async function grantService(ownerUrl: string, serviceUrl: string): Promise<void> {
  const role = decodeURIComponent(new URL(serviceUrl).username)
  const client = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: 5000,
    application_name: 'register-migrate',
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ owner: string }>('select current_user as owner')
    if (role === '' || role === rows[0]?.owner)
      throw new UnusableDatabase('DATABASE_URL must name a role of its own beside MIGRATION_DATABASE_URL')
    const to = pg.escapeIdentifier(role)
    await client.query('begin')
    await client.query(`grant usage on schema public, drizzle to ${to}`)
    await client.query(`grant select, insert, update, delete on all tables in schema public to ${to}`)
    await client.query(`grant usage, select on all sequences in schema public to ${to}`)
    await client.query(`grant execute on all functions in schema public to ${to}`)
    await client.query(`grant select on all tables in schema drizzle to ${to}`)
    for (const table of appendOnly) await client.query(`revoke update, delete, truncate on ${table} from ${to}`)
    const { rows: held } = await client.query<{ name: string }>(
      `select name from unnest($1::text[]) name where has_table_privilege($2, name, 'update') or has_table_privilege($2, name, 'delete')
        or has_table_privilege($2, name, 'truncate')`,
      [appendOnly, role],
    )
    if (held.length > 0)
      throw new UnusableDatabase(
        `the role ${role} of DATABASE_URL can change ${held.map(({ name }) => name).join(', ')}: it must be no superuser and no member of the owner's role`,
      )
    await client.query('commit')
    // Until when the register is settled depends on transactions of other roles as well. Not every owner may give this away.
    await client.query(`grant pg_read_all_stats to ${to}`).catch(() => {})
  } catch (error) {
    throw error instanceof UnusableDatabase ? error : new UnusableDatabase(reasonOf(error), { cause: error })
  } finally {
    await client.end()
  }
}
