/** Reporting periods. The years from the register's first to the current one always exist; others are created. */

import { asc, eq, getTableColumns, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { firstYear, type Period, parsePeriod } from '../catalogue/period.ts'
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import { type Database, type Queryable, transaction } from './database.ts'
import { instant } from './record-statements.ts'
import { periods } from './tables.ts'

/** `closedAt` is null while it is open, `reason` where its state never changed. */
export type StoredPeriod = typeof periods.$inferSelect & { closedAt: string | null; reason: string | null }

const last = (column: string) =>
  sql.raw(
    `(select ${column} from period_changes c where c.period_id = periods.id and c.region is null order by c.id desc limit 1)`,
  )
const columns = {
  ...getTableColumns(periods),
  closedAt: sql<string | null>`case when state = 'closed' then ${last(instant('c.recorded_at'))} end`,
  reason: sql<string | null>`${last('c.reason')}`,
}

/** The current year where the townships are. */
function currentYear(): number {
  return Number(new Intl.DateTimeFormat('en', { timeZone: 'Asia/Shanghai', year: 'numeric' }).format(new Date()))
}

/** Creates the years that have begun and are missing; true where there were any. Called at start and when a year is asked for that is not there. */
export async function ensureYears(on: Queryable): Promise<boolean> {
  const years = Array.from({ length: currentYear() - firstYear + 1 }, (_, index) => parsePeriod(String(firstYear + index)))
  const rows = years.flatMap((year) =>
    year
      ? [{ id: year.id, code: year.code, kind: year.kind, starts_on: year.startsOn, ends_on: year.endsOn, due_on: year.dueOn }]
      : [],
  )
  const { rowCount } = await on.query(
    `insert into periods (id, code, kind, starts_on, ends_on, due_on)
     select id, code, kind, starts_on, ends_on, due_on from jsonb_populate_recordset(null::periods, $1::jsonb) on conflict do nothing`,
    [JSON.stringify(rows)],
  )
  return (rowCount ?? 0) > 0
}

/** All periods in the order of their start. */
export async function listPeriods({ orm }: Database): Promise<StoredPeriod[]> {
  return orm.select(columns).from(periods).orderBy(asc(periods.id))
}

/** The period of that id, or undefined. */
export async function findPeriod({ orm }: Database, id: number): Promise<StoredPeriod | undefined> {
  const [found] = await orm.select(columns).from(periods).where(eq(periods.id, id))
  return found
}

/** Creates a period; undefined where it exists. */
export async function createPeriod(
  database: Database,
  { id, code, kind, startsOn, endsOn }: Period,
  dueOn: string,
  by: Author,
): Promise<StoredPeriod | undefined> {
  return transaction(database, async (client) => {
    const values = { id, code, kind, startsOn, endsOn, dueOn }
    const [created] = await drizzle(client).insert(periods).values(values).onConflictDoNothing().returning()
    if (!created) return undefined
    await audit(client, by, { region: '', target: `periods/${code}` })
    return { ...created, closedAt: null, reason: null }
  })
}
