/**
 * A large file that is sound, written while it is still read: wave by wave, in one transaction, so that Node and PostgreSQL work at the same
 * time (docs/decisions/0016). The rows must come in the order in which every writer takes records, and none may delete; the first that
 * does not ends it, and so does a record that is not as its row expects it, or anything that stands in the way. Then nothing is kept, and
 * the file is staged from its beginning: whatever is wrong with it is told there. A record that is as the file says already is not held:
 * others may change it before the import ends, as they may after it.
 */
import type { PoolClient } from 'pg'
import { type CategoryName, categoryOrder } from '../catalogue/index.ts'
import { type Database, type Held, hold } from './database.ts'
import { beginsAgain } from './import-apply.ts'
import type { StagedRow } from './import-line.ts'
import { type Applied, noOutcome, type Plan } from './import-outcome.ts'
import { type Contents, openPieces } from './import-pieces.ts'
import { copyInto, freeTemporary } from './import-staging.ts'
import { type Range, rangedStatements } from './import-statements.ts'
import { type By, begin, one, patient, write } from './import-write.ts'

export type Waves<F> = {
  /** As of staging. */
  add: (row: StagedRow) => Promise<void> | undefined
  /** Whether the file must go the long way. */
  ended: () => boolean
  /** Writes the rest and keeps it all; undefined where nothing was kept, as where there is nothing to `record`. */
  finish: (record: Plan<F>['record'] | undefined) => Promise<Applied<F> | undefined>
  close: () => Promise<void>
}

const chunk = 4_194_304
/** Of fewer rows a category and period on the average the waves would be too many, but for some. */
const worthwhile = 500
const some = 20
/**
 * What the planner expects of a table that has just been filled is wrong by thousands: a loop in a loop would never end. And records are walked along
 * their keys, not as they lie: in that order they are locked, as by all writers. Before PostgreSQL 18 what is off and must be all the same costs so
 * much on paper that each statement would be compiled.
 */
const planning =
  'set local enable_nestloop = off; set local enable_seqscan = off; set local enable_bitmapscan = off; set local jit = off'
const lockPeriod = `select from periods where id = $1 and state = 'open' for share`

const placeOf = ({ category }: StagedRow) => categoryOrder.get(category) ?? 0

/** Whether a row stands behind another in the order of all writers. */
function follows(row: StagedRow, last: StagedRow): boolean {
  if (row.category !== last.category) return placeOf(row) > placeOf(last)
  return row.period.id === last.period.id ? row.township > last.township : row.period.id > last.period.id
}

/** Starts; a transaction is open from the first wave on. `plan` is as of staged rows. */
export function openWaves<F>({ pool }: Pick<Database, 'pool'>, plan: Omit<Plan<F>, 'record'>): Waves<F> {
  const outcome = noOutcome<F>()
  const created = new Set<CategoryName>()
  const open = new Set<number>()
  let last: StagedRow | undefined
  let rows = 0
  /** How many categories and periods were over so far. */
  let turned = 0
  let ended = false
  let over = false
  let held: Held | undefined
  let by: By | undefined

  async function start(): Promise<Held> {
    const own = await hold(pool)
    held = own
    await own.client.query('begin')
    await patient(own.client)
    await own.client.query(planning)
    await plan.take?.(own.client)
    by = await begin(own.client, plan)
    return own
  }

  /** Keeps a period open until the end; false where it is closed. */
  async function takes(client: PoolClient, period: number): Promise<boolean> {
    if (open.has(period)) return true
    const { rows } = await client.query(lockPeriod, [period])
    if (rows.length > 0) open.add(period)
    return rows.length > 0
  }

  async function wave(name: CategoryName, lines: Buffer, { rows, doubtful, bound, first, last }: Contents): Promise<void> {
    if (ended) return
    const { client } = held ?? (await start())
    const statements = rangedStatements[name]
    await client.query(created.has(name) ? statements.empty : statements.create)
    created.add(name)
    await copyInto(client, name, lines)
    if (!by || !(await takes(client, first.period.id))) {
      ended = true
      return
    }
    const range: Range = [first.period.id, first.township, last.township]
    // What rows were merged with, or expect, must stay as it is; the others are locked as they are changed.
    const { locked = 0 } = bound > 0 ? await one(client, statements.lock, [...range]) : {}
    const { outdated = 0 } = bound > 0 ? await one(client, statements.outdated, [...range]) : {}
    const { existing = 0 } = bound > 0 ? { existing: locked } : await one(client, statements.existing, [...range])
    const known = { existing, mayBeNew: existing < rows, bound: bound > 0, range }
    if (outdated > 0) ended = true
    else await write(client, name, { writes: rows, doubtful }, known, by, outcome)
  }

  const pieces = openPieces(chunk, async (name, lines, contents) => {
    try {
      await wave(name, lines, contents)
    } catch (error) {
      ended = true
      if (!beginsAgain(error)) throw error
    }
  })

  return {
    ended: () => ended,
    add(row) {
      const before = last
      const turns = before && (row.category !== before.category || row.period.id !== before.period.id)
      if (turns) turned++
      const small = turned > some && rows < turned * worthwhile
      if (row.action === 'erase' || (before && !follows(row, before)) || small) ended = true
      if (ended) return undefined
      last = row
      rows++
      // A wave is of one category and period.
      return turns ? pieces.send(before.category).then(() => pieces.add(row)) : pieces.add(row)
    },
    async finish(record) {
      ended ||= record === undefined
      // Throws what went wrong and was nobody's fault.
      await pieces.flush()
      if (ended || !held || !by || !record) return undefined
      try {
        await record(outcome, held.client, by.id)
        await held.client.query('commit')
      } catch (error) {
        if (!beginsAgain(error)) throw error
        return undefined
      }
      over = true
      return { outcome, id: by.id }
    },
    async close() {
      await pieces.settle()
      if (!held) return
      if (!over) await held.client.query('rollback').catch(() => {})
      await freeTemporary(held)
    },
  }
}
