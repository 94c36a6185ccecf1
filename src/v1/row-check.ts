/**
 * One row of a file, checked by itself: the same schemas and rules as a PUT, a PATCH or a DELETE of it. What is sound is what it would write.
 */
import type { ErrorObject } from 'ajv'
import type { Finding } from '../catalogue/findings.ts'
import type { CategoryName } from '../catalogue/index.ts'
import { valuesOf } from '../catalogue/record.ts'
import { applySheet } from '../exchange/apply-sheet.ts'
import { type PlainSheet, plainSheet } from '../exchange/plain-sheet.ts'
import type { StagedRow } from '../storage/import-staging.ts'
import type { CurrentRecord } from '../storage/imports.ts'
import { type ImportFault, rowFault } from './import-faults.ts'
import type { Row } from './import-rows.ts'
import { checkPlain, checkRecord, possibleFindings } from './record-check.ts'
import { mergedRecord } from './record-merge.ts'

type Validate = (body: unknown) => readonly ErrorObject[]
export type Validators = Record<CategoryName, { write: Validate; patch: Validate }>
export type Sound = Exclude<Row, { kind: 'rejected' }>

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The body of a record without what belongs to the row. */
function withoutRowWords(row: unknown): unknown {
  if (!isObject(row)) return row
  const { category: _category, mode: _mode, delete: _delete, expectedRevision: _expected, ...body } = row
  return body
}

export type PlainRow = PlainSheet & { findings: Finding[] }

/** What a row says by the quick way, where it can be told so and needs nobody's explanation. */
export function plainOf(row: Row): PlainRow | undefined {
  const plain = row.kind === 'sheet' ? plainSheet(row.category, row.sheet) : undefined
  const findings = plain && row.kind === 'sheet' && possibleFindings(row.category, plain.values)
  return plain && findings ? { ...plain, findings } : undefined
}

/**
 * A row together with what is stored, as what it would write, or its mistakes. `current` is undefined where there is no record; `plain` is
 * what the row says by the quick way.
 */
export function staged(
  row: Sound,
  current: CurrentRecord | undefined,
  validators: Validators,
  plain = plainOf(row),
): StagedRow | ImportFault[] {
  const { category, township, period, expected } = row
  const at = { row: row.row, category, period, township, ...(expected !== undefined && { expected }) }
  if (row.kind === 'delete') return { ...at, action: 'erase' }
  const path = { township, period: period.code }
  const { write, patch } = validators[category]
  const sheet = row.kind === 'sheet'
  const checked = (body: unknown, errors: readonly ErrorObject[], basis?: number): StagedRow | ImportFault[] => {
    const { content, findings, faults } = checkRecord(category, body, errors, path)
    if (faults.length > 0) return faults.map((fault) => rowFault(row.row, fault, sheet))
    return {
      ...at,
      ...(basis !== undefined && { basis }),
      action: 'write',
      text: JSON.stringify(content),
      findings,
      values: valuesOf(category, content),
    }
  }
  /** By the quick way, where the body is as nearly all are; a validator is asked otherwise. */
  const written = (given: unknown, bodyOf: () => unknown, basis?: number): StagedRow | ImportFault[] => {
    const sound = checkPlain(category, given)
    if (!sound) {
      const body = bodyOf()
      return checked(body, write(body), basis)
    }
    const { content, findings, values } = sound
    return { ...at, ...(basis !== undefined && { basis }), action: 'write', text: JSON.stringify(content), findings, values }
  }
  if (row.kind === 'replace') return written(row.body, () => withoutRowWords(row.body))
  if (plain?.whole) return { ...at, action: 'write', ...plain }
  const revision = current?.revision ?? 0
  if (expected !== undefined && !current) return [{ row: row.row, code: 'record-absent' }]
  if (expected !== undefined && expected !== revision)
    return [{ row: row.row, code: 'revision-mismatch', params: { expected, current: revision } }]
  if (plain && !current) return { ...at, basis: revision, action: 'write', ...plain }
  if (row.kind === 'sheet') {
    const { content } = applySheet(category, current && JSON.parse(current.document), row.sheet)
    return written(content, () => content, revision)
  }
  const body = withoutRowWords(row.body)
  const errors = patch(body)
  if (errors.length > 0 || !isObject(body)) return checked(body, errors)
  if (!current) return [{ row: row.row, code: 'record-absent' }]
  return checked(mergedRecord(category, JSON.parse(current.document), body), [], revision)
}

/** Whether what is stored must be known before the row can be checked. */
export const merges = (row: Row, plain: PlainRow | undefined): row is Extract<Row, { kind: 'patch' | 'sheet' }> =>
  row.kind === 'patch' || (row.kind === 'sheet' && !plain?.whole)

/** Whether a row of a sheet says nothing of a record that is not there: a township that was left blank has not reported, and 0 figures are no report, unless it was a record once. */
export const saysNothing = (row: Sound, current: CurrentRecord | undefined) =>
  row.kind === 'sheet' &&
  current === undefined &&
  row.expected === undefined &&
  !row.recorded &&
  row.sheet.cells.length === 0 &&
  [row.sheet.remarks, row.sheet.others, row.sheet.source].every((part) => part === undefined || Object.keys(part).length === 0)
