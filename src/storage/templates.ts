/** What a sheet to fill in is made of: the townships that are expected to report, and what each said in an earlier period. */
import { type CategoryName, columnOf } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import type { Content } from '../catalogue/record.ts'
import type { Database } from './database.ts'
import { expectedCondition } from './places.ts'

export type TemplateTownship = { code: string; name: string; earlier?: Content }

/**
 * The townships of a region that are expected in a period, by code, under their names of that time, each with its record of `earlier`, or what it
 * reported then under the code that it had before; `seen` begins the codes that the reader may see.
 */
export async function templateTownships(
  { pool }: Pick<Database, 'pool'>,
  category: CategoryName,
  region: string,
  period: Period,
  seen: string,
  earlier?: Period,
): Promise<TemplateTownship[]> {
  const { rows } = await pool.query<{ code: string; name: string; document: Content | null }>(
    // ':' follows '9' in the C collation.
    `select t.code, coalesce(former.name, t.name) as name, record.document
     from townships t
     left join lateral (
       select name from township_names where code = t.code and valid_to >= $3::date order by valid_to limit 1
     ) former on true
     left join lateral (
       select r.document from ${columnOf(category)} r
       where r.period_id = $4 and r.document is not null and r.township_code = any (array(
         select t.code union all
         select predecessor from successions
         where successor = t.code and kind in ('recode', 'transfer') and starts_with(predecessor, $5)))
       order by r.township_code <> t.code, r.township_code desc limit 1
     ) record on true
     where t.code >= $1 and t.code < $2 and ${expectedCondition('$3::date', 't')}
     order by t.code`,
    [region, `${region}:`, period.endsOn, earlier?.id ?? null, seen],
  )
  return rows.map(({ code, name, document }) => ({ code, name, ...(document && { earlier: document }) }))
}

/** The name of a region, or undefined where there is none of that code. */
export async function regionName({ pool }: Pick<Database, 'pool'>, code: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ name: string }>('select name from regions where code = $1', [code])
  return rows[0]?.name
}
