/** What a database needs before it serves: schema, epoch of changes, registry, years, findings of the current rules and, where it is new and asked for, samples. */
import { findingsOf } from '../catalogue/findings.ts'
import { parsePeriod } from '../catalogue/period.ts'
import { recordsOf, samples } from '../samples/index.ts'
import { settleEpoch } from './change-epoch.ts'
import type { Database } from './database.ts'
import { ensureYears } from './periods.ts'
import { writeRecord } from './records.ts'
import { refreshFindings } from './refresh.ts'
import { loadRegistry } from './registry.ts'

async function loadSamples(database: Database): Promise<void> {
  const { rows } = await database.pool.query('select from record_revisions limit 1')
  if (rows.length > 0) return
  for (const { category, township, period: code, content } of samples.flatMap(recordsOf)) {
    const period = parsePeriod(code)
    if (period)
      await writeRecord(
        database.pool,
        { category, period, township },
        content,
        findingsOf(category, content),
        { if: 'absent' },
        { actor: 'samples' },
      )
  }
}

/** Prepares a migrated database. Safe to run at every start, and by several services at once. */
export async function prepareDatabase(database: Database, options: { samples: boolean }): Promise<void> {
  await settleEpoch(database)
  await loadRegistry(database)
  await ensureYears(database.pool)
  await refreshFindings(database)
  if (options.samples) await loadSamples(database)
}
