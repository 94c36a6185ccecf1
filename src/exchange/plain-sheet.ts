/**
 * Rows of a sheet as nearly all are: codes, numbers as JavaScript writes them, qualifiers in columns of their own, of a file that names its
 * figures in the order of the catalogue. Such a row is read in one walk along its text, of which most is empty cells, and the canonical
 * content is made at once; cells, readings and validators take ten times as long. What this does not recognise is not wrong: it
 * goes the long way. A property holds that both ways say the same.
 */
import { type CategoryName, categoryNamed } from '../catalogue/index.ts'
import type { Remark } from '../catalogue/record.ts'
import { scanner } from './csv.ts'
import { readJsonCell } from './json-cell.ts'
import { readPeriod } from './period-cell.ts'
import { type Layout, layoutOf } from './plain-columns.ts'
import { addMark, addRemarks, addValue, emptyDraft, textOf } from './plain-draft.ts'
import { plainNumber } from './plain-number.ts'
import { type FileRow, largestRevision, type SheetChange } from './row.ts'
import type { Sheet, SheetOptions } from './sheet-columns.ts'
import { readRow } from './sheet-row.ts'
import { rowThatIsNone } from './township-cell.ts'

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

/** A row of that text by the quick way; undefined where it must be taken apart. */
export function plainRow(reader: PlainReader, row: number, text: string, from: number, stop: number): FileRow | undefined {
  const { sheet, options, separator } = reader
  const { delimiter } = reader.separators
  const { townships, region = '' } = options
  const draft = emptyDraft()
  let category = sheet.category
  let layout = layoutFor(reader, category)
  let { period } = options
  let code: string | undefined
  let name: string | undefined
  let expected: number | undefined
  let [at, column] = [from, 0]
  for (; ; at++, column++) {
    for (; at < stop && text.charCodeAt(at) === separator; at++) column++
    if (at >= stop) break
    const step = layout.steps[column]
    if (step?.kind === 'figure') at = addValue(draft, step, text, at)
    else if (step?.kind === 'remarks') {
      const usual = `"{${draft.inCell}}"`
      draft.sealed = true
      if (draft.inCell !== '' && text.startsWith(usual, at)) at += usual.length
      else {
        const found = quotedCell(text, at, stop)
        const parts: { remarks?: Record<string, Remark> } = {}
        if (!found || !category || readJsonCell('remarks', found.cell, category, parts).length > 0) return undefined
        if (!addRemarks(draft, parts.remarks ?? {})) return undefined
        at = found.end
      }
    } else {
      const next = text.indexOf(delimiter, at)
      const end = next < 0 || next > stop ? stop : next
      const cell = text.slice(at, end)
      // Some cells are read without minding quotes, which here may be the beginning of one that goes on.
      if (cell.includes(quote)) return undefined
      at = end
      if (step?.kind === 'mark') {
        if (!addMark(draft, step, cell)) return undefined
      } else if (step?.kind === 'township') code = cell
      else if (step?.kind === 'name') name = cell
      else if (step?.kind === 'period') {
        const reading = readPeriod(cell)
        if (!('id' in reading) || (period && period.id !== reading.id)) return undefined
        period = reading
      } else if (step?.kind === 'category') {
        const said = categoryNamed(cell)
        if (!said || (category ?? said) !== said) return undefined
        category = said
        layout = layoutFor(reader, said)
      } else if (step?.kind === 'revision') {
        const { value, end: read } = plainNumber(cell, 0)
        if (read !== cell.length || !(value >= 1 && value <= largestRevision) || cell.includes('.')) return undefined
        expected = value
      } else return undefined
    }
    if (at < 0 || at > stop) return undefined
    if (at === stop) break
    if (text.charCodeAt(at) !== separator) return undefined
  }
  if (column + 1 !== sheet.width || draft.values.length === 0 || !category || !period) return undefined
  if (code?.length !== 9 || !code.startsWith(region)) return undefined
  if (name === undefined ? !townships.byCode(code) : !townships.bears(code, name) || rowThatIsNone([name])) return undefined
  const line = text.slice(from, stop)
  const plain = { text: textOf(draft), values: draft.values, whole: layout.whole }
  return {
    row,
    kind: 'sheet',
    category,
    township: code,
    period,
    expected,
    sheet: () => changeOf(reader, row, line),
    recorded: false,
    plain,
  }
}
