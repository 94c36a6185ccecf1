/** `GET /v1/changes`: every change of every record in an order that a copy can be kept by, at once or when the next one comes. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { invalid } from '../http/problems.ts'
import { openWaits } from '../storage/change-waits.ts'
import { beginning, type Change, type ChangeFilter, readChanges } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'
import { changeOperation } from './change-operation.ts'
import { type FeedPlace, feedStateAt, readPlace, writePlace } from './feed-place.ts'
import { unknownPlaces } from './filters.ts'

const bound = (filter: ChangeFilter) => ({ list: 'changes', ...filter })

function textOf({ document, reason, importId, ...change }: Change): string {
  const head = { ...change, ...(reason !== undefined && { reason }), ...(importId !== undefined && { importId }) }
  return `${JSON.stringify(head).slice(0, -1)},"document":${document ?? 'null'}}`
}

const earlier = (one: string, other: string | undefined) => (other !== undefined && other < one ? other : one)

/** What the feed holds after a place; throws where that is the place of another history. */
async function read({ pool }: Database, start: FeedPlace, filter: ChangeFilter, limit: number) {
  const feed = await feedStateAt(pool, start, 'after')
  const { items, last, tail, heldSince } = await readChanges(pool, feed.epoch, start, filter, limit)
  // Beyond a page that is not full nothing was found, so the next request need not look there again.
  const reached = items.length === limit && last ? last : tail
  const held = heldSince === undefined ? 0 : Math.max(0, Date.now() - Date.parse(heldSince)) / 1000
  const lag = {
    seconds: feed.seconds ?? held,
    ...(feed.transaction !== undefined && { transaction: feed.transaction }),
  }
  const next = writePlace(bound(filter), feed, reached)
  const rest = { next, settledUntil: earlier(feed.quietUntil, heldSince), lag }
  return { items, tail, text: `{"items":[${items.map(textOf).join(',')}],${JSON.stringify(rest).slice(1)}` }
}

/** The feed. A wait ends when something comes, at its time, when its client leaves, and when the service stops. */
export const changeRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    const waits = openWaits(database)
    app.addHook('preClose', async () => waits.close())

    app.get('/changes', { schema: changeOperation }, async (request, reply) => {
      const { after, limit, wait, ...filter } = request.query
      const until = Date.now() + wait * 1000
      const start = after === undefined ? beginning : readPlace(bound(filter), after)
      const faults = await unknownPlaces(database, filter)
      if (faults.length > 0) throw invalid('invalid-request', faults)
      const left = new AbortController()
      reply.raw.once('close', () => left.abort())
      let found = await read(database, start, filter, limit)
      while (found.items.length === 0 && Date.now() < until && !left.signal.aborted && !waits.closed) {
        await waits.beyond(found.tail, until - Date.now(), left.signal)
        if (!left.signal.aborted && !waits.closed) found = await read(database, start, filter, limit)
      }
      return reply.type('application/json; charset=utf-8').send(found.text)
    })
  }
