/**
 * From a credential to its caller. Keys are looked up once in some seconds and kept meanwhile: a read would else wait for two statements
 * instead of one. So a revoked key ends at once in the process that revoked it, and within that time in the others.
 */
import { hash } from 'node:crypto'
import { unauthenticated } from '../http/authentication.ts'
import type { Caller } from '../http/caller.ts'
import { ProblemError } from '../http/problems.ts'
import { keyPattern } from '../key.ts'
import type { Database } from '../storage/database.ts'
import { findKey, type StoredKey, touchKey } from '../storage/keys.ts'

/** For how long a key that was looked up is believed, in ms. */
const believed = 5000
const most = 10_000

export type Identities = {
  /** The caller of a credential; throws the 401 that says what is wrong with it. */
  identify: (credential: string) => Caller | Promise<Caller>
  /** Forgets what is known of keys, after one was changed. */
  forget: () => void
}

type Known = { caller: Caller; until: number }

function assertActive({ expiresAt, revokedAt }: StoredKey): void {
  if (revokedAt !== null) throw ended('key-revoked', { at: revokedAt })
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) throw ended('key-expired', { until: expiresAt })
}

function ended(code: 'key-revoked' | 'key-expired', params: Record<string, string>) {
  return new ProblemError(code, params, [], unauthenticated(code).headers)
}

/** Takes the database; `verify` gives the caller of a token of the organisation's identity provider, where there is one. */
export function identities(database: Database, verify?: (token: string) => Promise<Caller>): Identities {
  const known = new Map<string, Known>()

  async function look(key: string, digest: string): Promise<Caller> {
    const found = await findKey(database, key)
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
    identify(credential) {
      if (keyPattern.test(credential)) {
        const digest = hash('sha256', credential)
        const before = known.get(digest)
        return before && before.until > Date.now() ? before.caller : look(credential, digest)
      }
      if (verify && credential.split('.').length === 3) return verify(credential)
      throw unauthenticated('credentials-invalid')
    },
    forget: () => known.clear(),
  }
}
