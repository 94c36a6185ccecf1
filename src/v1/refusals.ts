/**
 * Keeps who was refused: whoever sent credentials that are not valid, whoever may not do what was asked, and writes that the state of the
 * register does not allow. Who sends no credentials at all is nobody, and would only fill the audit.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { propertiesOf } from '../http/access.ts'
import { auditRefusal } from '../storage/audit.ts'
import type { Database } from '../storage/database.ts'
import { originOf } from './author.ts'

const reads = ['GET', 'HEAD', 'OPTIONS']
const ofWrites = [409, 412, 428]

function isKept({ method, headers }: FastifyRequest, status: number): boolean {
  if (status === 401) return headers.authorization !== undefined
  return status === 403 || (!reads.includes(method) && ofWrites.includes(status))
}

/** The township or region that a request names, '' where it names none. */
function placeOf({ params }: FastifyRequest): string {
  const named = propertiesOf(params)
  const code = named.township ?? named.region ?? named.county ?? named.code
  return typeof code === 'string' && /^\d{2,9}$/.test(code) ? code : ''
}

const longest = 200

/** An entry after the answer: what is refused has no transaction that it could be part of. */
export default fp(
  async function refusals(app: FastifyInstance, { database }: { database: Database }) {
    app.addHook('onResponse', async (request, reply) => {
      const { problem } = request
      const who = request.holder ?? request.caller
      if (problem === undefined || !isKept(request, reply.statusCode)) return
      const path = request.url.split('?')[0]?.replace(/^\/v1\//, '') ?? ''
      const matter = { region: placeOf(request) || who.region, target: path.slice(0, longest) }
      await auditRefusal(database, { actor: who.actor, origin: originOf(request, who) }, matter, problem).catch(
        (error: unknown) => request.log.error({ err: error }, 'a refusal was not kept'),
      )
    })
  },
  { name: 'refusals' },
)
