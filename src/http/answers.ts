/**
 * How every answer leaves: version and request id on each, and one form for every error, whether it comes from validation, storage,
 * Fastify itself or a defect. A 5xx carries fixed words and the request id; the cause goes to the log alone.
 */
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type Fault,
  invalid,
  languageOf,
  type Params,
  type ProblemCode,
  ProblemError,
  problemBody,
  problems,
} from './problems.ts'
import { faultsOf, ValidationError } from './validation.ts'

/** The contract's version; raised by every change that a client can see. */
export const apiVersion = '1.0.0'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the problem that it was answered with. */
    problem: ProblemCode | undefined
    /** The mistakes that this answer listed. */
    mistakes: readonly Fault[] | undefined
    /** Where it comes from, told once: a socket that was reset does not know any more. */
    address: string
  }
  interface FastifyReply {
    /**
     * The body of the answer that takes the place of one which cannot go out after all. A hook that fails while an answer is on its way would
     * have Fastify word the failure, where that answer was one of a problem.
     */
    failed: (error: unknown) => string
  }
}

/** What an answer says that is none of a problem. */
const ofSuccess = ['etag', 'location', 'link', 'content-length', 'content-disposition', 'idempotency-replayed']

/** Makes the answer one of a problem, in the client's language; gives its body. */
function problemText(error: ProblemError, request: FastifyRequest, reply: FastifyReply): string {
  const language = languageOf(request.headers)
  request.problem = error.code
  request.mistakes = error.faults
  reply
    .status(problems[error.code][0])
    .headers(error.headers)
    .header('content-language', language)
    .header('vary', 'Accept-Language')
    .type('application/problem+json; charset=utf-8')
  return JSON.stringify(problemBody(error, language, request.id))
}

/** Sends a problem in the client's language. */
export const sendProblem = (error: ProblemError, request: FastifyRequest, reply: FastifyReply) =>
  reply.send(problemText(error, request, reply))

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_')
}

const ofFastify: Record<string, (error: FastifyError, request: FastifyRequest) => [ProblemCode, Params]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (_, request) => ['body-too-large', { limit: request.routeOptions.bodyLimit ?? 0 }],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (_, request) => [
    'unsupported-media-type',
    {
      expected: request.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      received: request.headers['content-type'] ?? '-',
    },
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (error) => [
    'malformed-json',
    { reason: error.message, reasonZh: '：内容长度与 Content-Length 不符' },
  ],
  FST_ERR_BAD_URL: () => ['bad-url', {}],
}

/** Storage's closed list of failures, told by whoever knows it: this folder does not know storage. */
export type FailureOf = (error: unknown) => { kind: 'unavailable' | 'contention' } | undefined

function problemOf(error: unknown, request: FastifyRequest, failureOf: FailureOf): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof ValidationError) return invalid('invalid-request', faultsOf(error.errors, 'parameters'))
  // A client that went away looks like a database that did; nobody reads this answer.
  if (request.raw.errored && error === request.raw.errored) return new ProblemError('upload-broken-off')
  const failure = failureOf(error)
  if (failure?.kind === 'contention') return new ProblemError('write-conflict')
  if (failure) return new ProblemError('unavailable', {}, [], { 'retry-after': '5' })
  const told = isFastifyError(error) ? ofFastify[error.code]?.(error, request) : undefined
  return told ? new ProblemError(...told) : new ProblemError('internal')
}

/** The answer to bytes that are no HTTP request, such as an address whose Chinese characters were not percent-encoded: no request exists yet, and its language is not known. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const problem = new ProblemError(error.code === 'HPE_HEADER_OVERFLOW' ? 'header-too-large' : 'bad-url')
  const [zh, en] = (['zh', 'en'] as const).map((language) => problemBody(problem, language, ''))
  const told = { title: `${zh?.title} / ${en?.title}`, detail: `${zh?.detail} / ${en?.detail}`, requestId: randomUUID() }
  const body = JSON.stringify({ ...en, ...told })
  const status = problems[problem.code][0]
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/**
 * Of the headers that browsers heed, those that mean something for an API: no sniffing of types, no page made of an answer, no address told
 * to others. What a client keeps it asks for again, which its ETag makes cheap; no cache in between keeps what one caller may see.
 */
const usual = {
  'api-version': apiVersion,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'private, no-cache',
}

/** Headers of every answer, the error handler and the answer to unknown routes. */
export default fp(
  async function answers(app: FastifyInstance, { failureOf }: { failureOf: FailureOf }) {
    /** The problem that an error is; of a failure of ours the log has the cause. */
    function judged(error: unknown, request: FastifyRequest): ProblemError {
      const problem = problemOf(error, request, failureOf)
      if (problems[problem.code][0] >= 500) request.log.error({ err: error }, problem.code)
      return problem
    }
    app.decorateReply('failed', function failed(this: FastifyReply, error: unknown): string {
      for (const name of ofSuccess) this.removeHeader(name)
      return problemText(judged(error, this.request), this.request, this)
    })
    app.decorateRequest('problem')
    app.decorateRequest('mistakes')
    app.decorateRequest('address', '')
    // A socket that is reset forgets where it came from, before its request is even read.
    app.server.on('connection', (socket: Socket) => {
      const { remoteAddress } = socket
      if (remoteAddress !== undefined) Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
    })
    app.addHook('onRequest', (request, reply, done) => {
      const ip: string | undefined = request.ip
      request.address = ip ?? 'unknown'
      reply.headers(usual).header('x-request-id', request.id)
      done()
    })
    // Fastify gives the answer to a HEAD a length, of 304 too, where it must be that of the 200 or none (RFC 9110, 8.6).
    app.addHook('onRoute', (route) => {
      if (route.method !== 'HEAD') return
      route.onSend = [
        ...[route.onSend ?? []].flat(),
        async (_request, reply) => void (reply.statusCode === 304 && reply.removeHeader('content-length')),
      ]
    })
    app.setErrorHandler((error: unknown, request, reply) => sendProblem(judged(error, request), request, reply))
    app.setNotFoundHandler((request, reply) =>
      sendProblem(
        new ProblemError('unknown-route', { method: request.method, path: request.url.split('?')[0] ?? '' }),
        request,
        reply,
      ),
    )
  },
  { name: 'answers' },
)
