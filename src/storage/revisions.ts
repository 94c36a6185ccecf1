/** The history of a record: every version that it ever had, deletions among them. The key of `record_revisions` serves it. */
import type { Queryable } from './database.ts'
import { instant } from './record-statements.ts'
import { type Place, run } from './records.ts'

/** One version without its document. */
export type Revision = {
  revision: number
  recordedAt: string
  actor: string
  reason: string | undefined
  importId: number | undefined
  /** A tombstone: this revision deleted the record. */
  deleted: boolean
}
/** One version; `document` is JSON text, undefined in a tombstone. */
export type WholeRevision = Revision & { document: string | undefined }
export type RevisionPage = { items: Revision[]; next?: number }

const own = 'township_code = $1 and period_id = $2 and category = $3'
const columns = `revision, ${instant('recorded_at')}, actor, reason, import_id, document is null`

const list = {
  name: 'revisions',
  text: `select ${columns} from record_revisions where ${own} and revision < $4 order by revision desc limit $5`,
}
/** The asked revisions; and always the newest, of which only its number is wanted. */
const some = {
  name: 'some-revisions',
  text: `select ${columns}, case when revision = any($4::int[]) then document::text end from record_revisions where ${own} and (revision = any($4::int[])
    or revision = (select max(revision) from record_revisions where ${own}))`,
}

const keyOf = ({ category, period, township }: Place) => [township, period.id, category]
const maxRevision = 2_147_483_647

function revisionOf([revision, recordedAt, actor, reason, importId, deleted]: unknown[]): Revision {
  return {
    revision: Number(revision),
    recordedAt: String(recordedAt),
    actor: String(actor),
    reason: typeof reason === 'string' ? reason : undefined,
    importId: importId === null ? undefined : Number(importId),
    deleted: deleted === true,
  }
}

/** The versions of a record, the newest first; none where it never existed. */
export async function listRevisions(on: Queryable, place: Place, limit: number, before = maxRevision): Promise<RevisionPage> {
  const rows = await run(on, list, [...keyOf(place), before, limit + 1])
  const items = rows.slice(0, limit).map(revisionOf)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, ...(last && { next: last.revision }) }
}

/** These versions of a record by number, those that exist, and the number of the newest: 0 where the record never existed. */
export async function readRevisions(
  on: Queryable,
  place: Place,
  wanted: readonly number[],
): Promise<{ found: Map<number, WholeRevision>; newest: number }> {
  const rows = (await run(on, some, [...keyOf(place), wanted])).map((row) => ({
    ...revisionOf(row),
    document: typeof row[6] === 'string' ? row[6] : undefined,
  }))
  return {
    found: new Map(rows.filter(({ revision }) => wanted.includes(revision)).map((row) => [row.revision, row])),
    newest: Math.max(0, ...rows.map(({ revision }) => revision)),
  }
}
