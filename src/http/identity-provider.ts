/**
 * Tokens of an organisation's own identity provider (OpenID Connect, RFC 7519): signed with a key that it publishes, for us, not expired, and
 * with a role that we know. Its keys are found by discovery, cached, and asked for again where a token names one that is not known
 * (jose). Nothing of a token ever stands in a message.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
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

const unavailable = () => new ProblemError('unavailable', {}, [], { 'retry-after': '5' })
const refused = (code: 'credentials-invalid' | 'token-expired' | 'token-without-role') =>
  new ProblemError(code, {}, [], { 'www-authenticate': 'Bearer realm="register", error="invalid_token"' })

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function claimOf(payload: JWTPayload, path: string): unknown {
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

/** A name that history can keep. */
function nameOf({ preferred_username, name, sub = '' }: JWTPayload): string {
  const given = [preferred_username, name, sub].find((one): one is string => typeof one === 'string' && one.trim() !== '')
  return (given ?? sub).replace(/\p{Cc}|\p{Surrogate}/gu, ' ').slice(0, 100)
}

async function discovered(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'error' })
  const found: unknown = response.ok ? await response.json() : undefined
  if (!isObject(found) || found.issuer !== issuer || typeof found.jwks_uri !== 'string')
    throw new Error('no usable discovery document')
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: patience, cooldownDuration: pause, cacheMaxAge: keysFor })
}

/** The answer to what jose threw. What is not about the token is about the provider. */
function problemOf(error: unknown): ProblemError {
  if (error instanceof errors.JWTExpired) return refused('token-expired')
  const aboutToken = [
    errors.JWTClaimValidationFailed,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
  ]
  const aboutKey = [errors.JOSEAlgNotAllowed, errors.JOSENotSupported, errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys]
  return [...aboutToken, ...aboutKey].some((kind) => error instanceof kind) ? refused('credentials-invalid') : unavailable()
}

/** Gives the caller of a token. Throws 401 where it is not valid, 503 where the provider does not answer. `clock` is for tests. */
export function identityProvider(
  settings: IdentityProvider,
  clock: () => Date = () => new Date(),
): (token: string) => Promise<Caller> {
  const { issuer, audience, roleClaim, regionClaim, skew } = settings
  let keys: Promise<JWTVerifyGetKey> | undefined

  /** Asked once; again after a failure. */
  function keysOf(): Promise<JWTVerifyGetKey> {
    keys ??= discovered(issuer).catch((error: unknown) => {
      keys = undefined
      throw error
    })
    return keys
  }

  return async (token) => {
    let payload: JWTPayload
    try {
      const expected = {
        issuer,
        audience,
        algorithms,
        clockTolerance: skew,
        requiredClaims: ['exp', 'sub'],
        currentDate: clock(),
      }
      payload = (await jwtVerify(token, await keysOf(), expected)).payload
    } catch (error) {
      throw problemOf(error)
    }
    const role = roleOf(claimOf(payload, roleClaim))
    const region = role && regionOf(claimOf(payload, regionClaim), role)
    if (role === undefined || region === undefined) throw refused('token-without-role')
    return { id: `subject:${payload.sub}`, actor: nameOf(payload), role, region }
  }
}
