/** 415 where a body is of another type than the operation takes (RFC 9110, 15.5.16); asked before the body is parsed. */
import type { preParsingHookHandler } from 'fastify'
import { ProblemError } from './problems.ts'

/** A hook that lets only bodies of these media types pass. A request without a body passes: validation tells what is missing. */
export function requireMediaType(...types: string[]): preParsingHookHandler {
  return (request, _reply, _payload, done) => {
    const received = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (received !== undefined && types.includes(received)) return done(null)
    const empty = Number(request.headers['content-length'] ?? 0) === 0 && request.headers['transfer-encoding'] === undefined
    if (empty && received === undefined) return done(null)
    return done(new ProblemError('unsupported-media-type', { expected: types.join(', '), received: received ?? '-' }))
  }
}
