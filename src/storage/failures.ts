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

const contention = new Set(['40001', '40P01', '55P03'])
const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'])
const lost =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Client was closed|connection error|client has encountered/i

function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code)
    if (lost.test(at.message)) codes.push('ECONNRESET')
  }
  return codes
}

/** The failure that an error of the driver is, or undefined where it is none of the list: a defect, a 500. */
export function failureOf(error: unknown): StorageFailure | undefined {
  if (error instanceof StorageFailure) return error
  const codes = codesOf(error)
  if (codes.some((code) => contention.has(code))) return new StorageFailure('contention', error)
  // 08: connection, 53: resources, 57: operator intervention (shutdown, statement timeout)
  if (codes.some((code) => network.has(code) || /^(08|53|57)/.test(code))) return new StorageFailure('unavailable', error)
  return undefined
}
