/**
 * The closed list of what storage can fail with. SQLSTATEs stop here: above this folder nobody knows PostgreSQL's codes.
 * drizzle wraps errors, so the code may stand on a cause.
 */
export type FailureKind = 'unavailable' | 'contention'

/** `unavailable`: the database does not answer or is going away. `contention`: others hold the rows; the same call may succeed. */
export class StorageFailure extends Error {
  readonly kind: FailureKind
  constructor(kind: FailureKind, cause: unknown) {
    super(kind, { cause })
    this.kind = kind
  }
}

/** The database cannot be used as it is, and only an operator can mend it; the message says why in one line. */
export class UnusableDatabase extends Error {}

const contention = new Set(['40001', '40P01', '55P03'])
const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'])
// 08: connection, 25006: a standby, read only, 28 and 3D: logging in, 53: resources, 57: operator intervention (shutdown, timeout)
const unavailable = /^(08|25006|28|3D|53|57)/
const lost = /Connection terminated|not queryable|connection error/i
const silent = /timeout exceeded when trying to connect|timeout expired|Query read timeout/

function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let at = error; at instanceof Error && causes.length < 5; at = at.cause) causes.push(at)
  return causes
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  if (silent.test(error.message)) return 'ETIMEDOUT'
  return lost.test(error.message) ? 'ECONNRESET' : ''
}

/** The failure that an error of the driver is, or undefined where it is none of the list: a defect, a 500. */
export function failureOf(error: unknown): StorageFailure | undefined {
  if (error instanceof StorageFailure) return error
  const codes = causesOf(error).map(codeOf)
  if (codes.some((code) => contention.has(code))) return new StorageFailure('contention', error)
  if (codes.some((code) => network.has(code) || unavailable.test(code))) return new StorageFailure('unavailable', error)
  return undefined
}

/** Whether the connection broke under a statement, so that another connection may serve it. */
export function connectionLost(error: unknown): boolean {
  return causesOf(error).some((cause) => /^(ECONNRESET|EPIPE|08|57P0[12])/.test(codeOf(cause)))
}

/** Whether a statement took longer than it may and was ended for that. */
export function tookTooLong(error: unknown): boolean {
  return causesOf(error).some((cause) => codeOf(cause) === '57014')
}

/** In one line what lies at the bottom of an error: what the server or the network said, without the statement. */
export function reasonOf(error: unknown): string {
  const root = causesOf(error).at(-1)
  // Of a name with several addresses each was tried, and node tells of all.
  const reasons = root instanceof AggregateError ? root.errors.map(reasonOf) : [root?.message ?? String(error)]
  return reasons.join(', ').replaceAll(/\s*\n\s*/g, ' ')
}
