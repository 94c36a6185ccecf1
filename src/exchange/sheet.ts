/**
 * A sheet of figures as clerks make it, read row by row: any of three delimiters, any of four encodings, a title above the header, blank
 * rows between. Nothing is guessed and nothing is passed over: what cannot be read for certain rejects its row, with every mistake
 * of the row; a header that is not understood rejects the file, after every row was looked at. Rows shorter than the header
 * are what Excel makes of empty last columns: the cells that are not there say nothing, while an empty cell says that there is no figure.
 * A row of a template in which nothing was filled in is as good as blank: it must not clear what a township has reported elsewhere.
 */
import { decode, EncodingError } from './charset.ts'
import { scanner } from './csv.ts'
import { holdsHead, layoutOf } from './delimiter.ts'
import { isKnownHeader } from './headers.ts'
import type { FileRow, Rejected, RowFault, SheetFaultCode } from './row.ts'
import { type SheetOptions, sheetOf, titleFaults, unitFaults } from './sheet-columns.ts'
import { readRow } from './sheet-row.ts'
import { plainText } from './township-cell.ts'

export type { SheetOptions }

/** Whether nothing stands in the row, but for the given columns. */
const isBlank = (cells: readonly string[], but?: ReadonlySet<number>) =>
  cells.every((cell, index) => cell === '' || but?.has(index) || plainText(cell) === '')

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
  let above = ''
  return (text: string, last: boolean): FileRow[] =>
    scan(text, last).flatMap((scanned): FileRow[] => {
      const { row, cells, fault } = scanned
      if (row < first) {
        above += `${cells.join(' ')}\n`
        return []
      }
      if (row === first) {
        faults.push(...unitFaults(row, above, sheet), ...titleFaults(row, above, sheet, options.period))
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
