/** What an import is told to have done: counts that add up to the rows, mistakes in the client's language, and what a dry run would change. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { clearedBy, difference } from '../catalogue/difference.ts'
import { findingsOf } from '../catalogue/findings.ts'
import { periodCode } from '../catalogue/period.ts'
import type { Content } from '../catalogue/record.ts'
import { applySheet } from '../exchange/apply-sheet.ts'
import type { KeptAnswer } from '../http/idempotency.ts'
import { type FaultCode, faults, faultText, type Language, languageOf, ProblemError, problemBody } from '../http/problems.ts'
import type { Clearing as FoundClearing, Outcome, StagedChange } from '../storage/import-outcome.ts'
import type { ImportEntry, ImportMode, StoredFault, StoredImport } from '../storage/imports.ts'
import type { Checked } from './import-check.ts'
import { type FaultList, faultList, type ImportFault } from './import-faults.ts'
import type { Row } from './import-rows.ts'
import type { Done } from './import-work.ts'

export type Counts = Pick<
  ImportEntry,
  'rows' | 'created' | 'updated' | 'unchanged' | 'deleted' | 'rejected' | 'notApplied' | 'withFindings' | 'errors' | 'errorCount'
>

/** What became of every row. Where nothing is taken, good rows are `notApplied`. */
export function countsOf(checked: Checked, found: FaultList, mode: ImportMode, outcome?: Outcome<ImportFault>): Counts {
  const list = faultList(found)
  for (const { row, code, params } of outcome?.refused ?? []) list.add({ row, code, params })
  for (const fault of outcome?.remerged ?? []) list.add(fault)
  list.count((outcome?.refusedCount ?? 0) - (outcome?.refused.length ?? 0))
  const rejected = checked.rejected + (outcome?.refusedCount ?? 0) + (outcome?.unmergedCount ?? 0)
  const taken = !checked.whole && (mode === 'partial' || rejected === 0)
  const none = { created: 0, updated: 0, unchanged: 0, deleted: 0, withFindings: 0 }
  const tally = outcome?.tally ?? none
  return {
    rows: checked.rows,
    ...(taken ? { ...tally, unchanged: tally.unchanged + checked.idle } : none),
    rejected,
    notApplied: taken ? 0 : checked.rows - rejected,
    errors: list.listed(),
    errorCount: list.total(),
  }
}

/** The problem of a file of which nothing was taken. */
export function refusalOf({ rows, rejected, notApplied, errorCount }: Counts): 'import-empty' | 'import-rejected' | undefined {
  if (rows > rejected + notApplied) return undefined
  return rows === 0 && errorCount === 0 ? 'import-empty' : 'import-rejected'
}

/** 400 where nothing was accepted, 207 where something was not, else 200. */
export function statusOf(counts: Counts): 200 | 207 | 400 {
  if (refusalOf(counts)) return 400
  return counts.errorCount + counts.rejected > 0 ? 207 : 200
}

const isFaultCode = (code: string): code is FaultCode => code in faults

/** Mistakes as a client reads them. */
export function toldFaults(list: readonly StoredFault[], language: Language) {
  return list.map(({ row, category, township, period, column, pointer, code, params = {} }) => ({
    row,
    ...(category && { category, township, period }),
    ...(column !== undefined && { column }),
    ...(pointer !== undefined && { pointer }),
    code,
    detail: isFaultCode(code)
      ? faultText(code, { ...(township && { township }), ...(period && { period }), ...params }, language)
      : code,
  }))
}

/** An import without its mistakes. */
export function summaryOf({ id, actor, recordedAt, ...rest }: Omit<StoredImport, 'revertedBy'> & { revertedBy?: string[] }) {
  const {
    fileName,
    sha256,
    bytes,
    format,
    reverts,
    revertedBy = [],
    mode,
    rows,
    created,
    updated,
    unchanged,
    deleted,
    rejected,
    notApplied,
    withFindings,
    errorCount,
  } = rest
  return {
    id,
    importedBy: actor,
    importedAt: recordedAt,
    ...(fileName !== null && { fileName }),
    ...(sha256 !== null && { sha256, bytes, format }),
    ...(reverts !== null && { reverts }),
    ...(revertedBy.length > 0 && { revertedBy: revertedBy.map(Number) }),
    ...{ mode, rows, created, updated, unchanged, deleted, rejected, notApplied },
    ...(withFindings !== null && { withFindings }),
    errorCount,
  }
}

type Names = ReadonlyMap<string, string>

/** What a row would change. `row` is as it stands in the file, for the cells of a sheet. */
export function changeOf(
  { row: number, category, periodId, township, members, document }: StagedChange,
  row: Row | undefined,
  names: Names,
) {
  const before: Content | undefined = document === undefined ? undefined : JSON.parse(document)
  const after: Content | undefined = members === undefined ? undefined : JSON.parse(`{${members}}`)
  const changes = difference(category, before, after)
  const findings = after === undefined ? [] : findingsOf(category, after)
  const sheet = row?.kind === 'sheet' ? applySheet(category, before, row.sheet()) : undefined
  const cleared = sheet?.cleared ?? (before && after ? clearedBy(category, before, after) : [])
  return {
    row: number,
    category,
    township,
    name: names.get(township) ?? '',
    period: periodCode(periodId),
    action: after === undefined ? 'delete' : before === undefined ? 'create' : 'update',
    changes,
    ...(cleared.length > 0 && { cleared }),
    ...(sheet && sheet.became.length > 0 && { became: sheet.became }),
    ...(findings.length > 0 && { findings }),
  }
}
export type Change = ReturnType<typeof changeOf>

/** What a row would clear. */
export function clearingOf({ row, category, periodId, township, figures }: FoundClearing, names: Names) {
  return { row, category, township, name: names.get(township) ?? '', period: periodCode(periodId), figures }
}
export type Clearing = ReturnType<typeof clearingOf>

/** The report of an import as it was done. */
export function reportOf({ entry, recorded, changes }: Done, language: Language) {
  const { id, importedAt, ...summary } = summaryOf({ ...entry, id: 0, recordedAt: '', ...recorded })
  return {
    ...(recorded && { id, importedAt }),
    ...summary,
    errors: toldFaults(entry.errors, language),
    ...(changes && {
      dryRun: true,
      changes: changes.listed,
      changeCount: changes.total,
      clearings: changes.clearings.listed,
      clearingCount: changes.clearings.total,
    }),
  }
}

/** The report of an import as an answer: a problem where nothing was taken. */
export function answerOf(
  done: Done,
  status: 200 | 207 | 400,
  { headers, id }: Pick<FastifyRequest, 'headers' | 'id'>,
): KeptAnswer {
  const language = languageOf(headers)
  const report = reportOf(done, language)
  const told = { 'content-language': language, vary: 'Accept-Language' }
  const json = 'application/json; charset=utf-8'
  if (status !== 400) return { status, headers: { ...told, 'content-type': json }, body: JSON.stringify(report) }
  const { errorCount, notApplied } = done.entry
  const problem = problemBody(
    new ProblemError(refusalOf(done.entry) ?? 'import-rejected', {
      count: errorCount,
      ...(notApplied > 0 && !done.whole ? partialHint : noHint),
    }),
    language,
    id,
  )
  return {
    status,
    headers: { ...told, 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify({ ...problem, ...report }),
  }
}

/** Where other rows are sound. */
const partialHint = {
  hint: '; the rows without a mistake are imported alone with mode=partial',
  hintZh: '；如只导入无误的行，请用 mode=partial',
}

const noHint = { hint: '', hintZh: '' }

export const send = (reply: FastifyReply, { status, headers, body }: KeptAnswer) =>
  reply.status(status).headers(headers).send(body)
