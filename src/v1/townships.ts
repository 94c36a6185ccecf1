/** Townships, subdistricts and the areas of their level. A closed code still answers: figures stay on the code that reported them. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { about, literals } from '../catalogue/schema.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { fullName, townshipKinds } from '../registry/rules.ts'
import type { Database } from '../storage/database.ts'
import { findTownship, listTownships, type StoredRegion, type StoredTownship } from '../storage/places.ts'
import { unknownPlaces } from './filters.ts'
import { NameFilter } from './regions.ts'
import { Day, json, RegionCode, responses, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const example = {
  code: '500229107',
  name: '高观镇',
  kind: 'town',
  fullName: '重庆市城口县高观镇',
  county: { code: '500229', name: '城口县' },
  prefecture: { code: '5002', name: '县' },
  province: { code: '50', name: '重庆市' },
}

const kind = literals(
  townshipKinds,
  about(
    '类型：subdistrict 街道；town 镇；township 乡；ethnicTownship 民族乡；sumu 苏木；ethnicSumu 民族苏木；other 其他（开发区、农场等，不要求报送）',
    'Kind; other are statistical areas such as parks and farms, which are not expected to report',
    'town',
  ),
)
const PlaceName = Type.Object(
  {
    code: RegionCode,
    name: Type.String(about('名称', 'Name', '城口县')),
  },
  { ...closed, $id: 'PlaceName', description: '所在区划 / A region that it lies in', examples: [example.county] },
)
const at = Type.Unsafe<unknown>({ $ref: 'PlaceName#' })
const Township = Type.Object(
  {
    code: TownshipCode,
    name: Type.String(about('名称', 'Name', example.name)),
    kind,
    fullName: Type.String(
      about('全称，不含市辖区等汇总项', 'Name with those of its regions, headings left out', example.fullName),
    ),
    county: at,
    prefecture: at,
    province: at,
    validFrom: Type.Optional(Day('启用日；没有即早于登记', 'First day; absent when before the registry')),
    validTo: Type.Optional(Day('停用前最后一日；没有即仍在使用', 'Last day; absent while it is in use')),
  },
  { ...closed, $id: 'Township', description: '乡镇（街道） / A township or a unit of its level', examples: [example] },
)
const TownshipList = Type.Object(
  {
    items: Type.Array(Type.Unsafe<unknown>({ $ref: 'Township#' }), about('按代码排序', 'In the order of their codes', [example])),
    next: Type.Optional(
      Type.String(about('下一页游标；没有即为最后一页', 'Cursor of the next page; absent on the last', 'WzEsIl…')),
    ),
  },
  { ...closed, $id: 'TownshipList', description: '一页乡镇（街道） / A page of townships' },
)
export const townshipSchemas = [PlaceName, Township, TownshipList]

const ListQuery = Type.Object(
  {
    region: Type.Optional(RegionCode),
    name: Type.Optional(NameFilter),
    kind: Type.Optional(kind),
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
  },
  closed,
)

const named = ({ code, name }: StoredRegion) => ({ code, name })

function view({ code, name, kind, county, prefecture, province, validFrom, validTo }: StoredTownship) {
  return {
    code,
    name,
    kind,
    fullName: fullName([province, prefecture, county], name),
    county: named(county),
    prefecture: named(prefecture),
    province: named(province),
    ...(validFrom !== null && { validFrom }),
    ...(validTo !== null && { validTo }),
  }
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
            '按代码排序；name 匹配名称的任意部分；不给 validOn 时包括已停用的。 / In the order of their codes; `name` matches any part of the name; without `validOn` closed ones are included.',
          tags: ['townships'],
          querystring: ListQuery,
          response: responses({ 200: json('一页乡镇（街道） / A page of townships', { $ref: 'TownshipList#' }) }, 400),
        },
      },
      async (request, reply) => {
        const { limit, cursor, ...filter } = request.query
        const bound = { list: 'townships', ...filter }
        const [after] = cursor === undefined ? [] : readCursor(bound, cursor)
        const page = await listTownships(database, filter, limit, after?.toString())
        const { region } = filter
        if (page.items.length === 0 && region !== undefined) {
          const unknown = await unknownPlaces(database, { region })
          if (unknown.length > 0) throw invalid('invalid-request', unknown)
        }
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
          tags: ['townships'],
          params: Type.Object({ code: TownshipCode }, closed),
          querystring: Type.Object({}, closed),
          response: responses({ 200: json('一个乡镇（街道） / The township', { $ref: 'Township#' }) }, 400, 404),
        },
      },
      async (request) => {
        const found = await findTownship(database, request.params.code)
        if (!found) throw new ProblemError('unknown-township', { code: request.params.code })
        return view(found)
      },
    )
  }
