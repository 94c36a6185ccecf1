/** The columns of a sheet: which cell of a row says what, and what is wrong with the header that says so. */
import { type CategoryName, categories, type Leaf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Charset } from './charset.ts'
import type { Scanned } from './csv.ts'
import { type Column, categoryOfHeaders, foldHeader, isKnownHeader, type KeyKind, readHeaders } from './headers.ts'
import type { FigureColumns, RowFault, SheetFaultCode, TownshipLookup } from './row.ts'
import { templateLeaves } from './template.ts'
import { plainText } from './township-cell.ts'

export type SheetOptions = {
  /** The category of all rows; without it, a column says it, or the headers belong to one alone. */
  category?: CategoryName | undefined
  /** The period of rows that do not say theirs. */
  period?: Period | undefined
  /** Where the townships lie: names are sought there, and codes outside are refused. */
  region?: string | undefined
  charset?: Charset | undefined
  townships: TownshipLookup
  /** Is told of the header of each key, once the header is found. */
  headed?: ((kind: KeyKind, header: string) => void) | undefined
}

/** The columns of a sheet as one category reads them. */
export type Reader = {
  figures: { index: number; header: string; leaf: Leaf; mark?: { index: number; header: string } }[]
  foreign: { index: number; header: string }[]
  columns: FigureColumns
}
export type Sheet = {
  width: number
  keys: ReadonlyMap<KeyKind, { index: number; header: string }>
  mustBeEmpty: { index: number; header: string }[]
  /** The columns that may tell what a row is, and nothing else of it. */
  beside: number[]
  readers: ReadonlyMap<CategoryName, Reader>
  category?: CategoryName
  /** The columns that say which row it is, where the sheet is a template. */
  template?: ReadonlySet<number>
  /** Without a township, a period or a category, no row can say anything. */
  mute: boolean
}

const beyondTemplates = ['remarks', 'others', 'source', 'revision', 'deleted'] as const

function readerOf(columns: readonly Column[], category: CategoryName): Reader {
  const reader: Pick<Reader, 'figures' | 'foreign'> = { figures: [], foreign: [] }
  for (const [index, column] of columns.entries()) {
    if (column.kind !== 'figure') continue
    const { header } = column
    const leaf = column.leaves.get(category)
    if (leaf) reader.figures.push({ index, header, leaf })
    else reader.foreign.push({ index, header })
  }
  for (const [index, column] of columns.entries()) {
    const leaf = column.kind === 'mark' ? column.leaves.get(category) : undefined
    const figure = reader.figures.find((one) => one.leaf === leaf)
    if (figure) figure.mark = { index, header: column.header }
    else if (column.kind === 'mark') reader.foreign.push({ index, header: column.header })
  }
  const places = new Map(reader.figures.map(({ leaf, index }) => [leaf.path, index]))
  return { ...reader, columns: { places, last: Math.max(-1, ...places.values()) } }
}

/** A template asks for every figure of its category and for nothing that only an export has; answers the columns that are not to fill in. */
function templateOf(columns: readonly Column[], keys: Sheet['keys'], category: CategoryName | undefined) {
  if (!category || beyondTemplates.some((kind) => keys.has(kind))) return undefined
  const asked = new Set(columns.flatMap((column) => (column.kind === 'figure' ? [column.leaves.get(category)?.path] : [])))
  if (templateLeaves(category).some(({ path }) => !asked.has(path))) return undefined
  return new Set(columns.flatMap(({ kind }, index) => (kind === 'figure' || kind === 'mark' || kind === 'empty' ? [] : [index])))
}

/** Where units are told outside a header: 单位：件、万元, 罚没收入统计表（万元）, 注：金额以万元计. */
const unitNotes = /单位[^\n]*|[(（][^()（）\n]*[)）]|以[^\s]{1,8}计/g
/** A unit a hundred times another, or more; what goes on behind it is no unit but a name, such as 万家镇. */
const largerUnits = /[百千万亿]+(元|人次|[^\s\d])(?=[\s,，、;；。/)）计]|$)/g

/**
 * The columns that a note above the header or below the table, such as 单位：万元, would make ten thousand times as much: those that count in what it
 * multiplies, and whose own header names no unit.
 */
export function unitFaults(row: number, notes: string, { readers }: Sheet): RowFault[] {
  const larger = [...notes.matchAll(unitNotes)].flatMap(([note]) => [...note.matchAll(largerUnits)])
  const noted = new Map(larger.map(([text, unit = '']) => [unit, text]))
  if (noted.size === 0) return []
  const columns = [...readers.values()].flatMap(({ figures }) => figures)
  return columns.flatMap(({ header, leaf }): RowFault[] => {
    const { unit } = leaf.figure
    const text = noted.get(unit)
    const namesUnit = ![leaf.path, leaf.labels.zh].map(foldHeader).includes(foldHeader(header))
    if (text === undefined || namesUnit) return []
    return [{ row, column: header, code: 'header-unit-above', params: { text, name: header, allowed: unit } }]
  })
}

/** The year of a title above the header, such as 2023年度统计表, where it is not that of the period which the rows are given. */
export function titleFaults(row: number, above: string, { keys }: Sheet, period: Period | undefined): RowFault[] {
  if (!period || keys.has('period')) return []
  const years = plainText(above).match(/20\d\d(?=年度)/g) ?? []
  const [first] = years
  if (first === undefined || years.some((year) => period.code.startsWith(year))) return []
  return [{ row, code: 'row-period-mismatch', params: { text: `${first}年度`, period: period.code } }]
}

/** What the header says of the rows below it, and what is wrong with it. */
export function sheetOf({ row, cells }: Scanned, options: SheetOptions): { sheet: Sheet; faults: RowFault[] } {
  const hasColumn = cells.some((cell) => isKnownHeader(cell) && readHeaders([cell], []).columns[0]?.kind === 'category')
  const category = options.category ?? (hasColumn ? undefined : categoryOfHeaders(cells))
  const within = category ? [category] : categories.map(({ name }) => name)
  const { columns, faults } = readHeaders(cells, within)
  const keys = new Map<KeyKind, { index: number; header: string }>()
  const mustBeEmpty: Sheet['mustBeEmpty'] = []
  const beside: number[] = []
  for (const [index, { kind, header }] of columns.entries()) {
    if (kind === 'empty') mustBeEmpty.push({ index, header })
    else if (kind === 'beside') beside.push(index)
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
    sheet: { width: cells.length, keys, mustBeEmpty, beside, readers, mute: lacking.length > 0, ...found },
    faults: [...faults.map((fault) => ({ row, ...fault })), ...lacking.map((code) => ({ row, code }))],
  }
}
