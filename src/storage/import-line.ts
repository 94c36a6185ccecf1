/**
 * A row that was checked, and its line in COPY's text format: a cell for each column, an empty one for null. Lines are written as bytes at
 * once: as strings they would be the larger part of what an import leaves to the garbage collector.
 */
import { hash } from 'node:crypto'
import { type CategoryName, categories, leaves } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { isPlan, type Value } from '../catalogue/record.ts'
import { findingsMember } from './records.ts'

/**
 * `expected` is the revision that the record must have, negative where it must be that of a deletion; `basis` the one that the content was merged
 * with, 0 where there was none; `text` is the canonical content as JSON and `values` are its values; `findings` are JSON as well, empty for none.
 */
export type StagedRow = {
  row: number
  category: CategoryName
  period: Period
  township: string
  expected?: number | undefined
  basis?: number | undefined
} & ({ action: 'write'; text: string; values: readonly Value[]; findings: string } | { action: 'erase' })

const columns = new Map(categories.map(({ name }) => [name, leaves(name).length]))
const [tab, newline] = [0x09, 0x0a]
/** The parts of a line that have one length for all rows, and what a value and what is said of it take at most: 15 digits, a column, a word. */
const [fixed, perValue] = [400, 200]

/** JSON has neither tabs nor line breaks outside of escapes; COPY's own escape is all that must be doubled. */
const escaped = (json: string) => (json.includes('\\') ? json.replaceAll('\\', '\\\\') : json)

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

/** A cell, and the tab behind it. */
const putCell = (bytes: Buffer, from: number, text: string) => putTabs(bytes, put(bytes, from, text), 1)

/** What the values say beside themselves, as a JSON object by column, as `flatten` has it; nothing where they say nothing. */
function putSaid(bytes: Buffer, from: number, values: readonly Value[], plans: boolean): number {
  let at = from
  for (const { leaf, value, remark } of values) {
    const isOfPlan = isPlan(remark)
    if (isOfPlan !== plans || (!isOfPlan && !remark.qualifier)) continue
    at = put(bytes, at, at === from ? '{"' : ',"')
    at = put(bytes, put(bytes, at, leaf.column), '":')
    if (plans) at = put(bytes, at, `${value}`)
    else at = put(bytes, put(bytes, put(bytes, at, '"'), remark.qualifier ?? ''), '"')
  }
  return at === from ? at : put(bytes, at, '}')
}

/** How many bytes the line of a row takes at most. */
export function bytesAtMost(row: StagedRow): number {
  const width = columns.get(row.category) ?? 0
  if (row.action === 'erase') return fixed + width
  return fixed + width + 3 * row.text.length + perValue * row.values.length + 6 * row.findings.length
}

/** Writes the line of a row, with its line break; answers where it ends. Values stand at their columns, the gaps between them are tabs. */
export function writeLine(bytes: Buffer, from: number, row: StagedRow): number {
  const width = columns.get(row.category) ?? 0
  let at = putCell(bytes, from, `${row.row}`)
  at = putCell(bytes, at, row.action === 'erase' ? 't' : 'f')
  at = putCell(bytes, at, `${row.expected ?? ''}`)
  at = putCell(bytes, at, `${row.basis ?? ''}`)
  at = putCell(bytes, at, `${row.period.id}`)
  at = putCell(bytes, at, row.township)
  let last = -1
  if (row.action === 'erase') at = putTabs(bytes, at, 4)
  else {
    const findings = escaped(row.findings)
    // Its braces are not wanted: the first falls on the tab before it, which is written again, the last on what comes after.
    const end = write(bytes, at - 1, escaped(row.text)) - 1
    bytes[at - 1] = tab
    at = write(bytes, end, findingsMember(findings))
    at = put(bytes, at, '\t\\\\x')
    at = putCell(bytes, at, hash('sha256', row.text))
    at = putTabs(bytes, findings === '' ? at : write(bytes, at, findings), 1)
    at = putTabs(bytes, putSaid(bytes, at, row.values, false), 1)
    at = putSaid(bytes, at, row.values, true)
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
