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
  /** The revision of now is of an import that took this one back. */
  restored: boolean
}

const atOnce = 500

function statementOf(name: CategoryName, importId: number): string {
  const table = columnOf(name)
  const at = (alias: string) =>
    `${alias}.township_code = i.township_code and ${alias}.period_id = i.period_id and ${alias}.category = i.category`
  return `
    select i.period_id, i.township_code, i.revision, i.document is null, b.document::text, t.revision,
      exists (select from imports r where r.id = c.import_id and r.reverts = i.import_id)
    from record_revisions i
    join ${table} t on t.period_id = i.period_id and t.township_code = i.township_code
    left join record_revisions b on ${at('b')} and b.revision = i.revision - 1
    left join record_revisions c on ${at('c')} and c.revision = t.revision
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
    yield rows.map(([periodId, township, revision, erased, before, current, restored]) => ({
      periodId: Number(periodId),
      township: String(township),
      revision: Number(revision),
      erased: erased === true,
      before: typeof before === 'string' ? before : undefined,
      current: Number(current),
      restored: restored === true,
    }))
  }
  await on.query('close touched')
}
