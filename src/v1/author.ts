/** Who writes, from where and why, as history and audit keep it. */
import type { FastifyRequest } from 'fastify'
import { propertiesOf } from '../http/access.ts'
import type { Caller } from '../http/caller.ts'
import type { Author, Origin } from '../storage/author.ts'

export function originOf(request: FastifyRequest, { role, keyId }: Caller = request.caller): Origin {
  const operation = request.routeOptions.schema?.operationId ?? ''
  return { role, keyId, address: request.address, requestId: request.id, operation }
}

/** The author of what a request does, and the reason that its query gives. */
export function authorOf(request: FastifyRequest): Author & { reason?: string } {
  const { reason } = propertiesOf(request.query)
  return { actor: request.caller.actor, origin: originOf(request), ...(typeof reason === 'string' && { reason }) }
}
