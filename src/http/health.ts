/**
 * `/livez`: the process answers. `/readyz`: it can serve, that is, the database answers and no shutdown has begun. The two take any query,
 * as the document says, and are never counted: a probe must not be told that the service is down because of how it asks.
 */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { about } from '../catalogue/schema.ts'
import { ProblemError } from './problems.ts'
import { json, responses, worked } from './responses.ts'

const Health = Type.Object(
  { status: Type.String(about('状态', 'State', 'ok')) },
  { additionalProperties: false, $id: 'Health', ...about('健康状态', 'Health', { status: 'ok' }) },
)
export const healthSchemas = [Health]

const anyQuery =
  '查询参数一概不看，供探针避开缓存。 / Query parameters are not looked at, so that a probe may keep caches away by one.'

/** Takes `ready`, which throws while the database does not answer. 503 with the usual problem body where it is not ready. */
export default fp(
  async function health(app: FastifyInstance, { ready }: { ready: () => Promise<void> }) {
    let closing = false
    app.addHook('preClose', async () => {
      closing = true
    })
    const answer = json(
      '正常 / It does',
      { $ref: 'Health#' },
      { examples: { ok: worked('正常', 'As it should be', { status: 'ok' }) } },
    )
    app.get(
      '/livez',
      {
        config: { unlimited: true },
        schema: {
          operationId: 'getLiveness',
          summary: '进程存活 / The process answers',
          description: anyQuery,
          tags: ['operations'],
          response: { 200: answer },
        },
      },
      async () => ({ status: 'ok' }),
    )
    app.get(
      '/readyz',
      {
        config: { unlimited: true },
        schema: {
          operationId: 'getReadiness',
          summary: '可以服务 / Ready to serve',
          description: anyQuery,
          tags: ['operations'],
          response: responses({ 200: answer }),
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
