/** Provinces, prefectures and counties, as the codes order them; headings such as 5002 `县` are listed but are part of no name. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { about, literals, ref } from '../catalogue/schema.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import { fullName, regionKinds } from '../registry/rules.ts'
import type { Database } from '../storage/database.ts'
import { countRegions, findRegion, listRegions, type StoredRegion } from '../storage/places.ts'
import { unknownPlaces } from './filters.ts'
import { countedParameters, fileFormOf, filePage, listAnswer, type Sheet, sendList } from './list-file.ts'
import { like, NextCursor, RegionCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const chongqing = { code: '50', name: '重庆市', kind: 'province' }
const heading = { code: '5002', name: '县', kind: 'prefectureVirtual', parent: '50' }
const example = { code: '500229', name: '城口县', kind: 'county', parent: '5002' }
const detail = {
  ...example,
  fullName: '重庆市城口县',
  ancestors: [chongqing, heading],
  children: [],
  townships: 25,
  expected: 25,
}

/** Part of a name in a filter. */
export const NameFilter = Type.String({
  minLength: 1,
  maxLength: 50,
  ...about('名称的一部分', 'Part of the name', '城口'),
})
const kind = literals(
  regionKinds,
  about(
    '类型：province 省；prefecture 地级；prefectureVirtual 省直辖等汇总项，不是行政区；county 县级；countyWholeCity 不设县区的市；countyStatistical 统计用区划',
    'Kind: a prefectureVirtual is a heading above counties and no place; a countyWholeCity stands for a city without counties; a countyStatistical is no unit of GB/T 2260',
    'county',
  ),
)
const region = {
  code: RegionCode,
  name: Type.String(about('名称', 'Name', '城口县')),
  kind,
  parent: Type.Optional(Type.String(about('上级区划代码；省级没有', 'Code of the region above; a province has none', '5002'))),
}
const Region = Type.Object(region, {
  ...closed,
  $id: 'Region',
  ...about('行政区划', 'A province, prefecture or county', example),
})
const regionArray = (zh: string, en: string, examples: object[]) => Type.Array(ref(Region), about(zh, en, examples))
const RegionDetail = Type.Object(
  {
    ...region,
    fullName: Type.String(about('全称，不含汇总项', 'Name with those above it, headings left out', '重庆市城口县')),
    ancestors: regionArray('所有上级，自省起', 'The regions above, the province first', [chongqing, heading]),
    children: regionArray('直接下级', 'The regions right below', []),
    townships: Type.Integer(about('现有乡镇（街道）数', 'Townships that are valid today', 25)),
    expected: Type.Integer(
      about('其中应报送的：类型不是 other', 'Those of them that are expected to report: kind not other', 25),
    ),
  },
  {
    ...closed,
    $id: 'RegionDetail',
    ...about('行政区划及其上下级', 'A region with what lies above and below it', detail),
  },
)
const RegionList = Type.Object(
  {
    items: regionArray('按代码排序', 'In the order of their codes', [example]),
    next: NextCursor,
  },
  { ...closed, $id: 'RegionList', ...about('一页行政区划', 'A page of regions', { items: [example] }) },
)
export const regionSchemas = [Region, RegionDetail, RegionList]

const view = ({ code, name, kind, parent }: StoredRegion) => ({ code, name, kind, ...(parent !== null && { parent }) })
const sheet: Sheet<ReturnType<typeof view>> = {
  names: ['regions', '行政区划'],
  columns: [
    ['code', '代码', ({ code }) => code],
    ['name', '名称', ({ name }) => name],
    ['kind', '类型', ({ kind }) => kind],
    ['parent', '上级区划代码', ({ parent }) => parent],
  ],
}

/** `GET /v1/regions` and `/v1/regions/{code}`. 404 `unknown-region`. */
export const regionRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/regions',
      {
        schema: {
          operationId: 'listRegions',
          summary: '行政区划列表 / List regions',
          description:
            '省、地、县三级，按代码排序，下级紧随上级。 / All three levels in the order of their codes, each region before those in it.',
          tags: ['regions'],
          querystring: Type.Object(
            {
              parent: Type.Optional(like(RegionCode, example.parent)),
              kind: Type.Optional(kind),
              name: Type.Optional(NameFilter),
              ...paging,
              ...countedParameters,
            },
            closed,
          ),
          response: responses(
            {
              200: listAnswer(
                '一页行政区划，或全部 / A page of regions, or all',
                { $ref: 'RegionPageOrCount#' },
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
        const { parent } = filter
        const assertKnown = async () => {
          const unknown = parent === undefined ? [] : await unknownPlaces(database, { region: parent })
          const faults = unknown.map((fault) => ({ ...fault, parameter: 'parent' }))
          if (faults.length > 0) throw invalid('invalid-request', faults)
        }
        if (form || count) await assertKnown()
        if (count) return reply.send({ count: await countRegions(database, filter) })
        if (form)
          return sendList(database, request, reply, form, sheet, async (on, after) => {
            const { items, ...more } = await listRegions(on, filter, filePage, after)
            return { items: items.map(view), ...more }
          })
        const bound = { list: 'regions', ...filter }
        const [after] = cursor === undefined ? [] : readCursor(bound, cursor, ['text'])
        const page = await listRegions(database, filter, limit, after?.toString())
        if (page.items.length === 0) await assertKnown()
        const next = page.next && writeCursor(bound, [page.next])
        if (next) reply.header('link', nextLink(request.url, next))
        return { items: page.items.map(view), ...(next && { next }) }
      },
    )
    app.get(
      '/regions/:code',
      {
        schema: {
          operationId: 'getRegion',
          summary: '一个行政区划 / One region',
          tags: ['regions'],
          params: Type.Object({ code: like(RegionCode, example.code) }, closed),
          querystring: Type.Object({}, closed),
          response: responses(
            {
              200: json(
                '行政区划及其上下级 / The region',
                { $ref: 'RegionDetail#' },
                { examples: { county: worked('一个县', 'A county', detail) } },
              ),
            },
            'invalid-request',
            'unknown-region',
          ),
        },
      },
      async (request) => {
        const found = await findRegion(database, request.params.code)
        if (!found) throw new ProblemError('unknown-region', { code: request.params.code })
        const { ancestors, children, townships, expected } = found
        return {
          ...view(found),
          fullName: fullName(ancestors, found.name),
          ancestors: ancestors.map(view),
          children: children.map(view),
          townships,
          expected,
        }
      },
    )
  }
