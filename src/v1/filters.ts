/** Filters that name a place or period nobody knows: a 400 that says which, not an empty list. */
import { parsePeriod } from '../catalogue/period.ts'
import type { Fault } from '../http/problems.ts'
import type { Database } from '../storage/database.ts'
import { findPeriod } from '../storage/periods.ts'
import { regionExists, townshipExists } from '../storage/places.ts'
import type { Level } from '../storage/statistics-statement.ts'

const levelsZh: Record<Level, string> = { province: '省级', prefecture: '地级', county: '县级', township: '乡级' }

/** Groups that are no part of the region they are asked for. */
export function notFiner(by: Level, region: string): Fault {
  return { parameter: 'by', code: 'by-not-finer', params: { by, byZh: levelsZh[by], region } }
}

/** The mistakes of a filter whose codes are well formed but unknown. */
export async function unknownPlaces(
  database: Database,
  filter: { period?: string; region?: string; township?: string },
): Promise<Fault[]> {
  const { period, region, township } = filter
  const parsed = period === undefined ? undefined : parsePeriod(period)
  const faults: Fault[] = []
  if (parsed && !(await findPeriod(database, parsed.id)))
    faults.push({ parameter: 'period', code: 'no-such-period', params: { code: parsed.code } })
  if (region !== undefined && !(await regionExists(database, region)))
    faults.push({ parameter: 'region', code: 'no-such-region', params: { code: region } })
  if (township !== undefined && !(await townshipExists(database, township)))
    faults.push({ parameter: 'township', code: 'no-such-township', params: { code: township } })
  return faults
}
