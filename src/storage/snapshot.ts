/** A second connection that sees what a first one sees, so that one answer can be computed on two cores of PostgreSQL. */
import type pg from 'pg'
import { type Database, transaction } from './database.ts'

let underWay = false

/** Whether no more than half of the connections are taken, that of the caller among them. */
const isFree = ({ totalCount, idleCount, options }: pg.Pool) => 2 * (totalCount - idleCount) <= options.max

/**
 * Runs `first` on the client of a transaction that is `repeatable read` and only reads and, where connections are free, `second` beside it on
 * another one, of the same state of the data; otherwise after it on the same. One at a time in a process: who waits for a second connection while
 * holding a first then waits for nobody who does the same.
 */
export async function side<T>(
  { pool }: Pick<Database, 'pool'>,
  client: pg.PoolClient,
  first: (on: pg.PoolClient) => Promise<T>,
  second: (on: pg.PoolClient) => Promise<T>,
): Promise<[T, T]> {
  if (underWay || !isFree(pool)) return [await first(client), await second(client)]
  underWay = true
  try {
    const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id')
    const beside = transaction({ pool }, async (other) => {
      await other.query(`set transaction isolation level repeatable read, read only; set transaction snapshot '${rows[0]?.id}'`)
      return second(other)
    })
    const [one, two] = await Promise.allSettled([first(client), beside])
    if (one.status === 'rejected') throw one.reason
    // There may be no second connection after all.
    return [one.value, two.status === 'fulfilled' ? two.value : await second(client)]
  } finally {
    underWay = false
  }
}
