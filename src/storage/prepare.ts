/** What a database needs before it serves: schema, epoch of changes, registry, years, findings of the current rules and, where it is new and asked for, samples. */
import { findingsOf } from '../catalogue/findings.ts'
import { parsePeriod } from '../catalogue/period.ts'
import { recordsOf, samples as sampleReports } from '../samples/index.ts'
import { settleEpoch } from './change-epoch.ts'
import type { Database } from './database.ts'
import { UnusableDatabase } from './failures.ts'
import { ensureFirstKey } from './keys.ts'
import { ensureYears } from './periods.ts'
import { openPool } from './pool.ts'
import { writeRecord } from './records.ts'
import { refreshFindings } from './refresh.ts'
import { loadRegistry } from './registry.ts'

async function loadSamples(database: Database): Promise<void> {
  const { rows } = await database.pool.query('select from record_revisions limit 1')
  if (rows.length > 0) return
  for (const { category, township, period: code, content } of sampleReports.flatMap(recordsOf)) {
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

/**
 * Throws UnusableDatabase where transactions would not see what others commit while they run, as statements that wait for a lock and then look
 * again must.
 */
async function assertReadCommitted({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ level: string; role: string }>(
    `select current_setting('default_transaction_isolation') as level, quote_ident(current_user) as role`,
  )
  const [{ level, role } = { level: '', role: '' }] = rows
  if (level === 'read committed') return
  throw new UnusableDatabase(
    `default_transaction_isolation is '${level}' where the service needs 'read committed': alter role ${role} set default_transaction_isolation = 'read committed'`,
  )
}

/** The epoch is a default of a column, which only the owner of the table can change. */
async function settleAsOwner(url: string): Promise<void> {
  const pool = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 5000, application_name: 'register-migrate' })
  try {
    await settleEpoch({ pool })
  } finally {
    await pool.end()
  }
}

/**
 * Prepares a migrated database. Safe to run at every start, and by several services at once. `ownerUrl` where another role owns the tables;
 * `firstKey` becomes the first key where there is none. Gives whether it did. Throws UnusableDatabase.
 */
export async function prepareDatabase(
  database: Database,
  options: { samples: boolean; ownerUrl?: string | undefined; firstKey?: string | undefined },
): Promise<boolean> {
  const { ownerUrl, firstKey, samples } = options
  await assertReadCommitted(database)
  await (ownerUrl === undefined ? settleEpoch(database) : settleAsOwner(ownerUrl))
  await loadRegistry(database)
  await ensureYears(database.pool)
  await refreshFindings(database)
  if (samples) await loadSamples(database)
  return firstKey !== undefined && (await ensureFirstKey(database, firstKey))
}
