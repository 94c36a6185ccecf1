/**
 * Writes that others stand in the way of begin again, a few times: a deadlock (40P01), a serialization failure (40001) and a lock that was not
 * to be had are nobody's mistake, and the same write may succeed a moment later.
 */
import { ambientClient } from './ambient.ts'
import { type Database, type Queryable, transaction } from './database.ts'
import { failureOf } from './failures.ts'
import type { Writer } from './writer.ts'

const most = 5

/** Does work that is all or nothing by itself. What keeps failing is the caller's to tell. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let done = 1; ; done++) {
    try {
      return await work()
    } catch (error) {
      if (done === most || failureOf(error)?.kind !== 'contention') throw error
    }
  }
}

/** Work of a single statement: with others, or as a part of the transaction that spans the request, so that this can go on. */
export function single<T>(database: Database, work: (on: Queryable | Writer) => Promise<T>): Promise<T> {
  return persistently(() => (ambientClient() ? transaction(database, work) : work(database.writer)))
}
