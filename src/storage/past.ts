/**
 * What the register held at an instant, by the time at which it was recorded: of each record the newest revision that was recorded no
 * later. Rows of the tables are never removed, so the keys of a table are all keys that there ever were, in the order of every list.
 * A document is that of the revision and never changes again; its findings are those of when it was written.
 */
import { kinds } from '../catalogue/figure.ts'
import { type CategoryName, columnOf, type Leaf, leaves } from '../catalogue/index.ts'
import type { Statement } from './reader.ts'

/** The newest revision of a record of `k`, as `r`; none where there was none yet. */
const latest = (name: CategoryName, instant: string) => `cross join lateral (
    select revision, document, recorded_at from record_revisions where township_code = k.township_code and period_id = k.period_id
      and category = '${name}' and recorded_at <= ${instant} order by revision desc limit 1) r`

/** The documents of a category at an instant, in the place of its table. `instant` is an expression. */
export const documentsThen = (name: CategoryName, instant: string) => `(
    select k.period_id, k.township_code, r.revision, r.document, r.recorded_at as updated_at from ${columnOf(name)} k ${latest(name, instant)})`

const typeOf = ({ figure }: Leaf) => kinds[figure.kind].column
const quoted = (code: string) => `"${code}"`

/** The figures of `d.figures` as relations: `f` has those that stand alone, `f_code` the members of a breakdown. */
function figuresOf(name: CategoryName) {
  const single = leaves(name).filter(({ member }) => member === undefined)
  const split = new Map<string, Leaf[]>()
  for (const leaf of leaves(name)) if (leaf.member !== undefined) split.set(leaf.code, [...(split.get(leaf.code) ?? []), leaf])
  const own = [
    ...single.map((leaf) => `${quoted(leaf.code)} ${typeOf(leaf)}`),
    ...[...split.keys()].map((code) => `${quoted(code)} json`),
  ]
  const members = [...split].map(([code, list]) => {
    const columns = list.map((leaf) => `${quoted(leaf.member ?? '')} ${typeOf(leaf)}`)
    return `cross join lateral json_to_record(coalesce(f.${quoted(code)}, '{}')) as ${quoted(`f_${code}`)} (${columns})`
  })
  return `cross join lateral json_to_record(d.figures) as f (${own}) ${members.join(' ')}`
}

const cellOf = ({ code, member, column }: Leaf) =>
  `${member === undefined ? `f.${quoted(code)}` : `${quoted(`f_${code}`)}.${quoted(member)}`} as ${column}`

/** `qualifiers` and `plans` as `flatten` has them, from `d.remarks`. */
function saidOf(name: CategoryName): string {
  const columns = JSON.stringify(Object.fromEntries(leaves(name).map(({ path, column }) => [path, column])))
  return `cross join lateral (
      select jsonb_object_agg(said.col, said.qualifier) filter (where not said.plan and said.qualifier is not null) as qualifiers,
        jsonb_object_agg(said.col, said.value) filter (where said.plan) as plans
      from (
        select '${columns}'::jsonb ->> e.key as col, m.qualifier, m.basis in ('planned', 'target') is true as plan,
          (d.figures #> string_to_array(e.key, '.'))::jsonb as value
        from json_each(d.remarks) e cross join lateral json_to_record(e.value) as m (qualifier text, basis text)
        where m.qualifier is not null or m.basis is not null) said
      where said.value is not null) s`
}

/**
 * The rows of a category at an instant with the columns of its table, in the place of it. What has not been written since is taken as it
 * stands; the columns of the others come from their documents. Findings and rules version are not among them.
 */
export function rowsThen(name: CategoryName, instant: string): string {
  const table = columnOf(name)
  const same = ['period_id', 'township_code', 'revision', 'document', 'updated_at', 'qualifiers', 'plans']
  const unchanged = [...same, ...leaves(name).map(({ column }) => column)].map((column) => `k.${column}`)
  const changed = [
    ...['k.period_id', 'k.township_code', 'r.revision', 'r.document', 'r.recorded_at', 's.qualifiers', 's.plans'],
    ...leaves(name).map(cellOf),
  ]
  return `(
    select ${unchanged} from ${table} k where k.updated_at <= ${instant} and k.document is not null
    union all
    select ${changed} from ${table} k ${latest(name, instant)}
      cross join lateral json_to_record(r.document) as d (figures json, remarks json) ${figuresOf(name)} ${saidOf(name)}
    where k.updated_at > ${instant} and r.document is not null)`
}

/** One record then: 1 township, 2 period id, 3 category, 4 instant. The newest revision, which may be a tombstone. */
export const recordThen: Statement = {
  name: 'record-then',
  text: `select document::text, revision from record_revisions where township_code = $1 and period_id = $2 and category = $3
    and recorded_at <= $4::timestamptz order by revision desc limit 1`,
}

/** The records of a report then: 1 township, 2 period id, 3 instant. */
export const reportThen: Statement = {
  name: 'report-then',
  text: `select category, document::text, revision, (document -> 'source')::text from (
      select distinct on (category) category, document, revision from record_revisions
      where township_code = $1 and period_id = $2 and recorded_at <= $3::timestamptz order by category, revision desc) newest
    where document is not null`,
}
