/** What an import changed, record by record: what stood before it, and what became of it since. Read for taking the import back. */
import { type CategoryName, columnOf } from '../catalogue/index.ts'
import type { Queryable } from './database.ts'
import { run } from './records.ts'

/** One record that an import changed. */
export type Touched = {
  /** Where it stands in the order of the import. */
  seq: string
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

const statements = new Map<CategoryName, { name: string; text: string }>()

/** Parameters: 1 import, 2 seq after which, 3 limit. */
function statementOf(name: CategoryName) {
  const table = columnOf(name)
  const at = (alias: string) =>
    `${alias}.township_code = i.township_code and ${alias}.period_id = i.period_id and ${alias}.category = i.category`
  const text = `
    select i.seq, i.period_id, i.township_code, i.revision, i.document is null, b.document::text, t.revision,
      exists (select from imports r where r.id = c.import_id and r.reverts = i.import_id)
    from record_revisions i
    join ${table} t on t.period_id = i.period_id and t.township_code = i.township_code
    left join record_revisions b on ${at('b')} and b.revision = i.revision - 1
    left join record_revisions c on ${at('c')} and c.revision = t.revision
    where i.import_id = $1 and i.category = '${name}' and i.seq > $2 order by i.seq limit $3`
  return { name: `touched-${table}`, text }
}

/** The records of a category that an import changed, in its order, after a place in it: '0' for the first. */
export async function touchedBy(
  on: Queryable,
  category: CategoryName,
  importId: number,
  after: string,
  limit: number,
): Promise<Touched[]> {
  const statement = statements.get(category) ?? statementOf(category)
  statements.set(category, statement)
  const rows = await run(on, statement, [importId, after, limit])
  return rows.map(([seq, periodId, township, revision, erased, before, current, restored]) => ({
    seq: String(seq),
    periodId: Number(periodId),
    township: String(township),
    revision: Number(revision),
    erased: erased === true,
    before: typeof before === 'string' ? before : undefined,
    current: Number(current),
    restored: restored === true,
  }))
}
