/**
 * Instants in a query whose offset was written with a bare `+`, as people write Beijing time. In a query it means a space (WHATWG URL, 5.1), and
 * `2025-03-01T08:00:00 08:00` can mean nothing else, so it is read as what was meant.
 */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

const spaced = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?) (\d{2}:\d{2})$/

/** Must be registered before the routes. */
export default fp(
  async function queryInstants(app: FastifyInstance) {
    app.addHook('preValidation', (request, _reply, done) => {
      const { query } = request
      if (request.url.includes('+') && typeof query === 'object' && query !== null)
        for (const [name, value] of Object.entries(query))
          if (typeof value === 'string') Reflect.set(query, name, value.replace(spaced, '$1+$2'))
      done()
    })
  },
  { name: 'query-instants' },
)
