/** `GET /v1/changes`: every change of every record in an order that a copy can be kept by, at once or when the next one comes. */
import { createHash } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readCursor, writeCursor } from '../http/paging.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { openWaits } from '../storage/change-waits.ts'
import { beginning, type Change, type ChangeFilter, type Position, readChanges, readFeedState } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'
import { changeOperation } from './change-operation.ts'
import { unknownPlaces } from './filters.ts'

/** Names a database in a cursor without telling anything about it. */
const nameOf = (database: string) => createHash('sha256').update(database).digest('base64url').slice(0, 8)
const bound = (filter: ChangeFilter) => ({ list: 'changes', ...filter })

/** Where a cursor stands, and the database that it is from. */
type Start = Position & { of?: { epoch: number; database: string } }

function startOf(filter: ChangeFilter, cursor: string | undefined): Start {
  if (cursor === undefined) return beginning
  const [current, database, epoch, at, seq] = readCursor(bound(filter), cursor)
  const of = { epoch: Number(current), database: String(database) }
  return { epoch: Number(epoch), at: String(at), seq: String(seq), of }
}

function textOf({ document, reason, importId, ...change }: Change): string {
  const head = { ...change, ...(reason !== undefined && { reason }), ...(importId !== undefined && { importId }) }
  return `${JSON.stringify(head).slice(0, -1)},"document":${document ?? 'null'}}`
}

const earlier = (one: string, other: string | undefined) => (other !== undefined && other < one ? other : one)

/** What the feed holds after a place; throws where that is the place of another history. */
async function read({ pool }: Database, start: Start, filter: ChangeFilter, limit: number) {
  const { of } = start
  const feed = await readFeedState(pool, start)
  const database = nameOf(feed.database)
  if (!feed.known || (of && (of.epoch !== feed.epoch || of.database !== database)))
    throw new ProblemError('cursor-of-another-database')
  const { items, last, tail, heldSince } = await readChanges(pool, feed.epoch, start, filter, limit)
  // Beyond a page that is not full nothing was found, so the next request need not look there again.
  const { epoch, at, seq } = items.length === limit && last ? last : tail
  const held = heldSince === undefined ? 0 : Math.max(0, Date.now() - Date.parse(heldSince)) / 1000
  const lag = {
    seconds: feed.seconds ?? held,
    ...(feed.transaction !== undefined && { transaction: feed.transaction }),
  }
  const next = writeCursor(bound(filter), [feed.epoch, database, epoch, at, seq])
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
      const start = startOf(filter, after)
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
