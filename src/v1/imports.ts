/** Many records at once: a file is imported, and what became of past files is told. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ReadScope } from '../http/access.ts'
import { covers } from '../http/caller.ts'
import { requireMediaType } from '../http/media.ts'
import { nextLink, readCursor, writeCursor } from '../http/paging.ts'
import { invalid, languageOf, ProblemError } from '../http/problems.ts'
import { ValidationError } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { countImports, findImport, listImports } from '../storage/imports.ts'
import { regionExists } from '../storage/places.ts'
import { authorOf } from './author.ts'
import { importOperations } from './import-operations.ts'
import { answerOf, send, statusOf, summaryOf, toldFaults } from './import-report.ts'
import { runImport } from './import-run.ts'
import { importSheet } from './import-sheet.ts'
import { charsetOf, fileNameOf, formatOf, formats, receive } from './import-upload.ts'
import type { Done, Keeper } from './import-work.ts'
import { fileFormOf, filePage, sendList } from './list-file.ts'
import { onceOnly } from './once-only.ts'
import { queue } from './queue.ts'
import type { Validators } from './row-check.ts'

export type ImportSettings = {
  /** Which imports a reader sees. */
  readScope: ReadScope
  /** For how long the answer to an Idempotency-Key is kept. */
  seconds: number
  /** Largest file in bytes, inflated. */
  limit: number
  /** Where files are spooled. */
  folder: string
}

/** How many files are read and applied at once; others wait for their turn with their file already received. */
const atOnce = 3

/** The validators of PUT and PATCH, for values that come from a file. */
function validatorsOf(app: FastifyInstance): Validators {
  const compile = (component: string) => {
    const validate = app.validatorCompiler?.({
      schema: { $ref: `${component}#` },
      httpPart: 'body',
      method: 'POST',
      url: '/v1/imports',
    })
    return (body: unknown) => {
      const result: unknown = validate?.(body)
      const error: unknown = result instanceof Object && 'error' in result ? result.error : undefined
      return error instanceof ValidationError ? error.errors : []
    }
  }
  const both = (stem: string) => ({ write: compile(`${stem}Write`), patch: compile(`${stem}Patch`) })
  return {
    disputes: both('Dispute'),
    enforcement: both('Enforcement'),
    legalAdvisers: both('LegalAdviser'),
    publicity: both('Publicity'),
    governance: both('Governance'),
  }
}

/** `POST /v1/imports`, `GET /v1/imports` and `GET /v1/imports/{id}`. Bodies come as streams: they are larger than memory. */
export const importRoutes =
  (database: Database, settings: ImportSettings): FastifyPluginAsyncTypebox =>
  async (app) => {
    const validators = validatorsOf(app)
    const inTurn = queue(atOnce)
    const seen = ({ caller }: FastifyRequest) => (settings.readScope === 'own' ? caller.region : '')
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(Object.keys(formats), (_request, payload, done) => done(null, payload))

    app.post(
      '/imports',
      {
        config: { ownIdempotency: true },
        schema: importOperations.create,
        preParsing: requireMediaType(...Object.keys(formats)),
      },
      async (request, reply) => {
        const { mode, dryRun, revisions, category, period, region, charset, fileName, reason } = request.query
        const body: unknown = request.body
        if (region !== undefined && !(await regionExists(database, region)))
          throw invalid('invalid-request', [{ parameter: 'region', code: 'no-such-region', params: { code: region } }])
        const upload = await receive(body instanceof Readable ? body : undefined, request.headers, settings)
        try {
          const asked = {
            by: authorOf(request),
            own: request.caller.region,
            reason,
            format: formatOf(request.headers),
            mode,
            dryRun,
            revisions,
            category,
            period,
            region,
            charset: charset ?? charsetOf(request.headers),
            fileName: fileName ?? fileNameOf(request.headers),
          }
          const work = (keeper?: Keeper) => inTurn(() => runImport(database, upload, asked, validators, keeper))
          const told = (done: Done) => answerOf(done, statusOf(done.entry), request)
          // A dry run has no effect that could be doubled.
          if (dryRun) return send(reply, told(await work()))
          return await onceOnly(database, request, reply, { body: upload.sha256, seconds: settings.seconds, work, told })
        } finally {
          await upload.spool.close()
        }
      },
    )

    app.get('/imports', { schema: importOperations.list }, async (request, reply) => {
      const { limit, cursor, format, labels, count } = request.query
      const form = fileFormOf(request, { format, labels, count })
      const region = seen(request)
      if (count) return reply.send({ count: await countImports(database, region) })
      const pageOf = (on: Pick<Database, 'orm'>, size: number, before: string | number | undefined) =>
        listImports(on, region, size, before === undefined ? undefined : Number(before))
      if (form)
        return sendList(database, request, reply, form, importSheet, async (on, after) => {
          const { items, next } = await pageOf(on, filePage, after)
          return { items: items.map(summaryOf), ...(next !== undefined && { next: String(next) }) }
        })
      const bound = { list: 'imports', region }
      const [before] = cursor === undefined ? [] : readCursor(bound, cursor, ['id'])
      const page = await pageOf(database, limit, before)
      const next = page.next === undefined ? undefined : writeCursor(bound, [page.next])
      if (next !== undefined) reply.header('link', nextLink(request.url, next))
      return { items: page.items.map(summaryOf), ...(next !== undefined && { next }) }
    })

    app.get('/imports/:id', { schema: importOperations.get }, async (request, reply) => {
      const { id } = request.params
      const found = await findImport(database, id)
      const region = seen(request)
      // One that does not exist is not told from a foreign one.
      if (region !== '' && !(found && covers({ region }, found.region))) throw new ProblemError('country-only', { region })
      if (!found) throw new ProblemError('unknown-import', { id })
      const language = languageOf(request.headers)
      reply.header('content-language', language).header('vary', 'Accept-Language')
      return { ...summaryOf(found), errors: toldFaults(found.errors, language) }
    })
  }
