/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07) on every write: a client that did not hear the answer sends the
 * same request again and gets the answer of the first. The handler runs inside one transaction, which is committed with the answer before
 * the answer goes out. A refusal that would be the same again is kept as well; what may go away by itself (401, 403, 429, 5xx, and
 * others writing the same) is not, so that the same key may be tried again.
 */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { callerOf } from './caller.ts'
import { errorOf } from './errors.ts'
import { invalid, type ProblemCode, ProblemError } from './problems.ts'
import { seal, unseal } from './sealing.ts'

export type KeptAnswer = { status: number; headers: Record<string, string>; body: string }
export type RequestKey = { caller: string; key: string; request: Buffer }
type Open = {
  keep: (answer: KeptAnswer, effect: boolean) => Promise<void>
  cancel: () => Promise<void>
  run: (work: () => void) => void
}
export type Begun = { state: 'kept'; answer: KeptAnswer } | { state: 'running' | 'other' } | ({ state: 'new' } & Open)

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it was sent. */
    sentBody: Buffer | undefined
    spanning: Open | undefined
  }
  interface FastifyContextConfig {
    /** The operation keeps its answers by itself: its body is too large to be handled in one transaction. */
    ownIdempotency?: true
  }
}

/** What an answer says of itself that a repetition must say again. */
const kept = ['cache-control', 'content-type', 'content-language', 'vary', 'location', 'etag', 'link', 'allow']
/** The methods that change nothing (RFC 9110, 9.2.1). */
export const reads: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const fleeting = new Set<ProblemCode>(['write-conflict', 'idempotency-running'])

/** The key of a request: a string of structured fields (RFC 9651) or bare; undefined where there is none. 400 where it is neither. */
export function keyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const [, quoted, bare] =
    /^(?:"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"|([\x21\x23-\x7e]{1,255}))$/.exec(String(header).trim()) ?? []
  const key = quoted?.replace(/\\(.)/g, '$1') ?? bare
  if (key === undefined) throw invalid('invalid-request', [{ parameter: 'Idempotency-Key', code: 'bad-idempotency-key' }])
  return key
}

/** What a key stands for: the method, the address with its query, the condition, and the body. */
export function digestOf(
  { method, url, headers }: Pick<FastifyRequest, 'method' | 'url' | 'headers'>,
  body: Buffer | string,
): Buffer {
  const conditions = ['if-match', 'if-none-match'].map((name) => `${name}: ${headers[name] ?? ''}\n`)
  return createHash('sha256')
    .update(`${method} ${url}\n${conditions.join('')}`)
    .update(body)
    .digest()
}

/** Throws for a key that is in use now (409) or was used for another request (422). */
export function assertFree(state: 'new' | 'kept' | 'running' | 'other'): void {
  if (state === 'running') throw new ProblemError('idempotency-running', {}, [], { 'retry-after': '1' })
  if (state === 'other') throw new ProblemError('idempotency-key-reused')
}

/** Whether an answer holds what is nowhere kept in plain text, such as a key that was issued. */
const isSecret = (headers: KeptAnswer['headers']) => headers['cache-control'] === 'no-store'
const credentialOf = ({ headers }: Pick<FastifyRequest, 'headers'>) =>
  (headers.authorization ?? '').trim().replace(/^bearer +/i, '')

/** Sends an answer again, as it was. Throws 409 where it holds a secret and the caller has another credential than then. */
export function replay(reply: FastifyReply, { status, headers, body }: KeptAnswer) {
  const text = isSecret(headers) ? unseal(body, credentialOf(reply.request)) : body
  if (text === undefined) throw new ProblemError('answer-sealed', { location: headers.location ?? '' })
  return reply
    .status(status)
    .headers({ ...headers, 'idempotency-replayed': 'true' })
    .send(text === '' ? undefined : text)
}

/** Whether the answer of this status is kept. */
export const isKept = (status: number, problem: ProblemCode | undefined) =>
  status < 500 && ![401, 403, 429].includes(status) && !(problem && fleeting.has(problem))

/** An answer as it is kept. */
export function answerOf(reply: FastifyReply, body: unknown): KeptAnswer {
  const headers = kept.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  const told: KeptAnswer['headers'] = Object.fromEntries(headers)
  if (typeof body !== 'string' && body !== undefined && body !== null) throw new Error('an answer that is no text cannot be kept')
  const text = body ?? ''
  return { status: reply.statusCode, headers: told, body: isSecret(told) ? seal(text, credentialOf(reply.request)) : text }
}

/** Takes `begin`, which opens the transaction of a key. To be registered after authentication and before the routes. */
export default fp(
  async function idempotency(app: FastifyInstance, { begin }: { begin: (asked: RequestKey) => Promise<Begun> }) {
    app.decorateRequest('sentBody')
    app.decorateRequest('spanning')

    async function open(request: FastifyRequest, key: string): Promise<Begun> {
      const digest = digestOf(request, request.sentBody ?? '')
      return begin({ caller: callerOf(request), key, request: digest })
    }

    app.addHook('preHandler', (request, reply, done) => {
      const { access, ownIdempotency } = request.routeOptions.config
      if (reads.has(request.method) || access?.role === 'anyone' || ownIdempotency) return done()
      let key: string | undefined
      try {
        key = keyOf(request)
      } catch (error) {
        return done(errorOf(error))
      }
      if (key === undefined) return done()
      open(request, key).then(
        (begun) => {
          if (begun.state === 'new') {
            request.spanning = begun
            return begun.run(done)
          }
          try {
            if (begun.state === 'kept') replay(reply, begun.answer)
            else assertFree(begun.state)
          } catch (error) {
            done(errorOf(error))
          }
        },
        (error: unknown) => done(errorOf(error)),
      )
    })

    // Every answer passes here, that to a client which has gone as well: only then is it known what the handler did.
    async function settle(spanning: Open, request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
      const answer = isKept(reply.statusCode, request.problem) ? answerOf(reply, payload) : undefined
      request.spanning = undefined
      if (answer) await spanning.keep(answer, reply.statusCode < 400)
      else await spanning.cancel()
    }
    app.addHook('onSend', (request, reply, payload, done) => {
      if (!request.spanning) return done(null, payload)
      settle(request.spanning, request, reply, payload).then(
        () => done(null, payload),
        (error: unknown) => done(null, reply.failed(error)),
      )
    })
  },
  { name: 'idempotency' },
)
