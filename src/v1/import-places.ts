/**
 * The townships and periods that rows name. A sheet may name townships by name, so all are loaded for it; of JSON rows only the codes that
 * were not seen yet are asked for, batch by batch. Townships and periods are closed, never removed: what is known stays known.
 */
import type { Period } from '../catalogue/period.ts'
import type { TownshipLookup } from '../exchange/row.ts'
import type { Database } from '../storage/database.ts'
import { allTownships, knownTownships } from '../storage/imports.ts'
import { ensureYears, listPeriods } from '../storage/periods.ts'
import { openNames } from './import-names.ts'
import type { Row } from './import-rows.ts'

export type Places = {
  lookup: TownshipLookup
  /** Asks for what these rows name and is not known. */
  learn: (rows: readonly Row[]) => Promise<void>
  knows: (township: string) => boolean
  /**
   * Learns all at once, so that nothing is asked for later: whoever holds records must not wait for connections of those who wait for records, nor
   * make a period while it keeps another open.
   */
  learnAll: () => Promise<void>
  /** undefined where the period does not exist. */
  stateOf: (period: Period) => 'open' | 'closed' | undefined
}

/** JSON names its townships by code. */
const nothing: TownshipLookup = {
  byCode: () => false,
  bears: () => false,
  byName: () => [],
  resembles: () => false,
  like: () => [],
  onDay: (codes) => codes,
  regions: () => [],
}

/** What is known of places before the first row is read; `own` is the region of whoever sends the file. */
export async function openPlaces(database: Database, format: 'json' | 'ndjson' | 'csv', own: string): Promise<Places> {
  const names = format === 'csv' ? await openNames(database, own) : undefined
  const codes = new Set<string>()
  const periods = new Map<number, 'open' | 'closed'>()
  let yearsComplete = false
  let complete = false

  async function learnPeriods(): Promise<void> {
    for (const { id, state } of await listPeriods(database)) periods.set(id, state)
  }
  async function completeYears(): Promise<void> {
    if (yearsComplete) return
    yearsComplete = true
    if (await ensureYears(database.pool)) await learnPeriods()
  }
  await learnPeriods()

  return {
    async learnAll() {
      await completeYears()
      if (!names) for (const code of await allTownships(database)) codes.add(code)
      complete = true
    },
    lookup: names ?? nothing,
    async learn(rows) {
      if (complete) return
      const unknown = new Set<string>()
      for (const row of rows) {
        const place = row.kind === 'rejected' ? row.place : row
        if (!place) continue
        if (!names && !codes.has(place.township)) unknown.add(place.township)
        if (!periods.has(place.period.id)) await completeYears()
      }
      if (unknown.size > 0) for (const code of await knownTownships(database, [...unknown])) codes.add(code)
    },
    knows: names ? names.byCode : (township) => codes.has(township),
    stateOf: (period) => periods.get(period.id),
  }
}
