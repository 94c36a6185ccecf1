/**
 * One JSON value as a row: where it belongs and what it asks for. The whole of it is handed on as the body, which is checked where the
 * schemas are. `mode`, `delete`, `category` and `expectedRevision` belong to the row; `revision` is the one that the row was read with.
 */
import { isUtf8 } from 'node:buffer'
import { type CategoryName, categories, categoryNamed } from '../catalogue/index.ts'
import { type Period, parsePeriod } from '../catalogue/period.ts'
import { syntaxReason } from '../json/syntax.ts'
import { textFaults } from '../json/text-faults.ts'
import { elementFaultCodes, type JsonElement } from './elements.ts'
import { plainJson } from './plain-json.ts'
import { type FileRow, largestRevision, type Place, type Rejected, type RowFault, townshipCode } from './row.ts'

/** What can be wrong with a row of JSON before its figures are looked at. */
export const jsonFaultCodes = [
  ...elementFaultCodes,
  ...(['json-encoding', 'json-not-object', 'json-delete-with-body', 'repeated-key', 'too-many-digits', 'too-deep'] as const),
  ...(['required', 'wrong-type', 'not-allowed', 'bad-township', 'bad-period', 'out-of-range'] as const),
] as const
export type JsonFaultCode = (typeof jsonFaultCodes)[number]
export type JsonRow = FileRow<JsonFaultCode>
/** What a row that does not say it belongs to. */
export type RowDefaults = { category?: CategoryName; period?: string }

type Fault = Omit<RowFault<JsonFaultCode>, 'row'>
type Loose = Record<string, unknown>

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value)
/** What is no content of a record: its place, the words of the row, and what a read adds. */
const ofRow = new Set([
  ...['category', 'township', 'period', 'mode', 'delete', 'expectedRevision', 'revision'],
  ...['findings', 'createdAt', 'updatedAt', 'updatedBy'],
])

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
const wrongType = (pointer: string, expected: string, expectedZh: string, value: unknown): Fault => ({
  pointer,
  code: 'wrong-type',
  params: { expected, expectedZh, received: excerpt(value), hint: '', hintZh: '' },
})
const missing = (name: string): Fault => ({ pointer: `/${name}`, code: 'required', params: { name } })

function categoryOf(value: unknown, faults: Fault[], given: CategoryName | undefined): CategoryName | undefined {
  if (value === undefined) {
    if (given === undefined) faults.push(missing('category'))
    return given
  }
  const found = typeof value === 'string' ? categoryNamed(value) : undefined
  const allowed = categories.map(({ name }) => name).join(', ')
  if (found === undefined) faults.push({ pointer: '/category', code: 'not-allowed', params: { allowed } })
  return found
}

function townshipOf(value: unknown, faults: Fault[]): string | undefined {
  if (typeof value === 'string' && townshipCode.test(value)) return value
  if (value === undefined) faults.push(missing('township'))
  else if (typeof value !== 'string') faults.push(wrongType('/township', 'string', '文本', value))
  else {
    const statistical = /^\d{12}$/.test(value)
    const hint = statistical ? `; of a 12-digit statistical code use the first 9: ${value.slice(0, 9)}` : ''
    const hintZh = statistical ? `；12 位统计代码请取前 9 位：${value.slice(0, 9)}` : ''
    faults.push({ pointer: '/township', code: 'bad-township', params: { received: value.slice(0, 60), hint, hintZh } })
  }
  return undefined
}

function periodOf(value: unknown, faults: Fault[]): Period | undefined {
  const period = typeof value === 'string' ? parsePeriod(value) : undefined
  if (period) return period
  if (value === undefined) faults.push(missing('period'))
  else if (typeof value !== 'string') faults.push(wrongType('/period', 'string', '文本', value))
  else faults.push({ pointer: '/period', code: 'bad-period', params: { received: value.slice(0, 60) } })
  return undefined
}

function revisionOf(value: unknown, name: string, faults: Fault[]): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) faults.push(wrongType(`/${name}`, 'integer', '整数', value))
  else if (value < 1 || value > largestRevision)
    faults.push({
      pointer: `/${name}`,
      code: 'out-of-range',
      params: { limit: `1 to ${largestRevision}`, limitZh: `在 1 至 ${largestRevision} 之间` },
    })
  else return value
  return undefined
}

/** A parsed value as a row. */
export function jsonRow(row: number, value: unknown, defaults: RowDefaults): JsonRow {
  const rejected = (faults: Fault[]): Rejected<JsonFaultCode> => {
    return { row, kind: 'rejected', faults: faults.map((fault) => ({ row, ...fault })) }
  }
  if (!isObject(value)) return rejected([{ code: 'json-not-object', params: { received: excerpt(value) } }])
  const { category: given, mode, delete: erase, expectedRevision, revision } = value
  const faults: Fault[] = []
  const category = categoryOf(given, faults, defaults.category)
  const township = townshipOf(value.township, faults)
  const period = periodOf(value.period === undefined ? defaults.period : value.period, faults)
  const expected = revisionOf(expectedRevision, 'expectedRevision', faults) ?? revisionOf(revision, 'revision', faults)
  if (mode !== undefined && mode !== 'patch' && mode !== 'replace')
    faults.push({ pointer: '/mode', code: 'not-allowed', params: { allowed: 'replace, patch' } })
  if (erase !== undefined && typeof erase !== 'boolean') faults.push(wrongType('/delete', 'boolean', '布尔值', erase))
  if (erase === true) {
    const more = Object.keys(value).filter((key) => !ofRow.has(key))
    if (more.length > 0 || mode === 'patch')
      faults.push({
        pointer: '/delete',
        code: 'json-delete-with-body',
        params: { names: [...more, ...(mode ? ['mode'] : [])].join(', ').slice(0, 100) },
      })
  }
  if (!category || !township || !period) return rejected(faults)
  const place = { category, township, period }
  if (faults.length > 0) return { ...rejected(faults), place }
  const at = { row, ...place, ...(expected !== undefined && { expected }) }
  if (erase === true) return { ...at, kind: 'delete' }
  return mode === 'patch' ? { ...at, kind: 'patch', body: value } : { ...at, kind: 'replace', body: () => value }
}

/** The record that a row names, where none of the keys that name it is among those that are wrong. */
function placeOf(row: JsonRow, wrong: readonly { pointer: string }[]): Place | undefined {
  if (wrong.some(({ pointer }) => ['/category', '/township', '/period'].includes(pointer))) return undefined
  return row.kind === 'rejected' ? row.place : { category: row.category, township: row.township, period: row.period }
}

/** An element as a row, whatever is wrong with it. */
export function elementRow(element: JsonElement, defaults: RowDefaults): JsonRow {
  const { row } = element
  if ('fault' in element)
    return { row, kind: 'rejected', faults: [{ row, ...element.fault }], ...(element.whole && { whole: true }) }
  if (!isUtf8(element.bytes)) return { row, kind: 'rejected', faults: [{ row, code: 'json-encoding' }] }
  const text = element.bytes.toString()
  const plain = plainJson(row, text, defaults)
  if (plain) return plain
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { row, kind: 'rejected', faults: [{ row, code: 'json-syntax', params: syntaxReason(text, error) }] }
  }
  const wrong = textFaults(text, value)
  const faults = wrong.map((fault) => ({ row, ...fault }))
  if (wrong.some(({ code }) => code === 'too-deep')) return { row, kind: 'rejected', faults }
  const read = jsonRow(row, value, defaults)
  if (wrong.length === 0) return read
  const place = placeOf(read, wrong)
  return { row, kind: 'rejected', faults, ...(place && { place }) }
}
