/**
 * What an import will write, gathered in temporary tables of one connection, where it can be compared and written as sets. Rows are
 * brought there by COPY, some thousands at a time while the file is still read: each COPY is a short transaction of its own,
 * so that a large file holds nothing up.
 */
import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Finding } from '../catalogue/findings.ts'
import { type CategoryName, categories, leaves } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { isPlan, type Value } from '../catalogue/record.ts'
import type { Database } from './database.ts'
import { importStatements } from './import-statements.ts'
import { membersOf } from './records.ts'

/**
 * A row that was checked. `expected` is the revision that the record must have, negative where it must be that of a deletion; `basis` the one that the content was merged with, 0 where
 * there was none; `text` is the canonical content as JSON and `values` are its values.
 */
export type StagedRow = {
  row: number
  category: CategoryName
  period: Period
  township: string
  expected?: number | undefined
  basis?: number | undefined
} & ({ action: 'write'; text: string; values: readonly Value[]; findings: readonly Finding[] } | { action: 'erase' })
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

/** Bytes of a piece, and how many a line of so many UTF-16 units can have at most. */
const chunk = 1_048_576
const bytesAtMost = (line: string) => 3 * line.length
const columns = new Map(categories.map(({ name }) => [name, leaves(name).length]))
const widest = Math.max(...columns.values())
const gaps = Array.from({ length: widest + 1 }, (_, count) => '\t'.repeat(count))

/** JSON has neither tabs nor line breaks outside of escapes; COPY's own escape is all that must be doubled. */
const escaped = (json: string) => (json.includes('\\') ? json.replaceAll('\\', '\\\\') : json)

/** What the values say beside themselves, as the inside of JSON objects by column; empty for nothing. As `flatten` has it. */
function saidOf(values: readonly Value[]): { qualifiers: string; plans: string } {
  let [qualifiers, plans] = ['', '']
  for (const { leaf, value, remark } of values) {
    if (isPlan(remark)) plans += `${plans === '' ? '' : ','}"${leaf.column}":${value}`
    else if (remark.qualifier) qualifiers += `${qualifiers === '' ? '' : ','}"${leaf.column}":"${remark.qualifier}"`
  }
  return { qualifiers: qualifiers && `{${qualifiers}}`, plans: plans && `{${plans}}` }
}

/** A row as a line of COPY's text format, an empty cell for null. Values stand at their columns, the gaps between them are tabs. */
export function copyLine(row: StagedRow): string {
  const { category, period, township } = row
  const width = columns.get(category) ?? 0
  const head = `${row.row}\t${row.action === 'erase' ? 't' : 'f'}\t${row.expected ?? ''}\t${row.basis ?? ''}\t${period.id}\t${township}\t`
  if (row.action === 'erase') return `${head}\t\t\t\t${gaps[width]}\n`
  const members = membersOf(row.text, row.findings)
  const { qualifiers, plans } = saidOf(row.values)
  const findings = row.findings.length > 0 ? escaped(JSON.stringify(row.findings)) : ''
  let line = `${head}${escaped(members)}\t\\\\x${hash('sha256', row.text)}\t${findings}\t${qualifiers}\t${plans}`
  let last = -1
  for (const { leaf, value } of row.values) {
    line += `${gaps[leaf.place - last]}${value}`
    last = leaf.place
  }
  return `${line}${gaps[width - 1 - last]}\n`
}

async function copyInto(client: PoolClient, category: CategoryName, lines: Buffer): Promise<void> {
  await pipeline(Readable.from([lines]), client.query(copyFrom(importStatements[category].copy)))
}

/** Puts rows in the place of those of the same numbers. */
export async function restage(
  client: PoolClient,
  category: CategoryName,
  lines: readonly number[],
  rows: readonly StagedRow[],
): Promise<void> {
  await client.query(importStatements[category].drop, [lines])
  if (rows.length > 0) await copyInto(client, category, Buffer.from(rows.map(copyLine).join('')))
}

/**
 * Lines on their way. They are bytes at once: strings that wait would be moved to where garbage is seldom collected. And the bytes are used
 * again: of new ones V8 believes that the heap grows, and looks for garbage in all of it.
 */
type Piece = { bytes: Buffer; used: number; created: boolean; count: StagedCount }

/** Starts staging. A connection is taken with the first rows that fill a piece, or at the end. */
export function openStaging({ pool }: Database): Staging {
  const pieces = new Map<CategoryName, Piece>()
  const spare: Buffer[] = []
  const counts = new Map<CategoryName, StagedCount>()
  let connection: PoolClient | undefined
  let broken: Error | undefined
  let underWay: Promise<void> = Promise.resolve()
  const breaks = (error: Error) => {
    broken = error
  }

  async function copy(name: CategoryName, lines: Buffer, create: boolean): Promise<void> {
    if (!connection) {
      connection = await pool.connect()
      connection.on('error', breaks)
    }
    if (create) await connection.query(importStatements[name].create)
    await copyInto(connection, name, lines)
  }

  /** Sends a piece once the one before has arrived; meanwhile the next rows can be read. */
  async function flush(name: CategoryName): Promise<void> {
    const piece = pieces.get(name)
    if (!piece || piece.used === 0) return
    const { bytes, used, created } = piece
    piece.used = 0
    piece.created = true
    await underWay
    piece.bytes = spare.pop() ?? Buffer.allocUnsafe(chunk)
    underWay = copy(name, bytes.subarray(0, used), !created).then(() => void spare.push(bytes))
    // Whoever waits for it next hears of its failure.
    underWay.catch(() => {})
  }

  async function flushThen(name: CategoryName, piece: Piece, line: string): Promise<void> {
    await flush(name)
    if (bytesAtMost(line) > chunk) piece.bytes = Buffer.allocUnsafe(bytesAtMost(line))
    piece.used = piece.bytes.write(line)
  }

  return {
    counts,
    add(row) {
      const piece = pieces.get(row.category) ?? { bytes: Buffer.allocUnsafe(chunk), used: 0, created: false, count: noRows() }
      if (piece.count.rows === 0) {
        pieces.set(row.category, piece)
        counts.set(row.category, piece.count)
      }
      const line = copyLine(row)
      piece.count.rows++
      if (row.action === 'erase') piece.count.erases++
      if (row.expected !== undefined) piece.count.expecting++
      if (row.basis !== undefined) piece.count.merged++
      if (piece.used + bytesAtMost(line) <= chunk) {
        piece.used += piece.bytes.write(line, piece.used)
        return undefined
      }
      return flushThen(row.category, piece, line)
    },
    async finish(dropped) {
      for (const name of pieces.keys()) await flush(name)
      await underWay
      if (!connection) throw new Error('nothing is staged')
      for (const name of pieces.keys()) {
        await connection.query(importStatements[name].analyze)
        if (dropped.length > 0) await connection.query(importStatements[name].drop, [dropped])
      }
      return connection
    },
    async close() {
      await underWay.catch(() => {})
      if (!connection) return
      // Temporary tables live as long as the connection, so they must go before another uses it.
      if (!broken) await connection.query('discard temp').catch(breaks)
      connection.off('error', breaks)
      connection.release(broken)
    },
  }
}
