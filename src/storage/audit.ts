/**
 * Who did what, from where, and who was refused. What was done is kept by the transaction that does it, so that neither exists without the
 * other; a refusal is kept after it was answered. The service only ever adds rows: see `grants.ts`.
 */
import pg from 'pg'
import { type Author, originColumns, originValues } from './author.ts'
import type { Database, Queryable } from './database.ts'
import type { Export } from './exports.ts'
import { instant } from './record-statements.ts'
import { run } from './records.ts'

/** What an entry says of its matter. `region` is the code of a township or region, '' for the whole country. */
export type Matter = { region: string; target: string; revision?: number; reason?: string | undefined }

export type AuditFilter = {
  region?: string
  since?: string
  until?: string
  actor?: string
  operation?: string
  outcome?: string
}

const add = {
  name: 'audit',
  text: `insert into audit (${originColumns}, outcome, problem, region, target, revision, reason, recorded_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, date_trunc('milliseconds', clock_timestamp()))`,
}

function added(on: Queryable, by: Author, { region, target, revision, reason }: Matter, problem?: string) {
  const outcome = problem === undefined ? 'done' : 'refused'
  return run(on, add, [...originValues(by), outcome, problem ?? null, region, target, revision ?? null, reason ?? null])
}

/** Keeps what was done, in the transaction of `on`; or that it was refused, by the problem. */
export async function audit(on: Queryable, by: Author, matter: Matter, problem?: string): Promise<void> {
  if (by.origin) await added(on, by, matter, problem)
}

/** Keeps that someone was refused, with the code of the problem, whatever becomes of the request's own transaction. */
export async function auditRefusal(
  { connections }: Pick<Database, 'connections'>,
  by: Author,
  matter: Matter,
  problem: string,
): Promise<void> {
  await added(connections, by, matter, problem)
}

/** Values 1-7: from region, below region, since, until, actor, operation, outcome; an export has them as literals. */
const conditions = (value: (place: number) => string) => `
  (${value(1)}::text is null or (region >= ${value(1)} and region < ${value(2)}))
  and (${value(3)}::timestamptz is null or recorded_at >= ${value(3)}::timestamptz)
  and (${value(4)}::timestamptz is null or recorded_at < ${value(4)}::timestamptz)
  and (${value(5)}::text is null or actor = ${value(5)})
  and (${value(6)}::text is null or operation = ${value(6)})
  and (${value(7)}::text is null or outcome = ${value(7)})`

const entry = `json_strip_nulls(json_build_object('id', id, 'recordedAt', ${instant('recorded_at')}, 'actor', actor, 'role', role, 'keyId', key_id,
  'address', address, 'requestId', request_id, 'operation', operation, 'outcome', outcome, 'problem', problem, 'region', nullif(region, ''),
  'target', target, 'revision', revision, 'reason', reason))`

const valuesOf = ({ region, since, until, actor, operation, outcome }: AuditFilter): (string | null)[] => [
  region || null,
  region ? `${region}:` : null,
  since ?? null,
  until ?? null,
  actor ?? null,
  operation ?? null,
  outcome ?? null,
]

const parameter = (place: number) => `$${place}`
const pageOf = (name: string, beyond: string, order: string) => ({
  name,
  text: `select id, ${entry}::text from audit where ${conditions(parameter)} and ($8::bigint is null or id ${beyond} $8) order by id ${order} limit $9`,
})
const pages = { newest: pageOf('audit-newest', '<', 'desc'), oldest: pageOf('audit-oldest', '>', 'asc') }

/** Entries, the newest or the oldest first, as JSON texts; `next` where there are more. */
export async function listAudit(
  on: Queryable,
  filter: AuditFilter,
  first: keyof typeof pages,
  limit: number,
  after?: number,
): Promise<{ items: string[]; next?: number }> {
  const rows = await run(on, pages[first], [...valuesOf(filter), after ?? null, limit + 1])
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items: items.map(([, text]) => String(text)), ...(last && { next: Number(last[0]) }) }
}

/** How many entries there are. */
export async function countAudit(on: Queryable, filter: AuditFilter): Promise<number> {
  const text = `select count(*)::int from audit where ${conditions(parameter)}`
  const [[count] = []] = await run(on, { name: 'audit-count', text }, valuesOf(filter))
  return Number(count)
}

const literal = (value: string | null | undefined) => (value === null || value === undefined ? 'null' : pg.escapeLiteral(value))

/** All entries, the oldest first, one a line, straight from COPY; undefined where all connections for exports are taken. */
export function exportAudit({ exports }: Pick<Database, 'exports'>, filter: AuditFilter): Promise<Export | undefined> {
  const values = valuesOf(filter)
  return exports.lines(`select ${entry} from audit where ${conditions((place) => literal(values[place - 1]))} order by id`)
}
