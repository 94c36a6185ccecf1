/**
 * Validation by Ajv from the TypeBox schemas. Nothing is coerced or stripped: `"5"` in a body is not 5 and an unknown key is a mistake, not
 * noise. Path and query arrive as text; what stands for a number or a truth value is parsed before, for Ajv would take `1e1` and `0x5` for
 * integers. All mistakes are told at once; bodies are bounded by the body limit, so `allErrors` has a bound too.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { decimalsOf } from '../catalogue/decimal.ts'
import { escapePointer } from '../json/pointer.ts'
import { textFaultsOf } from './json-body.ts'
import type { Fault } from './problems.ts'

export { escapePointer }

export type Component = { $id?: string }

function ajv(components: readonly Component[]): Ajv {
  const instance = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    // The document's lint judges the schemas; to do so at every start takes a quarter of it.
    validateSchema: false,
    // A component is one function, not copied into each that refers to it.
    inlineRefs: false,
    removeAdditional: false,
    useDefaults: true,
    coerceTypes: false,
  })
  addFormats.default(instance, ['date', 'date-time', 'uri'])
  instance.addKeyword({
    keyword: 'x-decimals',
    type: 'number',
    schemaType: 'number',
    validate: (limit: number, value: number) => decimalsOf(value) <= limit,
  })
  instance.addVocabulary(['example', 'x-stability'])
  for (const component of components) instance.addSchema(component)
  return instance
}

const words = new Map<unknown, unknown>([
  ['true', true],
  ['false', false],
])

/** Puts numbers and truth values in the place of their texts. What is not written as one stays, and is refused as text. */
function parserOf(schema: object): (given: unknown) => void {
  const { properties = {} }: { properties?: Record<string, { type?: unknown }> } = schema
  const named = (type: string) => Object.keys(properties).filter((name) => properties[name]?.type === type)
  const [integers, booleans] = [named('integer'), named('boolean')]
  return (given) => {
    if (!isObject(given)) return
    for (const name of integers) {
      const text = given[name]
      if (typeof text === 'string' && /^\d+$/.test(text)) given[name] = Number(text)
    }
    for (const name of booleans) if (words.has(given[name])) given[name] = words.get(given[name])
  }
}

/** What the text of a body says otherwise is the parser's to find, and told among all other mistakes. */
const textErrors = (body: unknown): ErrorObject[] =>
  textFaultsOf(body).map(({ pointer, code, params }) => ({ keyword: code, instancePath: pointer, schemaPath: '', params }))

const none: readonly never[] = []

/** No parameter means a NUL, and PostgreSQL has no text with one. */
function nulErrors(given: unknown): readonly Pick<ErrorObject, 'keyword' | 'instancePath' | 'schemaPath' | 'params'>[] {
  if (!isObject(given)) return none
  const named = Object.keys(given).filter((name) => {
    const value = given[name]
    return typeof value === 'string' && value.includes('\0')
  })
  return named.map((name) => ({ keyword: 'bad-text', instancePath: `/${escapePointer(name)}`, schemaPath: '', params: {} }))
}

/** A compiler of validators for Fastify: for bodies as they are, for path and query with what they stand for. Compiled at first use. */
export function validatorCompiler(components: readonly Component[]) {
  const instance = ajv(components)
  return ({
    schema,
    httpPart,
  }: {
    schema: object
    httpPart?: string
  }): ((value: unknown) => { error?: Error; value?: unknown }) => {
    const isBody = httpPart === 'body'
    const parse = isBody ? () => {} : parserOf(schema)
    let validate: ValidateFunction | undefined
    return (value) => {
      parse(value)
      validate ??= instance.compile(schema)
      const sound = validate(value)
      const told = isBody ? textErrors(value) : nulErrors(value)
      if (sound && told.length === 0) return { value }
      const badTexts = new Set(told.flatMap(({ keyword, instancePath }) => (keyword === 'bad-text' ? [instancePath] : [])))
      // A pattern that only says that it is no text is not told beside it.
      const found = (sound ? [] : (validate.errors ?? [])).filter(
        ({ keyword, instancePath }) => keyword !== 'pattern' || !badTexts.has(instancePath),
      )
      return { error: new ValidationError([...found, ...told]) }
    }
  }
}

/** What a validator hands to Fastify: the mistakes as Ajv found them. */
export class ValidationError extends Error {
  readonly errors: readonly ErrorObject[]
  constructor(errors: readonly ErrorObject[]) {
    super('validation')
    this.errors = errors
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const typeNames: Record<string, string> = {
  integer: '整数',
  number: '数字',
  string: '文本',
  object: '对象',
  array: '数组',
  boolean: '布尔值',
  null: ' null',
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function range(schema: unknown): { limit: string; limitZh: string } {
  const { minimum, maximum }: { minimum?: number; maximum?: number } = schema instanceof Object ? schema : {}
  if (minimum !== undefined && maximum !== undefined)
    return { limit: `${minimum} to ${maximum}`, limitZh: `在 ${minimum} 至 ${maximum} 之间` }
  return minimum !== undefined
    ? { limit: `at least ${minimum}`, limitZh: `不小于 ${minimum}` }
    : { limit: `at most ${maximum}`, limitZh: `不大于 ${maximum}` }
}

/** Where more is known than the schema, a hint takes its place. */
const noHint = { hint: '', hintZh: '' }

function fault(error: ErrorObject): Omit<Fault, 'pointer' | 'parameter'> | undefined {
  const { keyword, params, data, parentSchema } = error
  switch (keyword) {
    case 'type': {
      const types = [params.type].flat().map(String)
      if (data === null) return { code: 'null-value' }
      if (types.includes('integer') && typeof data === 'number') return { code: 'not-whole', params: { received: excerpt(data) } }
      const expectedZh = types.map((type) => typeNames[type] ?? type).join('或')
      return { code: 'wrong-type', params: { expected: types.join(' or '), expectedZh, received: excerpt(data), ...noHint } }
    }
    case 'minimum':
    case 'maximum':
      return { code: 'out-of-range', params: range(parentSchema) }
    case 'x-decimals':
      return { code: 'too-many-decimals', params: { decimals: Number(error.schema) } }
    case 'maxLength':
    case 'maxItems':
      return { code: 'too-long', params: { limit: params.limit } }
    case 'minLength':
      return { code: 'too-short', params: { limit: params.limit } }
    case 'enum':
      return {
        code: 'not-allowed',
        params: { allowed: params.allowedValues.filter((value: unknown) => value !== null).join(', ') },
      }
    case 'required':
      return { code: 'required', params: { name: params.missingProperty } }
    case 'additionalProperties':
      return { code: 'unknown-property', params: { name: params.additionalProperty, ...noHint } }
    case 'propertyNames':
      return { code: 'unknown-property', params: { name: params.propertyName, ...noHint } }
    case 'repeated-key':
      return { code: 'repeated-key', params: { name: params.name } }
    case 'bad-text':
      return { code: 'bad-text' }
    case 'too-many-digits':
      return { code: 'too-many-digits', params: { received: params.received } }
    case 'pattern':
      return patternFault(parentSchema, data)
    default:
      return badFormat(keyword === 'format' ? params.format : keyword)
  }
}

/** Codes have a shape; a schema says with `title` which one it is. */
function patternFault(schema: unknown, data: unknown): Omit<Fault, 'pointer' | 'parameter'> {
  const { title = '' }: { title?: string } = schema instanceof Object ? schema : {}
  const received = String(data)
  if (title === 'Township code') {
    const statistical = /^\d{12}$/.test(received)
    const hint = statistical ? `; of a 12-digit statistical code use the first 9: ${received.slice(0, 9)}` : ''
    const hintZh = statistical ? `；12 位统计代码请取前 9 位：${received.slice(0, 9)}` : ''
    return { code: 'bad-township', params: { received, hint, hintZh } }
  }
  if (title === 'text') return { code: 'bad-text' }
  if (title === 'Key name') return { code: 'bad-key-name' }
  if (title === 'Region code') return { code: 'bad-region', params: { received } }
  if (title === 'Period') return { code: 'bad-period', params: { received } }
  if (title === 'Place code') return { code: 'bad-place', params: { received } }
  return badFormat(title || 'text')
}

const formats: Record<string, [format: string, formatZh: string]> = {
  date: ['date, such as 2025-03-01', '日期（如 2025-03-01）'],
  'date-time': ['date-time with its offset, such as 2025-03-01T08:00:00Z', '时间（含时区，如 2025-03-01T16:00:00+08:00）'],
  uri: ['URI', '网址'],
  Reason: ['reason: one line, not blank', '理由：单行文字，不能为空白'],
}

/** The mistake of a text that has not the form of its kind. */
export function badFormat(kind: string): { code: 'bad-format'; params: { format: string; formatZh: string } } {
  const [format, formatZh] = formats[kind] ?? [kind, ` ${kind}`]
  return { code: 'bad-format', params: { format, formatZh } }
}

/** The mistakes that Ajv found, as pointers into a body or as names of parameters. */
export function faultsOf(errors: readonly ErrorObject[], part: 'body' | 'parameters'): Fault[] {
  const found = errors.flatMap((error): Fault[] => {
    if (error.schemaPath.includes('/propertyNames/')) return []
    const told = fault(error)
    if (!told) return []
    const name = error.params.additionalProperty ?? error.params.propertyName ?? error.params.missingProperty
    const inside = typeof name === 'string' ? `/${escapePointer(name)}` : ''
    if (part === 'body') return [{ pointer: error.instancePath + inside, ...told }]
    const parameter = (error.instancePath + inside).split('/')[1] ?? ''
    return [{ parameter, ...told, code: told.code === 'unknown-property' ? 'unknown-parameter' : told.code }]
  })
  // Format and pattern of one text may both say that it is none.
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()]
}
