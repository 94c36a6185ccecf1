/** The schemas that several resources share: codes in paths and filters, problems, findings. */
import Type, { type TSchema } from 'typebox'
import { findingsOf } from '../catalogue/findings.ts'
import { periodPattern } from '../catalogue/period.ts'
import { about, literals, ref } from '../catalogue/schema.ts'
import { exampleCursor } from '../http/paging.ts'
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

/** The same schema with another example: the examples of one operation belong together. */
export const like = <S extends TSchema>(schema: S, example: unknown): S => ({ ...schema, examples: [example] })

/** Offsets of RFC 3339 go to 23:59, those of a database and of the world not beyond 15:59. */
const instantPattern = '^(?!0000).*([zZ]|[+-](0[0-9]|1[0-5]):[0-5][0-9])$'
export const Instant = (zh: string, en: string) =>
  Type.String({ format: 'date-time', pattern: instantPattern, title: 'date-time', ...about(zh, en, '2025-03-01T08:00:00.000Z') })
export const NextCursor = Type.Optional(
  Type.String(about('下一页游标；没有即为最后一页', 'Cursor of the next page; absent on the last', exampleCursor)),
)
export const Day = (zh: string, en: string) =>
  Type.String({ format: 'date', pattern: '^(?!0000)', title: 'date', ...about(zh, en, '2025-03-01') })

/** Why something is done. One line, since it is shown in lists. */
export const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f]+$',
  title: 'Reason',
  ...about(
    '理由，至多 500 字，单行，记入历史',
    'Why, in one line of at most 500 characters; kept in the history',
    '县司法局复核后更正',
  ),
})
/** The query of a write. A header could not carry Chinese as it is. What changes nothing keeps no reason. */
export const WriteQuery = Type.Object({ reason: Type.Optional(Reason) }, closed)

const fault = {
  pointer: '/figures/identfied',
  code: 'unknown-figure',
  detail: 'the catalogue has no figure “identfied”; did you mean “identified”?',
}
export const Fault = Type.Object(
  {
    pointer: Type.Optional(Type.String(about('请求内容中的位置（RFC 6901）', 'Where in the body (RFC 6901)', fault.pointer))),
    parameter: Type.Optional(Type.String(about('路径或查询参数', 'Path or query parameter', 'limit'))),
    header: Type.Optional(Type.String(about('请求头', 'Request header', 'If-Match'))),
    code: literals(Object.keys(faults), about('错误代码，不会更改', 'Stable code of the mistake', fault.code)),
    detail: Type.String(about('说明', 'In plain words', fault.detail)),
  },
  { ...closed, $id: 'Fault', ...about('一处错误', 'One mistake', fault) },
)

const problem = {
  type: 'urn:township-register:problem:invalid-body',
  title: 'The body is not valid',
  status: 400,
  detail: '1 mistake(s) in the body; nothing was written; see errors',
  code: 'invalid-body',
  requestId: '1f0c6e0e-6f0f-4c0e-9d2a-0a8a5d0b7b7e',
  errors: [fault],
}
export const Problem = Type.Object(
  {
    type: Type.String(about('错误类型', 'Identifier of the kind of problem', problem.type)),
    title: Type.String(about('标题', 'Title', problem.title)),
    status: Type.Integer(about('HTTP 状态码', 'HTTP status', problem.status)),
    detail: Type.String(about('说明', 'In plain words', problem.detail)),
    code: literals(Object.keys(problems), about('错误代码，不会更改', 'Stable code of the problem', problem.code)),
    requestId: Type.String(about('请求编号', 'Id of the request', problem.requestId)),
    errors: Type.Optional(Type.Array(ref(Fault), about('所有错误', 'All mistakes at once', problem.errors))),
  },
  {
    ...closed,
    $id: 'Problem',
    ...about('错误（RFC 9457）；Accept-Language: zh 返回中文', 'Problem details (RFC 9457)', problem),
  },
)

export const [exampleFinding] = findingsOf('disputes', { figures: { accepted: 2, resolved: 3 } })
export const FindingSchema = Type.Object(
  {
    rule: literals(
      ['within', 'breakdown', 'memberWithin', 'rateOf', 'balance', 'perUnit', 'rateRange'],
      about('校验规则', 'The rule of the catalogue', exampleFinding?.rule),
    ),
    severity: literals(
      ['warning', 'impossible'],
      about('warning 提示；impossible 不可能（须有说明）', 'impossible is stored only with a note', exampleFinding?.severity),
    ),
    figures: Type.Array(
      Type.String(about('数据路径', 'Path of a figure', exampleFinding?.figures[0])),
      about('涉及的数据', 'The figures concerned', exampleFinding?.figures),
    ),
    relation: literals(
      ['<=', '=', '>='],
      about('actual 与 expected 应有的关系', 'What should hold between actual and expected', exampleFinding?.relation),
    ),
    expected: Type.Number(about('应有值或上下限', 'The value or bound that the rule gives', exampleFinding?.expected)),
    actual: Type.Number(about('填报值', 'What was reported', exampleFinding?.actual)),
    message: Type.Object(
      {
        zh: Type.String(about('中文说明', 'In Chinese', exampleFinding?.message.zh)),
        en: Type.String(about('英文说明', 'In English', exampleFinding?.message.en)),
      },
      { ...closed, ...about('说明', 'In plain words', exampleFinding?.message) },
    ),
  },
  {
    ...closed,
    $id: 'Finding',
    ...about('校验提示，不影响保存', 'What does not add up; a warning that refuses nothing', exampleFinding),
  },
)

export const sharedSchemas = [Fault, Problem, FindingSchema]
