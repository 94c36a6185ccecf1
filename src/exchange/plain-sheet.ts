/**
 * Rows of a sheet as nearly all are: codes, numbers as JavaScript writes them, qualifiers in columns of their own, of a file that names its
 * figures in the order of the catalogue. Such a row is read in one walk along its text, of which most is empty cells, and the canonical
 * content is made at once; cells, readings and validators take ten times as long. What this does not recognise is not wrong: it
 * goes the long way. A property holds that both ways say the same.
 */
import type { CategoryName } from '../catalogue/index.ts'
import type { Remark } from '../catalogue/record.ts'
import { scanner } from './csv.ts'
import { readJsonCell } from './json-cell.ts'
import { type Layout, layoutOf } from './plain-columns.ts'
import { addMark, addRemarks, addValue, type Draft, emptyDraft, textOf } from './plain-draft.ts'
import { addKey, isTownship, type Keys } from './plain-keys.ts'
import type { FileRow, SheetChange } from './row.ts'
import type { Sheet, SheetOptions } from './sheet-columns.ts'
import { readRow } from './sheet-row.ts'

type Separators = { delimiter: string; newline: '\n' | '\r' }
const quote = '"'

/** The text of a cell in quotes, and where it ends; undefined where it is none, or goes on in the next line. */
function quotedCell(text: string, at: number, stop: number): { cell: string; end: number } | undefined {
  if (text[at] !== quote) return undefined
  let close = text.indexOf(quote, at + 1)
  while (close >= 0 && close < stop && text[close + 1] === quote) close = text.indexOf(quote, close + 2)
  if (close < 0 || close >= stop) return undefined
  return { cell: text.slice(at + 1, close).replaceAll('""', quote), end: close + 1 }
}

/** What the quick way knows of a sheet. */
type PlainReader = {
  sheet: Sheet
  options: SheetOptions
  separators: Separators
  /** The code of the delimiter. */
  separator: number
  layouts: Map<CategoryName | undefined, Layout>
}

/** Begins the quick way to the rows below that header. */
export function plainReader(sheet: Sheet, options: SheetOptions, separators: Separators): PlainReader {
  return { sheet, options, separators, separator: separators.delimiter.charCodeAt(0), layouts: new Map() }
}

function layoutFor({ sheet, layouts }: PlainReader, category: CategoryName | undefined): Layout {
  const layout = layouts.get(category) ?? layoutOf(sheet, category)
  layouts.set(category, layout)
  return layout
}

/** What a row says, by the long way. */
function changeOf({ sheet, options, separators }: PlainReader, row: number, line: string): SheetChange {
  const [scanned] = scanner(separators.delimiter, separators.newline)(line, true)
  const read = scanned && 'cells' in scanned ? readRow({ ...scanned, row }, sheet, options) : undefined
  if (read?.kind !== 'sheet') throw new Error(`row ${row} is none the long way`)
  return read.sheet()
}

/** Reads remarks as a JSON cell; answers where it ends, -1 where the row must be taken apart. */
function readRemarks(draft: Draft, category: CategoryName | undefined, text: string, at: number, stop: number): number {
  const usual = `"{${draft.inCell}}"`
  draft.sealed = true
  if (draft.inCell !== '' && text.startsWith(usual, at)) return at + usual.length
  const found = quotedCell(text, at, stop)
  const parts: { remarks?: Record<string, Remark> } = {}
  if (!found || !category || readJsonCell('remarks', found.cell, category, parts).length > 0) return -1
  return addRemarks(draft, parts.remarks ?? {}) ? found.end : -1
}

/** Walks along the cells of a row; false where it must be taken apart. What V8 makes of this walk outlives the file: nothing in it is of one. */
function walk(reader: PlainReader, keys: Keys, draft: Draft, text: string, from: number, stop: number): boolean {
  const { separator, separators } = reader
  let layout = layoutFor(reader, keys.category)
  let [at, column] = [from, 0]
  for (; ; at++, column++) {
    for (; at < stop && text.charCodeAt(at) === separator; at++) column++
    if (at >= stop) break
    const step = layout.steps[column]
    if (step?.kind === 'figure') at = addValue(draft, step, text, at)
    else if (step?.kind === 'remarks') at = readRemarks(draft, keys.category, text, at, stop)
    else {
      const next = text.indexOf(separators.delimiter, at)
      const end = next < 0 || next > stop ? stop : next
      const cell = text.slice(at, end)
      // Some cells are read without minding quotes, which here may be the beginning of one that goes on.
      if (!step || cell.includes(quote)) return false
      if (!(step.kind === 'mark' ? addMark(draft, step, cell) : addKey(keys, step.kind, cell))) return false
      if (step.kind === 'category') layout = layoutFor(reader, keys.category)
      at = end
    }
    if (at < 0 || at > stop) return false
    if (at === stop) break
    if (text.charCodeAt(at) !== separator) return false
  }
  return column + 1 === reader.sheet.width && draft.values.length > 0
}

/** A row of that text by the quick way; undefined where it must be taken apart. */
export function plainRow(reader: PlainReader, row: number, text: string, from: number, stop: number): FileRow | undefined {
  const { sheet, options } = reader
  const keys: Keys = { category: sheet.category, period: options.period, code: undefined, name: undefined, expected: undefined }
  const draft = emptyDraft()
  if (!walk(reader, keys, draft, text, from, stop)) return undefined
  const { category, period, code, name, expected } = keys
  if (!category || !period || code === undefined || !isTownship(options, code, name)) return undefined
  const plain = { text: textOf(draft), values: draft.values, whole: layoutFor(reader, category).whole }
  const sheetOf = () => changeOf(reader, row, text.slice(from, stop))
  return { row, kind: 'sheet', category, township: code, period, expected, sheet: sheetOf, recorded: false, plain }
}
