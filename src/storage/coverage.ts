/** Coverage: which townships were expected to report in a period, which did, what is missing of the others, and since when. */
import { type CategoryName, categories, columnOf } from '../catalogue/index.ts'
import type { Database } from './database.ts'
import { listExtensions } from './period-extensions.ts'
import type { StoredPeriod } from './periods.ts'
import { expectedCondition } from './places.ts'

/**
 * One township that is expected, or has reported although it is not. `reportedOn` is the day in Asia/Shanghai, `dueOn` that of the period or
 * of the extension of its smallest region.
 */
export type Reporting = {
  code: string
  name: string
  expected: boolean
  reported: CategoryName[]
  reportedOn: string | null
  dueOn: string
}

const mask = (index: number) => 2 ** index
const recordsOf = (name: CategoryName, index: number) => {
  const table = columnOf(name)
  // A record that was deleted and reported again has been reported since its first revision.
  const first = `case when created_revision = 1 then created_at else (select h.recorded_at from record_revisions h
    where h.township_code = ${table}.township_code and h.period_id = ${table}.period_id and h.category = '${name}' and h.revision = 1) end`
  return `select township_code, ${mask(index)} as part, document -> 'source' ->> 'publishedOn' as published, ${first} as first
    from ${table} where period_id = $1 and document is not null and township_code >= $2 and township_code < $3`
}

const statement = `
  with records as (${categories.map(({ name }, index) => recordsOf(name, index)).join(' union all ')}),
  reports as (
    select township_code, sum(part)::int as parts, coalesce(min(published), (min(first) at time zone 'Asia/Shanghai')::date::text) as reported_on
    from records group by township_code),
  places as (
    select code, name, ${expectedCondition('$4::date')} as expected from townships where code >= $2 and code < $3)
  select p.code, p.name, p.expected, coalesce(r.parts, 0), r.reported_on
  from places p left join reports r on r.township_code = p.code
  where p.expected or r.township_code is not null order by p.code`

/** Every township of a region (or the country) that is expected or has reported, in the order of their codes. */
export async function readCoverage(
  { pool }: Database,
  period: Pick<StoredPeriod, 'id' | 'endsOn' | 'dueOn'>,
  region = '',
): Promise<Reporting[]> {
  const extensions = new Map((await listExtensions({ pool }, period.id)).map((one) => [one.region, one.dueOn]))
  const dueOnOf = (code: string) =>
    extensions.get(code.slice(0, 6)) ?? extensions.get(code.slice(0, 4)) ?? extensions.get(code.slice(0, 2)) ?? period.dueOn
  const values = [period.id, region, `${region}:`, period.endsOn]
  const { rows } = await pool.query<unknown[]>({ name: 'coverage', text: statement, values, rowMode: 'array' })
  return rows.map(([code, name, expected, parts, reportedOn]) => ({
    code: String(code),
    name: String(name),
    expected: expected === true,
    reported: categories.filter((_, index) => (Number(parts) & mask(index)) !== 0).map((category) => category.name),
    reportedOn: typeof reportedOn === 'string' ? reportedOn : null,
    dueOn: dueOnOf(String(code)),
  }))
}

/** Names of all regions by code; the country itself is the empty code. */
export async function regionNames({ pool }: Pick<Database, 'pool'>): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ code: string; name: string }>('select code, name from regions')
  return new Map([['', '全国'], ...rows.map(({ code, name }): [string, string] => [code, name])])
}
