/** `POST /v1/imports/{id}/revert`: an import is taken back. It has no body; one that is sent would say something, and is refused. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { invalid, ProblemError } from '../http/problems.ts'
import type { Database } from '../storage/database.ts'
import { findImport } from '../storage/imports.ts'
import { authorOf } from './author.ts'
import { answerOf } from './import-report.ts'
import { revertImport } from './import-revert.ts'
import { revertOperation } from './import-revert-operation.ts'
import type { Done, Keeper } from './import-work.ts'
import { onceOnly } from './once-only.ts'
import { queue } from './queue.ts'

/** The route. Takes the database and for how long the answer to an Idempotency-Key is kept; an unknown import is a 404. Large imports are taken back one after the other. */
export const importRevertRoutes =
  (database: Database, seconds: number): FastifyPluginAsyncTypebox =>
  async (app) => {
    const inTurn = queue(1)
    app.post('/imports/:id/revert', { config: { ownIdempotency: true }, schema: revertOperation }, async (request, reply) => {
      const { id } = request.params
      if (request.body !== undefined && request.body !== null) throw invalid('invalid-body', [{ pointer: '', code: 'no-body' }])
      const found = await findImport(database, id)
      const { region } = request.caller
      // To someone of a region one that does not exist is as foreign as that of another region.
      if (region !== '' && !found?.region.startsWith(region)) throw new ProblemError('country-only', { region })
      if (!found) throw new ProblemError('unknown-import', { id })
      const by = { ...authorOf(request), reason: request.query.reason, own: region }
      const work = (keeper?: Keeper) => inTurn(() => revertImport(database, id, by, keeper))
      const told = (done: Done) => answerOf(done, done.entry.rejected > 0 ? 207 : 200, request)
      return onceOnly(database, request, reply, { body: '', seconds, work, told })
    })
  }
