/**
 * From a credential to its caller. Keys are looked up once in some seconds and kept meanwhile: a read would else wait for two statements
 * instead of one. So a revoked key ends at once in the process that revoked it, and within that time in the others.
 */
import { hash } from 'node:crypto'
import { unauthenticated } from '../http/authentication.ts'
import type { Caller } from '../http/caller.ts'
import type { Identified } from '../http/identity-provider.ts'
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
  /** Looks that key up again at its next use, after it was changed. */
  forget: (keyId: number) => void
}

/** A credential that was right: believed `until` then, and no stranger before it `ends`. */
type Known = { caller: Caller; until: number; ends: number }

function assertActive({ expiresAt, revokedAt }: StoredKey, holder: Caller): void {
  if (revokedAt !== null) throw unauthenticated('key-revoked', { at: revokedAt }, holder)
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now())
    throw unauthenticated('key-expired', { until: expiresAt }, holder)
}

const isUnauthenticated = (error: unknown) => error instanceof ProblemError && problems[error.code][0] === 401

/** Takes the database and the throttle of addresses; `verify` gives the caller of a token of the organisation's identity provider, where there is one. */
export function identities(database: Database, throttle: Throttle, verify?: (token: string) => Promise<Identified>): Identities {
  const known = new Map<string, Known>()
  const looking = new Map<string, Promise<Caller>>()
  /** Raised by every change of a key: what was read before may be what it was before. */
  let generation = 0

  function remember(digest: string, credential: Known): void {
    // Again at the end, so that the first are those that were not used for longest.
    known.delete(digest)
    for (const oldest of known.keys()) {
      if (known.size < most) break
      known.delete(oldest)
    }
    known.set(digest, credential)
  }

  async function lookUp(key: string): Promise<Known> {
    const found = await findKey(database, key)
    if (!found) throw unauthenticated('credentials-invalid')
    const { id, name, role, region, expiresAt } = found
    const caller = { id: `key:${id}`, actor: name, role, region, keyId: id }
    assertActive(found, caller)
    // Nobody waits for it, and a failure is one of the next request as well.
    void touchKey(database, id).catch(() => {})
    const ends = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
    return { caller, until: Math.min(Date.now() + believed, ends), ends }
  }

  /** What withdraws a token is its provider's to know, so that none is believed unseen. */
  const checked = async (check: typeof verify & {}, token: string): Promise<Known> => ({ ...(await check(token)), until: 0 })

  async function look(digest: string, address: string, find: () => Promise<Known>): Promise<Caller> {
    const before = generation
    try {
      const found = await find()
      if (before === generation) remember(digest, found)
      return found.caller
    } catch (error) {
      // What ends is forgotten with it, and is a stranger's from then on.
      if (isUnauthenticated(error)) {
        known.delete(digest)
        throttle.failed(address)
      }
      throw error
    }
  }

  /** Of a stranger's credential that is sent many times at once the first is looked at; only where it is right it speaks for all. */
  async function lookAtStranger(digest: string, address: string, find: () => Promise<Known>): Promise<Caller> {
    const caller = await looking.get(digest)?.catch(() => undefined)
    if (caller) return caller
    const own = throttle.attempt(address, async (refusal) => {
      try {
        return await look(digest, address, find)
      } catch (error) {
        throw refusal && isUnauthenticated(error) ? refusal : error
      }
    })
    looking.set(digest, own)
    try {
      return await own
    } finally {
      if (looking.get(digest) === own) looking.delete(digest)
    }
  }

  function finderOf(credential: string): (() => Promise<Known>) | undefined {
    if (keyPattern.test(credential)) return () => lookUp(credential)
    return verify && credential.split('.').length === 3 ? () => checked(verify, credential) : undefined
  }

  return {
    identify(credential, address) {
      const digest = hash('sha256', credential)
      const before = known.get(digest)
      const now = Date.now()
      if (before && before.until > now) return before.caller
      const find = finderOf(credential)
      // Whoever was right before need not wait for strangers of the same address.
      if (before && before.ends > now && find) return look(digest, address, find)
      if (find) return lookAtStranger(digest, address, find)
      const refusal = throttle.blocked(address)
      throttle.failed(address)
      throw refusal ?? unauthenticated('credentials-invalid')
    },
    forget(keyId) {
      generation++
      looking.clear()
      for (const credential of known.values()) if (credential.caller.keyId === keyId) credential.until = 0
    },
  }
}
