/**
 * One row of a file, checked by itself: the same schemas and rules as a PUT, a PATCH or a DELETE of it. What is sound is what it would write.
 */
import type { ErrorObject } from 'ajv'
import type { Finding } from '../catalogue/findings.ts'
import type { CategoryName } from '../catalogue/index.ts'
import { type Content, type Value, valuesOf } from '../catalogue/record.ts'
import { applySheet } from '../exchange/apply-sheet.ts'
import type { PlainText, SheetChange } from '../exchange/row.ts'
import type { StagedRow } from '../storage/import-line.ts'
import type { CurrentRecord } from '../storage/imports.ts'
import { findingsText } from '../storage/records.ts'
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

/** The content of a row that says all of it by itself. */
function plainOf(row: Sound, current: CurrentRecord | undefined): PlainText | undefined {
  if (row.kind !== 'replace' && row.kind !== 'sheet') return undefined
  const { plain, expected } = row
  return plain && (plain.whole || (!current && expected === undefined)) ? plain : undefined
}

/** What such a row was merged with: nothing, unless it says all whatever is stored. */
const basisOf = ({ whole }: PlainText) => (whole ? undefined : 0)

/** A row together with what is stored, as what it would write, or its mistakes. `current` is undefined where there is no record. */
export function staged(row: Sound, current: CurrentRecord | undefined, validators: Validators): StagedRow | ImportFault[] {
  const plain = plainOf(row, current)
  const findings = plain && possibleFindings(row.category, plain.values)
  if (!plain || !findings) return checkedRow(row, current, validators, plain)
  const { row: number, category, period, township, expected } = row
  const { text, values } = plain
  const at = { row: number, category, period, township, expected, basis: basisOf(plain) }
  return { ...at, action: 'write', text, findings: findingsText(findings), values }
}

function checkedRow(
  row: Sound,
  current: CurrentRecord | undefined,
  validators: Validators,
  plain: PlainText | undefined,
): StagedRow | ImportFault[] {
  const { row: number, category, township, period, expected } = row
  const at = { row: number, category, period, township, expected }
  if (row.kind === 'delete') return { ...at, action: 'erase' }
  const { write, patch } = validators[category]
  const sound = (content: Content, findings: readonly Finding[], values: readonly Value[], basis?: number): StagedRow => {
    return { ...at, basis, action: 'write', text: JSON.stringify(content), findings: findingsText(findings), values }
  }
  const checked = (body: unknown, errors: readonly ErrorObject[], basis?: number): StagedRow | ImportFault[] => {
    const { content, findings, faults } = checkRecord(category, body, errors, { township, period: period.code })
    if (faults.length > 0) return faults.map((fault) => rowFault(number, fault, row.kind === 'sheet'))
    return sound(content, findings, valuesOf(category, content), basis)
  }
  /** By the quick way, where the body is as nearly all are; a validator is asked otherwise. */
  const written = (given: unknown, bodyOf: () => unknown, basis?: number): StagedRow | ImportFault[] => {
    const found = checkPlain(category, given)
    if (found) return sound(found.content, found.findings, found.values, basis)
    const body = bodyOf()
    return checked(body, write(body), basis)
  }
  if (plain) {
    const body: unknown = row.kind === 'replace' ? row.body() : JSON.parse(plain.text)
    return checked(body, write(body), basisOf(plain))
  }
  if (row.kind === 'replace') {
    const body = row.body()
    return written(body, () => withoutRowWords(body))
  }
  const revision = current?.revision ?? 0
  if (expected !== undefined && !current) return [{ row: number, code: 'record-absent', params: { expected } }]
  if (expected !== undefined && expected !== revision)
    return [{ row: number, code: 'revision-mismatch', params: { expected, current: revision } }]
  if (row.kind === 'sheet') {
    const { content } = applySheet(category, current && JSON.parse(current.document), row.sheet())
    return written(content, () => content, revision)
  }
  const body = withoutRowWords(row.body)
  const errors = patch(body)
  if (errors.length > 0 || !isObject(body)) return checked(body, errors)
  if (!current) return [{ row: number, code: 'record-absent' }]
  return checked(mergedRecord(category, JSON.parse(current.document), body), [], revision)
}

/** Whether what is stored must be known before the row can be checked. */
export const merges = (row: Row): row is Extract<Row, { kind: 'patch' | 'sheet' }> =>
  row.kind === 'patch' || (row.kind === 'sheet' && !row.plain?.whole)

/** Whether a row of a sheet says nothing of a record that is not there: a township that was left blank has not reported, and 0 figures are no report, unless it was a record once. */
export const saysNothing = (row: Sound, current: CurrentRecord | undefined) =>
  row.kind === 'sheet' &&
  current === undefined &&
  row.expected === undefined &&
  !row.recorded &&
  !row.plain &&
  isEmpty(row.sheet())

const isEmpty = ({ cells, remarks, others, source }: SheetChange) =>
  cells.length === 0 && [remarks, others, source].every((part) => part === undefined || Object.keys(part).length === 0)
