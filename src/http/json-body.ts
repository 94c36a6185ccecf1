/**
 * The parser of JSON bodies: Fastify's own, which refuses `__proto__`, with three things added. Bytes that are not UTF-8 are refused, since
 * decoding would replace them; what is wrong with the text is told; and a key that stands twice is a mistake with its place: nothing that
 * was sent is dropped or changed in silence.
 */
import { isUtf8 } from 'node:buffer'
import type { FastifyBodyParser, FastifyInstance } from 'fastify'
import { repeatedKeyFaults } from '../json/repeated-keys.ts'
import { syntaxReason } from '../json/syntax.ts'
import { invalid, ProblemError } from './problems.ts'

/** The reason why a text was refused that is no JSON, or holds a key that could poison a prototype. */
function malformed(text: string): ProblemError {
  if (text === '') return new ProblemError('malformed-json', { reason: 'the body is empty', reasonZh: '：内容为空' })
  try {
    JSON.parse(text)
  } catch (error) {
    return new ProblemError('malformed-json', syntaxReason(text, error))
  }
  return new ProblemError('malformed-json', {
    reason: 'the keys “__proto__” and “constructor.prototype” are not allowed',
    reasonZh: '：不得含有“__proto__”或“constructor.prototype”',
  })
}

/** Parses bodies of these media types. */
export function parseJsonBodies(app: FastifyInstance, types: string[]): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const parser: FastifyBodyParser<Buffer> = (request, body, done) => {
    const type = request.headers['content-type'] ?? ''
    const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(type) ?? []
    if (!/^utf-?8$/i.test(charset))
      return done(new ProblemError('unsupported-media-type', { expected: 'charset=utf-8', received: type }))
    if (!isUtf8(body))
      return done(new ProblemError('malformed-json', { reason: 'it is not UTF-8', reasonZh: '：不是 UTF-8 编码' }))
    const whole = body.toString()
    const text = whole.startsWith('\ufeff') ? whole.slice(1) : whole
    void parse(request, text, (error: Error | null, value?: unknown) => {
      if (error) return done(malformed(text))
      const faults = repeatedKeyFaults(text, value)
      return faults.length > 0 ? done(invalid('invalid-body', faults)) : done(null, value)
    })
  }
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser(types, { parseAs: 'buffer' }, parser)
}
