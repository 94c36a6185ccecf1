/**
 * A sheet of figures as clerks make it, read row by row: any of three delimiters, any of four encodings, a title above the header, blank
 * rows between. Nothing is guessed and nothing is passed over: what cannot be read for certain rejects its row, with every mistake
 * of the row; a header that is not understood rejects the file, after every row was looked at. Rows shorter than the header
 * are what Excel makes of empty last columns: the cells that are not there say nothing, while an empty cell says that there is no figure.
 * A row of a template in which nothing was filled in is as good as blank: it must not clear what a township has reported elsewhere.
 */
import { readCell } from '../catalogue/cell.ts'
import { type CategoryName, categories, type Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { type Charset, decode, EncodingError } from './charset.ts'
import { type Scanned, scanner } from './csv.ts'
import { holdsHead, layoutOf } from './delimiter.ts'
import {
  type Column,
  categoryOfHeaders,
  findCategoryCell,
  type HeaderFault,
  isKnownHeader,
  type KeyKind,
  letterOf,
  readHeaders,
} from './headers.ts'
import { readJsonCell } from './json-cell.ts'
import { withMark } from './mark-cell.ts'
import { readPeriod } from './period-cell.ts'
import { cellFault } from './refusal.ts'
import type { FileRow, Rejected, RowFault, SheetCell, SheetChange, SheetFaultCode, TownshipLookup } from './row.ts'
import { templateLeaves } from './template.ts'
import { plainText, readTownship, rowThatIsNone } from './township-cell.ts'

export type SheetOptions = {
  /** The category of all rows; without it, a column says it, or the headers belong to one alone. */
  category?: CategoryName | undefined
  /** The period of rows that do not say theirs. */
  period?: Period | undefined
  /** Where the townships lie: names are sought there, and codes outside are refused. */
  region?: string | undefined
  charset?: Charset | undefined
  townships: TownshipLookup
}

/** The columns of a sheet as one category reads them. */
type Reader = {
  figures: { index: number; header: string; leaf: Leaf; empty: SheetCell; mark?: { index: number; header: string } }[]
  foreign: { index: number; header: string }[]
}
type Sheet = {
  width: number
  keys: ReadonlyMap<KeyKind, { index: number; header: string }>
  mustBeEmpty: { index: number; header: string }[]
  readers: ReadonlyMap<CategoryName, Reader>
  category?: CategoryName
  /** The columns that say which row it is, where the sheet is a template. */
  template?: ReadonlySet<number>
  /** Without a township, a period or a category, no row can say anything. */
  mute: boolean
}

const beyondTemplates = ['remarks', 'others', 'source', 'revision'] as const
/** Whether nothing stands in the row, but for the given columns. */
const isBlank = (cells: readonly string[], but?: ReadonlySet<number>) =>
  cells.every((cell, index) => cell === '' || but?.has(index) || plainText(cell) === '')

function readerOf(columns: readonly Column[], category: CategoryName): Reader {
  const reader: Reader = { figures: [], foreign: [] }
  for (const [index, column] of columns.entries()) {
    if (column.kind !== 'figure') continue
    const { header } = column
    const leaf = column.leaves.get(category)
    if (leaf) reader.figures.push({ index, header, leaf, empty: { leaf, text: '', reading: { state: 'empty' } } })
    else reader.foreign.push({ index, header })
  }
  for (const [index, column] of columns.entries()) {
    const leaf = column.kind === 'mark' ? column.leaves.get(category) : undefined
    const figure = reader.figures.find((one) => one.leaf === leaf)
    if (figure) figure.mark = { index, header: column.header }
    else if (column.kind === 'mark') reader.foreign.push({ index, header: column.header })
  }
  return reader
}

/** A template asks for every figure of its category and for nothing that only an export has; answers the columns that are not to fill in. */
function templateOf(columns: readonly Column[], keys: Sheet['keys'], category: CategoryName | undefined) {
  if (!category || beyondTemplates.some((kind) => keys.has(kind))) return undefined
  const asked = new Set(columns.flatMap((column) => (column.kind === 'figure' ? [column.leaves.get(category)?.path] : [])))
  if (templateLeaves(category).some(({ path }) => !asked.has(path))) return undefined
  return new Set(columns.flatMap(({ kind }, index) => (kind === 'figure' || kind === 'mark' || kind === 'empty' ? [] : [index])))
}

/** What the header says of the rows below it, and what is wrong with it. */
function sheetOf({ row, cells }: Scanned, options: SheetOptions): { sheet: Sheet; faults: RowFault[] } {
  const hasColumn = cells.some((cell) => isKnownHeader(cell) && readHeaders([cell], []).columns[0]?.kind === 'category')
  const category = options.category ?? (hasColumn ? undefined : categoryOfHeaders(cells))
  const within = category ? [category] : categories.map(({ name }) => name)
  const { columns, faults } = readHeaders(cells, within)
  const keys = new Map<KeyKind, { index: number; header: string }>()
  const mustBeEmpty: Sheet['mustBeEmpty'] = []
  for (const [index, { kind, header }] of columns.entries()) {
    if (kind === 'empty') mustBeEmpty.push({ index, header })
    else if (kind !== 'figure' && kind !== 'mark' && kind !== 'unknown') keys.set(kind, { index, header })
  }
  const lacking: SheetFaultCode[] = []
  if (!keys.has('township') && !keys.has('name')) lacking.push('header-without-township')
  if (!keys.has('period') && !options.period) lacking.push('header-without-period')
  if (!category && !keys.has('category')) lacking.push('header-without-category')
  const readers = new Map(within.map((name) => [name, readerOf(columns, name)] as const))
  const template = templateOf(columns, keys, category)
  const found = { ...(category && { category }), ...(template && { template }) }
  return {
    sheet: { width: cells.length, keys, mustBeEmpty, readers, mute: lacking.length > 0, ...found },
    faults: [...faults.map((fault: HeaderFault) => ({ row, ...fault })), ...lacking.map((code) => ({ row, code }))],
  }
}

function readRow({ row, cells }: Scanned, sheet: Sheet, options: SheetOptions): FileRow {
  const faults: RowFault[] = []
  const told = (code: SheetFaultCode, params: Record<string, string | number>, column?: string) =>
    faults.push({ row, ...(column !== undefined && { column }), code, params })
  const at = (kind: KeyKind) => {
    const key = sheet.keys.get(kind)
    return key === undefined ? '' : (cells[key.index] ?? '')
  }
  const tell = (code: SheetFaultCode, kind: KeyKind, params: Record<string, string | number> = {}) =>
    told(code, { text: plainText(at(kind)).slice(0, 80), ...params }, sheet.keys.get(kind)?.header)

  const none = rowThatIsNone([cells[0] ?? '', at('township'), at('name'), at('county')])
  if (none) {
    const text = [at('township'), at('name'), at('county'), ...cells]
      .map((cell) => cell.trim())
      .find((cell) => rowThatIsNone([cell]))
    return { row, kind: 'rejected', faults: [{ row, code: none, params: { text: (text ?? '').slice(0, 80) } }] }
  }
  for (let index = sheet.width; index < cells.length; index++) {
    if (plainText(cells[index] ?? '') === '') continue
    told('row-ragged', { cells: cells.length, headers: sheet.width }, letterOf(index))
    break
  }
  const county = plainText(at('county'))
  const region = /^\d{6}$/.test(county) && county.startsWith(options.region ?? '') ? county : options.region
  const township = readTownship(at('township'), at('name'), options.townships, region)
  if ('fault' in township)
    tell(township.fault, sheet.keys.has('township') && at('township') !== '' ? 'township' : 'name', township.params)
  const period = periodOf(at('period'), options.period, tell)
  const category = categoryOf(at('category'), sheet, options.category, tell)
  const expected = revisionOf(at('revision'), tell)
  for (const { index, header } of sheet.mustBeEmpty) {
    const text = plainText(cells[index] ?? '')
    if (text !== '') told('cell-without-header', { text: text.slice(0, 80), name: header }, header)
  }
  const reader = category && sheet.readers.get(category)
  if (!reader) return { row, kind: 'rejected', faults }
  const change = readFigures(row, cells, reader, faults)
  for (const kind of ['remarks', 'others', 'source'] as const) {
    const key = sheet.keys.get(kind)
    if (key === undefined || key.index >= cells.length) continue
    for (const { code, params } of readJsonCell(kind, at(kind), category, change)) tell(code, kind, params)
  }
  if (faults.length > 0 || 'fault' in township || !period) return { row, kind: 'rejected', faults }
  return { row, kind: 'sheet', category, township: township.code, period, sheet: change, ...(expected && { expected }) }
}

type Tell = (code: SheetFaultCode, kind: KeyKind, params?: Record<string, string>) => void

function periodOf(cell: string, given: Period | undefined, tell: Tell): Period | undefined {
  if (cell === '' || plainText(cell) === '') {
    if (!given) tell('row-period-missing', 'period')
    return given
  }
  const reading = readPeriod(cell)
  if (!('id' in reading)) tell(reading.code, 'period', { hint: reading.hint })
  else if (!given || given.id === reading.id) return reading
  else tell('row-period-mismatch', 'period', { period: given.code })
  return undefined
}

function categoryOf(cell: string, sheet: Sheet, given: CategoryName | undefined, tell: Tell): CategoryName | undefined {
  if (cell === '' || plainText(cell) === '') {
    if (!sheet.category) tell('row-category-missing', 'category')
    return sheet.category
  }
  const found = findCategoryCell(cell)
  if (!found) tell('row-category-unknown', 'category', { allowed: categories.map(({ labels }) => labels.zh).join('、') })
  else if (!given || given === found) return found
  else tell('row-category-mismatch', 'category', { category: given })
  return undefined
}

function revisionOf(cell: string, tell: Tell): number | undefined {
  const text = cell === '' ? '' : plainText(cell)
  if (text === '') return undefined
  const revision = /^\d{1,10}(?:\.0+)?$/.test(text) ? Number(text) : 0
  if (revision >= 1) return revision
  tell('row-revision', 'revision')
  return undefined
}

/** The hot loop: most cells of most sheets are empty. */
function readFigures(row: number, cells: readonly string[], { figures, foreign }: Reader, faults: RowFault[]) {
  const found: SheetCell[] = []
  const change: SheetChange = { cells: found }
  for (const { index, header, leaf, empty, mark } of figures) {
    const text = cells[index]
    if (text === undefined) continue
    const marked = mark === undefined ? '' : plainText(cells[mark.index] ?? '')
    if (text === '' && marked === '') {
      found.push(empty)
      continue
    }
    const reading = readCell(text, leaf.figure)
    if (reading.state === 'refused') faults.push({ row, column: header, ...cellFault(reading, leaf.figure) })
    else if (marked === '') found.push({ leaf, text, reading })
    else {
      const cell = withMark(text, reading, marked)
      if (typeof cell === 'object') found.push({ leaf, ...cell })
      else faults.push({ row, column: mark?.header ?? header, code: cell, params: { text: marked.slice(0, 80), name: header } })
    }
  }
  for (const { index, header } of foreign) {
    const text = cells[index] ?? ''
    if (text !== '' && plainText(text) !== '') {
      faults.push({ row, column: header, code: 'cell-of-another-category', params: { text: text.slice(0, 80), name: header } })
    }
  }
  return change
}

/** The rows of a sheet that arrives as bytes. Never throws for what is in the file. */
export async function* readSheet(bytes: AsyncIterable<Buffer>, options: SheetOptions): AsyncGenerator<FileRow> {
  let last = 0
  const whole = (row: number, code: SheetFaultCode, params: Record<string, string> = {}): Rejected => {
    return { row, kind: 'rejected', whole: true, faults: [{ row, code, params }] }
  }
  try {
    for await (const rows of batches(bytes, options, whole)) {
      for (const row of rows) {
        last = row.row
        yield row
      }
    }
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error
    yield whole(last + 1, error.code, { charset: error.charset.toUpperCase() })
  }
}

async function* batches(
  bytes: AsyncIterable<Buffer>,
  options: SheetOptions,
  whole: (row: number, code: SheetFaultCode) => Rejected,
) {
  let head: string | undefined = ''
  let next: ((text: string, ended: boolean) => FileRow[]) | undefined
  for await (const text of decode(bytes, options.charset)) {
    if (head === undefined) {
      yield next?.(text, false) ?? []
      continue
    }
    head += text
    if (!holdsHead(head)) continue
    next = begin(head, false, options)
    yield next?.(head, false) ?? []
    head = undefined
  }
  if (head !== undefined) next = begin(head, true, options)
  if (next) yield next(head ?? '', true)
  else yield [whole(1, 'file-empty')]
}

/** Finds the header; what it answers turns text into rows. undefined where there is no row at all. */
function begin(head: string, ended: boolean, options: SheetOptions) {
  const layout = layoutOf(head, ended, isKnownHeader)
  if (!layout) return undefined
  const { sheet, faults } = sheetOf(layout.header, options)
  const lost = layout.known === 0
  const scan = scanner(layout.delimiter, layout.newline)
  const first = layout.header.row
  return (text: string, last: boolean): FileRow[] =>
    scan(text, last).flatMap((scanned): FileRow[] => {
      const { row, cells, fault } = scanned
      if (row < first) return []
      if (row === first) {
        const told: RowFault[] = lost
          ? [{ row, code: 'header-missing', params: { text: cells.join(' ').trim().slice(0, 80) } }]
          : faults
        return told.length > 0 ? [{ row, kind: 'rejected', whole: true, faults: told }] : []
      }
      if (fault) return [{ row, kind: 'rejected', faults: [{ row, code: fault }] }]
      if (isBlank(cells, sheet.template)) return []
      return [lost || sheet.mute ? { row, kind: 'rejected', faults: [] } : readRow(scanned, sheet, options)]
    })
}
