/** Records: one category of one township in one period, and every version that it ever had. */
import { hash } from 'node:crypto'
import type { Finding } from '../catalogue/findings.ts'
import { type CategoryName, columnOf, rulesVersion } from '../catalogue/index.ts'
import { type Period, parsePeriod } from '../catalogue/period.ts'
import { type Content, flatten } from '../catalogue/record.ts'
import { type Author, originValues } from './author.ts'
import type { Database, Queryable } from './database.ts'
import { StorageFailure } from './failures.ts'
import { recordThen } from './past.ts'
import { putStatement } from './put-statement.ts'
import type { Reader } from './reader.ts'
import { listStatement, recordStatements } from './record-statements.ts'
import type { Writer } from './writer.ts'

/** Where a record lives. */
export type Place = { category: CategoryName; period: Period; township: string }
/** What must be true of the stored record for a write to happen. */
export type Condition = { if: 'any' } | { if: 'absent' } | { if: 'exists' } | { if: 'revision'; revisions: readonly number[] }
/** Who writes, and why. `correction`: a closed period is written into as well. */
export type Authorship = Author & { reason?: string; correction?: boolean }
/** A stored record: its document as JSON text, and what an ETag is made of. */
export type Stored = { document: string; revision: number; rulesVersion: number }
/** Why a write was not possible. */
export type Refusal = 'unknown-period' | 'unknown-township' | 'period-closed' | 'condition' | 'absent'
export type WriteResult = ({ outcome: 'created' | 'updated' | 'unchanged' } & Stored) | { outcome: 'refused'; refusal: Refusal }
export type EraseResult = { outcome: 'deleted'; revision: number } | { outcome: 'refused'; refusal: Refusal }

const attempts = 10

/** Findings as JSON, empty for none. */
export const findingsText = (findings: readonly Finding[]) => (findings.length > 0 ? JSON.stringify(findings) : '')
/** The findings as a document has them behind its content, of their text. */
export const findingsMember = (json: string) => `,"findings":${json || '[]'}`

/** Runs a prepared statement on a pool, a client or the reader; rows come as arrays. */
export async function run(
  on: Queryable | Reader,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<unknown[][]> {
  if ('read' in on) return on.read(statement, values)
  const { rows } = await on.query<unknown[]>({ ...statement, values, rowMode: 'array' })
  return rows
}

type Diagnosis = {
  state: string | null
  township: boolean
  revision: number | null
  rulesVersion: number
  hash: Buffer | null
  document: string | null
}

async function diagnose(on: Queryable, { category, period, township }: Place): Promise<Diagnosis> {
  const [row = []] = await run(on, recordStatements[category].diagnosis, [period.id, township])
  const [state, known, revision, rules, hash, document] = row
  return {
    state: typeof state === 'string' ? state : null,
    township: known === true,
    revision: typeof revision === 'number' ? revision : null,
    rulesVersion: Number(rules),
    hash: Buffer.isBuffer(hash) ? hash : null,
    document: typeof document === 'string' ? document : null,
  }
}

function placeRefusal({ state, township }: Diagnosis, correction = false): Refusal | undefined {
  if (state === null) return 'unknown-period'
  if (!township) return 'unknown-township'
  return state === 'closed' && !correction ? 'period-closed' : undefined
}

function holds(condition: Condition, { document, revision }: Diagnosis): boolean {
  if (condition.if === 'any') return true
  if (condition.if === 'absent') return document === null
  return document !== null && (condition.if === 'exists' || condition.revisions.includes(revision ?? 0))
}

/**
 * Writes a canonical content as the next revision. An identical content changes nothing (`unchanged`), but its condition is checked
 * first. Throws a StorageFailure `contention` where others keep changing the record.
 */
export async function writeRecord(
  on: Queryable | Writer,
  place: Place,
  content: Content,
  findings: readonly Finding[],
  condition: Condition,
  by: Authorship,
): Promise<WriteResult> {
  const { category, period, township } = place
  const text = JSON.stringify(content)
  const found = findingsText(findings)
  // What a document has of a canonical content.
  const members = `${text.slice(1, -1)}${findingsMember(found)}`
  const digest = hash('sha256', text, 'buffer')
  const { values, qualifiers, plans } = flatten(category, content)
  const json = (value: object | null) => value && JSON.stringify(value)
  const parameters = [
    period.id,
    township,
    rulesVersion,
    members,
    digest,
    json(qualifiers),
    json(plans),
    JSON.stringify(by.actor),
    period.code,
    found || null,
    condition.if,
    condition.if === 'revision' ? condition.revisions : null,
    by.reason ?? null,
    by.correction === true,
    ...originValues(by),
    ...values,
  ]
  for (let attempt = 0; attempt < attempts; attempt++) {
    // With others at first; where nothing came of it, alone, so that it waits for whoever holds the record.
    const together = attempt === 0 && 'put' in on
    const row = together ? await on.put(category, parameters) : (await run(on, putStatement(category, 1), parameters))[0]
    if (row) {
      const [, , revision, created, document] = row
      return { outcome: created ? 'created' : 'updated', revision: Number(revision), document: String(document), rulesVersion }
    }
    const found = await diagnose(on, place)
    const refusal = placeRefusal(found, by.correction)
    if (refusal) return { outcome: 'refused', refusal }
    if (!holds(condition, found)) return { outcome: 'refused', refusal: 'condition' }
    if (found.document !== null && found.hash?.equals(digest))
      return { outcome: 'unchanged', revision: found.revision ?? 0, document: found.document, rulesVersion: found.rulesVersion }
  }
  throw new StorageFailure('contention', new Error('the record kept changing'))
}

/** Deletes a record and leaves a tombstone, so that its revisions go on where it is created again. */
export async function eraseRecord(on: Queryable, place: Place, condition: Condition, by: Authorship): Promise<EraseResult> {
  const revisions = condition.if === 'revision' ? condition.revisions : null
  const { period, township } = place
  const why = [by.reason ?? null, by.correction === true]
  const parameters = [period.id, township, condition.if, revisions, ...why, period.code, ...originValues(by)]
  for (let attempt = 0; attempt < attempts; attempt++) {
    const [row] = await run(on, recordStatements[place.category].erase, parameters)
    if (row) return { outcome: 'deleted', revision: Number(row[0]) }
    const found = await diagnose(on, place)
    const refusal = placeRefusal(found, by.correction)
    if (refusal) return { outcome: 'refused', refusal }
    if (!holds(condition, found)) return { outcome: 'refused', refusal: 'condition' }
    if (found.document === null) return { outcome: 'refused', refusal: 'absent' }
  }
  throw new StorageFailure('contention', new Error('the record kept changing'))
}

/** The record at a place, or undefined where there is none or it was deleted. */
export async function readRecord(on: Queryable | Reader, { category, period, township }: Place): Promise<Stored | undefined> {
  const [row] = await run(on, recordStatements[category].get, [period.id, township])
  return row && { document: String(row[0]), revision: Number(row[1]), rulesVersion: Number(row[2]) }
}

/**
 * Keeps others from writing a record until the end of the transaction of `on`. The period comes first, as with every write, so that none waits
 * for the other in turn.
 */
export async function holdRecord(on: Queryable, { category, period, township }: Place): Promise<void> {
  await on.query('select from periods where id = $1 for share', [period.id])
  await on.query(`select from ${columnOf(category)} where period_id = $1 and township_code = $2 for no key update`, [
    period.id,
    township,
  ])
}

/** No version of the rules: the findings of an earlier revision are those of when it was written. */
export const asWritten = 0

/** The record at a place as it was at an instant, or undefined where there was none. */
export async function readRecordThen(on: Queryable, place: Place, asOf: string): Promise<Stored | undefined> {
  const { category, period, township } = place
  const [[document, revision] = []] = await run(on, recordThen, [township, period.id, category, asOf])
  return typeof document === 'string' ? { document, revision: Number(revision), rulesVersion: asWritten } : undefined
}

/** What is known of a place whose record is absent: `absent`, or that the township or the period is unknown. */
export async function explainAbsence(on: Queryable, place: Place): Promise<Refusal> {
  const refusal = placeRefusal(await diagnose(on, place))
  return refusal === undefined || refusal === 'period-closed' ? 'absent' : refusal
}

/** `asOf`: what was held at that instant. */
export type ListFilter = { period?: Period; region?: string; township?: string; updatedAfter?: string; asOf?: string }
export type Key = { periodId: number; township: string }
export type Page = { items: string; next?: Key }

function keyOf(document: string): Key {
  // A document begins with both; the rest of it need not be read.
  const [, township = '', period = ''] = /^\{"township":"(\d+)","period":"([^"]+)"/.exec(document) ?? []
  return { periodId: parsePeriod(period)?.id ?? 0, township }
}

/**
 * A page of documents in the order of period and township, as the inside of a JSON array. Pages are read on the pool: on pipelined
 * clients each waits behind the others' many rows, which halves the pages a second.
 */
export async function listRecords(
  { pool }: Pick<Database, 'pool'>,
  category: CategoryName,
  filter: ListFilter,
  limit: number,
  after?: Key,
): Promise<Page> {
  const { period, region, township, updatedAfter, asOf } = filter
  if (township !== undefined && region !== undefined && !township.startsWith(region)) return { items: '' }
  const statement = listStatement(
    category,
    {
      period: period !== undefined,
      region: region !== undefined,
      township: township !== undefined,
      updatedAfter: updatedAfter !== undefined,
      after: after !== undefined,
      asOf: asOf !== undefined,
    },
    limit,
  )
  // ':' follows '9' in the C collation: a region's townships are the codes from its own to below it.
  const range = township !== undefined ? [township, null] : [region ?? null, region === undefined ? null : `${region}:`]
  const values = [limit, period?.id ?? null, ...range, updatedAfter ?? null, after?.periodId ?? null, after?.township ?? null]
  if (asOf !== undefined) values.push(asOf)
  const rows = await run(pool, statement, values)
  const documents = rows.slice(0, limit).map(([document]) => String(document))
  const last = rows.length > limit ? documents.at(-1) : undefined
  return { items: documents.join(','), ...(last !== undefined && { next: keyOf(last) }) }
}
