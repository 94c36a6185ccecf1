/**
 * The parser of JSON bodies. Bytes that are not UTF-8 are refused, since decoding would replace them; what is wrong with the text is told; and
 * a key that stands twice, or a number that would be rounded, is a mistake with its place, told beside all others: nothing that was sent is
 * dropped or changed in silence. A body may come as gzip. Keys such as `__proto__` need no care here: JSON.parse makes plain properties of
 * them, no schema knows them, and so they are mistakes among the others.
 */
import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type BadText, badTexts } from '../json/bad-texts.ts'
import { syntaxReason } from '../json/syntax.ts'
import { type TextFault, textFaults } from '../json/text-faults.ts'
import { isGzip, problemOfGzip } from './encoding.ts'
import { errorOf } from './errors.ts'
import { invalid, ProblemError } from './problems.ts'

const changed = new WeakMap<object, (TextFault | BadText)[]>()

/** What the text of a body that this parser made says otherwise than the body. */
export const textFaultsOf = (body: unknown): (TextFault | BadText)[] => (body instanceof Object ? (changed.get(body) ?? []) : [])

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

async function inflated(request: FastifyRequest, body: Buffer): Promise<Buffer> {
  const limit = request.routeOptions.bodyLimit ?? 0
  if (!isGzip(request.headers)) return body
  return inflate(body, { maxOutputLength: limit }).catch((error: unknown) => {
    throw problemOfGzip(error, limit)
  })
}

function parsed(body: Buffer): unknown {
  if (!isUtf8(body)) throw new ProblemError('malformed-json', { reason: 'it is not UTF-8', reasonZh: '：不是 UTF-8 编码' })
  const whole = body.toString()
  const text = whole.startsWith('\ufeff') ? whole.slice(1) : whole
  if (text === '') throw new ProblemError('malformed-json', { reason: 'the body is empty', reasonZh: '：内容为空' })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ProblemError('malformed-json', syntaxReason(text, error))
  }
  const wrong = textFaults(text, value)
  if (wrong.some(({ code }) => code === 'too-deep')) throw invalid('invalid-body', wrong)
  const faults = [...wrong, ...badTexts(text, value)]
  if (value instanceof Object && faults.length > 0) changed.set(value, faults)
  return value
}

/**
 * The content of a DELETE has no meaning (RFC 9110, 9.3.5), and none is dropped in silence. But many clients say the type of a body that
 * they do not send: no body has no type.
 */
function expectNoBody({ method, headers }: FastifyRequest): void {
  if (method !== 'DELETE') return
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    throw invalid('invalid-body', [{ pointer: '', code: 'no-body' }])
  delete headers['content-type']
}

/** Parses bodies of these media types; throws problems. What their text says otherwise is the validator's to tell. */
export function parseJsonBodies(app: FastifyInstance, types: string[]): void {
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      expectNoBody(request)
      done()
    } catch (error) {
      done(errorOf(error))
    }
  })
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<Buffer>(types, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const type = request.headers['content-type'] ?? ''
    const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(type) ?? []
    if (!/^utf-?8$/i.test(charset))
      throw new ProblemError('unsupported-media-type', { expected: 'charset=utf-8', received: type })
    request.sentBody = body
    return parsed(await inflated(request, body))
  })
}
