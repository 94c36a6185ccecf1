/**
 * Keeps who was refused: whoever sent credentials that are not valid or wrote without any, whoever may not do what was asked, writes that the state
 * of the register does not allow, and once a minute whoever asks too often. Who only reads without credentials is nobody, and would fill the audit.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { propertiesOf } from '../http/access.ts'
import { reads } from '../http/idempotency.ts'
import { auditRefusal } from '../storage/audit.ts'
import type { Database } from '../storage/database.ts'
import { originOf } from './author.ts'

const ofWrites = [409, 412, 422, 428]

function isKept({ method, headers, firstTooMany }: FastifyRequest, status: number): boolean {
  const writes = !reads.has(method)
  if (status === 401) return writes || headers.authorization !== undefined
  if (status === 429) return firstTooMany
  return status === 403 || (writes && ofWrites.includes(status))
}

/** Why a request was refused, where that is kept. What is merely wrong in form is not, but a correction that gives no reason is. */
const refusalOf = (request: FastifyRequest, status: number): string | undefined =>
  isKept(request, status) ? request.problem : request.mistakes?.find(({ code }) => code === 'correction-reason')?.code

/** The township or region that a request names, '' where it names none. */
function placeOf({ params }: FastifyRequest): string {
  const named = propertiesOf(params)
  const code = named.township ?? named.region ?? named.county ?? named.code
  return typeof code === 'string' && /^\d{2,9}$/.test(code) ? code : ''
}

const longest = 200

/**
 * An entry beside the answer, on a connection of its own: what is refused has no transaction that it could be part of. Every answer passes
 * `onSend`, that to a client which has gone as well; `onResponse` would not be called for it.
 */
export default fp(
  async function refusals(app: FastifyInstance, { database }: { database: Database }) {
    const underWay = new Set<Promise<void>>()
    app.addHook('onClose', async () => {
      await Promise.allSettled(underWay)
    })
    app.addHook('onSend', (request, reply, payload, done) => {
      done(null, payload)
      const problem = refusalOf(request, reply.statusCode)
      if (problem === undefined) return
      const who = request.holder ?? request.caller
      const path = request.url.split('?')[0]?.replace(/^\/v1\//, '') ?? ''
      const matter = { region: placeOf(request) || who.region, target: path.slice(0, longest) }
      const kept = auditRefusal(database, { actor: who.actor, origin: originOf(request, who) }, matter, problem)
        .catch((error: unknown) => request.log.error({ err: error }, 'a refusal was not kept'))
        .finally(() => underWay.delete(kept))
      underWay.add(kept)
    })
  },
  { name: 'refusals' },
)
