/**
 * The statements that bring a staged file into the tables, one set a category. Each works on all rows at once. What a PUT does by one
 * `on conflict` stands here as insert and update: an update sees the row that it changes, whoever wrote it last, and so composes
 * the next revision of that one.
 */
import { type CategoryName, columnOf, leaves } from '../catalogue/index.ts'
import { type DocumentParts, documentOf, instant } from './record-statements.ts'

const now = '$3::timestamptz'
const nowText = '$7::text'
const copied = ['content_hash', 'findings', 'qualifiers', 'plans']

/** Between which keys staged rows of one period lie. */
export type Range = readonly [period: number, first: string, last: string]

/**
 * The statements of a category. Those that write take 1 actor, 2 import id, 3 the instant, 4 reason and, but for `erase`, 5 actor
 * as JSON string, 6 rules version, 7 the instant as documents have it. Of `ranged` ones the last three parameters of `lock`, `existing`, `insert`,
 * `update`, `missed` and `outdated` are a Range: rows that lie side by side in the file do so in the table, and are found by one walk along its index.
 */
function statementsOf(name: CategoryName, ranged = false) {
  const table = columnOf(name)
  const staged = `staged_${table}`
  const figures = leaves(name).map((leaf) => leaf.column)
  const values = [...copied, ...figures]
  const same = 't.period_id = s.period_id and t.township_code = s.township_code'
  const within = (from: number) =>
    ranged ? `and t.period_id = $${from}::int and t.township_code between $${from + 1}::text and $${from + 2}::text` : ''
  const live = 'case when t.document is not null then t.revision end'
  // A tombstone counts as absent, and yet a row can expect just that one.
  const stands = 'coalesce(case when t.document is null then -t.revision else t.revision end, 0)'
  const document = (parts: Pick<DocumentParts, 'revision' | 'created' | 'updated'>) =>
    documentOf({ township: 's.township_code', period: 'p.code', members: 's.members', actor: '$5::text', ...parts })
  // One position for all, asked for when all are written: by then each record is locked, or is new and has no revision before this one.
  const history = (revision: string) => `history as (
      insert into record_revisions (category, period_id, township_code, revision, document, actor, reason, import_id, recorded_at, position)
      select '${name}', period_id, township_code, ${revision}, document, $1::text, $4::text, $2::bigint, updated_at,
        (select change_position() where (select count(*) from written) > 0)
      from written)`
  // A record that others have changed since this import began keeps its times in order.
  const later = `greatest(${now}, t.updated_at)`
  const laterText = `case when t.updated_at > ${now} then ${instant('t.updated_at')} else ${nowText} end`
  const reborn = (then: string, otherwise: string) => `case when t.document is null then ${then} else ${otherwise} end`

  return {
    create: `create temporary table ${staged} as select null::int as line, null::boolean as erase, null::int as expected, null::int as basis,
      period_id, township_code, null::text as members, ${values} from ${table} with no data`,
    empty: `truncate ${staged}`,
    copy: `copy ${staged} from stdin (format text, null '')`,
    analyze: `analyze ${staged} (line, period_id, township_code)`,
    drop: `delete from ${staged} where line = any($1::int[])`,
    count: `select count(*) filter (where not erase)::int as writes, count(*) filter (where erase)::int as erases, count(findings)::int as doubtful
      from ${staged}`,
    periods: `select distinct period_id from ${staged}`,
    close: `with gone as (delete from ${staged} where period_id = any($1::int[]) returning line, period_id, township_code)
      select count(*) over ()::int as total, line, period_id as period, township_code as township from gone order by line limit $2`,
    /** Existing rows in the order of their keys, so that two imports wait for each other at one place and not crosswise; where
     * one makes what the other has, PostgreSQL ends one of them, and it begins again. */
    lock: `select count(*)::int as locked from (select from ${table} t where exists (select from ${staged} s where ${same}) ${within(1)}
      order by t.period_id, t.township_code for update) existing`,
    /** As `lock`, of rows that need not stay as they are until they are written. */
    existing: `select count(*)::int as existing from ${table} t where exists (select from ${staged} s where ${same}) ${within(1)}`,
    /** Rows behind a line that were merged with a revision that is not the stored one any more. */
    stale: `select s.line, coalesce(${live}, 0) as revision, t.document::text as document from ${staged} s left join ${table} t on ${same}
      where s.line > $2 and s.basis is not null and s.basis <> coalesce(${live}, 0) order by s.line limit $1`,
    /** Rows whose record has another revision than the one that they were merged with, or expect. */
    outdated: `select count(*)::int as outdated from ${staged} s left join ${table} t on ${same} ${within(1)}
      where s.basis <> coalesce(${live}, 0) or s.expected <> ${stands}`,
    refuse: (absentIsDeleted: boolean) => `with bad as (
        select s.line, s.period_id, s.township_code, s.expected, ${stands} as current from ${staged} s left join ${table} t on ${same}
        where s.expected is not null and s.expected <> ${stands} ${absentIsDeleted ? '' : 'or s.erase and t.document is null'}),
      gone as (delete from ${staged} s using bad where s.line = bad.line)
      select count(*) over ()::int as total, line, period_id as period, township_code as township, expected, current from bad order by line limit $1`,
    /** `racing`: passes over what others make meanwhile, which costs a tenth; else it fails there. Ranged rows lie in order already. */
    insert: (racing: boolean) => `
      with written as (
        insert into ${table} (period_id, township_code, revision, created_revision, rules_version, document, created_at, updated_at, ${values})
        select s.period_id, s.township_code, 1, 1, $6::smallint, ${document({ revision: '1', created: nowText, updated: nowText })},
          ${now}, ${now}, ${values.map((column) => `s.${column}`)}
        from ${staged} s join periods p on p.id = s.period_id
        where not s.erase and not exists (select from ${table} t where ${same} ${within(8)})
        ${ranged ? '' : 'order by s.period_id, s.township_code'} ${racing ? 'on conflict do nothing' : ''}
        returning period_id, township_code, document, updated_at),
      ${history('1')}
      select count(*)::int as created from written`,
    update: `
      with written as (
        update ${table} t set revision = t.revision + 1, rules_version = $6::smallint, updated_at = ${later},
          created_revision = ${reborn('t.revision + 1', 't.created_revision')}, created_at = ${reborn(later, 't.created_at')},
          document = ${document({ revision: '(t.revision + 1)', created: reborn(laterText, instant('t.created_at')), updated: laterText })},
          ${values.map((column) => `${column} = s.${column}`)}
        from ${staged} s join periods p on p.id = s.period_id
        where not s.erase and ${same} ${within(8)} and t.content_hash is distinct from s.content_hash
          and (s.basis is null or s.basis = coalesce(${live}, 0)) and (s.expected is null or s.expected = ${stands})
        returning t.period_id, t.township_code, t.revision, t.created_revision, t.document, t.updated_at),
      ${history('revision')}
      select count(*) filter (where revision = created_revision)::int as created, count(*)::int as written from written`,
    /** Rows that were not written, because others made or changed their record after it was looked at. */
    missed: `select count(*)::int as missed from ${staged} s left join ${table} t on ${same} ${within(1)}
      where not s.erase and t.content_hash is distinct from s.content_hash`,
    erase: `
      with written as (
        update ${table} t set revision = t.revision + 1, updated_at = ${later}, document = null, ${values.map((column) => `${column} = null`)}
        from ${staged} s where s.erase and ${same} and t.document is not null
        returning t.period_id, t.township_code, t.revision, t.document, t.updated_at),
      ${history('revision')}
      select count(*)::int as deleted from written`,
    compare: `select count(*) filter (where not s.erase and t.document is null)::int as created,
        count(*) filter (where not s.erase and t.document is not null and t.content_hash is distinct from s.content_hash)::int as updated,
        count(*) filter (where s.erase and t.document is not null)::int as deleted
      from ${staged} s left join ${table} t on ${same}`,
    changes: `select s.line, s.erase, s.period_id as period, s.township_code as township, s.members, t.document::text as document
      from ${staged} s left join ${table} t on ${same}
      where case when s.erase then t.document is not null else t.content_hash is distinct from s.content_hash end order by s.line limit $1`,
    /** Records that rows would write anew, as they are and as they would be. */
    replaced: `select s.line, s.period_id as period, s.township_code as township, s.members, t.document::text as document
      from ${staged} s join ${table} t on ${same}
      where not s.erase and t.document is not null and t.content_hash is distinct from s.content_hash`,
    /** Revisions and documents at many places: 1 period ids, 2 townships. */
    current: `select k.place::int as place, t.revision, t.document::text as document
      from unnest($1::int[], $2::text[]) with ordinality k (period_id, township_code, place)
      join ${table} t on t.period_id = k.period_id and t.township_code = k.township_code where t.document is not null`,
  }
}

const all = (ranged: boolean) => ({
  disputes: statementsOf('disputes', ranged),
  enforcement: statementsOf('enforcement', ranged),
  legalAdvisers: statementsOf('legalAdvisers', ranged),
  publicity: statementsOf('publicity', ranged),
  governance: statementsOf('governance', ranged),
})

/** All statements of imports, by category. */
export const importStatements = all(false)
/** Those of staged rows that lie side by side. */
export const rangedStatements = all(true)
