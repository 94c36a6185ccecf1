/** One PostgreSQL, four ways in: pipelined clients for short reads, a pool for writes, drizzle over it for cold queries, exports. */
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { type Exporter, openExporter } from './exports.ts'
import { openReader, type Reader } from './reader.ts'

export type Database = {
  pool: pg.Pool
  reader: Reader
  exports: Exporter
  orm: NodePgDatabase
  close: () => Promise<void>
}
/** A pool or one of its clients inside a transaction. */
export type Queryable = Pick<pg.PoolClient, 'query'>

/** Opens the database of that URL without connecting yet. `log` hears of idle connections that broke. */
export function openDatabase(url: string, options: { pool: number; exports?: number; log?: (error: Error) => void }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.pool,
    connectionTimeoutMillis: 5000,
    statement_timeout: 60_000,
    application_name: 'register',
  })
  pool.on('error', (error) => options.log?.(error))
  const reader = openReader(url)
  const exporter = openExporter(url, { connections: options.exports ?? 4, ...(options.log && { log: options.log }) })
  return {
    pool,
    reader,
    exports: exporter,
    orm: drizzle(pool),
    close: async () => {
      await Promise.all([reader.close(), exporter.close(), pool.end()])
    },
  }
}

/** Runs `work` in one transaction: all of it or nothing. */
export async function transaction<T>({ pool }: Pick<Database, 'pool'>, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}
