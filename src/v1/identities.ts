/**
 * From a credential to its caller. Keys are looked up once in some seconds and kept meanwhile: a read would else wait for two statements
 * instead of one. So a revoked key ends at once in the process that revoked it, and within that time in the others.
 */
import { hash } from 'node:crypto'
import { unauthenticated } from '../http/authentication.ts'
import type { Caller } from '../http/caller.ts'
import { ProblemError, problems } from '../http/problems.ts'
import type { Throttle } from '../http/throttle.ts'
import { keyPattern } from '../key.ts'
import type { Database } from '../storage/database.ts'
import { findKey, type StoredKey, touchKey } from '../storage/keys.ts'

/** For how long a key that was looked up is believed, in ms. */
const believed = 5000
const most = 10_000

export type Identities = {
  /** The caller of a credential; throws the 401 that says what is wrong with it, or 429 where its address was wrong too often. */
  identify: (credential: string, address: string) => Caller | Promise<Caller>
  /** Forgets what is known of keys, after one was changed. */
  forget: () => void
}

type Known = { caller: Caller; until: number }

function assertActive({ expiresAt, revokedAt }: StoredKey): void {
  if (revokedAt !== null) throw unauthenticated('key-revoked', { at: revokedAt })
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) throw unauthenticated('key-expired', { until: expiresAt })
}

/** Takes the database and the throttle of addresses; `verify` gives the caller of a token of the organisation's identity provider, where there is one. */
export function identities(database: Database, throttle: Throttle, verify?: (token: string) => Promise<Caller>): Identities {
  const known = new Map<string, Known>()

  /** Whoever was right before may go on where another of the same address is wrong: offices share one. */
  function assertFree(address: string): void {
    const blocked = throttle.blocked(address)
    if (blocked) throw blocked
  }

  async function counted(address: string, looking: Promise<Caller>): Promise<Caller> {
    try {
      return await looking
    } catch (error) {
      if (error instanceof ProblemError && problems[error.code][0] === 401) throttle.failed(address)
      throw error
    }
  }

  async function look(key: string, digest: string): Promise<Caller> {
    const found = await findKey(database, key)
    // What ends is forgotten with it, and is a stranger's from then on.
    known.delete(digest)
    if (!found) throw unauthenticated('credentials-invalid')
    assertActive(found)
    // Nobody waits for it, and a failure is one of the next request as well.
    void touchKey(database, found.id).catch(() => {})
    const { id, name, role, region, expiresAt } = found
    const caller = { id: `key:${id}`, actor: name, role, region, keyId: id }
    if (known.size >= most) known.clear()
    const expiry = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
    known.set(digest, { caller, until: Math.min(Date.now() + believed, expiry) })
    return caller
  }

  return {
    identify(credential, address) {
      const digest = hash('sha256', credential)
      const before = known.get(digest)
      if (before && before.until > Date.now()) return before.caller
      if (!before) assertFree(address)
      if (keyPattern.test(credential)) return counted(address, look(credential, digest))
      if (verify && credential.split('.').length === 3) return counted(address, verify(credential))
      throttle.failed(address)
      throw unauthenticated('credentials-invalid')
    },
    forget: () => known.clear(),
  }
}
