/** The history of records, one set of routes for each category: its revisions, one of them, and the difference between two. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { difference } from '../catalogue/difference.ts'
import type { CategoryName } from '../catalogue/index.ts'
import { type Content, categoryOf } from '../catalogue/record.ts'
import { nextLink, readCursor, writeCursor } from '../http/paging.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import type { Database } from '../storage/database.ts'
import { explainAbsence, type Place } from '../storage/records.ts'
import { listRevisions, readRevisions } from '../storage/revisions.ts'
import { refused } from './conditions.ts'
import { fileFormOf, filePage, sendList } from './list-file.ts'
import { placeOf } from './records.ts'
import { revisionOperations, revisionSheet, revisionView } from './revision-operations.ts'

const contentOf = (document: string | undefined): Content | undefined =>
  document === undefined ? undefined : JSON.parse(document)

/** The routes of one category. A record that was deleted still has its history; one that never was is 404 `record-absent`. */
export function revisionRoutes(name: CategoryName, database: Database): FastifyPluginAsyncTypebox {
  const operations = revisionOperations(name)
  const { path } = categoryOf(name)
  const history = `/${path}/:township/:period/revisions`
  const absent = async (place: Place) => refused(await explainAbsence(database.pool, place), place)

  /** The revision asked for among these; throws where it does not exist. */
  async function read(place: Place, revision: number, ...others: number[]) {
    const { found, newest } = await readRevisions(database.pool, place, [revision, ...others])
    if (newest === 0) throw await absent(place)
    const asked = found.get(revision)
    if (!asked) throw new ProblemError('unknown-revision', { revision, newest })
    return { asked, found, newest }
  }

  return async (app) => {
    app.get(history, { schema: operations.list }, async (request, reply) => {
      const { limit, cursor, format, labels } = request.query
      const form = fileFormOf(request, { format, labels })
      const place = placeOf(name, request.params)
      if (form) {
        const { items } = await listRevisions(database.pool, place, 1)
        if (items.length === 0) throw await absent(place)
        return sendList(database, request, reply, form, revisionSheet, async ({ client }, after) => {
          const page = await listRevisions(client, place, filePage, after === undefined ? undefined : Number(after))
          return { items: page.items.map(revisionView), ...(page.next !== undefined && { next: String(page.next) }) }
        })
      }
      const bound = { list: `${path}/revisions`, ...request.params }
      const [before] = cursor === undefined ? [] : readCursor(bound, cursor, ['int'])
      const page = await listRevisions(database.pool, place, limit, before === undefined ? undefined : Number(before))
      if (page.items.length === 0) throw await absent(place)
      const next = page.next === undefined ? undefined : writeCursor(bound, [page.next])
      reply.header('vary', 'Accept')
      if (next !== undefined) reply.header('link', nextLink(request.url, next))
      return { items: page.items.map(revisionView), ...(next !== undefined && { next }) }
    })

    app.get(`${history}/:revision`, { schema: operations.get }, async (request, reply) => {
      const { asked } = await read(placeOf(name, request.params), request.params.revision)
      const record = asked.document === undefined ? '' : `,"record":${asked.document}`
      return reply.type('application/json; charset=utf-8').send(`${JSON.stringify(revisionView(asked)).slice(0, -1)}${record}}`)
    })

    app.get(`${history}/:revision/difference`, { schema: operations.compare }, async (request) => {
      const { township, period, revision } = request.params
      const from = request.query.from ?? revision - 1
      const { asked, found, newest } = await read(placeOf(name, request.params), revision, from)
      if (from > 0 && !found.has(from))
        throw invalid('invalid-request', [{ parameter: 'from', code: 'no-such-revision', params: { revision: from, newest } }])
      const changes = difference(name, contentOf(found.get(from)?.document), contentOf(asked.document))
      return { township, period, from, to: revision, changes }
    })
  }
}
