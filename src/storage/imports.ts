/** Imports: what is kept of each, and what reading a file needs to know of the register. */
import { and, desc, eq, like, lt, sql } from 'drizzle-orm'
import type { CategoryName } from '../catalogue/index.ts'
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import type { Database, Queryable } from './database.ts'
import { importStatements } from './import-statements.ts'
import { imports } from './tables.ts'

export type ImportFormat = 'json' | 'ndjson' | 'csv'
export type ImportMode = 'atomic' | 'partial'
/** A mistake as it is kept: told in words when it is read. */
export type StoredFault = {
  row: number
  category?: CategoryName
  township?: string
  period?: string
  column?: string
  pointer?: string
  code: string
  params?: Record<string, string | number>
}
type Columns = typeof imports.$inferSelect
export type ImportEntry = Omit<Columns, 'id' | 'recordedAt' | 'errors'> & { errors: readonly StoredFault[] }
/** `revertedBy`: the imports that took it back, or some of it. */
export type StoredImport = Omit<Columns, 'errors'> & { revertedBy: string[] }

const summary = (({ errors: _, ...columns }) => columns)({
  id: imports.id,
  actor: imports.actor,
  region: imports.region,
  recordedAt: sql<string>`to_char(${imports.recordedAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  fileName: imports.fileName,
  sha256: imports.sha256,
  bytes: imports.bytes,
  format: imports.format,
  mode: imports.mode,
  rows: imports.rows,
  created: imports.created,
  updated: imports.updated,
  unchanged: imports.unchanged,
  deleted: imports.deleted,
  rejected: imports.rejected,
  notApplied: imports.notApplied,
  withFindings: imports.withFindings,
  errorCount: imports.errorCount,
  reverts: imports.reverts,
  revertedBy: sql<string[]>`array(select r.id from imports r where r.reverts = ${imports}.id
    and r.created + r.updated + r.deleted > 0 order by r.id)`,
  errors: imports.errors,
})

/** A mistake tells what was received, and that may be what jsonb cannot hold: NUL, and halves of surrogate pairs. */
const storable = (_key: string, value: unknown) =>
  typeof value === 'string' ? value.replace(/\0|\p{Surrogate}/gu, '\ufffd') : value

const outsideRegion = 'row-outside-region'
/** The counties of the rows that were refused because they are another's: whoever looks after those finds the attempt in the own audit. */
const foreign = ({ errors }: ImportEntry) =>
  new Set(errors.flatMap(({ code, params }) => (code === outsideRegion ? [String(params?.code).slice(0, 6)] : [])))

/**
 * Keeps an import and its audit entry, in a transaction of the caller; `id` is given where revisions name it already, `problem` where nothing was
 * taken. Returns its id and when it was recorded.
 */
export async function recordImport(
  on: Queryable,
  entry: ImportEntry,
  by: Author & { reason?: string | undefined },
  { id, problem }: { id?: number; problem?: string | undefined } = {},
): Promise<{ id: number; recordedAt: string }> {
  const { rows } = await on.query<{ id: string; recorded_at: string }>(
    `insert into imports (id, actor, file_name, sha256, bytes, format, mode, rows, created, updated, unchanged, deleted, rejected, not_applied,
      errors, error_count, region, with_findings, reverts, recorded_at)
     overriding system value values (coalesce($1::bigint, nextval(pg_get_serial_sequence('imports', 'id'))), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
      $15::jsonb, $16, $17, $18, $19, date_trunc('milliseconds', now()))
     returning id, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as recorded_at`,
    [
      id ?? null,
      entry.actor,
      entry.fileName,
      entry.sha256,
      entry.bytes,
      entry.format,
      entry.mode,
      entry.rows,
      entry.created,
      entry.updated,
      entry.unchanged,
      entry.deleted,
      entry.rejected,
      entry.notApplied,
      JSON.stringify(entry.errors, storable),
      entry.errorCount,
      entry.region,
      entry.withFindings,
      entry.reverts,
    ],
  )
  const [row] = rows
  if (!row) throw new Error('an import was not recorded')
  const matter = { target: `imports/${row.id}`, reason: by.reason }
  await audit(on, by, { region: entry.region, ...matter }, problem)
  for (const county of foreign(entry)) await audit(on, by, { region: county, ...matter }, outsideRegion)
  return { id: Number(row.id), recordedAt: row.recorded_at }
}

const callersOf = (region: string) => like(imports.region, `${region}%`)

/** How many imports callers of a region have made. */
export const countImports = ({ orm }: Pick<Database, 'orm'>, region: string): Promise<number> =>
  orm.$count(imports, callersOf(region))

/** Imports by callers of a region, the newest first; `next` where there are more. */
export async function listImports(
  { orm }: Pick<Database, 'orm'>,
  region: string,
  limit: number,
  before?: number,
): Promise<{ items: StoredImport[]; next?: number }> {
  const rows = await orm
    .select(summary)
    .from(imports)
    .where(and(callersOf(region), before === undefined ? undefined : lt(imports.id, before)))
    .orderBy(desc(imports.id))
    .limit(limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, next: last.id } : { items }
}

/** One import with its faults, or undefined. */
export async function findImport({ orm }: Database, id: number): Promise<(StoredImport & { errors: StoredFault[] }) | undefined> {
  const [found] = await orm
    .select({ ...summary, errors: sql<StoredFault[]>`${imports.errors}` })
    .from(imports)
    .where(eq(imports.id, id))
  return found
}

export type CurrentRecord = { revision: number; document: string }

/**
 * The records at these places, each at its place in the list. Not a prepared statement: its plan would be kept from when the table was
 * empty and read all of it for every batch of the next file. By the reader, whose connections nobody holds who waits for an import: it may
 * be this one.
 */
export async function readCurrent(
  { reader }: Database,
  category: CategoryName,
  places: readonly { period: { id: number }; township: string }[],
): Promise<Map<number, CurrentRecord>> {
  const keys = [places.map(({ period }) => period.id), places.map(({ township }) => township)]
  const rows = await reader.read({ name: '', text: importStatements[category].current }, keys)
  return new Map(
    rows.map(([place, revision, document]) => [Number(place) - 1, { revision: Number(revision), document: String(document) }]),
  )
}

export type TownshipName = { code: string; name: string; from: string | null; to: string | null }

function namesIn(text: string): ReadonlyMap<string, TownshipName> {
  const names = new Map<string, TownshipName>()
  for (const line of text === '' ? [] : text.split('\n')) {
    const code = line.slice(0, 9)
    const [name = '', from, to] = line.slice(9).split('\t')
    names.set(code, { code, name, from: from || null, to: to || null })
  }
  return names
}

let lastNames = { text: '', names: namesIn('') }

/**
 * Every township by its code, with its name and validity, closed ones included. They come as lines of one text, a third of the time of so many
 * rows: code, name and, where either is there, both days. Of the same text as before the same map is given: of five files in a row the
 * second to fifth find it made.
 */
export async function listTownshipNames({ pool }: Database): Promise<ReadonlyMap<string, TownshipName>> {
  const { rows } = await pool.query<{ all: string | null }>(
    `select string_agg(code || name || case when valid_from is null and valid_to is null then ''
      else e'\\t' || coalesce(valid_from::text, '') || e'\\t' || coalesce(valid_to::text, '') end, e'\\n') as all from townships`,
  )
  const text = rows[0]?.all ?? ''
  if (text !== lastNames.text) lastNames = { text, names: namesIn(text) }
  return lastNames.names
}

/** Every former name with the day that it lasted until, the earliest first. */
export async function listFormerNames({ pool }: Database): Promise<{ code: string; name: string; to: string }[]> {
  const { rows } = await pool.query<{ code: string; name: string; to: string }>(
    'select code, name, valid_to::text as "to" from township_names order by valid_to',
  )
  return rows
}

/** Every region with its name. */
export async function listRegionNames({ pool }: Database): Promise<{ code: string; name: string }[]> {
  const { rows } = await pool.query<{ code: string; name: string }>('select code, name from regions order by code')
  return rows
}

/** The codes of all townships, closed ones included. */
export async function allTownships({ pool }: Database): Promise<string[]> {
  const { rows } = await pool.query<{ code: string }>('select code from townships')
  return rows.map(({ code }) => code)
}

/** Which of these codes are townships, closed ones included. */
export async function knownTownships({ pool }: Database, codes: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ code: string }>('select code from townships where code = any($1)', [codes])
  return rows.map(({ code }) => code)
}
