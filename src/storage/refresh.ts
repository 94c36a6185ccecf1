/**
 * Stored findings depend on a record and on the rules' version. After the rules have changed, the findings of all records are computed
 * again: no revision and no history row, since nobody reported anything; but another ETag, since the answer is another one. Rows are
 * locked in the order of their key, so that several services that start at once, and writes meanwhile, wait and do not deadlock.
 */
import { type Finding, findingsOf } from '../catalogue/findings.ts'
import { type CategoryName, categories, columnOf, rulesVersion } from '../catalogue/index.ts'
import type { Content } from '../catalogue/record.ts'
import { type Database, transaction } from './database.ts'

const batch = 1000
type Key = { period_id: number; township_code: string }
type Row = Key & { document: Content & { findings: Finding[] } }

/** Refreshes the next records after a key; gives the last key, or undefined where none is left. */
async function refreshBatch(database: Database, name: CategoryName, after: Key): Promise<(Key & { count: number }) | undefined> {
  const table = columnOf(name)
  return transaction(database, async (client) => {
    const { rows } = await client.query<Row>(
      `select period_id, township_code, document from ${table}
       where document is not null and rules_version <> $1 and (period_id, township_code) > ($2, $3)
       order by period_id, township_code limit ${batch} for update`,
      [rulesVersion, after.period_id, after.township_code],
    )
    const last = rows.at(-1)
    if (!last) return undefined
    const refreshed = rows.map(({ document, ...key }) => {
      const findings = findingsOf(name, document)
      return { ...key, document: JSON.stringify({ ...document, findings }), findings: findings.length > 0 ? findings : null }
    })
    await client.query(
      `update ${table} t set document = n.document::json, findings = n.findings, rules_version = $2
       from jsonb_to_recordset($1::jsonb) n (period_id int, township_code text, document text, findings jsonb)
       where t.period_id = n.period_id and t.township_code = n.township_code`,
      [JSON.stringify(refreshed), rulesVersion],
    )
    return { ...last, count: rows.length }
  })
}

/** Brings the findings of all records to the current rules; returns how many were computed again. */
export async function refreshFindings(database: Database): Promise<number> {
  let refreshed = 0
  for (const { name } of categories) {
    let done = await refreshBatch(database, name, { period_id: 0, township_code: '' })
    for (; done; done = await refreshBatch(database, name, done)) refreshed += done.count
  }
  return refreshed
}
