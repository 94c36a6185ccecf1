/**
 * Sends a worked example of the document as it stands there, and holds the answer against the example beside it: the one of the same name, or
 * the only one. A list must contain what its example lists.
 */
import type { Test } from 'tap'
import type { Api, Headers, Response } from '../support/api.ts'
import { type Document, documentOf, examplesOf, operationsOf, parametersOf, type Told } from './document.ts'

/** What differs from one run to the next. */
const passing = ['createdAt', 'updatedAt', 'recordedAt', 'closedAt', 'requestId', 'transaction']

/** A value without what passes. */
export function lasting(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (passing.includes(key) ? undefined : inner)))
}

/** What narrows a list; other parameters page it, or change what it looks like. */
const narrowing = ['period', 'region', 'township', 'parent', 'name', 'kind', 'validOn', 'category']

/** The address that the examples of the parameters make. A filter is sent with all its examples at once. */
function addressOf(document: Document, { path, operation }: Told): string {
  const values = parametersOf(document, operation).map(({ name, in: place, example, schema }) => ({
    name,
    place,
    value: String(example ?? schema.examples?.[0]),
  }))
  const address = values
    .filter(({ place }) => place === 'path')
    .reduce((url, { name, value }) => url.replace(`{${name}}`, encodeURIComponent(value)), path)
  const filter = values.filter(({ name, place }) => place === 'query' && narrowing.includes(name))
  return filter.length > 0
    ? `${address}?${new URLSearchParams(Object.fromEntries(filter.map(({ name, value }) => [name, value])))}`
    : address
}

const itemsOf = (value: unknown): unknown[] | undefined =>
  value instanceof Object && 'items' in value && Array.isArray(value.items) ? value.items : undefined

function holds(t: Test, story: string, actual: unknown, example: unknown) {
  const [shown, all] = [itemsOf(example), itemsOf(actual)]
  if (!shown || !all) return void t.strictSame(lasting(actual), lasting(example), story)
  const found = new Set(all.map((item) => JSON.stringify(lasting(item))))
  for (const item of shown) t.ok(found.has(JSON.stringify(lasting(item))), story, { found: [...found].slice(0, 3), item })
}

export type Worked = {
  /** The names of the bodies that an operation shows. */
  bodies: (operationId: string) => string[]
  /** Sends that body, or none, with more query parameters and headers, and expects nothing. */
  ask: (operationId: string, name: string | undefined, query: Record<string, string>, headers?: Headers) => Promise<Response>
  /** Sends that body, or none, and expects success and the answer that is shown. */
  send: (t: Test, operationId: string, name?: string) => Promise<Response>
}

/** The worked examples of a service. */
export function workedExamples(service: Api): Worked {
  const document = documentOf(service.app)
  const told = new Map(operationsOf(document).map((one) => [one.operation.operationId, one]))
  const find = (operationId: string) => {
    const found = told.get(operationId)
    if (!found) throw new Error(`no operation ${operationId}`)
    const [type = '', body] = Object.entries(found.operation.requestBody?.content ?? {})[0] ?? []
    return { ...found, type, examples: examplesOf(document, body) }
  }
  return {
    bodies: (operationId) => Object.keys(find(operationId).examples),
    ask(operationId, name = '', query, more = {}) {
      const { type, examples, ...one } = find(operationId)
      const address = addressOf(document, one)
      const url = `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`
      const headers = { ...(type && { 'content-type': type }), ...more }
      return service.request(one.method.toUpperCase(), url, examples[name]?.value, headers)
    },
    async send(t, operationId, name = '') {
      const { type, examples, ...one } = find(operationId)
      const headers = { ...(type && { 'content-type': type }) }
      const answer = await service.request(one.method.toUpperCase(), addressOf(document, one), examples[name]?.value, headers)
      const story = `${operationId} ${name} → ${answer.status}`
      t.ok(answer.status < 300, story, { answer: answer.json })
      const shown = examplesOf(document, one.operation.responses[answer.status]?.content?.['application/json'])
      const same = name === '' ? Object.values(shown)[0] : shown[name]
      if (same) holds(t, story, answer.json, same.value)
      return answer
    },
  }
}
