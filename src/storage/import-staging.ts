/**
 * What an import will write, gathered in temporary tables of one connection, where it can be compared and written as sets. Rows are
 * brought there by COPY, some thousands at a time while the file is still read: each COPY is a short transaction of its own,
 * so that a large file holds nothing up.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { CategoryName } from '../catalogue/index.ts'
import { slices } from '../slices.ts'
import { type Database, type Held, hold } from './database.ts'
import { bytesAtMost, type StagedRow, writeLine } from './import-line.ts'
import { openPieces } from './import-pieces.ts'
import { importStatements } from './import-statements.ts'

/** How many rows of a category are staged, and what about them must be looked at. */
export type StagedCount = { rows: number; erases: number; expecting: number; merged: number }

const noRows = (): StagedCount => ({ rows: 0, erases: 0, expecting: 0, merged: 0 })

export type Staging = {
  counts: ReadonlyMap<CategoryName, Readonly<StagedCount>>
  /** A promise where the rows before must first be on their way. */
  add: (row: StagedRow) => Promise<void> | undefined
  /** The connection whose temporary tables hold all rows but the dropped ones. */
  finish: (dropped: readonly number[]) => Promise<PoolClient>
  /** Gives the connection back without its temporary tables. */
  close: () => Promise<void>
}

/** Bytes of a piece. */
const chunk = 1_048_576
/** Bytes that are written at once, so that answers to others get through between them. */
const slice = 65_536

/** Brings lines into the temporary table of a category. */
export async function copyInto(client: PoolClient, category: CategoryName, lines: Buffer): Promise<void> {
  await pipeline(Readable.from(slices(lines, slice)), client.query(copyFrom(importStatements[category].copy)))
}

/** Puts rows in the place of those of the same numbers. */
export async function restage(
  client: PoolClient,
  category: CategoryName,
  lines: readonly number[],
  rows: readonly StagedRow[],
): Promise<void> {
  await client.query(importStatements[category].drop, [lines])
  if (rows.length === 0) return
  const bytes = Buffer.allocUnsafe(rows.reduce((total, row) => total + bytesAtMost(row), 0))
  const end = rows.reduce((at, row) => writeLine(bytes, at, row), 0)
  await copyInto(client, category, bytes.subarray(0, end))
}

/** Gives a connection back; temporary tables live as long as it does, so they must go before another uses it. */
export async function freeTemporary({ client, free }: Held): Promise<void> {
  await client.query('discard temp').then(() => free(), free)
}

/** Starts staging. A connection is taken with the first rows that fill a piece, or at the end. */
export function openStaging({ pool }: Database): Staging {
  const counts = new Map<CategoryName, StagedCount>()
  const created = new Set<CategoryName>()
  let held: Held | undefined

  const pieces = openPieces(chunk, async (name, lines) => {
    held ??= await hold(pool)
    if (!created.has(name)) await held.client.query(importStatements[name].create)
    created.add(name)
    await copyInto(held.client, name, lines)
  })

  return {
    counts,
    add(row) {
      let count = counts.get(row.category)
      if (!count) {
        count = noRows()
        counts.set(row.category, count)
      }
      count.rows++
      if (row.action === 'erase') count.erases++
      if (row.expected !== undefined) count.expecting++
      if (row.basis !== undefined) count.merged++
      return pieces.add(row)
    },
    async finish(dropped) {
      await pieces.flush()
      if (!held) throw new Error('nothing is staged')
      for (const name of created) {
        await held.client.query(importStatements[name].analyze)
        if (dropped.length > 0) await held.client.query(importStatements[name].drop, [dropped])
      }
      return held.client
    },
    async close() {
      await pieces.settle()
      if (held) await freeTemporary(held)
    },
  }
}
