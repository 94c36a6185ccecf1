/**
 * Pages of other origins may call the API where the operator lists them (Fetch standard, CORS protocol): none does without the setting.
 * Credentials are a header that a page sends itself, so cookies are not asked for.
 */
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { exposedHeaders } from './headers.ts'

/** To be registered before authentication: a preflight carries no credentials. */
export default fp(
  async function crossOrigin(app: FastifyInstance, { origins }: { origins: readonly string[] }) {
    if (origins.length === 0) return
    await app.register(cors, {
      origin: [...origins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders,
      maxAge: 600,
    })
    // An answer that varies by something else has said so in the place of the plugin.
    app.addHook('onSend', async (_request, reply) => {
      const vary = String(reply.getHeader('vary') ?? '')
      if (!/\borigin\b/i.test(vary)) reply.header('vary', vary === '' ? 'Origin' : `${vary}, Origin`)
    })
  },
  { name: 'cross-origin' },
)
