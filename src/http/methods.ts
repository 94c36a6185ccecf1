/**
 * 405 with `Allow` (RFC 9110, 15.5.6) where a path exists and the method does not. Fastify would answer 404; so the paths are collected
 * as the routes are added and the missing methods are filled in after the last one.
 */
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { sendProblem } from './answers.ts'
import { ProblemError } from './problems.ts'

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Starts collecting; call the returned function after all routes are registered. */
export function collectMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method, schema }) => {
    if (schema?.hide) return
    const allowed = known.get(url) ?? new Set()
    for (const one of [method].flat()) allowed.add(one.toUpperCase())
    known.set(url, allowed)
  })
  return () => {
    for (const [url, allowed] of known) {
      const missing = methods.filter((method) => !allowed.has(method))
      if (missing.length === 0) continue
      const allow = [...allowed].sort().join(', ')
      app.route({
        method: missing,
        url,
        schema: { hide: true },
        // Before parsing, so that a body of any type gets the same answer.
        onRequest: async (request, reply) =>
          sendProblem(new ProblemError('method-not-allowed', { method: request.method, allow }, [], { allow }), request, reply),
        handler: () => undefined,
      })
    }
  }
}
