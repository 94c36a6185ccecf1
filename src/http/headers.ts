/**
 * The headers that the document tells of, as components. Request headers are told here and in no `headers` schema of a route: Fastify would
 * compile and run one at every read, while each of these has a parser of its own and an unknown header is nobody's mistake.
 */
import { apiVersion } from './answers.ts'
import { exampleCursor } from './paging.ts'

const text = { type: 'string' }

/** Their examples stand in the schema: Swagger UI would fill a form with an `example` of the parameter. */
const requestHeaders = {
  'If-Match': {
    description:
      '仅当现存版本是所给 ETag（如 `"1-1"`）之一时才写入，`*` 表示须已存在；不符则 412 / Writes only where one of these ETags is stored now, `*` for any; otherwise 412',
    schema: { ...text, examples: ['"1-1"'] },
  },
  'If-None-Match': {
    description:
      '读取：ETag（如 `"1-1"`）相同则 304；写入：`*` 表示只新建，已存在则 412 / Read: 304 where the ETag is still the same. Write: `*` only creates; otherwise 412',
    schema: { ...text, examples: ['"1-1"', '*'] },
  },
  'Idempotency-Key': {
    description:
      '每个新请求一个不重复的值（如 UUID）；未收到应答时以同一值重发，只生效一次，得到首次的应答 / A value that no other request has, such as a UUID: sent again with the same one, because the answer was not heard, a request takes effect once and gets the first answer',
    schema: { ...text, examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'] },
  },
  'Accept-Language': {
    description: '错误说明的语言：`zh` 为中文，默认英文 / Language of problems: `zh` for Chinese, otherwise English',
    schema: { ...text, examples: ['zh'] },
  },
}

const responseHeaders = {
  'API-Version': { description: '接口版本 / Version of this API', schema: text, example: apiVersion },
  'X-Request-Id': {
    description: '请求编号，报障时请提供 / Id of the request; tell it to the operator when something fails',
    schema: text,
    example: '1f0c6e0e-6f0f-4c0e-9d2a-0a8a5d0b7b7e',
  },
  'Content-Language': {
    description: '错误说明所用的语言 / Language of the problem',
    schema: { ...text, enum: ['en', 'zh'] },
    example: 'zh',
  },
  ETag: { description: '版本标识，可用于 If-Match / Tag of this version, for If-Match', schema: text, example: '"1-1"' },
  Location: { description: '新建内容的地址 / Where the new one is', schema: text, example: '/v1/disputes/410423209/2024' },
  Link: {
    description: '下一页的地址；最后一页没有 / Address of the next page; absent on the last',
    schema: text,
    example: `</v1/disputes?period=2024&cursor=${exampleCursor}>; rel="next"`,
  },
  'Content-Disposition': {
    description: '导出文件的名称；仅 CSV、NDJSON / Name of the exported file; CSV and NDJSON only',
    schema: text,
    example: `attachment; filename="disputes-2024.csv"; filename*=UTF-8''%E7%9F%9B%E7%9B%BE%E7%BA%A0%E7%BA%B7-2024.csv`,
  },
  'WWW-Authenticate': {
    description: '所需的凭证（RFC 6750） / The credentials that are needed (RFC 6750)',
    schema: text,
    example: 'Bearer realm="register", error="invalid_token"',
  },
  RateLimit: {
    description:
      '本分钟内还可请求的次数 r，与至重新计数的秒数 t（draft-ietf-httpapi-ratelimit-headers）；不限次数时没有 / Requests left (r) and seconds until they are counted anew (t); absent where there is no limit',
    schema: text,
    example: '"minute";r=5999;t=60',
  },
  'RateLimit-Policy': {
    description: '每 w 秒最多 q 次请求；不限次数时没有 / At most q requests in w seconds; absent where there is no limit',
    schema: text,
    example: '"minute";q=6000;w=60',
  },
  'Settled-Until': {
    description:
      'asOf：此时刻之前的登记已全部完成，内容不会再变 / asOf: all that is recorded before this instant is there; what was held then does not change any more',
    schema: text,
    example: '2025-03-04T02:00:00.000Z',
  },
  Provisional: {
    description:
      '仅当 asOf 不早于 Settled-Until：尚未结束的写入可能仍登记在 asOf 之前 / Only where asOf is not before Settled-Until: writes that still run may yet be recorded before it',
    schema: { ...text, enum: ['true'] },
    example: 'true',
  },
  'Export-Token': {
    description:
      '导出到此为止；以 changedSince 传回，即只导出此后变更的数据 / How far this export reaches: as changedSince it asks for what has changed since; not with asOf',
    schema: text,
    example: exampleCursor,
  },
  'Idempotency-Replayed': {
    description: '`true`：这是首次请求的应答 / `true`: this is the answer to the first request with this key',
    schema: { ...text, enum: ['true'] },
    example: 'true',
  },
  'Retry-After': { description: '多少秒后可重试 / Seconds to wait before trying again', schema: text, example: '5' },
}

/** What a page of another origin may read beside the body. */
export const exposedHeaders = ['Allow', ...Object.keys(responseHeaders)]

export type RequestHeader = 'If-Match' | 'If-None-Match' | 'Idempotency-Key'
export type ResponseHeader =
  | ('ETag' | 'Location' | 'Link' | 'Content-Disposition' | 'Retry-After')
  | ('RateLimit' | 'RateLimit-Policy' | 'WWW-Authenticate' | 'Idempotency-Replayed')
  | ('Settled-Until' | 'Provisional' | 'Export-Token')
const component = (header: string) => header.replaceAll('-', '')

/** A reference to the component of a header. */
export const headerRef = (kind: 'parameters' | 'headers', header: string) => ({
  $ref: `#/components/${kind}/${component(header)}`,
})

/** `components.parameters` and `components.headers`. */
export const headerComponents = {
  parameters: Object.fromEntries(
    Object.entries(requestHeaders).map(([name, told]) => [component(name), { name, in: 'header', required: false, ...told }]),
  ),
  headers: Object.fromEntries(Object.entries(responseHeaders).map(([name, told]) => [component(name), told])),
}
