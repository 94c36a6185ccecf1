/**
 * The statement that writes records, for one or for several of a category at once. A write, its history row and its audit entry are one
 * statement, so that none exists without the others; the period's row is locked FOR SHARE in it, so that closing a period and writing into it
 * have one order. What waits together is written together (`writer.ts`): a row of sixteen costs PostgreSQL a third of what it costs alone.
 */
import { kinds } from '../catalogue/figure.ts'
import { type CategoryName, columnOf, leaves } from '../catalogue/index.ts'
import type { Statement } from './reader.ts'
import { documentOf, instant, takes, trail } from './record-statements.ts'

/**
 * The parameters of a record and their types, in their order: `members` is the content as JSON members, `author` the actor as a JSON string,
 * `condition` any, absent, exists or revision, and the last six are `originValues`; there is no audit entry where `role` is null. The figures
 * follow in the order of the catalogue: each by itself costs half of what taking one JSON object apart does.
 */
const fields = {
  period: 'integer',
  township: 'text',
  rulesVersion: 'smallint',
  members: 'text',
  hash: 'bytea',
  qualifiers: 'jsonb',
  plans: 'jsonb',
  author: 'text',
  periodCode: 'text',
  findings: 'jsonb',
  condition: 'text',
  revisions: 'integer[]',
  reason: 'text',
  correction: 'boolean',
  actor: 'text',
  role: 'text',
  keyId: 'bigint',
  address: 'text',
  requestId: 'text',
  operation: 'text',
}
type Field = keyof typeof fields

/** Where the place of a record stands in its parameters: the period's id, then the township. */
export const placeOfPut = ([period, township]: readonly unknown[]) => `${period} ${township}`

function build(name: CategoryName, records: number): Statement {
  const table = columnOf(name)
  const figures = leaves(name).map((leaf) => leaf.column)
  const names = Object.keys(fields)
  const types = [...Object.values(fields), ...leaves(name).map(({ figure }) => kinds[figure.kind].column)]
  const parameter = (record: number, at: number) => `$${record * types.length + at + 1}::${types[at]}`
  // One record is its parameters; several are rows of a table, so that what follows is said once.
  const alone = records === 1
  const value = (at: number) => (alone ? parameter(0, at) : `s.p${at}`)
  const sent = (field: Field) => value(names.indexOf(field))
  const several = Array.from({ length: records }, (_, record) => `(${types.map((_, at) => parameter(record, at))})`)
  const sentRows = alone ? '' : `sent (${types.map((_, at) => `p${at}`)}) as materialized (values ${several}),`
  const same = (row: string) => `${sent('period')} = ${row}.period_id and ${sent('township')} = ${row}.township_code`
  /** An expression of what was sent, where only the row that it met and the one to be inserted are known. */
  const meeting = (expression: string) => (alone ? expression : `(select ${expression} from sent s where ${same('excluded')})`)
  const document = (revision: string, created: string, updated: string) =>
    documentOf({
      ...{ township: sent('township'), period: sent('periodCode'), members: sent('members'), actor: sent('author'), revision },
      ...{ created: instant(created), updated: instant(updated) },
    })
  const fixed = {
    rules_version: 'rulesVersion',
    content_hash: 'hash',
    findings: 'findings',
    qualifiers: 'qualifiers',
    plans: 'plans',
  } as const
  const columns = [...Object.keys(fixed), ...figures]
  const reborn = (then: string, otherwise: string) => `case when t.document is null then ${then} else ${otherwise} end`
  // Whoever got its lock later is no earlier, whenever its transaction began: times of a record never go back.
  const now = 'greatest(excluded.updated_at, t.updated_at)'
  const born = reborn(now, 't.created_at')
  const origin: readonly Field[] = ['actor', 'role', 'keyId', 'address', 'requestId', 'operation']
  const written = alone ? 'written' : `written join sent s on ${same('written')}`
  const text = `
    with ${sentRows} place as materialized (
      select p.id, p.state, date_trunc('milliseconds', now()) as at from periods p
      where p.id ${alone ? `= ${sent('period')}` : `in (select ${sent('period')} from sent s)`} for share of p),
    written as (
      insert into ${table} as t (period_id, township_code, revision, created_revision, document, created_at, updated_at, ${columns})
      select place.id, ${sent('township')}, 1, 1, ${document('1', 'place.at', 'place.at')}, place.at, place.at,
        ${[...Object.values(fixed).map(sent), ...figures.map((_, at) => value(names.length + at))]}
      from place ${alone ? '' : `join sent s on ${sent('period')} = place.id`}
      where ${takes('place', sent('correction'))} and exists (select from townships where code = ${sent('township')})
        and (${sent('condition')} in ('any', 'absent') or exists (
          select from ${table} r where ${same('r')} and r.document is not null))
      order by place.id, ${sent('township')}
      on conflict (period_id, township_code) do update set
        revision = t.revision + 1,
        created_revision = ${reborn('t.revision + 1', 't.created_revision')},
        created_at = ${born},
        updated_at = ${now},
        document = ${meeting(document('(t.revision + 1)', born, now))},
        ${columns.map((column) => `${column} = excluded.${column}`)}
      where t.content_hash is distinct from excluded.content_hash and ${meeting(`case ${sent('condition')}
        when 'any' then true
        when 'absent' then t.document is null
        when 'exists' then t.document is not null
        else t.document is not null and t.revision = any(${sent('revisions')}) end`)}
      returning t.period_id, t.township_code, t.revision, t.created_revision, t.document, t.updated_at),
    ${trail(name, origin.map(sent), sent('periodCode'), sent('reason'), written)}
    select period_id, township_code, revision, revision = created_revision, document::text from written`
  return { name: `put-${table}-${records}`, text }
}

const statements = new Map<string, Statement>()

/**
 * Writes so many records of different places; gives a row for each that was written: period id, township, revision, whether that created the
 * record, document. No row: nothing was written, and `diagnosis` knows why. Built at its first use.
 */
export function putStatement(name: CategoryName, records: number): Statement {
  const key = `${name} ${records}`
  const statement = statements.get(key) ?? build(name, records)
  statements.set(key, statement)
  return statement
}
