/** One row of a sheet: every cell of it is looked at, and every mistake is told. */
import { type CategoryName, categories, findCategory } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Scanned } from './csv.ts'
import { readDeleted } from './deleted-cell.ts'
import { readFigures } from './figure-cells.ts'
import { findCategoryCell, type KeyKind, letterOf } from './headers.ts'
import { readJsonCell } from './json-cell.ts'
import { readPeriod } from './period-cell.ts'
import { type FileRow, largestRevision, type RowFault, type SheetChange, type SheetFaultCode } from './row.ts'
import { type Sheet, type SheetOptions, unitFaults } from './sheet-columns.ts'
import { plainText, readTownship, rowThatIsNone, ungrouped } from './township-cell.ts'

/** What a row says of which record, or all that is wrong with it. */
export function readRow({ row, cells }: Scanned, sheet: Sheet, options: SheetOptions): FileRow {
  const faults: RowFault[] = []
  const told = (code: SheetFaultCode, params: Record<string, string | number>, column?: string) =>
    faults.push({ row, ...(column !== undefined && { column }), code, params })
  const at = (kind: KeyKind) => {
    const key = sheet.keys.get(kind)
    return key === undefined ? '' : (cells[key.index] ?? '')
  }
  const tell = (code: SheetFaultCode, kind: KeyKind, params: Record<string, string | number> = {}) =>
    told(code, { text: plainText(at(kind)).slice(0, 80), ...params }, sheet.keys.get(kind)?.header)

  const beside = sheet.beside.map((index) => cells[index] ?? '')
  const none = rowThatIsNone([cells[0] ?? '', at('township'), at('name'), at('county'), ...beside])
  const bent = none === 'row-footnote' ? unitFaults(row, cells.join('\n'), sheet) : []
  if (bent.length > 0) return { row, kind: 'rejected', whole: true, faults: bent }
  if (none) {
    const keys = (['township', 'name', 'county'] as const).flatMap((kind) => sheet.keys.get(kind) ?? [])
    const places = [...keys, ...[0, ...sheet.beside].map((index) => ({ index, header: undefined }))]
    const found = places.find(({ index }) => rowThatIsNone([cells[index] ?? '']))
    told(none, { text: (cells[found?.index ?? 0] ?? '').trim().slice(0, 80) }, found?.header ?? letterOf(found?.index ?? 0))
    return { row, kind: 'rejected', faults }
  }
  for (let index = sheet.width; index < cells.length; index++) {
    if (plainText(cells[index] ?? '') === '') continue
    told('row-ragged', { cells: cells.length, headers: sheet.width }, letterOf(index))
    break
  }
  const period = periodOf(at('period'), options.period, tell)
  const names = { code: at('township'), name: at('name'), county: at('county') }
  const township = readTownship(names, options.townships, { region: options.region, day: period?.endsOn })
  if ('fault' in township) {
    const column = sheet.keys.has('township') && at('township') !== '' ? 'township' : 'name'
    tell(township.fault, township.fault.startsWith('row-county') ? 'county' : column, township.params)
  }
  const category = categoryOf(at('category'), sheet, options.category, tell)
  const expected = revisionOf(at('revision'), tell)
  const deletes = readDeleted(plainText(at('deleted')))
  if (deletes === undefined) tell('row-deleted', 'deleted')
  for (const { index, header } of sheet.mustBeEmpty) {
    const text = plainText(cells[index] ?? '')
    if (text !== '') told('cell-without-header', { text: text.slice(0, 80), name: header }, header)
  }
  const reader = category && sheet.readers.get(category)
  if (!reader) return { row, kind: 'rejected', faults }
  const { columns } = reader
  const change: SheetChange = { cells: readFigures(row, cells, reader, faults), columns, width: cells.length }
  for (const kind of ['remarks', 'others', 'source'] as const) {
    const key = sheet.keys.get(kind)
    if (key === undefined || key.index >= cells.length) continue
    for (const { code, params } of readJsonCell(kind, at(kind), category, change))
      tell(code, kind, { ...params, ...(code === 'row-json' && { name: key.header }) })
  }
  if (deletes) {
    const said = [...change.cells.map(({ leaf }) => leaf.path), ...partsOf(change)]
    if (said.length > 0) tell('row-delete-with-body', 'deleted', { names: said.join(', ').slice(0, 100) })
  }
  if ('fault' in township || !period) return { row, kind: 'rejected', faults }
  const place = { category, township: township.code, period }
  if (faults.length > 0) return { row, kind: 'rejected', faults, place }
  const said = { row, ...place, ...(expected && { expected }) }
  return deletes ? { ...said, kind: 'delete' } : { ...said, kind: 'sheet', sheet: () => change }
}

/** The parts beside the figures of which the row says something. */
function partsOf({ remarks = {}, others = [], source = {} }: SheetChange): string[] {
  const parts = { remarks, others, source }
  return Object.entries(parts).flatMap(([name, part]) => (Object.keys(part).length > 0 ? [name] : []))
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

const namesOfAll = {
  allowed: categories.map(({ path }) => path).join(', '),
  allowedZh: categories.map(({ labels }) => labels.zh).join('、'),
}

function categoryOf(cell: string, sheet: Sheet, given: CategoryName | undefined, tell: Tell): CategoryName | undefined {
  if (cell === '' || plainText(cell) === '') {
    if (!sheet.category) tell('row-category-missing', 'category')
    return sheet.category
  }
  const found = findCategoryCell(cell)
  if (!found) tell('row-category-unknown', 'category', namesOfAll)
  else if (!given || given === found) return found
  else tell('row-category-mismatch', 'category', { category: given, categoryZh: findCategory(given)?.labels.zh ?? given })
  return undefined
}

function revisionOf(cell: string, tell: Tell): number | undefined {
  const text = cell === '' ? '' : ungrouped(plainText(cell))
  if (text === '') return undefined
  const revision = /^\d{1,10}(?:\.0+)?$/.test(text) ? Number(text) : 0
  if (revision >= 1 && revision <= largestRevision) return revision
  tell('row-revision', 'revision')
  return undefined
}
