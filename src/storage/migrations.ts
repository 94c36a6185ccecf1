/**
 * Migrations. drizzle's migrator compares only the newest timestamp and would skip an older entry in silence, so it is checked
 * afterwards that every entry of the journal was applied. Starts at the same time wait for each other on an advisory lock.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { root } from '../root.ts'
import { reasonOf, UnusableDatabase } from './failures.ts'

export const migrationsFolder = fileURLToPath(new URL('migrations', root))
const lock = 20_260_101

type Journal = { entries: { idx: number; when: number; tag: string }[] }

/** The journal of the migrations, oldest first. */
export async function readJournal(folder = migrationsFolder): Promise<Journal> {
  return JSON.parse(await readFile(`${folder}/meta/_journal.json`, 'utf8'))
}

const server = `select current_setting('server_version_num')::int >= 150000 as recent, current_setting('server_version') as version,
  current_setting('server_encoding') as encoding`
type Server = { recent: boolean; version: string; encoding: string }

/**
 * Brings the database of that URL to the newest schema.
 * @throws UnusableDatabase when it cannot be reached, is none that the schema fits, or an entry of the journal was not applied
 */
export async function migrateDatabase(url: string, folder = migrationsFolder): Promise<void> {
  const { entries } = await readJournal(folder)
  let client: pg.Client | undefined
  try {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, application_name: 'register-migrate' })
    // A connection that breaks rejects the statement that waits; without a listener it would end the process as well.
    client.on('error', () => {})
    await client.connect()
    for (const { recent, version, encoding } of (await client.query<Server>(server)).rows) {
      if (!recent) throw new UnusableDatabase(`it is PostgreSQL ${version}, and 15 or newer is needed`)
      if (encoding !== 'UTF8') throw new UnusableDatabase(`its encoding is ${encoding}, and UTF8 is needed`)
    }
    await client.query('select pg_advisory_lock($1)', [lock])
    await migrate(drizzle(client), { migrationsFolder: folder })
    const { rows } = await client.query<{ created_at: string }>('select created_at from drizzle.__drizzle_migrations')
    const applied = new Set(rows.map((row) => Number(row.created_at)))
    const skipped = entries.filter((entry) => !applied.has(entry.when)).map((entry) => entry.tag)
    if (skipped.length > 0)
      throw new UnusableDatabase(
        `migrations were not applied: ${skipped.join(', ')}; their timestamps are older than one that was`,
      )
  } catch (error) {
    throw new UnusableDatabase(reasonOf(error), { cause: error })
  } finally {
    await client?.end()
  }
}
