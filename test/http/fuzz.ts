/**
 * Random requests made from the document: parameters from their examples and schemas, bodies from the worked examples, both as they should
 * be and spoilt; headers that mean something and headers that do not. The same seed makes the same requests.
 */
import type { Headers } from '../support/api.ts'
import { type Document, examplesOf, operationsOf, type Parameter, parametersOf, type Told } from './document.ts'

/** A request, as it is sent. */
export type Fuzzed = { operationId: string; method: string; url: string; headers: Headers; payload: string | undefined }
export type Lot = (below: number) => number

/** Numbers that look drawn by lot and come again with the same seed (mulberry32). */
export function lots(seed: number): Lot {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What clients send by mistake, and what others send on purpose. */
const oddTexts = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    '0x10',
    '5.0',
    'null',
    'true',
    'NaN',
    '9007199254740993',
    '2024-13',
    '2024-02-30T25:00:00Z',
    '0000-01-01',
  ],
  ...['410423209', '999999999', '41', '4', '410423209000', '2024', '2024-H1', '0001-01-01T00:00:00Z', '275760-09-13T00:00:00Z'],
  ...[
    "'; drop table disputes; --",
    '%00',
    '../../etc/passwd',
    '<script>',
    '乡镇',
    '𠮷',
    '\u202e',
    'a'.repeat(3000),
    '{}',
    '[]',
    '__proto__',
  ],
]
const oddValues: unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, '', '5', '\u0000', '\ud800', [], {}, [[]], { a: { b: { c: {} } } }],
  ...[
    Array.from({ length: 300 }, () => 1),
    'x'.repeat(20_000),
    ['__proto__'],
    { constructor: { prototype: 1 } },
    '2024',
    3_000_000_000,
  ],
]
const oddHeaders: Headers[] = [
  ...[{ 'if-match': '*' }, { 'if-match': '"1-2"' }, { 'if-match': 'x' }, { 'if-match': '"' }, { 'if-none-match': '*' }],
  ...[{ 'if-none-match': 'W/"1-2"' }, { 'accept-language': 'zh' }, { 'accept-language': ';;q=' }, { accept: 'text/csv' }],
  ...[{ accept: 'application/x-ndjson' }, { accept: 'image/png' }, { accept: ',,' }, { 'content-type': 'text/plain' }],
  ...[{ 'content-type': 'application/json; charset=gbk' }, { 'content-encoding': 'gzip' }, { 'content-encoding': 'br' }],
  ...[{ 'idempotency-key': '"f"' }, { 'idempotency-key': 'same' }, { 'idempotency-key': 'a b' }, { expect: 'nothing' }],
]

/** A generator of requests about a document. */
export function fuzzer(document: Document, lot: Lot) {
  const operations = operationsOf(document)
  const one = <T>(list: readonly T[]): T | undefined => list[lot(list.length)]

  function textOf({ example, schema }: Parameter): string {
    const usual = [example, ...(schema.examples ?? []), ...allowed(schema)].filter((value) => value !== undefined)
    return lot(5) === 0 || usual.length === 0 ? (one(oddTexts) ?? '') : String(one(usual))
  }

  /** A copy with one thing changed, removed or added, somewhere. */
  function spoilt(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || lot(6) === 0) return one(oddValues)
    if (Array.isArray(value)) return value.length === 0 ? [one(oddValues)] : value.with(lot(value.length), spoilt(one(value)))
    const entries = Object.entries(value)
    const at = lot(entries.length + 1)
    if (at === entries.length) return { ...value, [one(oddTexts) ?? 'x']: one(oddValues) }
    return Object.fromEntries(
      entries.flatMap(([name, inner], index) => (index !== at ? [[name, inner]] : lot(4) === 0 ? [] : [[name, spoilt(inner)]])),
    )
  }

  function textSpoilt(text: string): string {
    const at = lot(text.length + 1)
    return one([text.slice(0, at), text.slice(at), text.slice(0, at) + (one(oddTexts) ?? '') + text.slice(at)]) ?? ''
  }

  function bodyOf({ operation }: Told): { type: string; payload: string } | undefined {
    const [type = '', media] = one(Object.entries(operation.requestBody?.content ?? {})) ?? []
    if (!media) return lot(12) === 0 ? { type: 'application/json', payload: '{}' } : undefined
    const value = one(Object.values(examplesOf(document, media)))?.value
    if (typeof value === 'string') return { type, payload: lot(2) === 0 ? value : textSpoilt(value) }
    const changed = lot(3) === 0 ? value : spoilt(value)
    const payload = JSON.stringify(changed) ?? ''
    return { type, payload: lot(10) === 0 ? textSpoilt(payload) : payload }
  }

  return (): Fuzzed => {
    const told = one(operations)
    if (!told) throw new Error('the document has no operations')
    const parameters = parametersOf(document, told.operation)
    const path = told.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const found = parameters.find((parameter) => parameter.name === name)
      return encodeURIComponent(found ? textOf(found) : '')
    })
    const asked = parameters.filter(
      ({ in: place, required, name }) => place === 'query' && name !== 'wait' && (required || lot(3) === 0),
    )
    const query = new URLSearchParams(asked.map((parameter): [string, string] => [parameter.name, textOf(parameter)]))
    if (lot(20) === 0) query.append(one(oddTexts) ?? 'x', one(oddTexts) ?? '')
    const body = bodyOf(told)
    return {
      operationId: told.operation.operationId,
      method: told.method.toUpperCase(),
      url: `${path}${query.size > 0 ? `?${query}` : ''}`,
      headers: { ...(body && { 'content-type': body.type }), ...(lot(3) === 0 ? one(oddHeaders) : {}) },
      payload: body?.payload,
    }
  }
}

function allowed(schema: object): unknown[] {
  if ('enum' in schema && Array.isArray(schema.enum)) return schema.enum
  if ('anyOf' in schema && Array.isArray(schema.anyOf))
    return schema.anyOf.flatMap((one) => (one instanceof Object ? allowed(one) : []))
  return 'const' in schema ? [schema.const] : []
}
