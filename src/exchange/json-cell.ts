/**
 * `remarks`, `others` and `source` of a row: JSON in one cell. An empty cell is an empty object or list. Checked is what the record is
 * assembled by (objects, and paths of the category, so that no remark is lost); the rest is for the schema of the record.
 */
import { type CategoryName, findLeaf } from '../catalogue/index.ts'
import type { Other, Remark, Source } from '../catalogue/record.ts'
import { textFaults } from '../json/text-faults.ts'
import type { SheetFaultCode } from './row.ts'

type Parts = { remarks: Record<string, Remark>; others: Other[]; source: Source }
export type JsonColumn = keyof Parts
export type JsonFault = { code: SheetFaultCode; params: Record<string, string> }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** By their outer form alone. */
const isRemarks = (value: unknown): value is Parts['remarks'] => isObject(value) && Object.values(value).every(isObject)
const isOthers = (value: unknown): value is Parts['others'] => Array.isArray(value) && value.every(isObject)
const isSource = (value: unknown): value is Parts['source'] => isObject(value)
const forms = {
  remarks: '{"identified":{"quote":"…"}}',
  others: '[{"label":"…","value":9,"unit":"起"}]',
  source: '{"title":"…"}',
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Adds what the cell says to `parts`, or answers what is wrong with it. */
export function readJsonCell(kind: JsonColumn, cell: string, category: CategoryName, parts: Partial<Parts>): JsonFault[] {
  const text = cell.trim().replace(/^'/, '')
  const value = text === '' ? (kind === 'others' ? [] : {}) : parsed(text)
  const wrong = [{ code: 'row-json' as const, params: { form: forms[kind] } }]
  const said = value === undefined || text === '' ? [] : textFaults(text, value)
  if (said.length > 0) return said.map(({ code, params }) => ({ code, params }))
  if (kind === 'others') {
    if (!isOthers(value)) return wrong
    parts.others = value
  } else if (kind === 'source') {
    if (!isSource(value)) return wrong
    parts.source = value
  } else {
    if (!isRemarks(value)) return wrong
    const strangers = Object.keys(value).filter((path) => findLeaf(path)?.category.name !== category)
    if (strangers.length > 0) return strangers.map((path) => ({ code: 'row-remark', params: { path } }))
    parts.remarks = value
  }
  return []
}
