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
import { type Database, type Held, hold } from './database.ts'
import { openPieces } from './import-pieces.ts'
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

/** Bytes of a piece. */
const chunk = 1_048_576
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

/** Brings lines into the temporary table of a category. */
export async function copyInto(client: PoolClient, category: CategoryName, lines: Buffer): Promise<void> {
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
      return pieces.add(row.category, copyLine(row))
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
