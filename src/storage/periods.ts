/** Reporting periods. The years from the register's first to the current one always exist; others are created. */
import { asc, eq } from 'drizzle-orm'
import { firstYear, type Period, parsePeriod } from '../catalogue/period.ts'
import type { Database, Queryable } from './database.ts'
import { periods } from './tables.ts'

export type StoredPeriod = typeof periods.$inferSelect

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
  return orm.select().from(periods).orderBy(asc(periods.id))
}

/** The period of that id, or undefined. */
export async function findPeriod({ orm }: Database, id: number): Promise<StoredPeriod | undefined> {
  const [found] = await orm.select().from(periods).where(eq(periods.id, id))
  return found
}

/** Creates a period; undefined where it exists. */
export async function createPeriod({ orm }: Database, period: Period, dueOn: string): Promise<StoredPeriod | undefined> {
  const { id, code, kind, startsOn, endsOn } = period
  const [created] = await orm
    .insert(periods)
    .values({ id, code, kind, startsOn, endsOn, dueOn })
    .onConflictDoNothing()
    .returning()
  return created
}
