/** Who makes a request. Until authentication exists everyone is anonymous; `app.ts` has the place where it will be registered. */
import type { FastifyRequest } from 'fastify'

/** The name that history and `updatedBy` keep. */
export function actorOf(_request: FastifyRequest): string {
  return 'anonymous'
}
