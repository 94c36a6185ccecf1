/**
 * A row that was checked, and its line in COPY's text format: a cell for each column, an empty one for null. Lines are written as bytes at
 * once: as strings they would be the larger part of what an import leaves to the garbage collector.
 */
import { hash } from 'node:crypto'
import type { Finding } from '../catalogue/findings.ts'
import { type CategoryName, categories, leaves } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { isPlan, type Value } from '../catalogue/record.ts'
import { findingsMember } from './records.ts'

/**
 * `expected` is the revision that the record must have, negative where it must be that of a deletion; `basis` the one that the content was merged
 * with, 0 where there was none; `text` is the canonical content as JSON and `values` are its values.
 */
export type StagedRow = {
  row: number
  category: CategoryName
  period: Period
  township: string
  expected?: number | undefined
  basis?: number | undefined
} & ({ action: 'write'; text: string; values: readonly Value[]; findings: readonly Finding[] } | { action: 'erase' })

const columns = new Map(categories.map(({ name }) => [name, leaves(name).length]))
const [tab, newline] = [0x09, 0x0a]
/** The parts of a line that have one length for all rows, and what a value and what is said of it take at most: 15 digits, a column, a word. */
const [fixed, perValue] = [400, 200]

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

const write = (bytes: Buffer, from: number, text: string) => from + bytes.write(text, from)

/** Writes a short text of ASCII, for which a call costs more than its characters; answers where it ends. */
function put(bytes: Buffer, from: number, text: string): number {
  for (let at = 0; at < text.length; at++) bytes[from + at] = text.charCodeAt(at)
  return from + text.length
}

function putTabs(bytes: Buffer, from: number, count: number): number {
  for (let at = from; at < from + count; at++) bytes[at] = tab
  return from + count
}

/** How many bytes the line of a row takes at most. */
export function bytesAtMost(row: StagedRow): number {
  const width = columns.get(row.category) ?? 0
  if (row.action === 'erase') return fixed + width
  const findings = row.findings.length > 0 ? 6 * JSON.stringify(row.findings).length : 0
  return fixed + width + 3 * row.text.length + perValue * row.values.length + findings
}

/** Writes the line of a row, with its line break; answers where it ends. Values stand at their columns, the gaps between them are tabs. */
export function writeLine(bytes: Buffer, from: number, row: StagedRow): number {
  const width = columns.get(row.category) ?? 0
  const erases = row.action === 'erase' ? 't' : 'f'
  let at = write(
    bytes,
    from,
    `${row.row}\t${erases}\t${row.expected ?? ''}\t${row.basis ?? ''}\t${row.period.id}\t${row.township}\t`,
  )
  let last = -1
  if (row.action === 'erase') at = putTabs(bytes, at, 4)
  else {
    const findings = row.findings.length > 0 ? escaped(JSON.stringify(row.findings)) : ''
    const { qualifiers, plans } = saidOf(row.values)
    const content = escaped(row.text.slice(1, -1))
    at = write(
      bytes,
      at,
      `${content}${findingsMember(findings)}\t\\\\x${hash('sha256', row.text)}\t${findings}\t${qualifiers}\t${plans}`,
    )
    for (const { leaf, value } of row.values) {
      at = putTabs(bytes, at, leaf.place - last)
      at = put(bytes, at, `${value}`)
      last = leaf.place
    }
  }
  at = putTabs(bytes, at, width - 1 - last)
  bytes[at] = newline
  return at + 1
}
