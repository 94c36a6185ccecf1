/** A place in the order of changes as clients hold it: an opaque cursor that knows its list and filter, and the database that it is from. */
import { createHash } from 'node:crypto'
import { readCursor, writeCursor } from '../http/paging.ts'
import { ProblemError } from '../http/problems.ts'
import { type FeedState, type Position, readFeedState } from '../storage/changes.ts'
import type { Queryable } from '../storage/database.ts'

/** Names a database in a cursor without telling anything about it. */
const nameOf = (database: string) => createHash('sha256').update(database).digest('base64url').slice(0, 8)

/** A position, and the database that it was told of. */
export type FeedPlace = Position & { of?: { epoch: number; database: string } }

/** The place in a cursor of that list and filter. Throws `invalid-cursor` or `cursor-of-another-filter`. */
export function readPlace(bound: object, cursor: string): FeedPlace {
  const [current, database, epoch, at, seq] = readCursor(bound, cursor, ['int', 'text', 'int', 'digits', 'digits'])
  const of = { epoch: Number(current), database: String(database) }
  return { epoch: Number(epoch), at: String(at), seq: String(seq), of }
}

/** The cursor of a position in the feed as it stands now. */
export function writePlace(bound: object, feed: Pick<FeedState, 'epoch' | 'database'>, { epoch, at, seq }: Position): string {
  return writeCursor(bound, [feed.epoch, nameOf(feed.database), epoch, at, seq])
}

/** How the feed stands; a 410 where the place, which came as that parameter, is one of another history. */
export async function feedStateAt(on: Queryable, place: FeedPlace, parameter: string): Promise<FeedState> {
  const feed = await readFeedState(on, place)
  const { of } = place
  if (!feed.known || (of && (of.epoch !== feed.epoch || of.database !== nameOf(feed.database))))
    throw new ProblemError('cursor-of-another-database', { parameter })
  return feed
}
