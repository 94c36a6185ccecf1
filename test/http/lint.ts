/** What is wrong with the OpenAPI document, one line a problem: what its readers were promised and no validator knows. */
import {
  type Document,
  examplesOf,
  type Media,
  type Operation,
  operationsOf,
  parametersOf,
  type Response,
  type Schema,
  type Told,
} from './document.ts'

const bilingual = (text: string | undefined) => text !== undefined && /\p{Script=Han}/u.test(text) && /[A-Za-z]{2}/.test(text)

function told(at: string, description: string | undefined, examples: unknown[] | undefined): string[] {
  return [
    ...(bilingual(description) ? [] : [`${at}: not described in both languages`]),
    ...(examples && examples.length > 0 ? [] : [`${at}: no example`]),
  ]
}

/** Keyed by figure path, so that their names are data; what stands behind a name is a component. */
const keyed = [/^[A-Z][A-Za-z]*Remarks(Patch)?$/, /^StatisticsPeriod\.figures$/]

function closedProblems(at: string, { type, additionalProperties }: Schema): string[] {
  if (![type].flat().includes('object') || additionalProperties === false) return []
  const map = typeof additionalProperties === 'object' && keyed.some((name) => name.test(at))
  return map ? [] : [`${at}: open to unknown properties`]
}

function schemaProblems(at: string, schema: Schema): string[] {
  const inner = [schema.items, schema.anyOf, schema.oneOf, schema.allOf, schema.additionalProperties].flat()
  return [
    ...closedProblems(at, schema),
    ...inner.flatMap((one) => (typeof one === 'object' ? schemaProblems(`${at}[]`, one) : [])),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
      ...(property.$ref ? [] : told(`${at}.${name}`, property.description, property.examples)),
      ...schemaProblems(`${at}.${name}`, property),
    ]),
  ]
}

/** The components that a body or answer is made of. */
const named = ({ $ref, anyOf = [] }: Schema): string[] => [$ref, ...anyOf.map((one) => one.$ref)].flatMap((one) => one ?? [])

function mediaProblems(at: string, document: Document, type: string, media: Media): string[] {
  const examples = Object.entries(examplesOf(document, media))
  return [
    ...(named(media.schema).length > 0 || bilingual(media.schema.description) || !type.endsWith('json')
      ? []
      : [`${at}: neither a named schema nor a description`]),
    ...(examples.length > 0 ? [] : [`${at}: no worked example`]),
    ...examples
      .filter(([, { summary, value }]) => !summary || value === undefined)
      .map(([name]) => `${at}: empty example ${name}`),
  ]
}

function responseProblems(at: string, document: Document, status: number, response: Response): string[] {
  const problem = response.content?.['application/problem+json']
  const withHeaders = ['API-Version', 'X-Request-Id', 'Content-Language'].some((name) => response.headers?.[name])
  return [
    ...(bilingual(response.description) ? [] : [`${at}: not described in both languages`]),
    ...(withHeaders ? [] : [`${at}: headers are not told`]),
    ...(status < 400 || (problem && named(problem.schema).includes('#/components/schemas/Problem'))
      ? []
      : [`${at}: no problem+json`]),
    ...(status === 503 && !response.headers?.['Retry-After'] ? [`${at}: no Retry-After`] : []),
    ...(status === 201 && !response.headers?.Location ? [`${at}: no Location`] : []),
    ...Object.entries(response.content ?? {}).flatMap(([type, media]) => mediaProblems(at, document, type, media)),
  ]
}

function operationProblems(document: Document, { method, path, operation }: Told): string[] {
  const at = operation.operationId || `${method} ${path}`
  const statuses = Object.keys(operation.responses).map(Number)
  const bodies = Object.entries(operation.requestBody?.content ?? {})
  const known = document.tags.map(({ name }) => name)
  return [
    ...(/^[a-z][A-Za-z]+$/.test(operation.operationId ?? '') ? [] : [`${at}: no operationId`]),
    ...(bilingual(operation.summary) ? [] : [`${at}: no summary in both languages`]),
    ...(operation.description === undefined || bilingual(operation.description) ? [] : [`${at}: description in one language`]),
    ...(operation.tags?.length === 1 && known.includes(operation.tags[0] ?? '') ? [] : [`${at}: not under one declared tag`]),
    ...(statuses.some((status) => status < 300) ? [] : [`${at}: no answer of success`]),
    ...(path.startsWith('/v1') ? [400, 500, 503] : [])
      .filter((status) => !statuses.includes(status))
      .map((status) => `${at}: ${status} is not told`),
    ...(bodies.length > 0 ? [413, 415] : [])
      .filter((status) => !statuses.includes(status))
      .map((status) => `${at}: ${status} is not told`),
    ...parametersOf(document, operation).flatMap((parameter) => parameterProblems(`${at}(${parameter.name})`, parameter)),
    ...bodies.flatMap(([type, media]) => mediaProblems(`${at} body`, document, type, media)),
    ...Object.entries(operation.responses).flatMap(([status, response]) =>
      responseProblems(`${at} ${status}`, document, Number(status), response),
    ),
  ]
}

function parameterProblems(at: string, { description, example, schema }: ReturnType<typeof parametersOf>[number]): string[] {
  return told(at, description, example === undefined ? schema.examples : [example])
}

const repeated = (names: readonly string[]) => [...new Set(names.filter((name, index) => names.indexOf(name) < index))]

export function problemsOf(document: Document): string[] {
  const { components, tags } = document
  const operations = operationsOf(document)
  const used = new Set(operations.flatMap(({ operation }) => operation.tags ?? []))
  const grouped = document['x-tagGroups'].flatMap((group) => group.tags)
  const ids = operations.map(({ operation }: { operation: Operation }) => operation.operationId)
  return [
    ...Object.values(components)
      .flatMap((kind) => Object.keys(kind))
      .filter((name) => !/^[A-Z][A-Za-z]*$/.test(name))
      .map((name) => `${name}: a component is not named in PascalCase`),
    ...Object.entries(components.schemas).flatMap(([name, schema]) => [
      ...told(name, schema.description, schema.examples),
      ...schemaProblems(name, schema),
    ]),
    ...Object.entries(components.headers).flatMap(([name, { description, example }]) =>
      told(name, description, example === undefined ? undefined : [example]),
    ),
    ...repeated(ids).map((id) => `${id}: two operations of one name`),
    ...operations.flatMap((one) => operationProblems(document, one)),
    ...tags.filter(({ name }) => !used.has(name)).map(({ name }) => `${name}: a tag without operations`),
    ...tags.filter(({ description }) => !bilingual(description)).map(({ name }) => `${name}: not described in both languages`),
    ...tags.filter(({ name }) => !grouped.includes(name)).map(({ name }) => `${name}: a tag in no group`),
  ]
}
