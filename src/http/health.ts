/** `/livez`: the process answers. `/readyz`: it can serve, that is, the database answers and no shutdown has begun. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { about } from '../catalogue/schema.ts'
import { ProblemError } from './problems.ts'

const Health = Type.Object(
  { status: Type.String({ ...about('状态', 'State', 'ok') }) },
  { additionalProperties: false, $id: 'Health', description: '健康状态 / Health' },
)
export const healthSchemas = [Health]

/** Takes `ready`, which throws while the database does not answer. 503 with the usual problem body where it is not ready. */
export default fp(
  async function health(app: FastifyInstance, { ready }: { ready: () => Promise<void> }) {
    let closing = false
    app.addHook('preClose', async () => {
      closing = true
    })
    // A connection that goes idle while the server closes would hold it up (fastify#7044): tell clients to drop it.
    app.addHook('onSend', async (_request, reply) => {
      if (closing) reply.header('connection', 'close')
    })
    const answer = { 200: { description: 'ok', $ref: 'Health#' } }
    app.get(
      '/livez',
      {
        schema: { operationId: 'getLiveness', summary: '进程存活 / The process answers', tags: ['operations'], response: answer },
      },
      async () => ({ status: 'ok' }),
    )
    app.get(
      '/readyz',
      {
        schema: {
          operationId: 'getReadiness',
          summary: '可以服务 / Ready to serve',
          tags: ['operations'],
          response: { ...answer, 503: { description: 'not ready', $ref: 'Problem#' } },
        },
      },
      async () => {
        if (closing) throw new ProblemError('unavailable', {}, [], { 'retry-after': '5' })
        await ready()
        return { status: 'ok' }
      },
    )
  },
  { name: 'health' },
)
