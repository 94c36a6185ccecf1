/** Compressed bodies: gzip and nothing else (RFC 9110, 8.4). What it inflates to is bounded by whoever inflates it. */
import type { IncomingHttpHeaders } from 'node:http'
import { ProblemError } from './problems.ts'

/** Whether the body is compressed. Throws 415 for what is not gzip, with `Accept-Encoding` (RFC 9110, 15.5.16). */
export function isGzip(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'gzip' || encoding === 'x-gzip') return true
  if (encoding === 'identity' || encoding === '') return false
  throw new ProblemError('unsupported-encoding', { received: encoding }, [], { 'accept-encoding': 'gzip' })
}

/** What failed while a body was inflated up to a limit, as the client is told it; other errors as they are. */
export function problemOfGzip(error: unknown, limit: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ERR_BUFFER_TOO_LARGE') return new ProblemError('body-too-large', { limit })
  if (!code.startsWith('Z_')) return error
  return new ProblemError('malformed-gzip', { reason: error instanceof Error ? error.message : '' })
}
