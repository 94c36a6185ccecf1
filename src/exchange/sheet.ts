/**
 * A sheet of figures as clerks make it, read row by row: any of three delimiters, any of four encodings, a title above the header, blank
 * rows between. Nothing is guessed and nothing is passed over: what cannot be read for certain rejects its row, with every mistake
 * of the row; a header that is not understood rejects the file, after every row was looked at. Rows shorter than the header
 * are what Excel makes of empty last columns: the cells that are not there say nothing, while an empty cell says that there is no figure.
 * A row of a template in which nothing was filled in is as good as blank: it must not clear what a township has reported elsewhere.
 */
import { decode, EncodingError } from './charset.ts'
import { type QuickRow, type Scanner, scanner } from './csv.ts'
import { holdsHead, layoutOf } from './delimiter.ts'
import { isKnownHeader } from './headers.ts'
import { plainReader, plainRow } from './plain-sheet.ts'
import { type FileRow, type Rejected, type RowFault, rowsAtOnce, type SheetFaultCode } from './row.ts'
import { type Sheet, type SheetOptions, sheetOf, titleFaults, unitFaults } from './sheet-columns.ts'
import { readRow } from './sheet-row.ts'
import { plainText } from './township-cell.ts'

export type { SheetOptions }

/** Whether nothing stands in the row, but for the given columns. */
const isBlank = (cells: readonly string[], but?: ReadonlySet<number>) =>
  cells.every((cell, index) => cell === '' || but?.has(index) || plainText(cell) === '')

/** The rows of a sheet that arrives as bytes, in small batches. Never throws for what is in the file. */
export async function* readSheet(bytes: AsyncIterable<Buffer>, options: SheetOptions): AsyncGenerator<FileRow[]> {
  let last = 0
  const whole = (row: number, code: SheetFaultCode, params: Record<string, string> = {}): Rejected => {
    return { row, kind: 'rejected', whole: true, faults: [{ row, code, params }] }
  }
  try {
    for await (const rows of pieces(bytes, options, whole)) {
      let found: FileRow[] = []
      for (const row of rows) {
        last = row.row
        if (found.push(row) < rowsAtOnce) continue
        yield found
        found = []
      }
      if (found.length > 0) yield found
    }
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error
    yield [whole(last + 1, error.code, { charset: error.charset.toUpperCase() })]
  }
}

/** The rows of one piece of text after the other. */
async function* pieces(
  bytes: AsyncIterable<Buffer>,
  options: SheetOptions,
  whole: (row: number, code: SheetFaultCode) => Rejected,
): AsyncGenerator<Iterable<FileRow>> {
  let head: string | undefined = ''
  let begun: Begun | undefined
  for await (const text of decode(bytes, options.charset)) {
    if (head === undefined) {
      if (begun) yield rowsOf(begun, text, false)
      continue
    }
    head += text
    if (!holdsHead(head)) continue
    begun = begin(head, false, options)
    if (begun) yield rowsOf(begun, head, false)
    head = undefined
  }
  if (head !== undefined) begun = begin(head, true, options)
  if (begun) yield rowsOf(begun, head ?? '', true)
  else yield [whole(1, 'file-empty')]
}

/** A sheet whose header was found: `first` is its row, `above` the words above it. `lost`: it names nothing that is known. */
type Begun = {
  scan: Scanner<FileRow>
  sheet: Sheet
  options: SheetOptions
  faults: RowFault[]
  first: number
  lost: boolean
  above: string
}

/** Finds the header; what it answers turns text into rows. undefined where there is no row at all. */
function begin(head: string, ended: boolean, options: SheetOptions): Begun | undefined {
  const layout = layoutOf(head, ended, isKnownHeader)
  if (!layout) return undefined
  const { sheet, faults } = sheetOf(layout.header, options)
  for (const [kind, { header }] of sheet.keys) options.headed?.(kind, header)
  const lost = layout.known === 0
  const first = layout.header.row
  const plain = plainReader(sheet, options, layout)
  const quick: QuickRow<FileRow> = (row, text, from, stop) => (row > first ? plainRow(plain, row, text, from, stop) : undefined)
  const scan = scanner(layout.delimiter, layout.newline, lost || sheet.mute ? undefined : quick)
  return { scan, sheet, options, faults, first, lost, above: '' }
}

function* rowsOf(begun: Begun, text: string, last: boolean): Generator<FileRow> {
  const { scan, sheet, options, faults, first, lost } = begun
  for (const scanned of scan(text, last)) {
    if ('kind' in scanned) {
      yield scanned
      continue
    }
    const { row, cells, fault } = scanned
    if (row < first) begun.above += `${cells.join(' ')}\n`
    else if (row === first) {
      faults.push(...unitFaults(row, begun.above, sheet), ...titleFaults(row, begun.above, sheet, options.period))
      const told: RowFault[] = lost
        ? [{ row, code: 'header-missing', params: { text: cells.join(' ').trim().slice(0, 80) } }]
        : faults
      if (told.length > 0) yield { row, kind: 'rejected', whole: true, faults: told }
    } else if (fault) yield { row, kind: 'rejected', faults: [{ row, code: fault }] }
    else if (isBlank(cells, sheet.template)) continue
    else if (lost || sheet.mute) yield { row, kind: 'rejected', faults: [] }
    else yield readRow(scanned, sheet, options)
  }
}
