/** The OpenAPI document as tests read it. */
import type { FastifyInstance } from 'fastify'

export type Ref = { $ref: string }
export type Schema = {
  $ref?: string
  type?: string | string[]
  description?: string
  examples?: unknown[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}
export type Parameter = {
  name: string
  in: string
  required?: boolean
  description?: string
  example?: unknown
  schema: Schema
}
export type Example = { summary?: string; value?: unknown }
export type Media = { schema: Schema; examples?: Record<string, Example | Ref> }
export type Response = { description: string; headers?: Record<string, Ref>; content?: Record<string, Media> }
export type Operation = {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  parameters?: (Parameter | Ref)[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, Response>
}
export type Components = {
  schemas: Record<string, Schema>
  parameters: Record<string, Parameter>
  headers: Record<string, { description: string; schema: Schema; example?: unknown }>
  examples: Record<string, Example>
  responses: Record<string, Response>
}
export type Document = {
  openapi: string
  tags: { name: string; description: string }[]
  'x-tagGroups': { name: string; tags: string[] }[]
  paths: Record<string, Record<string, Operation>>
  components: Components
}

/** A document with its shared responses where they are referred to. */
export function inlined(text: string): Document {
  const document: Document = JSON.parse(text)
  const { responses } = document.components
  for (const { operation } of operationsOf(document))
    for (const [status, response] of Object.entries(operation.responses))
      if ('$ref' in response && typeof response.$ref === 'string')
        operation.responses[status] = responses[response.$ref.split('/').at(-1) ?? ''] ?? response
  return document
}

/** The document of an application, as a copy that a test may spoil. */
export const documentOf = (app: FastifyInstance): Document => inlined(JSON.stringify(app.swagger()))

export type Told = { method: string; path: string; operation: Operation }
/** Every operation with its method and path. */
export function operationsOf({ paths }: Document): Told[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
}

const last = ({ $ref }: Ref) => $ref.split('/').at(-1) ?? ''

/** The parameters of an operation, the shared ones among them. */
export function parametersOf({ components }: Document, { parameters = [] }: Operation): Parameter[] {
  return parameters.flatMap((parameter) => ('$ref' in parameter ? (components.parameters[last(parameter)] ?? []) : parameter))
}

/** The examples of a body, by name. */
export function examplesOf({ components }: Document, media: Media | undefined): Record<string, Example> {
  return Object.fromEntries(
    Object.entries(media?.examples ?? {}).map(([name, example]) => [
      name,
      '$ref' in example ? (components.examples[last(example)] ?? {}) : example,
    ]),
  )
}
