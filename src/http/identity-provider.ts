/**
 * Tokens of an organisation's own identity provider (OpenID Connect, RFC 7519): signed with a key that it publishes, for us, not expired, and
 * with a role that we know. Its keys are found by discovery, cached, and asked for again where a token names one that is not known
 * (jose). Nothing of a token ever stands in a message.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { unauthenticated } from './authentication.ts'
import { type Caller, type Role, roles } from './caller.ts'
import { ProblemError } from './problems.ts'

export type IdentityProvider = {
  issuer: string
  audience: string
  /** Where in a token the role and the region stand; dots lead inwards: `realm_access.roles`. */
  roleClaim: string
  regionClaim: string
  /** Seconds that clocks may differ. */
  skew: number
}

/** Asymmetric only: with a shared secret whoever can check a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const patience = 5000
/** For how long the provider's keys are believed, and how soon they may be asked for again, in ms. */
const keysFor = 600_000
const pause = 1000

/** The cause is for the log: an operator has to see which document was not to be had. */
const unavailable = (cause: unknown) => Object.assign(new ProblemError('unavailable', {}, [], { 'retry-after': '5' }), { cause })

type PublishedKeys = ReturnType<typeof createRemoteJWKSet>

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** A claim of exactly that name comes first: names that are URLs have dots of their own (RFC 7519, 4.2). */
function claimOf(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path]
  return path.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), payload)
}

/** The strongest of the roles that a token names; others are not ours. */
function roleOf(claim: unknown): Role | undefined {
  const named = [claim].flat()
  return roles.findLast((role) => named.includes(role))
}

/**
 * The region of a token: '' for the whole country. A reader or administrator may have none; who writes has to say where, so that a claim that
 * was forgotten does not open the country.
 */
function regionOf(claim: unknown, role: Role): string | undefined {
  if (claim === undefined) return role === 'reader' || role === 'admin' ? '' : undefined
  return typeof claim === 'string' && /^(\d{2}|\d{4}|\d{6}|\d{9})$/.test(claim) ? claim : undefined
}

/** Who it is, as storage can keep it; OpenID Connect Core 1.0, 2 allows a `sub` 255 characters. */
const isSubject = (sub: unknown): sub is string => typeof sub === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(sub)
const isName = (name: unknown): name is string => typeof name === 'string' && /^(?=.*\S)[^\p{Cc}\p{Cs}<>]{1,100}$/u.test(name)

/**
 * What history keeps: the first name that it can, and the subject, since names are neither unique nor lasting (OpenID Connect Core, 5.7). No
 * name, of a token or of a key, has brackets: what stands in them is the subject.
 */
function actorOf({ preferred_username, name }: JWTPayload, sub: string): string {
  const known = [preferred_username, name].find(isName)
  return known === undefined ? `<${sub}>` : `${known} <${sub}>`
}

/** A provider that is asked over TLS must not send us for its keys to where anyone could answer. */
const isAsSafe = (uri: string, issuer: string) =>
  URL.canParse(uri) && ['https:', new URL(issuer).protocol].includes(new URL(uri).protocol)

async function discovered(issuer: string): Promise<PublishedKeys> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'error' })
  const found: unknown = response.ok ? await response.json() : undefined
  if (!isObject(found)) throw new Error(`${url} answered ${response.status} without a document`)
  if (found.issuer !== issuer) throw new Error(`${url} is of another issuer than OIDC_ISSUER`)
  if (typeof found.jwks_uri !== 'string' || !isAsSafe(found.jwks_uri, issuer)) throw new Error(`${url} has no usable jwks_uri`)
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: patience, cooldownDuration: pause, cacheMaxAge: keysFor })
}

type Claims = Pick<IdentityProvider, 'roleClaim' | 'regionClaim'>

/** Whom a token names that the provider has signed. Throws 401 where that is nobody of ours. */
function callerOf(payload: JWTPayload, { roleClaim, regionClaim }: Claims): Caller {
  const { sub } = payload
  if (!isSubject(sub)) throw unauthenticated('credentials-invalid')
  const role = roleOf(claimOf(payload, roleClaim))
  const region = role && regionOf(claimOf(payload, regionClaim), role)
  if (role === undefined || region === undefined) throw unauthenticated('token-without-role')
  return { id: `subject:${sub}`, actor: actorOf(payload, sub), role, region }
}

/** Whose token has ended, for the audit: jose looks at the time after signature, issuer and audience. */
function holderOf(payload: JWTPayload, claims: Claims): Caller | undefined {
  try {
    return callerOf(payload, claims)
  } catch {
    return undefined
  }
}

/** The answer to what jose threw. What is not about the token is about the provider. */
function problemOf(error: unknown, claims: Claims): ProblemError {
  if (error instanceof errors.JWTExpired) return unauthenticated('token-expired', {}, holderOf(error.payload, claims))
  const aboutToken = [
    errors.JWTClaimValidationFailed,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
  ]
  const aboutKey = [errors.JOSEAlgNotAllowed, errors.JOSENotSupported, errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys]
  return [...aboutToken, ...aboutKey].some((kind) => error instanceof kind)
    ? unauthenticated('credentials-invalid')
    : unavailable(error)
}

/** Whom a token names, and when it ends, in ms. */
export type Identified = { caller: Caller; ends: number }

/** Gives the caller of a token. Throws 401 where it is not valid, 503 where the provider does not answer. */
export function identityProvider(settings: IdentityProvider): (token: string) => Promise<Identified> {
  const { issuer, audience, skew } = settings
  let keys: Promise<PublishedKeys> | undefined

  /** Asked once; again after a failure. */
  function keysOf(): Promise<PublishedKeys> {
    keys ??= discovered(issuer).catch((error: unknown) => {
      keys = undefined
      throw error
    })
    return keys
  }

  /** Not before the algorithm was allowed: rubbish must not make us ask anyone. */
  const keyOf: JWTVerifyGetKey = async (header, token) => {
    const published = await keysOf()
    try {
      return await published(header, token)
    } finally {
      // They were not to be had, so they may have moved: discovery is asked again.
      if (!published.fresh) keys = undefined
    }
  }
  const expected = { issuer, audience, algorithms, clockTolerance: skew, requiredClaims: ['exp', 'sub'] }

  return async (token) => {
    const { payload } = await jwtVerify(token, keyOf, expected).catch((error: unknown) => {
      throw problemOf(error, settings)
    })
    return { caller: callerOf(payload, settings), ends: ((payload.exp ?? 0) + skew) * 1000 }
  }
}
