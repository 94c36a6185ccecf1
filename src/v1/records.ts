/** The five record resources, one set of routes for each category: list, and GET, PUT, PATCH, DELETE of one record. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type CategoryName, leaves } from '../catalogue/index.ts'
import { parsePeriod } from '../catalogue/period.ts'
import { categoryOf } from '../catalogue/record.ts'
import { actorOf } from '../http/actor.ts'
import { requireMediaType } from '../http/media.ts'
import { mergePatch } from '../http/merge-patch.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { etagOf, notModified } from '../http/preconditions.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { ValidationError } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { ensureYears } from '../storage/periods.ts'
import { eraseRecord, explainAbsence, listRecords, type Place, readRecord, type Stored, writeRecord } from '../storage/records.ts'
import { conditionOf, refused } from './conditions.ts'
import { unknownPlaces } from './filters.ts'
import { assertSound, checkRecord } from './record-check.ts'
import { etagHeader, Instant, json, PeriodCode, RegionCode, responses, TownshipCode } from './schemas.ts'

const Params = Type.Object({ township: TownshipCode, period: PeriodCode }, { additionalProperties: false })
const ListQuery = Type.Object(
  {
    period: Type.Optional(PeriodCode),
    region: Type.Optional(RegionCode),
    township: Type.Optional(TownshipCode),
    updatedAfter: Type.Optional(
      Instant(
        '只要此后变更的；不适合用于同步副本',
        'Changed after this instant; not fit for keeping copies, since a late commit can be missed',
      ),
    ),
    ...paging,
  },
  { additionalProperties: false },
)
const NoQuery = Type.Object({}, { additionalProperties: false })
const patchType = 'application/merge-patch+json'
const attempts = 10

/** The place of a record from its path. */
export function placeOf(category: CategoryName, params: { township: string; period: string }): Place {
  const period = parsePeriod(params.period)
  if (!period) throw new ProblemError('unknown-period', { code: params.period })
  return { category, period, township: params.township }
}

/** The mistakes that Ajv found in the body of this request. */
export function formErrors(request: FastifyRequest) {
  const failed: unknown = request.validationError
  if (failed === undefined) return []
  if (failed instanceof ValidationError && request.validationError?.validationContext === 'body') return failed.errors
  throw failed
}

export function sendRecord(reply: FastifyReply, stored: Stored) {
  return reply.header('etag', etagOf(stored)).type('application/json; charset=utf-8').send(stored.document)
}

/** PATCH removes the remark of a figure that it removes, unless it gives the figure a new one. */
function withoutRemarksOfRemoved(name: CategoryName, patch: Record<string, unknown>, merged: Record<string, unknown>) {
  const at = (value: unknown, key: string): unknown => (value instanceof Object ? Reflect.get(value, key) : undefined)
  const remarks: Record<string, unknown> = { ...(merged.remarks instanceof Object ? merged.remarks : {}) }
  for (const leaf of leaves(name)) {
    const change = at(patch.figures, leaf.code)
    const removed = change === null || (leaf.member !== undefined && at(change, leaf.member) === null)
    if (removed && !(at(patch.remarks, leaf.path) instanceof Object)) delete remarks[leaf.path]
  }
  return { ...merged, remarks }
}

/** The routes of one category. Takes the database; every error is one of the shared problems. */
export function recordRoutes(name: CategoryName, database: Database): FastifyPluginAsyncTypebox {
  const { path, component, labels } = categoryOf(name)
  const tags = [path]
  const stem = component === 'Dispute' || component === 'LegalAdviser' ? `${component}s` : component
  const at = (id: string) => ({ $ref: `${component}${id}#` })
  const record = json(`一条${labels.zh}数据 / The record`, at('Record'), etagHeader)

  return async (app) => {
    app.get(
      `/${path}`,
      {
        schema: {
          operationId: `list${stem}`,
          summary: `${labels.zh}：列表 / List records`,
          tags,
          querystring: ListQuery,
          response: responses(
            { 200: json('一页数据，按报告期、乡镇排序 / A page in the order of period and township', at('List')) },
            400,
          ),
        },
      },
      async (request, reply) => {
        const { limit, cursor, ...filter } = request.query
        const period = filter.period === undefined ? undefined : parsePeriod(filter.period)
        const bound = { list: path, ...filter }
        const [periodId, township] = cursor === undefined ? [] : readCursor(bound, cursor)
        const after = cursor === undefined ? undefined : { periodId: Number(periodId), township: String(township) }
        const { period: _, ...places } = filter
        const page = await listRecords(database, name, { ...places, ...(period && { period }) }, limit, after)
        if (page.items === '') {
          const unknown = await unknownPlaces(database, filter)
          if (unknown.length > 0) throw invalid('invalid-request', unknown)
        }
        const next = page.next && writeCursor(bound, [page.next.periodId, page.next.township])
        if (next) reply.header('link', nextLink(request.url, next))
        return reply.type('application/json; charset=utf-8').send(`{"items":[${page.items}]${next ? `,"next":"${next}"` : ''}}`)
      },
    )

    app.get(
      `/${path}/:township/:period`,
      {
        schema: {
          operationId: `get${stem}`,
          summary: `${labels.zh}：读取 / Read one record`,
          tags,
          params: Params,
          querystring: NoQuery,
          response: responses({ 200: record, 304: { description: '未变更 / Not modified', type: 'null' } }, 400, 404),
        },
      },
      async (request, reply) => {
        const place = placeOf(name, request.params)
        const stored = await readRecord(database.reader, place)
        if (!stored) throw refused(await explainAbsence(database.pool, place), place)
        const etag = etagOf(stored)
        if (notModified(request.headers, etag)) return reply.status(304).header('etag', etag).send()
        return sendRecord(reply, stored)
      },
    )

    app.put(
      `/${path}/:township/:period`,
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: {
          operationId: `put${stem}`,
          summary: `${labels.zh}：填报或替换 / Report or replace one record`,
          description:
            '整体替换；内容相同则不产生新版本。If-Match 防止覆盖他人的修改，If-None-Match: * 只新建。 / Replaces the record; an identical one changes nothing. If-Match protects the work of others, If-None-Match: * only creates.',
          tags,
          params: Params,
          querystring: NoQuery,
          body: at('Write'),
          response: responses({ 200: record, 201: { ...record, description: '已新建 / Created' } }, 400, 404, 409, 412, 413, 415),
        },
      },
      async (request, reply) => {
        const errors = formErrors(request)
        const place = placeOf(name, request.params)
        const body: unknown = request.body
        const { content, findings, faults } = checkRecord(name, body, errors, request.params)
        assertSound(faults)
        const condition = conditionOf(request.headers, body instanceof Object && 'revision' in body ? body.revision : undefined)
        const by = { actor: actorOf(request) }
        let result = await writeRecord(database.pool, place, content, findings, condition, by)
        if (result.outcome === 'refused' && result.refusal === 'unknown-period' && (await ensureYears(database.pool))) {
          result = await writeRecord(database.pool, place, content, findings, condition, by)
        }
        if (result.outcome === 'refused') throw refused(result.refusal, place)
        if (result.outcome === 'created') reply.status(201).header('location', request.url)
        return sendRecord(reply, result)
      },
    )

    app.patch(
      `/${path}/:township/:period`,
      {
        attachValidation: true,
        preParsing: requireMediaType(patchType),
        schema: {
          operationId: `patch${stem}`,
          summary: `${labels.zh}：修改 / Change parts of one record`,
          description:
            'JSON Merge Patch（RFC 7396）：null 删除一项，连同其说明。 / null removes a figure together with its remark.',
          tags,
          params: Params,
          querystring: NoQuery,
          consumes: [patchType],
          body: at('Patch'),
          response: responses({ 200: record }, 400, 404, 409, 412, 413, 415),
        },
      },
      async (request, reply) => {
        const errors = formErrors(request)
        const place = placeOf(name, request.params)
        const patch: unknown = request.body
        if (errors.length > 0 || !(patch instanceof Object)) {
          assertSound(checkRecord(name, patch, errors, request.params).faults)
        }
        const asked = conditionOf(request.headers, patch instanceof Object && 'revision' in patch ? patch.revision : undefined)
        for (let attempt = 0; attempt < attempts; attempt++) {
          const stored = await readRecord(database.pool, place)
          if (!stored) throw refused(await explainAbsence(database.pool, place), place)
          if (asked.if === 'absent' || (asked.if === 'revision' && !asked.revisions.includes(stored.revision)))
            throw refused('condition', place)
          const own = { ...(patch instanceof Object ? patch : {}) }
          const merged = withoutRemarksOfRemoved(name, own, mergePatch(JSON.parse(stored.document), own))
          const { content, findings, faults } = checkRecord(name, merged, [], request.params)
          assertSound(faults)
          const condition = { if: 'revision' as const, revisions: [stored.revision] }
          const result = await writeRecord(database.pool, place, content, findings, condition, { actor: actorOf(request) })
          if (result.outcome !== 'refused') return sendRecord(reply, result)
          if (result.refusal !== 'condition') throw refused(result.refusal, place)
        }
        throw new ProblemError('write-conflict')
      },
    )

    app.delete(
      `/${path}/:township/:period`,
      {
        schema: {
          operationId: `delete${stem}`,
          summary: `${labels.zh}：删除 / Delete one record`,
          description:
            '历史保留；再次填报时版本号继续。 / The history stays; a record that is reported again continues its revisions.',
          tags,
          params: Params,
          querystring: NoQuery,
          response: responses({ 204: { description: '已删除 / Deleted', type: 'null' } }, 400, 404, 409, 412),
        },
      },
      async (request, reply) => {
        const place = placeOf(name, request.params)
        const result = await eraseRecord(database.pool, place, conditionOf(request.headers), { actor: actorOf(request) })
        if (result.outcome === 'refused') throw refused(result.refusal, place)
        return reply.status(204).send()
      },
    )
  }
}
