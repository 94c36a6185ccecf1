/**
 * 405 with `Allow` (RFC 9110, 15.5.6) where a path exists and the method does not. Fastify would answer 404; so the paths are collected
 * as the routes are added, the page's and the document's among them, and the missing methods are filled in after the last one.
 */
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { sendProblem } from './answers.ts'
import { ProblemError } from './problems.ts'

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Starts collecting; call the returned function after all routes are registered. */
export function collectMethods(app: FastifyInstance): () => void {
  const urls = new Set<string>()
  let collecting = true
  app.addHook('onRoute', ({ url }) => {
    if (collecting) urls.add(url)
  })
  return () => {
    collecting = false
    for (const url of urls) {
      const missing = methods.filter((method) => !app.hasRoute({ url, method }))
      if (missing.length === 0) continue
      const allow = methods
        .filter((method) => !missing.includes(method))
        .sort()
        .join(', ')
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
