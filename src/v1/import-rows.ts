/** The rows of a spooled file, whatever its format, in batches; and some of them again, where they must be merged a second time. */
import type { CategoryName } from '../catalogue/index.ts'
import { parsePeriod } from '../catalogue/period.ts'
import type { Charset } from '../exchange/charset.ts'
import { arrayElements } from '../exchange/json-array.ts'
import { elementRow, type JsonFaultCode } from '../exchange/json-row.ts'
import { ndjsonElements } from '../exchange/ndjson.ts'
import { type FileRow, type RowFault, rowsAtOnce, type SheetFaultCode, type TownshipLookup } from '../exchange/row.ts'
import { readSheet, type SheetOptions } from '../exchange/sheet.ts'
import type { ImportFormat } from '../storage/imports.ts'

export type ReadCode = JsonFaultCode | SheetFaultCode
export type Row = FileRow<ReadCode>
export type ReadFault = RowFault<ReadCode>
export type FileOptions = {
  format: ImportFormat
  /** Whether rows are held to the revision that they carry. */
  revisions: 'check' | 'ignore'
  category?: CategoryName
  period?: string
  region?: string
  charset?: Charset
  townships: TownshipLookup
  headed?: SheetOptions['headed']
}

async function* jsonRows(bytes: AsyncIterable<Buffer>, options: FileOptions): AsyncGenerator<Row[]> {
  const elements = options.format === 'json' ? arrayElements(bytes) : ndjsonElements(bytes)
  for await (const found of elements) {
    for (let from = 0; from < found.length; from += rowsAtOnce)
      yield found.slice(from, from + rowsAtOnce).map((element) => elementRow(element, options))
  }
}

/** Rows are new and nobody else's: they are changed where they are. */
function dropRevision(row: Row): void {
  if (row.kind === 'rejected' || row.expected === undefined) return
  row.expected = undefined
  if (row.kind === 'sheet') row.recorded = true
}

async function* withoutRevisions(batches: AsyncIterable<Row[]>): AsyncGenerator<Row[]> {
  for await (const rows of batches) {
    for (const row of rows) dropRevision(row)
    yield rows
  }
}

/** All rows of a file, in small batches. */
export function rowsOf(bytes: AsyncIterable<Buffer>, options: FileOptions): AsyncGenerator<Row[]> {
  const rows = readRows(bytes, options)
  return options.revisions === 'ignore' ? withoutRevisions(rows) : rows
}

function readRows(bytes: AsyncIterable<Buffer>, options: FileOptions): AsyncGenerator<Row[]> {
  if (options.format !== 'csv') return jsonRows(bytes, options)
  const { period: code, category, region, charset, townships, headed } = options
  const period = code === undefined ? undefined : parsePeriod(code)
  return readSheet(bytes, {
    townships,
    ...(category && { category }),
    ...(period && { period }),
    ...(region !== undefined && { region }),
    ...(charset && { charset }),
    headed,
  })
}

/** Rows by their numbers: each call goes on where the one before ended, so that the file is read once. */
export function picker(rows: AsyncGenerator<Row[]>): (numbers: readonly number[]) => Promise<Row[]> {
  let open: Row[] = []
  return async (numbers) => {
    const wanted = new Set(numbers)
    const found: Row[] = []
    while (found.length < wanted.size) {
      if (open.length === 0) {
        const next = await rows.next()
        if (next.done) break
        open = next.value
      }
      const at = open.findIndex(({ row }) => wanted.has(row))
      const row = open[at]
      open = at < 0 ? [] : open.slice(at + 1)
      if (row) found.push(row)
    }
    return found
  }
}
