/**
 * The statements of the hot paths, one set a category, built once from the tables' own columns and run as named prepared statements (writes of
 * records: `put-statement.ts`).
 * A write and its history are one statement, so that neither exists without the other; the period's row is locked FOR SHARE in it, so
 * that closing a period and writing into it have one order.
 */
import type { CategoryName } from '../catalogue/index.ts'
import { categories, columnOf, leaves } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { originColumns } from './author.ts'
import { documentsThen } from './past.ts'
import type { Statement } from './reader.ts'

/** An instant as documents have it. */
export const instant = (expression: string) => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Where the parts of a document come from: expressions of a statement. `members` is the content as the inside of a JSON object. */
export type DocumentParts = {
  township: string
  period: string
  members: string
  actor: string
  revision: string
  /** Instants as text. */
  created: string
  updated: string
}

/** The document as it is read. Whatever writes a record composes it here, so that one file or one PUT give the same bytes. */
export const documentOf = ({ township, period, members, actor, revision, created, updated }: DocumentParts) => `(
    '{"township":"' || ${township} || '","period":"' || ${period} || '","revision":' || ${revision} || ',' || ${members}
    || ',"createdAt":"' || ${created} || '","updatedAt":"' || ${updated} || '","updatedBy":' || ${actor} || '}')::json`

/**
 * What is kept of a write beside the record: the history and the audit of the rows that `written` gives, as expressions of a statement; the
 * origin are six of them (`originColumns`). No entry in the audit where the second, the role, is null.
 */
export const trail = (name: CategoryName, origin: readonly string[], period: string, reason: string, from = 'written') => `
    history as (
      insert into record_revisions (category, period_id, township_code, revision, document, actor, reason, recorded_at)
      select '${name}', written.period_id, written.township_code, written.revision, written.document, ${origin[0]}, ${reason}, written.updated_at
      from ${from}),
    audited as (
      insert into audit (${originColumns}, outcome, region, target, revision, reason, recorded_at)
      select ${origin}, 'done', written.township_code, '${categoryOf(name).path}/' || written.township_code || '/' || ${period},
        written.revision, ${reason}, written.updated_at
      from ${from} where ${origin[1]} is not null)`

/** Whether a write may go into the period: it is open, or the write corrects a closed one. */
export const takes = (period: string, correction: string) => `(${period}.state = 'open' or ${correction})`

/** Leaves a tombstone. Parameters: 1 period id, 2 township, 3 condition, 4 revisions, 5 reason, 6 correction, 7 period code, 8-13 origin. */
function erase(name: CategoryName): Statement {
  const table = columnOf(name)
  const emptied = ['document', 'content_hash', 'findings', 'qualifiers', 'plans', ...leaves(name).map((leaf) => leaf.column)]
  const origin = ['$8::text', '$9::text', '$10::bigint', '$11::text', '$12::text', '$13::text']
  const text = `
    with place as materialized (select p.id from periods p where p.id = $1 and ${takes('p', '$6::boolean')} for share of p),
    written as (
      update ${table} t set revision = t.revision + 1, updated_at = greatest(date_trunc('milliseconds', now()), t.updated_at), ${emptied.map((column) => `${column} = null`)}
      from place where t.period_id = place.id and t.township_code = $2 and t.document is not null
        and ($3::text in ('any', 'exists') or t.revision = any($4::int[]))
      returning t.period_id, t.township_code, t.revision, null::json as document, t.updated_at),
    ${trail(name, origin, '$7::text', '$5::text')}
    select revision from written`
  return { name: `erase-${table}`, text }
}

/** Why a write wrote nothing, or what a read found absent: 1 period id, 2 township. Always one row. */
function diagnosis(name: CategoryName): Statement {
  const table = columnOf(name)
  return {
    name: `diagnosis-${table}`,
    text: `select (select state from periods where id = $1), exists (select from townships where code = $2), t.revision, t.rules_version, t.content_hash, t.document::text
      from (values (1)) one left join ${table} t on t.period_id = $1 and t.township_code = $2`,
  }
}

/** One record: 1 period id, 2 township. No row for a tombstone. */
function get(name: CategoryName): Statement {
  const table = columnOf(name)
  return {
    name: `get-${table}`,
    text: `select document::text, revision, rules_version from ${table} where period_id = $1 and township_code = $2 and document is not null`,
  }
}

export type ListShape = {
  period: boolean
  region: boolean
  township: boolean
  updatedAfter: boolean
  after: boolean
  asOf: boolean
}

/**
 * Page sizes that stand in the text of a statement: of a parameter PostgreSQL expects a tenth of all rows, and so it plans such a statement
 * anew each time, which takes a fifth of the time that a page takes it.
 */
const usualSizes: ReadonlySet<number> = new Set([50, 100, 200, 500, 1000])

/**
 * A page: the documents in the order of period and township, one more than asked for where a next page exists. Nothing else is selected,
 * since the key of the last one stands in its document; rows are faster than one aggregated text. One statement for each shape of filter.
 * Without a period each period is a range of its own, so that a narrow region does not read the whole country.
 * Parameters: 1 limit, unless it is a usual size, 2 period id, 3-4 township range [from, below), 5 instant, 6-7 key after; 8 the instant of a list of then.
 */
function list(name: CategoryName, shape: ListShape, limit: number): Statement {
  const table = columnOf(name)
  const source = shape.asOf ? documentsThen(name, '$8::timestamptz') : table
  const place = shape.township ? 't.township_code = $3' : shape.region ? 't.township_code >= $3 and t.township_code < $4' : ''
  const conditions = [
    't.document is not null',
    place,
    shape.updatedAfter ? 't.updated_at > $5::timestamptz' : '',
    shape.after ? '(t.period_id, t.township_code) > ($6::int, $7)' : '',
  ]
  // A parameter that a shape does not use still needs a type.
  const typed = '(true or ($1::int, $2::int, $3::text, $4::text, $5::timestamptz, $6::int, $7::text) is null)'
  const where = (...own: string[]) => [...own, ...conditions].filter(Boolean).join(' and ')
  const size = usualSizes.has(limit) ? `${limit + 1}` : '$1 + 1'
  const order = `order by t.period_id, t.township_code limit ${size}`
  const text =
    shape.period || shape.township || !shape.region
      ? `select t.document::text from ${source} t where ${where(shape.period ? 't.period_id = $2' : '', typed)} ${order}`
      : `select t.document::text from periods p cross join lateral (
          select period_id, township_code, document from ${source} t where ${where('t.period_id = p.id')} order by t.township_code limit ${size}) t
        where ${shape.after ? 'p.id >= $6::int and' : ''} ${typed} ${order}`
  return { name: `list-${table}-${Object.values(shape).map(Number).join('')}-${size}`, text }
}

const shapes = new Map<string, Statement>()

/** The list statement of a filter shape; built at its first use. */
export function listStatement(name: CategoryName, shape: ListShape, limit: number): Statement {
  const key = `${name} ${usualSizes.has(limit) ? limit : ''} ${JSON.stringify(shape)}`
  const statement = shapes.get(key) ?? list(name, shape, limit)
  shapes.set(key, statement)
  return statement
}

const build = (name: CategoryName) => ({ erase: erase(name), diagnosis: diagnosis(name), get: get(name) })

/** The fixed statements of each category. */
export const recordStatements = {
  disputes: build('disputes'),
  enforcement: build('enforcement'),
  legalAdvisers: build('legalAdvisers'),
  publicity: build('publicity'),
  governance: build('governance'),
}

/** A whole report as one row, so that its five records are of one moment: document, revision, rules version and source of each category. */
export const reportStatement: Statement = {
  name: 'get-report',
  text: `select ${categories.map(({ name }) => `${columnOf(name)}.document::text, ${columnOf(name)}.revision, ${columnOf(name)}.rules_version, (${columnOf(name)}.document -> 'source')::text`)}
    from (values (1)) one ${categories
      .map(({ name }) => columnOf(name))
      .map(
        (table) =>
          `left join ${table} on ${table}.period_id = $1 and ${table}.township_code = $2 and ${table}.document is not null`,
      )
      .join(' ')}`,
}
