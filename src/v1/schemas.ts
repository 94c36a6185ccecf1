/** The schemas that several resources share: codes in paths and filters, problems, findings. */
import Type, { type TSchema } from 'typebox'
import { periodPattern } from '../catalogue/period.ts'
import { about } from '../catalogue/schema.ts'
import { faults, problems } from '../http/problems.ts'

const closed = { additionalProperties: false } as const

export const TownshipCode = Type.String({
  pattern: '^[0-9]{9}$',
  title: 'Township code',
  ...about('乡镇（街道）代码，9 位（GB/T 10114）', 'Township code, 9 digits (GB/T 10114)', '410423209'),
})
export const RegionCode = Type.String({
  pattern: '^([0-9]{2}|[0-9]{4}|[0-9]{6})$',
  title: 'Region code',
  ...about('行政区划代码，2、4 或 6 位（GB/T 2260）', 'Region code, 2, 4 or 6 digits (GB/T 2260)', '410423'),
})
export const PeriodCode = Type.String({
  pattern: periodPattern,
  title: 'Period',
  ...about('报告期：年、半年、季度或月', 'Reporting period: year, half, quarter or month', '2024'),
})
export const Instant = (zh: string, en: string) =>
  Type.String({ format: 'date-time', pattern: '^(?!0000)', title: 'date-time', ...about(zh, en, '2025-03-01T08:00:00.000Z') })
export const Day = (zh: string, en: string) => Type.String({ format: 'date', pattern: '^(?!0000)', title: 'date', ...about(zh, en, '2025-03-01') })

export const Fault = Type.Object(
  {
    pointer: Type.Optional(
      Type.String(about('请求内容中的位置（RFC 6901）', 'Where in the body (RFC 6901)', '/figures/identified')),
    ),
    parameter: Type.Optional(Type.String(about('路径或查询参数', 'Path or query parameter', 'limit'))),
    code: Type.String({
      enum: Object.keys(faults),
      ...about('错误代码，不会更改', 'Stable code of the mistake', 'unknown-figure'),
    }),
    detail: Type.String(about('说明', 'In plain words', 'the catalogue has no figure “identfied”; did you mean “identified”?')),
  },
  { ...closed, $id: 'Fault', description: '一处错误 / One mistake' },
)

export const Problem = Type.Object(
  {
    type: Type.String(about('错误类型', 'Identifier of the kind of problem', 'urn:township-register:problem:invalid-body')),
    title: Type.String(about('标题', 'Title', 'The body is not valid')),
    status: Type.Integer(about('HTTP 状态码', 'HTTP status', 400)),
    detail: Type.String(about('说明', 'In plain words', '1 mistake(s) in the body; nothing was written; see errors')),
    code: Type.String({
      enum: Object.keys(problems),
      ...about('错误代码，不会更改', 'Stable code of the problem', 'invalid-body'),
    }),
    requestId: Type.String(about('请求编号', 'Id of the request', '1f0c6e0e-6f0f-4c0e-9d2a-0a8a5d0b7b7e')),
    errors: Type.Optional(
      Type.Array(
        Type.Unsafe<unknown>({ $ref: 'Fault#' }),
        about('所有错误', 'All mistakes at once', [
          {
            pointer: '/figures/identfied',
            code: 'unknown-figure',
            detail: 'the catalogue has no figure “identfied”; did you mean “identified”?',
          },
        ]),
      ),
    ),
  },
  { ...closed, $id: 'Problem', description: '错误（RFC 9457）；Accept-Language: zh 返回中文 / Problem details (RFC 9457)' },
)

const messages = {
  zh: '排查（2）小于化解（3）',
  en: 'Disputes resolved (3) exceeds Disputes accepted (2)',
}
export const FindingSchema = Type.Object(
  {
    rule: Type.String({
      enum: ['within', 'breakdown', 'memberWithin', 'rateOf', 'balance', 'perUnit', 'rateRange'],
      ...about('校验规则', 'The rule of the catalogue', 'within'),
    }),
    severity: Type.String({
      enum: ['warning', 'impossible'],
      ...about('warning 提示；impossible 不可能（须有说明）', 'impossible is stored only with a note', 'warning'),
    }),
    figures: Type.Array(
      Type.String(about('数据路径', 'Path of a figure', 'resolved')),
      about('涉及的数据', 'The figures concerned', ['resolved', 'accepted']),
    ),
    relation: Type.String({
      enum: ['<=', '=', '>='],
      ...about('actual 与 expected 应有的关系', 'What should hold between actual and expected', '<='),
    }),
    expected: Type.Number(about('应有值或上下限', 'The value or bound that the rule gives', 2)),
    actual: Type.Number(about('填报值', 'What was reported', 3)),
    message: Type.Object(
      {
        zh: Type.String(about('中文说明', 'In Chinese', messages.zh)),
        en: Type.String(about('英文说明', 'In English', messages.en)),
      },
      { ...closed, ...about('说明', 'In plain words', messages) },
    ),
  },
  { ...closed, $id: 'Finding', description: '校验提示，不影响保存 / What does not add up; a warning that refuses nothing' },
)

/** Descriptions of the statuses that operations share, each as a problem. */
const problemResponses = {
  400: '请求有误 / The request is not valid',
  404: '不存在或未填报 / Unknown, or not reported',
  405: '不支持的请求方法 / Method not allowed',
  409: '状态不允许或写入冲突 / Not possible in this state',
  412: '前提条件不符 / Precondition failed',
  413: '请求内容过大 / Body too large',
  415: '内容类型不支持 / Content type not supported',
  428: '需要 If-Match / If-Match required',
  500: '服务内部错误 / Internal error',
  503: '暂不可用 / Not available now',
}

/** The responses of an operation: its own and the problems that it can answer with. 500 and 503 can always happen. */
export function responses(own: Record<number, object>, ...statuses: (keyof typeof problemResponses)[]): Record<number, object> {
  const told = [...statuses, 500 as const, 503 as const].map((status) => [
    status,
    { description: problemResponses[status], content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } },
  ])
  return { ...own, ...Object.fromEntries(told) }
}

/** A JSON response with a description; Fastify takes the schema from `content`. */
export function json(description: string, schema: TSchema | { $ref: string }, headers: object = {}) {
  return { description, headers, content: { 'application/json': { schema } } }
}

export const etagHeader = { ETag: { type: 'string', description: '版本标识，可用于 If-Match / Version tag, for If-Match' } }
export const sharedSchemas = [Fault, Problem, FindingSchema]
