/**
 * Authentication and authorisation: one hook before everything that costs anything. A credential is a key of ours or a token of the
 * organisation's identity provider, as `Authorization: Bearer …` (RFC 6750). What an operation asks of its caller stands in its `Access`.
 * Every request counts before it is refused: as its caller's, or its address's where nobody is authenticated.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Access, assertMay, narrow, type ReadScope } from './access.ts'
import { anonymous, type Caller, callerOf } from './caller.ts'
import { errorOf } from './errors.ts'
import { type Params, ProblemError } from './problems.ts'
import type { RateLimit } from './throttle.ts'

export type Authentication = {
  accessOf: (operationId: string) => Access | undefined
  /** The caller of a credential that comes from that address. Throws 401, 429 after too many of them, or 503 where it cannot be looked up. */
  identify: (credential: string, address: string) => Caller | Promise<Caller>
  rateLimit: RateLimit
  readScope: ReadScope
  /** Whether reads need no credentials. */
  publicReads: boolean
}

const anyone: Access = { role: 'anyone', where: 'nowhere' }
const challenge = 'Bearer realm="register"'

type Refusal =
  | 'credentials-required'
  | 'credentials-invalid'
  | 'key-expired'
  | 'key-revoked'
  | 'token-expired'
  | 'token-without-role'

/** A 401, and whose credentials they were where that is known although they are not valid any more. */
class Unauthenticated extends ProblemError {
  readonly holder: Caller | undefined
  constructor(code: Refusal, params: Params, challenged: string, holder: Caller | undefined) {
    super(code, params, [], { 'www-authenticate': challenged })
    this.holder = holder
  }
}

/** 401 with the challenge that RFC 6750, 3 asks for; `error` is left out where nothing was sent. */
export function unauthenticated(code: Refusal, params: Params = {}, holder?: Caller) {
  const challenged = code === 'credentials-required' ? challenge : `${challenge}, error="invalid_token"`
  return new Unauthenticated(code, params, challenged, holder)
}

/** The credential of a request: undefined where it sends none, '' where what it sends cannot be one. */
function credentialOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  return /^bearer +([\w.~+/=-]+)$/i.exec(header.trim())?.[1] ?? ''
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose credentials were refused; such a request has the anonymous caller. */
    holder: Caller | undefined
  }
}

const propertyOf = (schema: unknown, name: string) =>
  schema instanceof Object && 'properties' in schema && schema.properties instanceof Object && name in schema.properties

/** Must be registered before the routes: it gives each its access, and throws for one that has none. */
export default fp(
  async function authentication(app: FastifyInstance, { accessOf, identify, rateLimit, readScope, publicReads }: Authentication) {
    app.decorateRequest('caller')
    app.decorateRequest('holder')
    app.decorateRequest('firstTooMany', false)

    app.addHook('onRoute', (route) => {
      const operation = route.schema?.operationId
      const access = route.schema?.hide ? anyone : accessOf(operation ?? '')
      if (!access) throw new Error(`${route.method} ${route.url}: nothing says who may call it`)
      const query = route.schema?.querystring
      const places = { region: propertyOf(query, 'region'), township: propertyOf(query, 'township') }
      route.config = { ...route.config, access, places }
    })

    /** The caller, where that is known without waiting. */
    function identified(request: FastifyRequest, access: Access): Caller | Promise<Caller> {
      if (access.role === 'anyone') return anonymous
      const credential = credentialOf(request)
      if (credential !== undefined) return identify(credential, request.address)
      if (publicReads && access.role === 'reader') return anonymous
      throw unauthenticated('credentials-required')
    }

    function refusalOf(request: FastifyRequest, access: Access): Error | undefined {
      try {
        assertMay(request.caller, access, request, readScope)
        return undefined
      } catch (error) {
        return errorOf(error)
      }
    }

    const counted = (request: FastifyRequest, reply: FastifyReply) => rateLimit(request, reply, callerOf(request))

    app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
      request.caller = anonymous
      const access = request.routeOptions.config.access ?? anyone
      const admit = (caller: Caller) => {
        request.caller = caller
        done(counted(request, reply) ?? refusalOf(request, access))
      }
      const fail = (error: unknown) => {
        if (error instanceof Unauthenticated) request.holder = error.holder
        done(counted(request, reply) ?? errorOf(error))
      }
      let caller: Caller | Promise<Caller>
      try {
        caller = identified(request, access)
      } catch (error) {
        return fail(error)
      }
      if (caller instanceof Promise) caller.then(admit, fail)
      else admit(caller)
    })

    app.addHook('preHandler', (request, _reply, done) => {
      if (readScope === 'own' && request.caller.region !== '' && request.routeOptions.config.access?.where === 'filter')
        narrow(request)
      done()
    })
  },
  { name: 'authentication' },
)
