// Who owns a data folder: the service that holds an advisory lock in its running PostgreSQL, on a connection of
// its own for as long as it lives. No file can go stale, and the lock vanishes with its holder. The connection
// is to the database `postgres`, so that it never stands in the way of one that is dropped or used as a template.
import { setTimeout as pause } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { EmbeddedError, isPostgresOf, type Place, socketPort } from './postgres-folder.ts'

/** A claimed server: `pid` is its process, `lost` resolves when the connection that holds the claim ends. */
export type Claim = { client: Client; pid: number; lost: Promise<Error> }

const lockKey = 271_828_182
const lockWithin = 1_500
const retryAfter = 25

/** The URL of a database behind the socket in this folder. */
export function urlOf(socketFolder: string, database: string): string {
  // Port and sslmode are given so that PGPORT and PGSSLMODE of the environment do not count.
  const query = `host=${encodeURIComponent(socketFolder)}&sslmode=disable`
  return `postgresql://register@localhost:${socketPort}/${database}?${query}`
}

/**
 * Connects to the server behind a socket and claims it.
 * @throws EmbeddedError when another live service holds it; errors of `pg` when there is none (see `willPass`)
 */
export async function claim(place: Place, socketFolder: string): Promise<Claim> {
  const connectionString = urlOf(socketFolder, 'postgres')
  const client = new Client({ connectionString, application_name: `process ${process.pid}`, connectionTimeoutMillis: 5_000 })
  let reason: Error | undefined
  client.on('error', (error) => {
    reason ??= error
  })
  const lost = new Promise<Error>((resolve) => {
    client.once('end', () => resolve(reason ?? new Error('its connection ended')))
  })
  await client.connect()
  try {
    await lock(client, place)
    const pid = Number.parseInt((await value(client, `select pg_read_file('postmaster.pid') as value`)) ?? '', 10)
    if (await isPostgresOf(pid, place.folder)) return { client, pid, lost }
    throw new EmbeddedError(`the PostgreSQL of ${place.folder} runs out of reach (another container?); stop it there`)
  } catch (error) {
    await client.end()
    throw error
  }
}

// Waits a moment: the server needs one to notice that a holder was killed.
async function lock(client: Client, place: Place): Promise<void> {
  const begun = Date.now()
  while (!(await value(client, `select 'held' as value where pg_try_advisory_lock(${lockKey})`))) {
    if (Date.now() - begun < lockWithin) await pause(retryAfter)
    else {
      const holder = await value(
        client,
        `select application_name as value from pg_locks join pg_stat_activity using (pid)
          where locktype = 'advisory' and objid = ${lockKey} and granted`,
      )
      throw new EmbeddedError(
        `another live service (${holder ?? 'unknown'}) holds ${place.folder}; stop it, or set DATA_DIR to another folder`,
      )
    }
  }
}

/** The column `value` of the first row, if there is one. */
export async function value(client: Client, query: string): Promise<string | undefined> {
  return (await client.query<{ value: string }>(query)).rows[0]?.value
}

/** Whether the error means that no server answers now, but may soon: not there, not ready, or stopping. */
export function willPass(error: unknown): boolean {
  if (error instanceof EmbeddedError || !(error instanceof Error)) return false
  if (error instanceof DatabaseError) return /^(57P0[123]|53300)$/.test(error.code ?? '')
  return !('code' in error) || /^(ENOENT|ECONNREFUSED|ECONNRESET|EPIPE)$/.test(String(error.code))
}
