/** Reports: the five records of one township in one period, read at one moment and written in one transaction. */
import { createHash } from 'node:crypto'
import type { Finding } from '../catalogue/findings.ts'
import { type CategoryName, categories } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Content } from '../catalogue/record.ts'
import { persistently } from './attempts.ts'
import { type Database, type Queryable, transaction } from './database.ts'
import { reportThen } from './past.ts'
import type { Reader } from './reader.ts'
import { reportStatement } from './record-statements.ts'
import {
  type Authorship,
  asWritten,
  type Condition,
  eraseRecord,
  type Refusal,
  run,
  type Stored,
  writeRecord,
} from './records.ts'

export type ReportRecord = Stored & { source: string | undefined }
/** The records that exist, in report order, and a tag of all five revisions. */
export type Report = { records: Map<CategoryName, ReportRecord>; etag: string }
export type ReportPlace = { period: Period; township: string }
/** One record of a report to be written; `revision` is the one that the client read. */
export type Draft = { content: Content; findings: readonly Finding[]; revision: number | undefined }
export type ReportCondition = { if: 'any' } | { if: 'absent' } | { if: 'exists' } | { if: 'etag'; etags: readonly string[] }
export type ReportResult =
  | { outcome: 'created' | 'updated'; report: Report }
  | { outcome: 'refused'; refusal: Refusal }
  | { outcome: 'would-delete'; names: CategoryName[] }

/** Thrown inside the transaction to roll it back. */
class Refused extends Error {
  readonly result: Exclude<ReportResult, { report: Report }>
  constructor(result: Exclude<ReportResult, { report: Report }>) {
    super(result.outcome)
    this.result = result
  }
}
const refuse = (refusal: Refusal) => new Refused({ outcome: 'refused', refusal })

function reportOf(records: Report['records']): Report {
  const revisions = categories.map(({ name }) => [records.get(name)?.revision ?? 0, records.get(name)?.rulesVersion ?? 0])
  return { records, etag: `"${createHash('sha256').update(JSON.stringify(revisions)).digest('base64url').slice(0, 16)}"` }
}

/** The report at a place; without records where nothing was reported. */
export async function readReport(on: Queryable | Reader, { period, township }: ReportPlace): Promise<Report> {
  const [row = []] = await run(on, reportStatement, [period.id, township])
  const records = new Map<CategoryName, ReportRecord>()
  categories.forEach(({ name }, index) => {
    const [document, revision, rulesVersion, source] = row.slice(4 * index, 4 * index + 4)
    if (typeof document !== 'string') return
    records.set(name, {
      document,
      revision: Number(revision),
      rulesVersion: Number(rulesVersion),
      source: typeof source === 'string' ? source : undefined,
    })
  })
  return reportOf(records)
}

/** The report at a place as it was at an instant; its tag is never that of a report of now. */
export async function readReportThen(on: Queryable, { period, township }: ReportPlace, asOf: string): Promise<Report> {
  const rows = await run(on, reportThen, [township, period.id, asOf])
  const found = new Map(rows.map(([category, ...rest]) => [category, rest]))
  const records: Report['records'] = new Map()
  for (const { name } of categories) {
    const [document, revision, source] = found.get(name) ?? []
    if (typeof document !== 'string') continue
    records.set(name, {
      document,
      revision: Number(revision),
      rulesVersion: asWritten,
      source: typeof source === 'string' ? source : undefined,
    })
  }
  return reportOf(records)
}

function holds(condition: ReportCondition, { records, etag }: Report): boolean {
  if (condition.if === 'any') return true
  if (condition.if === 'absent') return records.size === 0
  return records.size > 0 && (condition.if === 'exists' || condition.etags.includes(etag))
}

/**
 * What must hold of one record: its own revision where the client sent one; and where the client named the report that it read, the state in
 * which that was found, so that nobody slips in between.
 */
function recordCondition(condition: ReportCondition, found: Stored | undefined, revision: number | undefined): Condition {
  if (revision !== undefined && revision !== found?.revision) throw refuse('condition')
  if ((condition.if === 'any' || condition.if === 'exists') && revision === undefined) return { if: 'any' }
  return found ? { if: 'revision', revisions: [found.revision] } : { if: 'absent' }
}

/** Where another transaction stands in the way, it begins again. */
async function attempt(work: () => Promise<ReportResult>): Promise<ReportResult> {
  try {
    return await persistently(work)
  } catch (error) {
    if (error instanceof Refused) return error.result
    throw error
  }
}

/**
 * Replaces a report by these drafts, in one transaction. Records of categories that are left out are deleted, for which the condition
 * must name the report that was read, else the result is `would-delete`.
 */
export async function writeReport(
  database: Database,
  place: ReportPlace,
  drafts: ReadonlyMap<CategoryName, Draft>,
  condition: ReportCondition,
  by: Authorship,
): Promise<ReportResult> {
  return attempt(() =>
    transaction(database, async (client) => {
      const before = await readReport(client, place)
      if (!holds(condition, before)) throw refuse('condition')
      const dropped = [...before.records.keys()].filter((name) => !drafts.has(name))
      if (dropped.length > 0 && condition.if !== 'etag' && condition.if !== 'exists')
        throw new Refused({ outcome: 'would-delete', names: dropped })
      for (const { name: category } of categories) {
        const draft = drafts.get(category)
        const found = before.records.get(category)
        if (draft) {
          const own = recordCondition(condition, found, draft.revision)
          const result = await writeRecord(client, { category, ...place }, draft.content, draft.findings, own, by)
          if (result.outcome === 'refused') throw refuse(result.refusal)
        } else if (found) {
          const result = await eraseRecord(client, { category, ...place }, { if: 'revision', revisions: [found.revision] }, by)
          if (result.outcome === 'refused') throw refuse(result.refusal)
        }
      }
      return { outcome: before.records.size === 0 ? 'created' : 'updated', report: await readReport(client, place) }
    }),
  )
}

/** Deletes all records of a report in one transaction; `absent` where there are none. */
export async function eraseReport(
  database: Database,
  place: ReportPlace,
  condition: ReportCondition,
  by: Authorship,
): Promise<ReportResult> {
  return attempt(() =>
    transaction(database, async (client) => {
      const before = await readReport(client, place)
      if (before.records.size === 0 && condition.if === 'any') throw refuse('absent')
      if (!holds(condition, before)) throw refuse('condition')
      for (const [category, found] of before.records) {
        const own: Condition = condition.if === 'any' ? { if: 'any' } : { if: 'revision', revisions: [found.revision] }
        const result = await eraseRecord(client, { category, ...place }, own, by)
        if (result.outcome === 'refused' && result.refusal !== 'absent') throw refuse(result.refusal)
      }
      return { outcome: 'updated', report: await readReport(client, place) }
    }),
  )
}
