/**
 * How often one caller may ask, and how often one address may fail to say who it is. A fixed window a caller, begun by its first request,
 * costs one look into a map; decision 15 says why it is not a library. What is counted lives in this process: several behind one balancer
 * each count their own.
 */
import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError } from './problems.ts'

const length = 60_000
/** So many callers are kept at a time; the oldest windows go first. A window takes some 200 bytes. */
const most = 100_000

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether it is the first of its caller that was one too many within a minute. */
    firstTooMany: boolean
  }
  interface FastifyContextConfig {
    /** A route that is asked by probes and never counted. */
    unlimited?: true
  }
}

type Window = { count: number; ends: number }

/** Open windows by caller. Those that are over are dropped now and then, as requests come: there is no timer to stop. */
function openWindows() {
  let open = new Map<string, Window>()
  let sweepAt = 0
  function begin(key: string, now: number): Window {
    if (now >= sweepAt) {
      open = new Map([...open].filter(([, { ends }]) => ends > now))
      sweepAt = now + length
    }
    for (const oldest of open.keys()) {
      if (open.size < most) break
      open.delete(oldest)
    }
    const window = { count: 0, ends: now + length }
    // Again at the end of the map, so that it stands in the order of its ends.
    open.delete(key)
    open.set(key, window)
    return window
  }
  const find = (key: string, now: number): Window | undefined => {
    const window = open.get(key)
    return window && window.ends > now ? window : undefined
  }
  return { find, at: (key: string, now: number): Window => find(key, now) ?? begin(key, now) }
}

const secondsTo = ({ ends }: Window, now: number) => Math.max(1, Math.ceil((ends - now) / 1000))

/** What one client can change at will is no address: of IPv6 a client has a network of 64 bits. IPv4 in IPv6 is IPv4. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const [, ipv4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip) ?? []
  if (ipv4 !== undefined) return ipv4
  if (!isIPv6(ip)) return ip
  const [left = '', right] = (ip.split('%')[0] ?? '').split('::')
  const [head, tail] = [left.split(':'), right === undefined ? [] : right.split(':')]
  const gap = right === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  const groups = [...head, ...gap, ...tail].slice(0, 4).map((group) => Number.parseInt(group || '0', 16).toString(16))
  return `${groups.join(':')}::/64`
}

/** What authentication asks of addresses that send credentials nobody has been right with. */
export type Throttle = {
  /** To be called at every 401 for credentials that are not valid. */
  failed: (address: string) => void
  /** The 429 that a credential which is not right is answered with instead of its 401, or undefined. */
  blocked: (address: string) => ProblemError | undefined
  /**
   * Looks at credentials. So many at a time as may still fail: those beyond wait until it is known what became of the ones before, so that
   * neither many guesses at once nor many right ones are taken for what they are not. Of an address that is blocked one is looked at at a
   * time, with the refusal for when it is not right, and the others are refused: an office shares an address, and one forgotten script must
   * not lock out the rest.
   */
  attempt: <T>(address: string, look: (refusal?: ProblemError) => Promise<T>) => Promise<T>
}

/** Slows down who guesses: after `limit` failures within a minute an address waits for its end. 0 sets no limit. */
export function throttleOf(limit: number, clock: () => number = Date.now): Throttle {
  const windows = openWindows()
  const trying = new Map<string, Set<Promise<void>>>()
  const failures = (network: string) => windows.find(network, clock())?.count ?? 0
  function blocked(address: string): ProblemError | undefined {
    const now = clock()
    const window = windows.find(networkOf(address), now)
    if (limit === 0 || window === undefined || window.count < limit) return undefined
    const seconds = secondsTo(window, now)
    return new ProblemError('too-many-failures', { seconds }, [], { 'retry-after': String(seconds) })
  }
  return {
    failed(address) {
      if (limit > 0) windows.at(networkOf(address), clock()).count++
    },
    blocked,
    async attempt(address, look) {
      if (limit === 0) return look()
      const network = networkOf(address)
      let refusal: ProblemError | undefined
      for (;;) {
        refusal = blocked(address)
        const others = trying.get(network)
        if (!others) break
        if (refusal) throw refusal
        if (failures(network) + others.size < limit) break
        await Promise.race(others)
      }
      const mine = trying.get(network) ?? new Set()
      trying.set(network, mine)
      const looking = look(refusal)
      const settled = looking.then(
        () => {},
        () => {},
      )
      mine.add(settled)
      try {
        return await looking
      } finally {
        mine.delete(settled)
        if (mine.size === 0) trying.delete(network)
      }
    },
  }
}

/** Counts a request as that caller's, and says so on its answer; the 429 (RFC 6585) where it is one too many. */
export type RateLimit = (request: FastifyRequest, reply: FastifyReply, caller: string) => ProblemError | undefined

/**
 * Takes the requests a minute that one caller may make; 0 sets no limit. Every answer says what is left by `RateLimit` and
 * `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10, structured fields). Called by authentication, which says who asks: once that
 * is known and before anything is refused, so that refusals count as well.
 */
export function rateLimitOf(limit: number, clock: () => number = Date.now): RateLimit {
  if (limit === 0) return () => undefined
  const windows = openWindows()
  const policy = `"minute";q=${limit};w=${length / 1000}`
  return (request, reply, caller) => {
    if (request.routeOptions.config.unlimited) return undefined
    const now = clock()
    const window = windows.at(caller, now)
    const seconds = secondsTo(window, now)
    const left = Math.max(0, limit - ++window.count)
    reply.header('ratelimit-policy', policy).header('ratelimit', `"minute";r=${left};t=${seconds}`)
    if (window.count <= limit) return undefined
    request.firstTooMany = window.count === limit + 1
    return new ProblemError('too-many-requests', { limit, seconds }, [], { 'retry-after': String(seconds) })
  }
}
