/** The whole report of a township in a period: five records read, written and deleted as one. */

import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { parsePeriod } from '../catalogue/period.ts'
import { categoryOf } from '../catalogue/record.ts'
import { requireMediaType } from '../http/media.ts'
import { createOnly, ifMatch, notModified } from '../http/preconditions.ts'
import { type Fault, ProblemError } from '../http/problems.ts'
import { faultsOf } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { ensureYears } from '../storage/periods.ts'
import { explainAbsence } from '../storage/records.ts'
import {
  type Draft,
  eraseReport,
  type Report,
  type ReportCondition,
  type ReportPlace,
  type ReportResult,
  readReport,
  readReportThen,
  writeReport,
} from '../storage/reports.ts'
import { absentThen, settle } from './as-of.ts'
import { correctorOf } from './corrections.ts'
import { assertSound, checkRecord } from './record-check.ts'
import { formErrors, pathOf, refusedWrite } from './records.ts'
import { reportOperations } from './report-operations.ts'

function reportPlace(params: { township: string; period: string }): ReportPlace {
  const period = parsePeriod(params.period)
  if (!period) throw new ProblemError('unknown-period', { code: params.period })
  return { period, township: params.township }
}

function reportCondition(headers: IncomingHttpHeaders): ReportCondition {
  if (createOnly(headers)) return { if: 'absent' }
  const tags = ifMatch(headers)
  if (tags === undefined) return { if: 'any' }
  return tags === '*' ? { if: 'exists' } : { if: 'etag', etags: tags }
}

/** The documents as they are stored, put together as text. */
function reportText({ records }: Report, { township, period }: ReportPlace): string {
  const stored = [...records.values()]
  const source = stored[0]?.source
  const agreed = source !== undefined && stored.every((record) => record.source === source)
  const parts = [...records].map(([name, record]) => `${JSON.stringify(name)}:${record.document}`)
  return `{"township":"${township}","period":"${period.code}",${[...(agreed ? [`"source":${source}`] : []), ...parts].join(',')}}`
}

function answer(result: ReportResult, at: ReportPlace, request: FastifyRequest, condition: ReportCondition): Report {
  if (result.outcome === 'would-delete')
    throw new ProblemError('precondition-required', {
      names: result.names.map((name) => categoryOf(name).path).join(', '),
      namesZh: result.names.map((name) => categoryOf(name).labels.zh).join('、'),
    })
  if (result.outcome !== 'refused') return result.report
  if (result.refusal === 'absent') throw new ProblemError('report-absent', { township: at.township, period: at.period.code })
  throw refusedWrite(request, condition, result.refusal, at)
}

/** The drafts of a body, or `invalid-body` with every mistake in any of its records. */
function draftsOf(
  body: unknown,
  errors: ReturnType<typeof formErrors>,
  params: { township: string; period: string },
): Map<CategoryName, Draft> {
  const given: Record<string, unknown> = body instanceof Object ? { ...body } : {}
  const names = categories.map(({ name }) => name)
  const inRecord = (pointer: string) => names.some((name) => pointer === `/${name}` || pointer.startsWith(`/${name}/`))
  const faults: Fault[] = faultsOf(
    errors.filter((error) => !inRecord(error.instancePath)),
    'body',
  )
  for (const key of ['township', 'period'] as const) {
    if (typeof given[key] === 'string' && given[key] !== params[key])
      faults.push({ pointer: `/${key}`, code: 'not-the-path', params: { received: given[key], expected: params[key] } })
  }
  const drafts = new Map<CategoryName, Draft>()
  for (const name of names) {
    const record = given[name]
    if (record === undefined) continue
    const whole =
      record instanceof Object && !('source' in record) && given.source !== undefined
        ? { ...record, source: given.source }
        : record
    const { content, findings, faults: own } = checkRecord(name, whole, errors, params, `/${name}`)
    faults.push(...own)
    const revision =
      record instanceof Object && 'revision' in record && typeof record.revision === 'number' ? record.revision : undefined
    drafts.set(name, { content, findings, revision })
  }
  if (drafts.size === 0 && faults.length === 0) faults.push({ pointer: '', code: 'required', params: { name: names.join(', ') } })
  assertSound(faults)
  return drafts
}

/** `GET`, `PUT` and `DELETE /v1/reports/{township}/{period}`. */
export const reportRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    const path = '/reports/:township/:period'

    app.get(path, { schema: reportOperations.get }, async (request, reply) => {
      const at = reportPlace(request.params)
      const asOf = (await settle(database, request.query.asOf, reply))?.asOf
      const report = asOf === undefined ? await readReport(database.reader, at) : await readReportThen(database.pool, at, asOf)
      if (report.records.size === 0) {
        if (asOf !== undefined) throw await absentThen(database, { category: 'disputes', ...at }, asOf)
        const refusal = await explainAbsence(database.pool, { category: 'disputes', ...at })
        return answer({ outcome: 'refused', refusal }, at, request, { if: 'any' })
      }
      reply.header('etag', report.etag)
      if (notModified(request.headers, report.etag)) return reply.status(304).send()
      return reply.type('application/json; charset=utf-8').send(reportText(report, at))
    })

    app.put(
      path,
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: reportOperations.put,
      },
      async (request, reply) => {
        const drafts = draftsOf(request.body, formErrors(request), request.params)
        const at = reportPlace(request.params)
        const condition = reportCondition(request.headers)
        const write = () => writeReport(database, at, drafts, condition, correctorOf(request, condition))
        let result = await write()
        if (result.outcome === 'refused' && result.refusal === 'unknown-period' && (await ensureYears(database.pool)))
          result = await write()
        const report = answer(result, at, request, condition)
        if (result.outcome === 'created') reply.status(201).header('location', pathOf(request))
        return reply.header('etag', report.etag).type('application/json; charset=utf-8').send(reportText(report, at))
      },
    )

    app.delete(path, { schema: reportOperations.remove }, async (request, reply) => {
      const at = reportPlace(request.params)
      const condition = reportCondition(request.headers)
      const result = await eraseReport(database, at, condition, correctorOf(request, condition))
      if (result.outcome === 'refused' && result.refusal === 'absent') {
        const refusal = await explainAbsence(database.pool, { category: 'disputes', ...at })
        answer({ outcome: 'refused', refusal }, at, request, condition)
      }
      answer(result, at, request, condition)
      return reply.status(204).send()
    })
  }
