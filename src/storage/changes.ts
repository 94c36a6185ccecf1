/**
 * The feed: `record_revisions` in the order of epoch, position and sequence. A transaction's id would not do for the position: of two that
 * write one record, the one that began first may get the lock last, and its revision comes after the other's. So the position is
 * the last transaction id that was over when the record was locked, or some time after (an import asks once for many), its own at least
 * (`change_position()`): later revisions have later places, by their sequence where that is the same.
 * Only what is below the oldest running transaction is shown. Whatever that one or a later one commits has no smaller position than it, so
 * nothing ever arrives behind a row that was shown, however late it commits.
 */
import { type CategoryName, categories } from '../catalogue/index.ts'
import type { Epoch } from './change-epoch.ts'
import type { Queryable } from './database.ts'
import type { Reader } from './reader.ts'
import { instant } from './record-statements.ts'
import { run } from './records.ts'

/** A place in the order. Numbers of 64 bits, as text. */
export type Position = { epoch: number; at: string; seq: string }
export const beginning: Position = { epoch: 0, at: '0', seq: '0' }

export type Change = {
  category: CategoryName
  township: string
  period: string
  revision: number
  action: 'create' | 'update' | 'delete'
  epoch: number
  transaction: string
  recordedAt: string
  actor: string
  reason: string | undefined
  importId: number | undefined
  /** JSON text; undefined where the change deleted the record. */
  document: string | undefined
}
export type ChangeFilter = { category?: CategoryName; region?: string; township?: string }

/** How the feed stands: where its database is, and what holds it back. */
export type FeedState = Epoch & {
  /** Whether the position that was asked about is one of this history. */
  known: boolean
  /** The oldest transaction that may still write, and for how many seconds it has run where that may be seen. */
  transaction: string | undefined
  seconds: number | undefined
  /** Transactions that began before this instant have ended. */
  quietUntil: string
  /** The clock of the database. */
  now: string
}
/** `tail` is the last place that can be read now; `heldSince` the oldest instant of what waits behind a running transaction. */
export type ChangePage = { items: Change[]; last: Position | undefined; tail: Position; heldSince: string | undefined }

/** A place after which there is nothing to be seen yet; a row comparison, so that the index ends the scan. */
const settled = '(r.epoch, r.position) < ($1::int, (select pg_snapshot_xmin(pg_current_snapshot())))'

/**
 * Read before the page: a transaction that ends between the two is still counted as running, never the other way round. A transaction
 * shows its start a moment after it has begun; the second is for that moment. Where sessions of other roles that may write are hidden, nothing is known to be
 * settled. Parameters: 1-3 position.
 */
const state = {
  name: 'feed-state',
  text: `with now as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xmin, pg_snapshot_xmax(pg_current_snapshot()) as xmax),
    running as materialized (
      select backend_xid::text as xid, xact_start from pg_stat_activity
      where pid <> pg_backend_pid() and xact_start is not null and (datname = current_database() or backend_xid is not null)
      union all select transaction::text, prepared from pg_prepared_xacts),
    hidden as (select exists (select from pg_stat_activity where datname = current_database() and query = '<insufficient privilege>'
      and usesysid is not null and has_table_privilege(usesysid, 'record_revisions', 'insert')) as are)
    select e.epoch, e.system_identifier || '/' || e.database_oid,
      exists (select from record_revisions where epoch = $1::int and position = $2::xid8 and seq = $3::bigint),
      case when now.xmin < now.xmax then now.xmin::text end,
      (select round(extract(epoch from clock_timestamp() - xact_start), 3)::float8 from running
       where now.xmin < now.xmax and xid = (now.xmin::text::numeric % 4294967296)::text limit 1),
      ${instant(`(case when hidden.are then 'epoch' else (select least(clock_timestamp() - interval '1 second', min(xact_start)) from running) end)`)},
      ${instant('clock_timestamp()')}
    from change_epoch e, now, hidden`,
}

/**
 * Parameters: 1 epoch, 2-4 position, 5 limit, 6 category, 7-8 township range. Always a row at least. The planner thinks that a third of
 * all rows is held, and would read the table; with an order and a limit it takes the index.
 */
const page = {
  name: 'feed-page',
  text: `with page as (
      select r.* from record_revisions r where (r.epoch, r.position, r.seq) > ($2::int, $3::xid8, $4::bigint) and ${settled}
        and ($6::text is null or r.category = $6) and ($7::text is null or (r.township_code >= $7 and r.township_code < $8::text))
      order by r.epoch, r.position, r.seq limit $5),
    tail as (select epoch, position, seq from record_revisions r where ${settled} order by epoch desc, position desc, seq desc limit 1),
    held as (select min(recorded_at) as since from (select recorded_at from record_revisions r
      where (r.epoch, r.position) >= ($1::int, (select pg_snapshot_xmin(pg_current_snapshot())))
      order by r.epoch, r.position, r.seq limit 10000) first)
    select tail.epoch, tail.position::text, tail.seq, ${instant('held.since')},
      c.category, c.township_code, p.code, c.revision, case when c.document is null then 'delete' when before.there then 'update' else 'create' end,
      c.epoch, c.position::text, c.seq, c.xid::text, ${instant('c.recorded_at')}, c.actor, c.reason, c.import_id, c.document::text
    from held left join tail on true left join page c on true left join periods p on p.id = c.period_id
    left join lateral (select b.document is not null as there from record_revisions b where b.township_code = c.township_code
      and b.period_id = c.period_id and b.category = c.category and b.revision = c.revision - 1) before on true
    order by c.epoch, c.position, c.seq`,
}

/** The last place that can be read now. Unqualified, `position` would be the text of the result, and 9 come after 10. */
const tail = {
  name: 'feed-tail',
  text: `select r.epoch, r.position::text, r.seq from record_revisions r where (r.epoch, r.position) < ((select epoch from change_epoch),
    (select pg_snapshot_xmin(pg_current_snapshot()))) order by r.epoch desc, r.position desc, r.seq desc limit 1`,
}

const textOf = (value: unknown) => (value === null || value === undefined ? undefined : String(value))
/** The place in these columns, none where there is no row. */
const positionOf = (epoch: unknown, at: unknown, seq: unknown): Position | undefined =>
  at === null || at === undefined ? undefined : { epoch: Number(epoch), at: String(at), seq: String(seq) }
const actionOf = (action: unknown) => (action === 'create' || action === 'delete' ? action : 'update')

function changeOf(columns: unknown[]): Change {
  const [category, township, period, revision, action, epoch, , , xid, recordedAt, actor, reason, importId, document] = columns
  return {
    category: categories.find(({ name }) => name === category)?.name ?? 'disputes',
    township: String(township),
    period: String(period),
    revision: Number(revision),
    action: actionOf(action),
    epoch: Number(epoch),
    transaction: String(xid),
    recordedAt: String(recordedAt),
    actor: String(actor),
    reason: textOf(reason),
    importId: importId === null ? undefined : Number(importId),
    document: textOf(document),
  }
}

/** How the feed stands at this moment, and whether that position is one of it. */
export async function readFeedState(on: Queryable, { epoch, at, seq }: Position): Promise<FeedState> {
  const [row = []] = await run(on, state, [epoch, at, seq])
  const [current, database, known, transaction, seconds, quietUntil, now] = row
  return {
    epoch: Number(current),
    database: String(database),
    known: known === true || at === beginning.at,
    transaction: textOf(transaction),
    seconds: typeof seconds === 'number' ? Math.max(0, seconds) : undefined,
    quietUntil: String(quietUntil),
    now: String(now),
  }
}

/** The last place that can be read now: whatever a later statement does not see yet comes after it. */
export async function readTail(on: Queryable | Reader): Promise<Position> {
  const [row = []] = await run(on, tail, [])
  return positionOf(row[0], row[1], row[2]) ?? beginning
}

/** The changes after a position, the oldest first, at most `limit`. */
export async function readChanges(
  on: Queryable,
  epoch: number,
  after: Position,
  filter: ChangeFilter,
  limit: number,
): Promise<ChangePage> {
  const { category = null, region, township } = filter
  // What lies in all of them: nothing, where a township is not of the region.
  const codes = [region, township].filter((code) => code !== undefined)
  const range = codes.length === 0 ? [null, null] : [codes.toSorted().at(-1), codes.map((code) => `${code}:`).toSorted()[0]]
  const rows = await run(on, page, [epoch, after.epoch, after.at, after.seq, limit, category, ...range])
  const [first = [], lastRow = []] = [rows[0], rows.at(-1)]
  return {
    items: rows.filter((row) => row[10] !== null).map((row) => changeOf(row.slice(4))),
    last: positionOf(lastRow[9], lastRow[10], lastRow[11]),
    tail: positionOf(first[0], first[1], first[2]) ?? beginning,
    heldSince: textOf(first[3]),
  }
}
