/**
 * Taking an import back: every record that it changed becomes what it was before, as a new revision, in one transaction. It goes the way
 * of a file: what stood before is staged, each row held to the revision that the import made, and applied as a set. What others have
 * changed since is theirs, and is listed and left, whether it was seen while reading or under lock; what they have changed and taken back is not.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { findingsOf } from '../catalogue/findings.ts'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { parsePeriod, periodCode } from '../catalogue/period.ts'
import { type Content, canonical, valuesOf } from '../catalogue/record.ts'
import { audit } from '../storage/audit.ts'
import type { Author } from '../storage/author.ts'
import { type Database, transaction } from '../storage/database.ts'
import { applyStaged } from '../storage/import-apply.ts'
import type { StagedRow } from '../storage/import-line.ts'
import type { LateFault, Outcome } from '../storage/import-outcome.ts'
import { type Touched, touchedBy } from '../storage/import-reverts.ts'
import { openStaging, type Staging } from '../storage/import-staging.ts'
import { type ImportEntry, recordImport } from '../storage/imports.ts'
import { findingsText } from '../storage/records.ts'
import { type FaultList, faultList, listedFaults } from './import-faults.ts'
import type { Done, Keeper } from './import-work.ts'

/** Who takes it back and why; `own` is their region. */
type Reverting = Author & { reason: string; own: string }
type Read = { rows: number; restored: number; since: number; faults: FaultList }

/** What a record becomes: what it was, or a tombstone. */
function rowOf(row: number, category: CategoryName, touched: Touched): StagedRow {
  const { periodId, township, current, erased, before } = touched
  const period = parsePeriod(periodCode(periodId))
  if (!period) throw new Error(`no period ${periodId}`)
  const at = { row, category, period, township, expected: erased ? -current : current }
  if (before === undefined) return { ...at, action: 'erase' }
  const document: Content = JSON.parse(before)
  const content = canonical(category, document)
  return {
    ...at,
    action: 'write',
    text: JSON.stringify(content),
    values: valuesOf(category, content),
    findings: findingsText(findingsOf(category, content)),
  }
}

/** Stages what stood before the import, category by category. Rows are numbered in the order in which the import wrote them. */
function read(database: Database, id: number, staging: Staging): Promise<Read> {
  return transaction(database, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only')
    const found: Read = { rows: 0, restored: 0, since: 0, faults: faultList() }
    for (const { name } of categories)
      for await (const touched of touchedBy(client, name, id)) {
        for (const one of touched) {
          found.rows++
          if (one.stands === one.revision) await staging.add(rowOf(found.rows, name, one))
          else if (one.stands < one.revision) found.restored++
          else {
            found.since++
            found.faults.add(changedSince({ row: found.rows, category: name, ...one }, one.current))
          }
        }
        await turn()
      }
    return found
  })
}

type Place = Pick<LateFault, 'row' | 'category' | 'periodId' | 'township'>
const placeOf = ({ row, category, periodId, township }: Place) => ({ row, category, township, period: periodCode(periodId) })
const changedSince = (place: Place, current: number) => ({
  ...placeOf(place),
  code: 'changed-since' as const,
  params: { current },
})

function entryOf({ actor, own }: Reverting, id: number, read: Read, outcome?: Outcome<never>): ImportEntry {
  const faults = faultList(read.faults)
  for (const fault of outcome?.refused ?? []) faults.add(changedSince(fault, Number(fault.params.current)))
  const refused = outcome?.refusedCount ?? 0
  faults.count(refused - (outcome?.refused.length ?? 0))
  const none = { created: 0, updated: 0, deleted: 0, unchanged: 0, withFindings: 0 }
  const { created, updated, deleted, unchanged, withFindings } = outcome?.tally ?? none
  return {
    ...{
      actor,
      region: own,
      withFindings,
      fileName: null,
      sha256: null,
      bytes: null,
      format: null,
      mode: 'partial',
      reverts: id,
    },
    ...{ rows: read.rows, created, updated, deleted, unchanged: unchanged + read.restored },
    ...{ rejected: read.since + refused, notApplied: 0, errors: faults.listed(), errorCount: faults.total() },
  }
}

/** Why nothing was taken back, where that is a refusal. */
const refusalOf = ({ created, updated, deleted, errors }: ImportEntry) =>
  created + updated + deleted === 0 ? errors[0]?.code : undefined

/**
 * Takes an import back, and keeps that as an import of its own. Where there is nothing to take back (it was done before, or all has been
 * changed since) nothing is written, and nothing kept but the refusal and the answer to an Idempotency-Key.
 */
export async function revertImport(database: Database, id: number, by: Reverting, keeper?: Keeper): Promise<Done> {
  const staging = openStaging(database)
  try {
    const found = await read(database, id, staging)
    if (staging.counts.size === 0)
      return await transaction(database, async (client) => {
        await keeper?.take(client)
        const done = { entry: entryOf(by, id, found) }
        const problem = refusalOf(done.entry)
        if (problem) await audit(client, by, { region: by.own, target: `imports/${id}`, reason: by.reason }, problem)
        await keeper?.keep(client, done)
        return done
      })
    let recorded: Done['recorded']
    const { outcome } = await applyStaged<never>(staging, {
      number: {},
      actor: by.actor,
      reason: by.reason,
      dropped: [],
      compareOnly: false,
      absentIsDeleted: false,
      allOrNothing: false,
      // It is a steward's, says why, and holds each record to the revision that it takes back: what a correction needs.
      correction: true,
      listed: { faults: listedFaults, changes: 0, clearings: 0 },
      // No row was merged with anything.
      remerge: () => async () => ({ rows: [], faults: [], idle: 0 }),
      record: async (applied, client, own) => {
        const entry = entryOf(by, id, found, applied)
        recorded = await recordImport(client, entry, by, { id: own, problem: refusalOf(entry) })
        await keeper?.keep(client, { entry, recorded })
      },
      ...(keeper && { take: keeper.take }),
    })
    return { entry: entryOf(by, id, found, outcome), ...(recorded && { recorded }) }
  } finally {
    await staging.close()
  }
}
