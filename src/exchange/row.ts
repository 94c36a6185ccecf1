/**
 * A row of a file, whatever its format: what it asks for, or what is wrong with it. Rows are numbered as a person counts them: in a
 * spreadsheet by the line of the sheet with its header, so that the first row of figures is usually 2; in JSON and NDJSON from 1.
 */
import type { Reading, RefusalCode } from '../catalogue/cell.ts'
import type { CategoryName, Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Missing, Other, Qualifier, Remark, Source, Value } from '../catalogue/record.ts'

/** What can be wrong with a sheet as a whole, with its header, or with one of its rows. Their words stand where answers are made. */
export const sheetFaultCodes = [
  ...(['file-encoding', 'file-is-workbook', 'file-is-web-page', 'file-empty'] as const),
  ...([
    'header-missing',
    'header-unknown',
    'header-repeated',
    'header-ambiguous',
    'header-unit',
    'header-unit-above',
    'header-without-figure',
  ] as const),
  ...([
    'header-of-another-category',
    'sheet-of-another-category',
    'header-without-township',
    'header-without-category',
    'header-without-period',
  ] as const),
  ...([
    'row-syntax',
    'row-too-long',
    'row-ragged',
    'row-total',
    'row-footnote',
    'row-revision',
    'row-deleted',
    'row-delete-with-body',
    'row-json',
    'repeated-key',
    'too-many-digits',
    'too-deep',
    'row-remark',
  ] as const),
  ...(['row-period-missing', 'row-period-unreadable', 'row-period-date', 'row-period-mismatch'] as const),
  ...(['row-category-missing', 'row-category-unknown', 'row-category-mismatch'] as const),
  ...(['row-township-missing', 'row-township-unreadable', 'row-township-scientific', 'row-township-village'] as const),
  ...(['row-township-unknown', 'row-township-unnamed', 'row-township-ambiguous', 'row-township-mismatch'] as const),
  ...([
    'row-township-outside',
    'row-county-unnamed',
    'row-county-mismatch',
    'cell-without-header',
    'cell-of-another-category',
  ] as const),
  ...(['mark-unknown', 'mark-conflict'] as const),
] as const
export type SheetFaultCode = (typeof sheetFaultCodes)[number] | `cell-${RefusalCode}`

/**
 * Something wrong with a row. `column` is the header as it stands in the file, or the letter of a column that has none; `pointer` is where
 * in a row of JSON.
 */
export type RowFault<C extends string = SheetFaultCode> = {
  row: number
  column?: string
  pointer?: string
  code: C
  params?: Record<string, string | number>
}

/** So few rows at once that they are garbage before they are moved to where garbage is seldom collected. */
export const rowsAtOnce = 50

/**
 * One cell of a sheet that is not empty, and what was read from it; a row with a refused cell is rejected. `marked`: qualifiers of the figure have
 * a column of their own, which the row reaches: it says so if there is none.
 */
export type SheetCell = { leaf: Leaf; text: string; reading: Exclude<Reading, { state: 'refused' | 'empty' }>; marked: boolean }
/** Where the columns of the figures stand, by path, and the last of them. */
export type FigureColumns = { places: ReadonlyMap<string, number>; last: number }
/**
 * What a row of a sheet says of a record. A column that is absent says nothing; an empty cell says that there is nothing: no figure,
 * `{}`, `[]`: a column before `width` whose figure is not among `cells`. Of `remarks`, `others` and `source` only the outer form and the paths are checked: the rest is for the schema of the
 * record that comes of them.
 */
export type SheetChange = {
  cells: readonly SheetCell[]
  columns: FigureColumns
  /** How many cells the row has. */
  width: number
  remarks?: Record<string, Remark>
  others?: Other[]
  source?: Source
}

/** The largest revision that a record can have. */
export const largestRevision = 2_147_483_647

/** The code of a township, as figures are filed under it. */
export const townshipCode = /^[0-9]{9}$/

/** Which record a row is of. */
export type Place = { category: CategoryName; township: string; period: Period }
/**
 * The canonical content of a record as JSON, and its values in the order of the catalogue, where a row says them as rows usually do. `whole`: it
 * says this whatever is stored; else only where nothing is.
 */
export type PlainText = { text: string; values: readonly Value[]; whole: boolean }
type At = Place & { row: number; expected?: number | undefined }
/**
 * Whatever could not be read. `whole`: the fault is of the file (its header, its encoding) and the row is no row of figures: it is not
 * counted as one, and nothing of the file can be taken. The rows after it follow all the same, so that all are counted and checked;
 * one that can say nothing for itself has no faults of its own. `place`: where the record could be told, though the rest could not.
 */
export type Rejected<C extends string = SheetFaultCode> = {
  row: number
  kind: 'rejected'
  faults: RowFault<C>[]
  whole?: true
  place?: Place
}
/**
 * One row of a file, before it is compared with what is stored. `expected` is the revision that the stored record must have; `recorded`: the row
 * is of a record that there was, and which revision it had is not asked. Of a row with `plain` the rest is only made where it is asked for.
 */
export type FileRow<C extends string = SheetFaultCode> =
  | (At & { kind: 'replace'; body: () => unknown; plain?: PlainText })
  | (At & { kind: 'patch'; body: unknown })
  | (At & { kind: 'delete' })
  | (At & { kind: 'sheet'; sheet: () => SheetChange; recorded?: boolean; plain?: PlainText })
  | Rejected<C>

/** How a sheet finds its townships; given by who can ask the register. */
export type TownshipLookup = {
  byCode: (code: string) => boolean
  /** Whether the township bears or ever bore exactly that name, and is one of those that names of this import mean first. */
  bears: (code: string, name: string) => boolean
  /** Whether the name is nearly one that the township bears or bore, or differs from it in the kind of township alone. */
  resembles: (code: string, name: string) => boolean
  /** The codes of all townships that bear or ever bore that name, in any of these regions where some are given. */
  byName: (name: string, within?: readonly string[]) => readonly string[]
  /** Of several codes of a name: those that bore it on that day, else those in use then, else all. */
  onDay: (codes: readonly string[], name: string, day: string) => readonly string[]
  /** A few townships of these regions whose names are nearly that one, each as its name and code; none where the regions are wide. */
  like: (name: string, within?: readonly string[]) => readonly string[]
  /** The codes of all regions of that name, in full or in short, or of that code. */
  regions: (text: string) => readonly string[]
}

/** What a cell became, where it was more than a plain number; told by a dry run. */
export type Became = { path: string; cell: string; value?: number; qualifier?: Qualifier; missing?: Missing }
