/**
 * The answers of an operation as the document tells them. A resource names its own answers and the problems that it can answer with;
 * status, words, headers and examples of a problem follow from the table of problems.
 */
import type { ResponseHeader } from './headers.ts'
import { type Examples, problemExamples, statusOf } from './problem-examples.ts'
import type { ProblemCode, ProblemError } from './problems.ts'

type More = { headers?: readonly ResponseHeader[]; examples?: Examples }

const reasons: Record<number, string> = {
  400: '请求有误 / The request is not valid',
  401: '需要有效的身份凭证 / Valid credentials are required',
  403: '权限或管辖范围不足 / Not allowed with these credentials',
  404: '不存在或未填报 / Unknown, or not reported',
  405: '不支持的请求方法 / Method not allowed',
  406: '没有可接受的格式 / None of the accepted types is there',
  409: '状态不允许或写入冲突 / Not possible in this state',
  410: '须重新开始 / Gone; start over',
  412: '前提条件不符 / Precondition failed',
  413: '请求内容过大 / Body too large',
  415: '内容类型不支持 / Content type not supported',
  422: 'Idempotency-Key 已用于其他请求 / The Idempotency-Key stands for another request',
  428: '需要 If-Match / If-Match required',
  429: '请求过于频繁 / Too many requests',
  431: '请求头过大 / Headers too large',
  500: '服务内部错误 / Internal error',
  503: '暂不可用 / Not available now',
}

/** What every operation with a JSON body can be told of that body. */
export const bodyProblems = [
  'malformed-json',
  'malformed-gzip',
  'body-too-large',
  'unsupported-media-type',
  'unsupported-encoding',
] as const satisfies ProblemCode[]

/** A worked example: a summary in both languages and the value as it goes over the wire. */
export const worked = (zh: string, en: string, value: unknown) => ({ summary: `${zh} / ${en}`, value })

/** Headers of a response by name. The document's finishing puts the real header in the place of each name. */
export const headersOf = (names: readonly ResponseHeader[] = []) =>
  Object.fromEntries(names.map((name) => [name, { type: 'string' }]))

/** A JSON response. Fastify takes the schema from `content`. */
export function json(description: string, schema: { $ref: string }, { headers, examples }: More = {}) {
  return {
    description,
    headers: headersOf(headers),
    content: { 'application/json': { schema, ...(examples && { examples }) } },
  }
}

/** A response without a body. */
export const empty = (description: string, headers: readonly ResponseHeader[] = []) => ({
  description,
  headers: headersOf(headers),
  type: 'null',
})

const headersAt: Record<number, ResponseHeader[]> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
  503: ['Retry-After'],
}

/**
 * The responses of an operation: its own, and the problems that it can answer with, by code, or as an error of its own whose
 * example says more of this operation. 500 and 503 can always happen; 401, 403 and 429 are told once for all.
 */
export function responses(own: Record<number, object>, ...told: (ProblemCode | ProblemError)[]): Record<number, object> {
  return { ...own, ...problemResponses([...told, 'internal', 'unavailable']) }
}

/** The responses of these problems, by status. */
export function problemResponses(all: readonly (ProblemCode | ProblemError)[]) {
  const problems: Record<
    number,
    { description: string; headers: Record<string, object>; content: Record<string, { schema: object; examples: Examples }> }
  > = {}
  for (const status of new Set(all.map(statusOf))) {
    const examples = Object.assign({}, ...all.filter((problem) => statusOf(problem) === status).map(problemExamples))
    problems[status] = {
      description: reasons[status] ?? String(status),
      headers: headersOf(headersAt[status]),
      content: { 'application/problem+json': { schema: { $ref: 'Problem#' }, examples } },
    }
  }
  return problems
}
