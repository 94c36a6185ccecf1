/** Which of its forms a list is asked for in: by `format`, else by `Accept` (RFC 9110, 12.5.1). */
import type { IncomingHttpHeaders } from 'node:http'
import Negotiator from 'negotiator'
import { ProblemError } from './problems.ts'

export const mediaTypes = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const
export type Format = keyof typeof mediaTypes
export const formats = ['json', 'ndjson', 'csv'] as const satisfies Format[]

/** Of answers that have no lines. */
export const sheetFormats = ['json', 'csv'] as const satisfies Format[]

const everything = new Set([undefined, '*/*', 'application/json'])

/** The format of an answer that there is in these; JSON where the client takes anything. Throws a 406 where it takes none of them. */
export function formatOf<F extends Format>(
  headers: IncomingHttpHeaders,
  asked: F | 'json' | undefined,
  there: readonly F[],
): F | 'json' {
  if (asked !== undefined) return asked
  if (everything.has(headers.accept)) return 'json'
  const offered = there.map((format) => mediaTypes[format])
  const type = new Negotiator({ headers }).mediaType(offered)
  const format = there.find((one) => mediaTypes[one] === type)
  if (!format) throw new ProblemError('not-acceptable', { offered: offered.join(', ') })
  return format
}

const percent = (letter: string) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`

/** `Content-Disposition` of a file to be saved: a name in ASCII for all, and the real one (RFC 6266, RFC 8187). */
export function attachment(ascii: string, name: string): string {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, percent)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
