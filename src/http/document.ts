/**
 * What the OpenAPI document says beyond the schemas of the routes: request headers, and examples of bodies, which the plugin would drop
 * since they stand beside a `$ref`. And the order of everything, so that a second run gives the same bytes and a page reads well.
 */

import type { Access } from './access.ts'
import { headerComponents, headerRef, type RequestHeader } from './headers.ts'
import type { Examples } from './problem-examples.ts'
import { problemResponses } from './responses.ts'

type Media = { schema: object; examples?: Examples }
type Documented = {
  headers?: readonly RequestHeader[]
  examples?: Examples
  /** By media type; of a route that reads its own stream, and so has no body schema that Fastify would compile. */
  body?: Record<string, Media>
}

const extension = 'x-document'

/** To be spread into the schema of a route: the request headers that act on it, and examples of its body by name. */
export const documented = (more: Documented) => ({ [extension]: more })

type Parameter = {
  name: string
  in: string
  description: string
  required?: boolean
  example?: unknown
  schema: { default?: unknown; examples?: unknown[] }
}
type Response = { description: string; headers?: Record<string, object>; content?: Record<string, Media> }
type Operation = {
  tags: string[]
  summary: string
  description?: string
  operationId: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Record<string, Media> }
  responses: Record<string, Response>
  [extension]?: Documented
}
export type AccessOf = (operationId: string) => Access | undefined
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; examples: Record<string, object>; securitySchemes: Record<string, object> }
}

function sorted<T>(from: Record<string, T>, place: (key: string) => number = () => 0): Record<string, T> {
  return Object.fromEntries(Object.entries(from).sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)))
}

/**
 * Swagger UI fills a form with the `example` of a parameter, and a list filtered by all examples at once is not what a reader wants: what may
 * be left out (so may what has a default) has its example in the schema, and a short one in words as well, since the page shows no other.
 */
function finishedParameter({ example, schema, description, ...parameter }: Parameter): Parameter {
  if (example === undefined) return { ...parameter, description, schema }
  if (parameter.required && schema.default === undefined) return { ...parameter, description, example, schema }
  const shown = schema.default === undefined && String(example).length <= 30 ? `（如 / e.g. \`${example}\`）` : ''
  return { ...parameter, required: false, description: description + shown, schema: { ...schema, examples: [example] } }
}

/**
 * Version, request id and what is left of the limit are on every answer; they are told at those of success, where a reader looks, and not at
 * ten problems more.
 */
function finishedResponse({ description, headers = {}, content }: Response, limited: boolean, keyed: boolean): Response {
  const counted = limited ? ['RateLimit', 'RateLimit-Policy'] : []
  const always = ['API-Version', 'X-Request-Id', ...counted, ...(keyed ? ['Idempotency-Replayed'] : [])]
  const usual = content?.['application/problem+json'] ? ['Content-Language'] : always
  const all = [...Object.keys(headers), ...usual].map((name) => [name, headerRef('headers', name)])
  return { description, headers: Object.fromEntries(all), ...(content && { content }) }
}

/** What the plugin did not see: references to components in the form of Fastify. */
function resolved(body: Record<string, Media>): Record<string, Media> {
  return JSON.parse(JSON.stringify(body).replace(/"\$ref":"(\w+)#"/g, '"$ref":"#/components/schemas/$1"'))
}

/** What everyone meets who may not: the same of every operation, so told once. */
const denials = problemResponses([
  ...([
    'credentials-required',
    'credentials-invalid',
    'key-expired',
    'key-revoked',
    'token-expired',
    'token-without-role',
  ] as const),
  ...(['role-too-low', 'outside-region', 'country-only', 'too-many-requests', 'too-many-failures'] as const),
])
/** And who repeats a request wrongly. */
const repeated = problemResponses(['idempotency-key-reused'])
const running = problemResponses(['idempotency-running'])[409]
const nameOf: Record<string, string> = { 401: 'Unauthenticated', 403: 'Forbidden', 422: 'KeyReused', 429: 'TooManyRequests' }
const refsTo = (told: object) =>
  Object.fromEntries(Object.keys(told).map((status) => [status, { $ref: `#/components/responses/${nameOf[status]}` }]))
const [denialRefs, repeatedRefs] = [refsTo(denials), refsTo(repeated)]
const resolvedResponse = (response: Response) => {
  const { content = {}, ...finished } = finishedResponse(response, true, false)
  return { ...finished, content: resolved(content) }
}

/** A conflict of the operation's own beside that of a request that still runs. */
function withRunning(own: Response | undefined): Response {
  if (!running || !own?.content) return resolvedResponse(running ?? { description: '' })
  const [type = '', media] = Object.entries(own.content)[0] ?? []
  const examples = { ...media?.examples, ...running.content[type]?.examples }
  return { ...own, content: { ...own.content, ...(media && { [type]: { ...media, examples } }) } }
}

const whereTold = (where: Access['where']) => {
  if (where === 'country') return '，须为全国范围 / of the whole country'
  return where === 'nowhere' ? '' : '，限本辖区 / of its region'
}

/** An operation, and whether it asks who calls, and takes an Idempotency-Key. */
type Guarded = Operation & { denied?: boolean; keyed?: boolean }

/** Who may call it, in words. Reads of all regions ask for no region. */
function guarded(operation: Operation, method: string, access: Access | undefined): Guarded {
  if (!access || access.role === 'anyone') return { ...operation, security: [] }
  const own = access.role === 'reader' && access.where !== 'country' ? '' : whereTold(access.where)
  const needs = `权限 / Role: \`${access.role}\`${own}`
  const { description } = operation
  return {
    ...operation,
    description: description === undefined ? needs : `${description}\n\n${needs}`,
    security: access.role === 'reader' ? [{ Key: [] }, {}] : [{ Key: [] }],
    denied: true,
    keyed: method !== 'get',
  }
}

function finishedOperation({
  [extension]: more = {},
  parameters = [],
  requestBody,
  responses,
  denied,
  keyed = false,
  ...rest
}: Guarded) {
  const { tags, summary, description, ...others } = rest
  const problems = Object.values(responses).some(({ content }) => content?.['application/problem+json'])
  const acting = [...(more.headers ?? []), ...(keyed ? ['Idempotency-Key'] : []), ...(problems ? ['Accept-Language'] : [])]
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  const elsewhere = parameters.filter((parameter) => parameter.in !== 'path')
  const told = [...[...inPath, ...elsewhere].map(finishedParameter), ...acting.map((name) => headerRef('parameters', name))]
  const body = more.body ? { required: true, content: resolved(more.body) } : requestBody
  for (const media of Object.values(requestBody?.content ?? {})) if (more.examples) media.examples = more.examples
  return {
    tags,
    summary,
    ...(description && { description }),
    ...others,
    ...(told.length > 0 && { parameters: told }),
    ...(body && { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        Object.entries(keyed ? { ...responses, 409: withRunning(responses[409]) } : responses).map(([status, response]) => [
          status,
          finishedResponse(response, denied === true, keyed),
        ]),
      ),
      ...(denied && denialRefs),
      ...(keyed && repeatedRefs),
    },
  }
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The document as it is published: what the plugin made of the routes, completed and in a fixed order. */
export function finished(
  { paths, components: { schemas, examples, securitySchemes }, ...head }: Document,
  accessOf: AccessOf,
  more: Record<`x-${string}`, unknown>,
) {
  const operations = Object.fromEntries(
    Object.entries(sorted(paths)).map(([path, byMethod]) => [
      path,
      Object.fromEntries(
        Object.entries(sorted(byMethod, (method) => methods.indexOf(method))).map(([method, operation]) => [
          method,
          finishedOperation(guarded(operation, method, accessOf(operation.operationId))),
        ]),
      ),
    ]),
  )
  const shared = { ...denials, ...repeated }
  const used = JSON.stringify([operations, shared])
  return {
    ...head,
    ...more,
    paths: operations,
    components: {
      schemas: sorted(schemas),
      ...headerComponents,
      securitySchemes,
      responses: Object.fromEntries(
        Object.entries(shared).map(([status, response]) => [nameOf[status], resolvedResponse(response)]),
      ),
      examples: Object.fromEntries(
        Object.entries(sorted(examples)).filter(([name]) => used.includes(`"#/components/examples/${name}"`)),
      ),
    },
  }
}
