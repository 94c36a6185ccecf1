/**
 * The audit: who did what, from where, with which key and in which request, and who was refused. Kept for as long as the register is
 * (at least 180 days are asked for, and nothing ever removes an entry).
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { about, literals } from '../catalogue/schema.ts'
import { assertCovers } from '../http/access.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { responses } from '../http/responses.ts'
import { type AuditFilter, countAudit, exportAudit, listAudit } from '../storage/audit.ts'
import type { Database } from '../storage/database.ts'
import { type AuditItem, exampleEntry, exampleRefusal } from './audit-schemas.ts'
import { busy, sendRows } from './exports.ts'
import { countedParameters, fileFormOf, filePage, headed, listAnswer, type Sheet, sendList } from './list-file.ts'
import { Instant } from './schemas.ts'

const closed = { additionalProperties: false } as const
const sheet: Sheet<AuditItem> = {
  names: ['audit', '审计记录'],
  columns: [
    ['id', '编号', ({ id }) => id],
    ['recordedAt', '时间', ({ recordedAt }) => recordedAt],
    ['actor', '何人', ({ actor }) => actor],
    ['role', '权限', ({ role }) => role],
    ['keyId', '密钥编号', ({ keyId }) => keyId],
    ['address', '来自', ({ address }) => address],
    ['requestId', '请求编号', ({ requestId }) => requestId],
    ['operation', '操作', ({ operation }) => operation],
    ['outcome', '结果', ({ outcome }) => outcome],
    ['problem', '拒绝原因', ({ problem }) => problem],
    ['region', '区划代码', ({ region }) => region],
    ['target', '资源', ({ target }) => target],
    ['revision', '版本', ({ revision }) => revision],
    ['reason', '理由', ({ reason }) => reason],
  ],
}

const list = {
  operationId: 'listAudit',
  summary: '审计记录 / Who did what',
  description:
    '何人、何时、从何处、以何密钥做了什么，包括被拒绝的操作；有管辖范围的只见本辖区的记录。NDJSON、CSV 导出全部，旧的在前。 / Every write and every refusal. Who has a region sees the entries of that region. NDJSON and CSV export them all, the oldest first.',
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
      ...countedParameters,
      ...paging,
    },
    closed,
  ),
  response: responses(
    {
      200: listAnswer(
        '新的在前；导出时旧的在前 / The newest first; exported, the oldest first',
        { $ref: 'AuditPageOrCount#' },
        { page: { items: [exampleRefusal, exampleEntry] }, sheet },
        ['Link'],
      ),
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
      const { limit, cursor, format, labels, count, region = request.caller.region, ...rest } = request.query
      const form = fileFormOf(request, { format, labels, count })
      assertCovers(request.caller, [region])
      const filter: AuditFilter = { region, ...rest }
      reply.header('vary', 'Accept')
      if (count) return reply.send({ count: await countAudit(database.pool, filter) })
      if (form?.format === 'ndjson' && request.method !== 'HEAD') {
        const found = await exportAudit(database, filter)
        if (!found) throw busy()
        return sendRows(headed(reply, form, sheet), '', found)
      }
      if (form)
        return sendList(database, request, reply, form, sheet, async ({ client }, after) => {
          const { items, next } = await listAudit(
            client,
            filter,
            'oldest',
            filePage,
            after === undefined ? undefined : Number(after),
          )
          return { items: items.map((text): AuditItem => JSON.parse(text)), ...(next !== undefined && { next: `${next}` }) }
        })
      const bound = { list: 'audit', ...filter }
      const [before] = cursor === undefined ? [] : readCursor(bound, cursor, ['id'])
      const page = await listAudit(database.pool, filter, 'newest', limit, before === undefined ? undefined : Number(before))
      const next = page.next === undefined ? undefined : writeCursor(bound, [page.next])
      if (next !== undefined) reply.header('link', nextLink(request.url, next))
      return reply
        .type('application/json; charset=utf-8')
        .send(`{"items":[${page.items.join(',')}]${next ? `,"next":"${next}"` : ''}}`)
    })
  }
