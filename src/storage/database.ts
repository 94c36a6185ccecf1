/**
 * One PostgreSQL, five ways in: pipelined clients for short reads, a writer for single records with a pool for those that must wait, a pool for
 * other statements, drizzle over it for cold queries, exports.
 */
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { ambientClient, ambientPool } from './ambient.ts'
import { type Exporter, openExporter } from './exports.ts'
import { openPool } from './pool.ts'
import { openReader, type Reader } from './reader.ts'
import { openWriter, type Writer } from './writer.ts'

export type Database = {
  /** Statements of a request; inside of a transaction that spans it, those of that transaction. */
  pool: pg.Pool
  /** Connections of their own, whatever the request is inside of. */
  connections: pg.Pool
  reader: Reader
  writer: Writer
  exports: Exporter
  orm: NodePgDatabase
  close: () => Promise<void>
}
/** A pool or one of its clients inside a transaction. */
export type Queryable = Pick<pg.PoolClient, 'query'>

/** Opens the database of that URL without connecting yet. `log` hears of idle connections that broke. */
export function openDatabase(url: string, options: { pool: number; exports?: number; log?: (error: Error) => void }): Database {
  const config = { connectionString: url, max: options.pool, connectionTimeoutMillis: 5000 }
  const connections = openPool({ ...config, statement_timeout: 60_000, application_name: 'register' }, options.log)
  const pool = ambientPool(connections)
  const reader = openReader(url)
  // Who waits for a record that an import holds may wait for as long as that takes, and must not keep all others from a connection.
  const waiting = {
    ...config,
    max: Math.ceil(options.pool / 2),
    connectionTimeoutMillis: 20_000,
    application_name: 'register-alone',
  }
  const alone = openPool({ ...waiting, statement_timeout: 60_000 }, options.log)
  const writer = openWriter(url, alone)
  const exporter = openExporter(url, { connections: options.exports ?? 4, ...(options.log && { log: options.log }) })
  return {
    pool,
    connections,
    reader,
    writer,
    exports: exporter,
    orm: drizzle(pool),
    close: async () => {
      await Promise.all([reader.close(), writer.close(), alone.end(), exporter.close(), connections.end()])
    },
  }
}

/** A connection that is one's own until it is given back. */
export type Held = { client: pg.PoolClient; free: (failure?: Error) => void }

/**
 * Takes a connection for several statements, as a transaction needs it, until `free` is called; told of a failure, or where it broke meanwhile,
 * the pool drops it.
 */
export async function hold(pool: pg.Pool): Promise<Held> {
  const client = await pool.connect()
  let broken: Error | undefined
  const breaks = (error: Error) => {
    broken = error
  }
  client.on('error', breaks)
  return {
    client,
    free(failure = broken) {
      client.release(failure)
      client.off('error', breaks)
    },
  }
}

let savepoints = 0

/** A part of a transaction: all of it or nothing, and kept with the rest. */
async function part<T>(client: pg.PoolClient, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const name = `part_${++savepoints}`
  await client.query(`savepoint ${name}`)
  try {
    const result = await work(client)
    await client.query(`release savepoint ${name}`)
    return result
  } catch (error) {
    await client.query(`rollback to savepoint ${name}`)
    throw error
  }
}

/** Runs `work` in one transaction: all of it or nothing. Inside of one that spans the request it is a part of that. */
export async function transaction<T>({ pool }: Pick<Database, 'pool'>, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const ambient = ambientClient()
  if (ambient) return part(ambient, work)
  const { client, free } = await hold(pool)
  let failed: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      failed = failure
    })
    throw error
  } finally {
    free(failed)
  }
}
