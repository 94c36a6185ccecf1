/**
 * Puts a load into the tables as the service itself would have written it, each record as revision 1 with its history, but in large
 * statements. `records.ts` proves it: a PUT of a content that was filled in must change nothing.
 */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { columnOf, leaves, rulesVersion } from '../src/catalogue/index.ts'
import { flatten } from '../src/catalogue/record.ts'
import { type Load, type LoadRecord, recordsOf } from './load.ts'

const batch = 2000
const at = '2025-01-15T08:00:00.000Z'
const actor = 'admin'

function rowOf({ category, period, township, content, findings }: LoadRecord) {
  const { values, qualifiers, plans } = flatten(category, content)
  const times = { createdAt: at, updatedAt: at, updatedBy: actor }
  return {
    period_id: period.id,
    township_code: township,
    revision: 1,
    created_revision: 1,
    rules_version: rulesVersion,
    document: { township, period: period.code, revision: 1, ...content, findings, ...times },
    content_hash: `\\x${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`,
    findings: findings.length > 0 ? findings : null,
    qualifiers,
    plans,
    created_at: at,
    updated_at: at,
    ...Object.fromEntries(leaves(category).map(({ column }, at) => [column, values[at]])),
  }
}

/** The documents of a load as JSON text. */
export function* documentsOf(load: Load): Generator<string> {
  for (const record of recordsOf(load)) yield JSON.stringify(rowOf(record).document)
}

/** Writes a load into an empty database and analyses it. Returns the number of records. */
export async function fill(pool: pg.Pool, load: Load): Promise<number> {
  let count = 0
  for (const category of load.categories) {
    const table = columnOf(category)
    const statement = `
      with written as (insert into ${table} select * from json_populate_recordset(null::${table}, $1::json) returning *)
      insert into record_revisions (category, period_id, township_code, revision, document, actor, recorded_at)
      select '${category}', period_id, township_code, revision, document, '${actor}', updated_at from written`
    let rows: ReturnType<typeof rowOf>[] = []
    const flush = async () => {
      await pool.query(statement, [JSON.stringify(rows)])
      count += rows.length
      rows = []
    }
    for (const record of recordsOf({ ...load, categories: [category] })) {
      rows.push(rowOf(record))
      if (rows.length === batch) await flush()
    }
    if (rows.length > 0) await flush()
  }
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
  return count
}
