/** Townships, subdistricts and the areas of their level. A closed code still answers: figures stay on the code that reported them. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { about } from '../catalogue/schema.ts'
import { documented } from '../http/document.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { notModified } from '../http/preconditions.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { empty, json, responses, worked } from '../http/responses.ts'
import type { Database } from '../storage/database.ts'
import { countTownships, listTownships } from '../storage/places.ts'
import { findTownshipDetail } from '../storage/successions.ts'
import { unknownPlaces } from './filters.ts'
import { countedParameters, fileFormOf, filePage, listAnswer, type Sheet, sendList } from './list-file.ts'
import { NameFilter } from './regions.ts'
import { like, RegionCode, TownshipCode } from './schemas.ts'
import {
  closedExample,
  detailView,
  townshipExample as example,
  TownshipKind,
  type TownshipView,
  view,
} from './township-schemas.ts'

const closed = { additionalProperties: false } as const
const ListQuery = Type.Object(
  {
    region: Type.Optional(like(RegionCode, example.county.code)),
    name: Type.Optional(like(NameFilter, example.name)),
    kind: Type.Optional(TownshipKind),
    // Year 0 is a date of RFC 3339 and none of PostgreSQL.
    validOn: Type.Optional(
      Type.String({
        format: 'date',
        pattern: '^(?!0000)',
        title: 'date',
        ...about('只要这一天有效的', 'Only those that were valid on that day', '2024-12-31'),
      }),
    ),
    ...paging,
    ...countedParameters,
  },
  closed,
)
const sheet: Sheet<TownshipView> = {
  names: ['townships', '乡镇（街道）'],
  columns: [
    ['code', '代码', ({ code }) => code],
    ['name', '名称', ({ name }) => name],
    ['kind', '类型', ({ kind }) => kind],
    ['fullName', '全称', ({ fullName }) => fullName],
    ['county.code', '县级区划代码', ({ county }) => county.code],
    ['county.name', '县级区划', ({ county }) => county.name],
    ['prefecture.code', '地级区划代码', ({ prefecture }) => prefecture.code],
    ['prefecture.name', '地级区划', ({ prefecture }) => prefecture.name],
    ['province.code', '省级区划代码', ({ province }) => province.code],
    ['province.name', '省级区划', ({ province }) => province.name],
    ['validFrom', '启用日', ({ validFrom }) => validFrom],
    ['validTo', '停用前最后一日', ({ validTo }) => validTo],
  ],
}

/** `GET /v1/townships` and `/v1/townships/{code}`. 404 `unknown-township`. */
export const townshipRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/townships',
      {
        schema: {
          operationId: 'listTownships',
          summary: '乡镇（街道）列表 / List townships',
          description:
            '按代码排序；name 匹配名称的任意部分；不给 validOn 时包括已停用的。NDJSON、CSV 为全部，不分页。 / In the order of their codes; `name` matches any part of the name; without `validOn` closed ones are included. NDJSON and CSV hold all of them.',
          tags: ['townships'],
          querystring: ListQuery,
          response: responses(
            {
              200: listAnswer(
                '一页乡镇（街道），或全部 / A page of townships, or all',
                { $ref: 'TownshipPageOrCount#' },
                { page: { items: [example] }, sheet },
                ['Link'],
              ),
            },
            'invalid-request',
            'not-acceptable',
            'exports-busy',
            'invalid-cursor',
            'cursor-of-another-filter',
          ),
        },
      },
      async (request, reply) => {
        const { limit, cursor, format, labels, count, ...filter } = request.query
        const form = fileFormOf(request, { format, labels, count })
        const { region } = filter
        const assertKnown = async () => {
          const unknown = region === undefined ? [] : await unknownPlaces(database, { region })
          if (unknown.length > 0) throw invalid('invalid-request', unknown)
        }
        if (form || count) await assertKnown()
        if (count) return reply.send({ count: await countTownships(database, filter) })
        if (form)
          return sendList(database, request, reply, form, sheet, async (on, after) => {
            const { items, ...more } = await listTownships(on, filter, filePage, after)
            return { items: items.map(view), ...more }
          })
        const bound = { list: 'townships', ...filter }
        const [after] = cursor === undefined ? [] : readCursor(bound, cursor, ['text'])
        const page = await listTownships(database, filter, limit, after?.toString())
        if (page.items.length === 0) await assertKnown()
        const next = page.next && writeCursor(bound, [page.next])
        if (next) reply.header('link', nextLink(request.url, next))
        return { items: page.items.map(view), ...(next && { next }) }
      },
    )
    app.get(
      '/townships/:code',
      {
        schema: {
          operationId: 'getTownship',
          summary: '一个乡镇（街道） / One township',
          description:
            '已停用的代码仍可查到，并给出其后继。 / A code that is no longer in use still answers and names its successors.',
          tags: ['townships'],
          params: Type.Object({ code: like(TownshipCode, example.code) }, closed),
          querystring: Type.Object({}, closed),
          response: responses(
            {
              200: json(
                '一个乡镇（街道） / The township',
                { $ref: 'TownshipDetail#' },
                {
                  headers: ['ETag'],
                  examples: {
                    town: worked('一个镇', 'A town', example),
                    closed: worked('已并入他镇', 'One that became part of another', closedExample),
                  },
                },
              ),
              304: empty('未变更 / Not modified', ['ETag']),
            },
            'invalid-request',
            'unknown-township',
          ),
          ...documented({ headers: ['If-None-Match'] }),
        },
      },
      async (request, reply) => {
        const found = await findTownshipDetail(database, request.params.code)
        if (!found) throw new ProblemError('unknown-township', { code: request.params.code })
        const { body, etag } = detailView(found)
        reply.header('etag', etag)
        return notModified(request.headers, etag) ? reply.status(304).send() : body
      },
    )
  }
