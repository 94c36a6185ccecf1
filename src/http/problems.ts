/**
 * Errors on the wire: `application/problem+json` (RFC 9457) in English or, where the client prefers it, in Chinese. Two tables hold
 * every code once: `problems` are whole answers with their status, `faults` are the single mistakes listed under `errors`.
 * Codes are part of the contract: they are never renamed. Words in braces are filled in from the parameters of the error.
 */

import type { IncomingHttpHeaders } from 'node:http'
import Negotiator from 'negotiator'

type Words = readonly [en: string, zh: string]
type Entry = readonly [status: number, title: Words, detail: Words]

export const problems = {
  'invalid-request': [400, ['The request is not valid', '请求有误'], ['{count} mistake(s) in the path or query; see errors', '路径或查询参数有 {count} 处错误，见 errors']],
  'invalid-body': [400, ['The body is not valid', '请求内容有误'], ['{count} mistake(s) in the body; nothing was written; see errors', '请求内容有 {count} 处错误，未写入任何数据，见 errors']],
  'malformed-json': [400, ['The body is not JSON', '请求内容不是有效的 JSON'], ['The body cannot be read as JSON: {reason}', '无法解析 JSON：{reason}']],
  'invalid-cursor': [400, ['The cursor is not valid', '游标无效'], ['The cursor is damaged or of another version; start again without it', '游标已损坏或版本不符，请去掉游标重新开始']],
  'cursor-of-another-filter': [
    400,
    ['The cursor belongs to another filter', '游标与筛选条件不符'],
    ['A cursor continues the very list it came from; repeat its filter or start again without it', '游标只能用于产生它的同一查询，请使用原筛选条件或去掉游标重新开始'],
  ],
  'bad-url': [400, ['The address is not valid', '地址有误'], ['The request or its address cannot be read; percent-encode everything but ASCII', '无法解析请求或地址；中文等字符须作百分号编码']],
  'unknown-route': [404, ['There is nothing at this address', '地址不存在'], ['No route {method} {path}; see /docs', '没有 {method} {path}，请查阅 /docs']],
  'unknown-indicator': [404, ['No such indicator', '指标不存在'], ['The catalogue has no figure “{code}”{nearest}', '目录中没有“{code}”{nearestZh}']],
  'unknown-region': [404, ['No such region', '行政区划不存在'], ['No region has the code {code}', '没有代码为 {code} 的行政区划']],
  'unknown-township': [404, ['No such township', '乡镇不存在'], ['No township has the code {code}', '没有代码为 {code} 的乡镇（街道）']],
  'unknown-period': [404, ['No such period', '报告期不存在'], ['The period {code} has not been created', '报告期 {code} 尚未建立']],
  'record-absent': [404, ['Not reported', '未填报'], ['{township} has no record of this category in {period}', '{township} 在 {period} 没有该类数据']],
  'report-absent': [404, ['Not reported', '未填报'], ['{township} has reported nothing in {period}', '{township} 在 {period} 没有任何数据']],
  'method-not-allowed': [405, ['Method not allowed', '不支持的请求方法'], ['{method} is not possible here; allowed: {allow}', '此处不支持 {method}，可用：{allow}']],
  'period-closed': [409, ['The period is closed', '报告期已关闭'], ['{period} takes no more writes', '{period} 已关闭，不再接收数据']],
  'period-exists': [409, ['The period exists', '报告期已存在'], ['{period} was created before', '{period} 已经建立']],
  'write-conflict': [409, ['Too many writers', '写入冲突'], ['Others kept changing this record; try again', '该记录正被多方同时修改，请重试']],
  'precondition-failed': [412, ['The record has changed', '记录已变更'], ['What you saw is not what is stored now; read it again', '当前内容与您读取时不同，请重新读取']],
  'body-too-large': [413, ['The body is too large', '请求内容过大'], ['At most {limit} bytes', '不得超过 {limit} 字节']],
  'unsupported-media-type': [415, ['The content type is not supported', '不支持的内容类型'], ['Send {expected}; received {received}', '请使用 {expected}，收到的是 {received}']],
  'precondition-required': [428, ['If-Match is required', '需要 If-Match'], ['This would delete {names}; read the report and send its ETag as If-Match', '此操作将删除 {names}，请先读取报告并以 If-Match 提交其 ETag']],
  'header-too-large': [431, ['The headers are too large', '请求头过大'], ['Shorten the address or the headers', '请缩短地址或请求头']],
  internal: [500, ['Something failed on our side', '服务内部错误'], ['Tell the operator the request id', '请将请求编号告知管理员']],
  unavailable: [503, ['The register is not available now', '服务暂不可用'], ['The database does not answer; try again shortly', '数据库暂无响应，请稍后重试']],
} as const satisfies Record<string, Entry>

export const faults = {
  'wrong-type': ['must be {expected}, not {received}', '应为{expectedZh}，收到的是 {received}'],
  'not-whole': ['must be a whole number, not {received}', '应为整数，收到的是 {received}'],
  'null-value': ['null is not a value: leave it out, or remove it by PATCH', '不能为 null：未填报请省略，删除请用 PATCH'],
  'out-of-range': ['must be {limit}', '应{limitZh}'],
  'too-many-decimals': ['may have at most {decimals} decimals', '小数不得超过 {decimals} 位'],
  'too-long': ['may have at most {limit} characters', '不得超过 {limit} 个字符'],
  'too-short': ['must have at least {limit} character(s)', '至少需要 {limit} 个字符'],
  'not-allowed': ['must be one of {allowed}', '只能是 {allowed}'],
  'bad-format': ['must be a valid {format}', '不是有效的 {format}'],
  required: ['“{name}” is missing', '缺少“{name}”'],
  'unknown-property': ['“{name}” is not known here', '不支持“{name}”'],
  'unknown-parameter': ['there is no query parameter “{name}”', '没有查询参数“{name}”'],
  'unknown-figure': ['the catalogue has no figure “{name}”{nearest}', '目录中没有“{name}”{nearestZh}'],
  'figure-of-another-category': ['“{name}” belongs to {category}', '“{name}”属于 {category}'],
  'remark-on-breakdown': ['“{name}” is a breakdown; remarks stand on its members, such as {example}', '“{name}”为分项数据，说明应写在各分项上，例如 {example}'],
  'qualifier-without-value': ['a {word} needs a value beside it', '没有数值时不能有 {word}'],
  'missing-beside-value': ['“missing” says why there is no value, but there is one', '已有数值，不能再填“missing”'],
  impossible: ['{message}; explain it in a note or correct it', '{messageZh}；请更正或在 note 中说明'],
  'not-the-path': ['is “{received}”, but the path says “{expected}”', '为“{received}”，与路径中的“{expected}”不一致'],
  'bad-township': ['a township code has 9 digits, not “{received}”{hint}', '乡镇代码应为 9 位数字，收到的是“{received}”{hintZh}'],
  'bad-region': ['a region code has 2, 4 or 6 digits, not “{received}”', '行政区划代码应为 2、4 或 6 位数字，收到的是“{received}”'],
  'bad-period': ['a period is a year, half, quarter or month (2024, 2024-H1, 2024-Q3, 2024-06), not “{received}”', '报告期应为年、半年、季度或月（2024、2024-H1、2024-Q3、2024-06），收到的是“{received}”'],
  'no-such-township': ['no township has the code {code}', '没有代码为 {code} 的乡镇（街道）'],
  'no-such-region': ['no region has the code {code}', '没有代码为 {code} 的行政区划'],
  'no-such-period': ['the period {code} has not been created', '报告期 {code} 尚未建立'],
} as const satisfies Record<string, Words>

export type ProblemCode = keyof typeof problems
export type FaultCode = keyof typeof faults
export type Params = Record<string, string | number>
export type Language = 'en' | 'zh'

/** One mistake. `pointer` is a JSON Pointer into the body (RFC 6901), `parameter` a path or query parameter. */
export type Fault = { pointer?: string; parameter?: string; code: FaultCode; params?: Params }

/** What a handler throws: a whole answer. `headers` are set on the response. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly params: Params
  readonly faults: readonly Fault[]
  readonly headers: Record<string, string>
  constructor(code: ProblemCode, params: Params = {}, faults: readonly Fault[] = [], headers: Record<string, string> = {}) {
    super(code)
    this.code = code
    this.params = params
    this.faults = faults
    this.headers = headers
  }
}

/** Mistakes listed in one answer; what is over the limit is only counted. */
const listed = 100

/** A 400 that lists every mistake. */
export function invalid(code: 'invalid-body' | 'invalid-request', faults: readonly Fault[]): ProblemError {
  return new ProblemError(code, { count: faults.length }, faults.slice(0, listed))
}

/** The language the client prefers of the two that we speak; English where it does not say (RFC 9110, 12.5.4). */
export function languageOf(headers: IncomingHttpHeaders): Language {
  return new Negotiator({ headers }).language(['en', 'zh']) === 'zh' ? 'zh' : 'en'
}

function filled(words: Words, language: Language, params: Params): string {
  return words[language === 'zh' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
}

/** The body of a problem in one language. */
export function problemBody(error: ProblemError, language: Language, requestId: string) {
  const [status, title, detail] = problems[error.code]
  return {
    type: `urn:township-register:problem:${error.code}`,
    title: filled(title, language, error.params),
    status,
    detail: filled(detail, language, error.params),
    code: error.code,
    requestId,
    ...(error.faults.length > 0 && {
      errors: error.faults.map(({ params = {}, ...fault }) => ({
        ...fault,
        detail: filled(faults[fault.code], language, params),
      })),
    }),
  }
}
