/**
 * What an import will write, one line a row in the form of COPY, one file a category, made before any transaction begins. `load` brings
 * the files into temporary tables of one connection; there they can be compared and written as sets.
 */
import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Finding } from '../catalogue/findings.ts'
import { type CategoryName, categories, leaves } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { type Content, flatten } from '../catalogue/record.ts'
import { importStatements } from './import-statements.ts'
import { encoded } from './records.ts'

/** A place to put bytes and read them again. */
export type StagingFile = { append: (piece: Buffer) => Promise<void>; read: () => AsyncIterable<Buffer>; close: () => Promise<void> }
/**
 * A row that was checked. `expected` is the revision that the record must have; `basis` the one that the content was merged with, 0 where
 * there was none.
 */
export type StagedRow = { row: number; category: CategoryName; period: Period; township: string; expected?: number; basis?: number } & (
  | { action: 'write'; content: Content; findings: readonly Finding[] }
  | { action: 'erase' }
)
/** How many rows of a category are staged, and what about them must be looked at. */
export type StagedCount = { rows: number; erases: number; expecting: number; merged: number }

export type Staging = {
  counts: ReadonlyMap<CategoryName, Readonly<StagedCount>>
  add: (row: StagedRow) => Promise<void> | undefined
  /** Brings all rows but the dropped ones into temporary tables of this connection. */
  load: (client: PoolClient, dropped: readonly number[]) => Promise<void>
  close: () => Promise<void>
}

const chunk = 262_144
type Layout = { places: ReadonlyMap<string, number>; gaps: readonly string[] }

const layouts = new Map<CategoryName, Layout>(
  categories.map(({ name }) => {
    const columns = leaves(name).map((leaf) => leaf.column)
    const gaps = Array.from({ length: columns.length + 1 }, (_, count) => '\t'.repeat(count))
    return [name, { places: new Map(columns.map((column, place) => [column, place])), gaps }]
  }),
)

/** JSON has neither tabs nor line breaks outside of escapes; COPY's own escape is all that must be doubled. */
const escaped = (json: string) => (json.includes('\\') ? json.replaceAll('\\', '\\\\') : json)

/** A row as a line of COPY's text format, an empty cell for null. Values stand at their columns, the gaps between them are tabs. */
export function copyLine(row: StagedRow): string {
  const { category, period, township } = row
  const { places, gaps } = layouts.get(category) ?? { places: new Map<string, number>(), gaps: [] }
  const head = `${row.row}\t${row.action === 'erase' ? 't' : 'f'}\t${row.expected ?? ''}\t${row.basis ?? ''}\t${period.id}\t${township}\t`
  if (row.action === 'erase') return `${head}\t\t\t\t${gaps[places.size]}\n`
  const { members, text } = encoded(row.content, row.findings)
  const { values, qualifiers, plans } = flatten(category, row.content)
  const findings = row.findings.length > 0 ? escaped(JSON.stringify(row.findings)) : ''
  const json = (value: object | null) => (value ? JSON.stringify(value) : '')
  let line = `${head}${escaped(members)}\t\\\\x${hash('sha256', text)}\t${findings}\t${json(qualifiers)}\t${json(plans)}`
  let last = -1
  for (const column in values) {
    const place = places.get(column) ?? last
    line += `${gaps[place - last]}${values[column]}`
    last = place
  }
  return `${line}${gaps[places.size - 1 - last]}\n`
}

async function copyInto(client: PoolClient, category: CategoryName, bytes: AsyncIterable<Buffer>): Promise<void> {
  await pipeline(Readable.from(bytes, { objectMode: false }), client.query(copyFrom(importStatements[category].copy)))
}

/** Puts rows in the place of those of the same numbers, in tables that are loaded. */
export async function restage(client: PoolClient, category: CategoryName, lines: readonly number[], rows: readonly StagedRow[]): Promise<void> {
  await client.query(importStatements[category].drop, [lines])
  if (rows.length > 0) await copyInto(client, category, Readable.from([Buffer.from(rows.map(copyLine).join(''))]))
}

/** Starts staging into files that `open` gives. */
export function openStaging(open: () => Promise<StagingFile>): Staging {
  type Part = { file: StagingFile | undefined; text: string; count: StagedCount }
  const parts = new Map<CategoryName, Part>()
  const counts = new Map<CategoryName, StagedCount>()

  async function flush(part: Part): Promise<void> {
    const bytes = Buffer.from(part.text)
    part.text = ''
    part.file ??= await open()
    await part.file.append(bytes)
  }

  return {
    counts,
    add(row) {
      let part = parts.get(row.category)
      if (!part) {
        part = { file: undefined, text: '', count: { rows: 0, erases: 0, expecting: 0, merged: 0 } }
        parts.set(row.category, part)
        counts.set(row.category, part.count)
      }
      part.text += copyLine(row)
      part.count.rows++
      if (row.action === 'erase') part.count.erases++
      if (row.expected !== undefined) part.count.expecting++
      if (row.basis !== undefined) part.count.merged++
      return part.text.length >= chunk ? flush(part) : undefined
    },
    async load(client, dropped) {
      for (const { name } of categories) {
        const part = parts.get(name)
        if (!part) continue
        if (part.text !== '') await flush(part)
        await client.query(importStatements[name].create)
        if (part.file) await copyInto(client, name, part.file.read())
        await client.query(importStatements[name].analyze)
        if (dropped.length > 0) await client.query(importStatements[name].drop, [dropped])
      }
    },
    async close() {
      for (const { file } of parts.values()) await file?.close()
    },
  }
}
