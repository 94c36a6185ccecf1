/**
 * Stored findings depend on a record and on the rules' version. After the rules have changed, the findings of all records are computed
 * again: no revision and no history row, since nobody reported anything; but another ETag, since the answer is another one.
 */
import { type Finding, findingsOf } from '../catalogue/findings.ts'
import { type CategoryName, categories, columnOf, rulesVersion } from '../catalogue/index.ts'
import type { Content } from '../catalogue/record.ts'
import type { Database } from './database.ts'

const batch = 1000
type Row = { period_id: number; township_code: string; revision: number; document: Content & { findings: Finding[] } }

async function refreshBatch({ pool }: Database, name: CategoryName): Promise<number> {
  const table = columnOf(name)
  const { rows } = await pool.query<Row>(
    `select period_id, township_code, revision, document from ${table} where document is not null and rules_version <> $1 limit ${batch}`,
    [rulesVersion],
  )
  if (rows.length === 0) return 0
  const refreshed = rows.map(({ document, ...key }) => {
    const findings = findingsOf(name, document)
    return { ...key, document: JSON.stringify({ ...document, findings }), findings: findings.length > 0 ? findings : null }
  })
  await pool.query(
    `update ${table} t set document = n.document::json, findings = n.findings, rules_version = $2
     from jsonb_to_recordset($1::jsonb) n (period_id int, township_code text, revision int, document text, findings jsonb)
     where t.period_id = n.period_id and t.township_code = n.township_code and t.revision = n.revision`,
    [JSON.stringify(refreshed), rulesVersion],
  )
  return rows.length
}

/** Brings the findings of all records to the current rules; returns how many were computed again. Safe to run twice at once. */
export async function refreshFindings(database: Database): Promise<number> {
  let refreshed = 0
  for (const { name } of categories) {
    for (let count = await refreshBatch(database, name); count > 0; count = await refreshBatch(database, name)) refreshed += count
  }
  return refreshed
}
