/** What an import changed, record by record: what stood before it, and what became of it since. Read for taking the import back. */
import { type CategoryName, columnOf } from '../catalogue/index.ts'
import type { Queryable } from './database.ts'

/** One record that an import changed. */
export type Touched = {
  periodId: number
  township: string
  /** The revision that the import made of it. */
  revision: number
  /** The import deleted it. */
  erased: boolean
  /** JSON text of the document before; undefined where there was no record. */
  before: string | undefined
  /** The revision of now. */
  current: number
  /** The revision whose content stands: that of now, or where that took an import back, the one before that import, and so on. */
  stands: number
}

const atOnce = 500

function statementOf(name: CategoryName, importId: number): string {
  const table = columnOf(name)
  const at = (alias: string) =>
    `${alias}.township_code = i.township_code and ${alias}.period_id = i.period_id and ${alias}.category = i.category`
  // An import makes one revision of a record, and what takes it back leaves the record as it was before that one.
  const stands = `with recursive steps as (
      select t.revision
      union all select taken.revision - 1 from steps s
      join record_revisions by on ${at('by')} and by.revision = s.revision
      join imports r on r.id = by.import_id
      join record_revisions taken on ${at('taken')} and taken.import_id = r.reverts
      where s.revision > i.revision)
    select min(revision) from steps`
  return `
    select i.period_id, i.township_code, i.revision, i.document is null, b.document::text, t.revision,
      case when t.revision = i.revision then i.revision else (${stands}) end
    from record_revisions i
    join ${table} t on t.period_id = i.period_id and t.township_code = i.township_code
    left join record_revisions b on ${at('b')} and b.revision = i.revision - 1
    where i.import_id = ${importId} and i.category = '${name}' order by i.seq`
}

/**
 * The records of a category that an import changed, in its order, some hundreds at a time. They come through one cursor: pages of a country
 * would each find, join and sort all that is left of it. Runs in a transaction.
 */
export async function* touchedBy(on: Queryable, category: CategoryName, importId: number): AsyncGenerator<Touched[]> {
  await on.query(`declare touched no scroll cursor for ${statementOf(category, importId)}`)
  while (true) {
    const { rows } = await on.query<unknown[]>({ text: `fetch ${atOnce} from touched`, rowMode: 'array' })
    if (rows.length === 0) break
    yield rows.map(([periodId, township, revision, erased, before, current, stands]) => ({
      periodId: Number(periodId),
      township: String(township),
      revision: Number(revision),
      erased: erased === true,
      before: typeof before === 'string' ? before : undefined,
      current: Number(current),
      stands: Number(stands),
    }))
  }
  await on.query('close touched')
}
