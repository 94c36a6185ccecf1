/**
 * A transaction that everything a request does takes part in, without being handed its client: what is asked of the pool meanwhile goes to
 * that client, and `transaction` becomes a savepoint of it. For requests whose answer is kept with their effect (idempotency.ts).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'

/** What follows after the transaction has ended, such as a log of the answer, is outside of it although it was begun inside. */
export type Ambient = { client: pg.PoolClient; open: boolean; committed: (() => void)[] }

const storage = new AsyncLocalStorage<Ambient>()

/** The client of the transaction that the caller is in; undefined outside of one. */
export function ambientClient(): pg.PoolClient | undefined {
  const ambient = storage.getStore()
  return ambient?.open ? ambient.client : undefined
}

/** Calls `work` when what the caller did can be seen by others: after the commit of the transaction that it is in, or now. */
export function onceCommitted(work: () => void): void {
  const ambient = storage.getStore()
  if (ambient?.open) ambient.committed.push(work)
  else work()
}

/** Runs `work`, and all that it begins, inside the transaction. */
export const inside = <T>(ambient: Ambient, work: () => T): T => storage.run(ambient, work)

/** The pool, whose `query` goes to the ambient client where there is one. */
export function ambientPool(pool: pg.Pool): pg.Pool {
  return new Proxy(pool, {
    get(target, name) {
      const on = name === 'query' ? (ambientClient() ?? target) : target
      const value: unknown = Reflect.get(on, name)
      return typeof value === 'function' ? value.bind(on) : value
    },
  })
}
