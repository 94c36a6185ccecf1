/**
 * Holds every answer against the OpenAPI document: the operation is in it, its status is documented, its body is valid. Response
 * schemas do not shape answers in this service (they would coerce), so this is what keeps the document true.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import { documentOf } from '../http/document.ts'

export type Answer = { method: string; url: string; statusCode: number; contentType: string | undefined; body: string }

const pointer = (...segments: string[]) =>
  segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

let contract: ((answer: Answer) => void) | undefined

/**
 * A check that throws where an answer is not what the document promises. Answers to undocumented paths must be 404 problems. The document is
 * the same for every app of a process, so it is made once.
 */
export function contractOf(app: FastifyInstance): (answer: Answer) => void {
  contract ??= checkOf(app)
  return contract
}

function checkOf(app: FastifyInstance): (answer: Answer) => void {
  const document = documentOf(app)
  const ajv = new Ajv2020({ strict: false, validateSchema: false, inlineRefs: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'document', ...document })
  const compiled = new Map<string, ValidateFunction>()
  const templates = Object.keys(document.paths).map((path) => ({
    path,
    shape: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))

  return ({ method, url, statusCode, contentType = '', body }) => {
    const path = url.split('?')[0] ?? ''
    const found = templates
      .filter(({ shape }) => shape.test(path))
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
    const operation = found && document.paths[found.path]?.[method.toLowerCase()]
    const at = `${method} ${url} → ${statusCode}`
    if (!found || !operation) {
      if (statusCode < 400 && path.startsWith('/v1')) throw new Error(`${at}: not in the document`)
      return
    }
    const response = operation.responses[statusCode]
    if (!response) throw new Error(`${at}: the status is not documented; body ${body}`)
    const type = contentType.split(';')[0] ?? ''
    if (body === '') return
    if (!response.content?.[type]) throw new Error(`${at}: the content type ${type} is not documented`)
    if (!/[/+]json$/.test(type)) return
    const ref = `document#${pointer('paths', found.path, method.toLowerCase(), 'responses', String(statusCode), 'content', type, 'schema')}`
    const validate = compiled.get(ref) ?? ajv.compile({ $ref: ref })
    compiled.set(ref, validate)
    if (!validate(JSON.parse(body))) throw new Error(`${at}: ${ajv.errorsText(validate.errors)}; body ${body.slice(0, 500)}`)
  }
}
