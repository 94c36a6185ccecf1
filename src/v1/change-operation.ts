/** The operation of the feed as clients and the document know it. `changes.ts` serves it. */
import { Type } from '@fastify/type-provider-typebox'
import { categories } from '../catalogue/index.ts'
import { about, literals } from '../catalogue/schema.ts'
import { exampleCursor, paging } from '../http/paging.ts'
import { json, responses, worked } from '../http/responses.ts'
import { examplePage, heldPage } from './change-schemas.ts'
import { RegionCode, TownshipCode } from './schemas.ts'

const names = categories.map(({ name }) => name)

/** The schema of `GET /v1/changes`. */
export const changeOperation = {
  operationId: 'listChanges',
  summary: '变更记录 / What has changed, in order',
  description: `每次新建、修改、删除各列一次，按生效顺序，不遗漏、不重复；较晚提交的变更不会出现在已给出的 next 之前。从头读取（不带 after），逐条应用，再以 next 继续，即可保存一份与登记库一致的副本。410 表示数据库已更换：清空副本，从头读取。

Each create, update and delete once, in an order without gaps: what commits late never comes before a \`next\` that was handed out. Read from the beginning (without \`after\`), apply each change, go on with \`next\`, and your copy is the register's. 410 means that the database is another one: drop the copy and read from the beginning.`,
  tags: ['changes'],
  querystring: Type.Object(
    {
      after: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 500,
          ...about(
            '上一次的 next；没有即从头开始',
            'The `next` of the answer before; from the beginning without it',
            exampleCursor,
          ),
        }),
      ),
      limit: paging.limit,
      category: Type.Optional(literals(names, about('类别', 'Category', 'disputes'))),
      region: Type.Optional(RegionCode),
      township: Type.Optional(TownshipCode),
      wait: Type.Integer({
        minimum: 0,
        maximum: 30,
        default: 0,
        ...about('没有变更时最多等待的秒数', 'Seconds to wait for a change where there is none', 30),
      }),
    },
    { additionalProperties: false },
  ),
  response: responses(
    {
      200: json(
        '一页变更；可能为空 / A page of changes; it may be empty',
        { $ref: 'ChangeList#' },
        {
          examples: {
            page: worked('更正，随后删除', 'A correction, then a deletion', examplePage),
            held: worked('没有新变更，一个事务尚未结束', 'Nothing new, held back by a transaction that still runs', heldPage),
          },
        },
      ),
    },
    'invalid-request',
    'invalid-cursor',
    'cursor-of-another-filter',
    'cursor-of-another-database',
  ),
}
