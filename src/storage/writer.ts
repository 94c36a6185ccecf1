/**
 * Writes of single records that wait at the same time are written by one statement and one commit, which costs PostgreSQL a third and Node a
 * half of what each costs by itself (docs/decisions/0018). Nobody waits for company: whoever comes while a lane is free goes at once, and what
 * comes while all are busy goes with the next.
 * What is written together may not hold each other up. The lanes wait for a lock for a moment only; where one could not be had, or any of them
 * failed, nothing of them was written, and each is tried by itself. Who fails again is told to go elsewhere, to wait or to be refused.
 */
import type pg from 'pg'
import type { CategoryName } from '../catalogue/index.ts'
import type { Queryable } from './database.ts'
import { failureOf } from './failures.ts'
import { openPool } from './pool.ts'
import { placeOfPut, putStatement } from './put-statement.ts'

const lanes = 2
/** How many records one statement takes; each size is a statement of its own, prepared once a lane. */
const sizes = [16, 8, 4, 2, 1]
const [most = 1] = sizes
/** For how long a lane waits for a lock, in ms: longer than its like hold one, and short for those who wait behind it. */
const lockWait = 50

export type Writer = Queryable & {
  /**
   * Writes a record by the parameters of `putStatement`; gives its row, or undefined where nothing was written: because of its place or its
   * condition, or because it has to go alone. Throws what the connection failed with: then nobody knows whether it was written.
   */
  put: (category: CategoryName, parameters: unknown[]) => Promise<unknown[] | undefined>
  close: () => Promise<void>
}

type Put = {
  category: CategoryName
  parameters: unknown[]
  place: string
  done: (row: unknown[] | undefined) => void
  failed: (error: unknown) => void
}

/** The next that can go together: of one category, and one of each place. The others stay in their order. */
function taken(waiting: readonly Put[]): Put[] {
  const [first] = waiting
  const places = new Map<string, Put>()
  for (const put of waiting) {
    if (put.category === first?.category && !places.has(put.place)) places.set(put.place, put)
    if (places.size === most) break
  }
  return [...places.values()].slice(
    0,
    sizes.find((size) => size <= places.size),
  )
}

/** A writer on connections of its own; other statements go to `pool`. */
export function openWriter(url: string, pool: pg.Pool): Writer {
  const settings = { statement_timeout: 60_000, lock_timeout: lockWait, connectionTimeoutMillis: 5000 }
  const own = openPool({ connectionString: url, max: lanes, ...settings, application_name: 'register-writer' })
  let waiting: Put[] = []
  let busy = 0

  /** Writes them, or tells why not; `none` where no connection was to be had. */
  async function attempt(puts: readonly Put[]): Promise<{ error: unknown; none: boolean } | undefined> {
    const [{ category } = { category: 'disputes' as const }] = puts
    let client: pg.PoolClient | undefined
    let broken = false
    try {
      client = await own.connect()
      const values = puts.flatMap(({ parameters }) => parameters)
      const { rows } = await client.query<unknown[]>({ ...putStatement(category, puts.length), values, rowMode: 'array' })
      const written = new Map(rows.map((row) => [placeOfPut(row), row]))
      for (const { place, done } of puts) done(written.get(place))
      return undefined
    } catch (error) {
      broken = failureOf(error)?.kind === 'unavailable'
      return { error, none: client === undefined }
    } finally {
      client?.release(broken)
    }
  }

  async function write(puts: readonly Put[]): Promise<void> {
    const failure = await attempt(puts)
    if (!failure) return
    const { error, none } = failure
    if (failureOf(error)?.kind === 'unavailable') {
      // Where there is no connection to be had, those who wait would only wait for the same.
      for (const { failed } of none ? [...puts, ...waiting.splice(0)] : puts) failed(error)
    } else if (puts.length > 1) for (const put of puts) await write([put])
    else for (const { done } of puts) done(undefined)
  }

  async function lane(): Promise<void> {
    for (let puts = taken(waiting); puts.length > 0; puts = taken(waiting)) {
      const gone = new Set(puts)
      waiting = waiting.filter((put) => !gone.has(put))
      await write(puts)
    }
    busy--
  }

  return {
    query: pool.query.bind(pool),
    put: (category, parameters) =>
      new Promise((done, failed) => {
        waiting.push({ category, parameters, place: placeOfPut(parameters), done, failed })
        if (busy === lanes) return
        busy++
        // What was read from the network in the same turn goes together.
        setImmediate(() => void lane())
      }),
    close: () => own.end(),
  }
}
