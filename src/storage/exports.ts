/**
 * Streams of any size, straight from COPY: one statement, so one moment of the database. COPY holds its connection for as long as the
 * client takes, so exports have a small pool of their own. A statement that waits for a client is not ended by `statement_timeout`
 * (PostgreSQL heeds it between rows): whoever reads must close what nobody takes.
 */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { CategoryName } from '../catalogue/index.ts'
import { countQuery, documentsQuery, type ExportFilter, type SheetForm, sheetQuery } from './export-statements.ts'
import { failureOf } from './failures.ts'
import { openPool } from './pool.ts'

export type { ExportFilter, Marks, SheetForm } from './export-statements.ts'

/** One export under way. Whatever becomes of it, `close` must be called; it may be called again. */
export type Export = { rows: Readable; close: () => void }
/** Statements on it see what was there when it began. `close` must be called; it may be called again. */
export type Moment = { orm: NodePgDatabase; client: Pick<pg.PoolClient, 'query'>; close: () => void }
export type Exporter = {
  /** The documents, one a line; undefined where all connections are taken. Resolves when the first rows are there. */
  documents: (category: CategoryName, filter: ExportFilter) => Promise<Export | undefined>
  /** The JSON values of a query of one column, likewise. */
  lines: (query: string) => Promise<Export | undefined>
  /** One moment of the database for several statements, likewise; for lists that are read page by page. */
  moment: () => Promise<Moment | undefined>
  /** The rows of a CSV without its header, likewise. */
  sheet: (category: CategoryName, filter: ExportFilter, form: SheetForm) => Promise<Export | undefined>
  close: () => Promise<void>
}

/**
 * Tables stand nearly in the order of their keys, so that an export is one walk along an index and its first row comes at once. By default
 * PostgreSQL thinks of a walk as of so many jumps, and would have three processes sort the whole table first.
 */
const begin = `select pg_backend_pid() as pid, set_config('random_page_cost', '1.1', false), set_config('max_parallel_workers_per_gather', '0', false)`
const longest = 30 * 60_000
// The text format would double the backslashes of JSON; these bytes cannot stand in JSON, so nothing is ever quoted.
const ndjson = String.raw`(format csv, quote E'\x01', escape E'\x01', delimiter E'\x02')`

/** Exports on so many connections to the database of that URL; `patience` is how long one may wait for its turn, in ms. */
export function openExporter(
  url: string,
  options: { connections: number; patience?: number; log?: (error: Error) => void },
): Exporter {
  const config = { connectionString: url, max: options.connections, connectionTimeoutMillis: options.patience ?? 5000 }
  const pool = openPool({ ...config, statement_timeout: longest, application_name: 'register-exports' }, options.log)

  /** A connection, which `free` gives back, once; undefined where it is not to be had in time. */
  async function take(): Promise<{ client: pg.PoolClient; free: (broken: boolean) => boolean } | undefined> {
    const full = () => pool.totalCount >= options.connections && pool.idleCount === 0
    try {
      const client = await pool.connect()
      let open = true
      const free = (broken: boolean) => {
        if (!open) return false
        open = false
        client.release(broken)
        return true
      }
      return { client, free }
    } catch (error) {
      if (full() && failureOf(error)) return undefined
      throw error
    }
  }

  async function copy(query: string, format: string): Promise<Export | undefined> {
    const taken = await take()
    if (!taken) return undefined
    const { client, free } = taken
    try {
      const { rows: found } = await client.query<{ pid: number }>(begin)
      const rows = client.query(copyTo(`copy (${query}) to stdout with ${format}`))
      rows.on('end', () => free(false)).on('error', () => free(true))
      await Promise.race([once(rows, 'readable'), once(rows, 'end')])
      return {
        rows,
        close() {
          // Gives up the connection, and ends the statement, which may be sorting and not notice for long.
          if (!free(true)) return
          rows.destroy()
          void pool.query('select pg_cancel_backend($1)', [found[0]?.pid]).catch(() => {})
        },
      }
    } catch (error) {
      free(true)
      throw error
    }
  }

  async function moment(): Promise<Moment | undefined> {
    const taken = await take()
    if (!taken) return undefined
    const { client, free } = taken
    try {
      await client.query('begin transaction isolation level repeatable read, read only')
    } catch (error) {
      free(true)
      throw error
    }
    const ended = (broken: boolean) => () => void free(broken)
    let open = true
    return {
      orm: drizzle(client),
      client,
      close() {
        // Once: the connection is another's as soon as it is given back.
        if (open) client.query('rollback').then(ended(false), ended(true))
        open = false
      },
    }
  }

  return {
    moment,
    documents: (category, filter) => copy(documentsQuery(category, filter), ndjson),
    lines: (query) => copy(query, ndjson),
    sheet: (category, filter, form) => copy(sheetQuery(category, filter, form), '(format csv)'),
    close: () => pool.end(),
  }
}

/** How many records an export has. It keeps nobody waiting for a client, so it needs no turn of an export. */
export async function countRecords(on: Pick<pg.Pool, 'query'>, category: CategoryName, filter: ExportFilter): Promise<number> {
  const { rows } = await on.query<{ count: string }>(countQuery(category, filter))
  return Number(rows[0]?.count)
}
