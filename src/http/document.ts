/**
 * What the OpenAPI document says beyond the schemas of the routes: request headers, and examples of bodies, which the plugin would drop
 * since they stand beside a `$ref`. And the order of everything, so that a second run gives the same bytes and a page reads well.
 */
import { headerComponents, headerRef, type RequestHeader } from './headers.ts'
import type { Examples } from './problem-examples.ts'

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
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Record<string, Media> }
  responses: Record<string, Response>
  [extension]?: Documented
}
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; examples: Record<string, object> }
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
function finishedResponse({ description, headers = {}, content }: Response, limited: boolean): Response {
  const always = ['API-Version', 'X-Request-Id', ...(limited ? ['RateLimit', 'RateLimit-Policy'] : [])]
  const usual = content?.['application/problem+json'] ? ['Content-Language'] : always
  const all = [...Object.keys(headers), ...usual].map((name) => [name, headerRef('headers', name)])
  return { description, headers: Object.fromEntries(all), ...(content && { content }) }
}

/** What the plugin did not see: references to components in the form of Fastify. */
function resolved(body: Record<string, Media>): Record<string, Media> {
  return JSON.parse(JSON.stringify(body).replace(/"\$ref":"(\w+)#"/g, '"$ref":"#/components/schemas/$1"'))
}

function finishedOperation({ [extension]: more = {}, parameters = [], requestBody, responses, ...rest }: Operation) {
  const { tags, summary, description, ...others } = rest
  const problems = Object.values(responses).some(({ content }) => content?.['application/problem+json'])
  const acting = [...(more.headers ?? []), ...(problems ? ['Accept-Language'] : [])]
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
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, finishedResponse(response, '429' in responses)]),
    ),
  }
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The document as it is published: what the plugin made of the routes, completed and in a fixed order. */
export function finished({ paths, components: { schemas, examples }, ...head }: Document, more: Record<`x-${string}`, unknown>) {
  const operations = Object.fromEntries(
    Object.entries(sorted(paths)).map(([path, byMethod]) => [
      path,
      Object.fromEntries(
        Object.entries(sorted(byMethod, (method) => methods.indexOf(method))).map(([method, operation]) => [
          method,
          finishedOperation(operation),
        ]),
      ),
    ]),
  )
  const used = JSON.stringify(operations)
  return {
    ...head,
    ...more,
    paths: operations,
    components: {
      schemas: sorted(schemas),
      ...headerComponents,
      examples: Object.fromEntries(
        Object.entries(sorted(examples)).filter(([name]) => used.includes(`"#/components/examples/${name}"`)),
      ),
    },
  }
}
