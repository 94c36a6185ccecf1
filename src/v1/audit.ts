/**
 * The audit: who did what, from where, with which key and in which request, and who was refused. Kept for as long as the register is
 * (at least 180 days are asked for, and nothing ever removes an entry).
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { about, literals } from '../catalogue/schema.ts'
import { assertCovers } from '../http/access.ts'
import { formatOf, lineFormats, mediaTypes } from '../http/formats.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { ProblemError } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import { type AuditFilter, exportAudit, listAudit } from '../storage/audit.ts'
import type { Database } from '../storage/database.ts'
import { exampleEntry, exampleRefusal } from './audit-schemas.ts'
import { assertPlaced, sendRows } from './exports.ts'
import { Instant } from './schemas.ts'

const closed = { additionalProperties: false } as const
const schema = { $ref: 'AuditPage#' }
const examples = { page: worked('一次填报，一次被拒绝', 'A write, and a refusal', { items: [exampleRefusal, exampleEntry] }) }

const list = {
  operationId: 'listAudit',
  summary: '审计记录 / Who did what',
  description:
    '何人、何时、从何处、以何密钥做了什么，包括被拒绝的操作；有管辖范围的只见本辖区的记录。`format=ndjson` 导出全部，旧的在前。 / Every write and every refusal. Who has a region sees the entries of that region. `format=ndjson` exports them all, the oldest first.',
  tags: ['audit'],
  querystring: Type.Object(
    {
      region: Type.Optional(
        Type.String({
          pattern: '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9})$',
          title: 'Place code',
          ...about('区划或乡镇代码', 'Code of a region or township', '410423'),
        }),
      ),
      since: Type.Optional(Instant('自此时起', 'From this instant on')),
      until: Type.Optional(Instant('至此时前', 'Before this instant')),
      actor: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 400,
          ...about('何人，与记录中的完全一致', 'Who, exactly as entries have it', exampleEntry.actor),
        }),
      ),
      operation: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z]{1,60}$',
          title: 'operation',
          ...about('操作', 'The operation', exampleEntry.operation),
        }),
      ),
      outcome: Type.Optional(literals(['done', 'refused'], about('完成或被拒绝', 'Done, or refused', exampleEntry.outcome))),
      format: Type.Optional(
        literals(
          [...lineFormats],
          about('格式；优先于 Accept；ndjson 不分页', 'Goes before Accept; ndjson has no pages', 'ndjson'),
        ),
      ),
      ...paging,
    },
    closed,
  ),
  response: responses(
    {
      200: {
        ...json('新的在前；导出时旧的在前 / The newest first; exported, the oldest first', schema, {
          headers: ['Link'],
          examples,
        }),
        content: {
          'application/json': { schema, examples },
          'application/x-ndjson': {
            schema: { $ref: 'AuditLines#' },
            examples: { all: worked('全部', 'All of them', `${JSON.stringify(exampleEntry)}\n`) },
          },
        },
      },
    },
    'invalid-request',
    'not-acceptable',
    'invalid-cursor',
    'cursor-of-another-filter',
    'exports-busy',
  ),
}

/** `GET /v1/audit`. Takes the database. */
export const auditRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/audit', { schema: list }, async (request, reply) => {
      const { limit, cursor, format: asked, region = request.caller.region, ...rest } = request.query
      const format = formatOf(request.headers, asked, lineFormats)
      assertPlaced(request.url, { format, count: undefined })
      assertCovers(request.caller, [region])
      const filter: AuditFilter = { region, ...rest }
      reply.header('vary', 'Accept')
      if (format === 'ndjson') {
        if (request.method === 'HEAD') return reply.type(mediaTypes.ndjson).send()
        const found = await exportAudit(database, filter)
        if (!found) throw new ProblemError('exports-busy', {}, [], { 'retry-after': '10' })
        reply.type(mediaTypes.ndjson)
        return sendRows(reply, '', found)
      }
      const bound = { list: 'audit', ...filter }
      const [before] = cursor === undefined ? [] : readCursor(bound, cursor, ['id'])
      const page = await listAudit(database, filter, limit, before === undefined ? undefined : Number(before))
      const next = page.next === undefined ? undefined : writeCursor(bound, [page.next])
      if (next !== undefined) reply.header('link', nextLink(request.url, next))
      return reply
        .type('application/json; charset=utf-8')
        .send(`{"items":[${page.items.join(',')}]${next ? `,"next":"${next}"` : ''}}`)
    })
  }
