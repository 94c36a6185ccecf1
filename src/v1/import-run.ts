/**
 * One import from its spooled file to its report: read and checked, staged, applied or compared, and recorded. No transaction is open while
 * the file is read. A dry run goes the same way up to the comparison, and leaves no trace.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import { type CategoryName, categories } from '../catalogue/index.ts'
import type { Charset } from '../exchange/charset.ts'
import type { Author } from '../storage/author.ts'
import { type Database, transaction } from '../storage/database.ts'
import { applyStaged } from '../storage/import-apply.ts'
import type { Applied, Merged, Plan, Remerge } from '../storage/import-outcome.ts'
import { openStaging, type Staging } from '../storage/import-staging.ts'
import { type ImportEntry, type ImportFormat, type ImportMode, readCurrent, recordImport } from '../storage/imports.ts'
import { townshipNamesOf } from '../storage/places.ts'
import { type Checked, checker } from './import-check.ts'
import { type FaultList, faultList, type ImportFault, listedFaults } from './import-faults.ts'
import { openPlaces, type Places } from './import-places.ts'
import { type Change, type Clearing, changeOf, clearingOf, countsOf, refusalOf } from './import-report.ts'
import { type FileOptions, picker, type Row, rowsOf } from './import-rows.ts'
import type { Upload } from './import-upload.ts'
import { saysNothing, staged, type Validators } from './row-check.ts'

export type ImportRequest = {
  by: Author
  /** Whose rows are taken: the prefix of their codes. */
  own: string
  reason: string | undefined
  format: ImportFormat
  mode: ImportMode
  dryRun: boolean
  revisions: 'check' | 'ignore'
  fileName: string | undefined
  category: CategoryName | undefined
  period: string | undefined
  region: string | undefined
  charset: Charset | undefined
}
type Changes = { total: number; listed: Change[]; clearings: { total: number; listed: Clearing[] } }
export type Done = {
  entry: ImportEntry
  recorded?: { id: number; recordedAt: string }
  /** The file itself is wrong: no row of it can be taken. */
  whole?: true
  /** Of a dry run alone. */
  changes?: Changes
}

/** Keeps the answer of an import by the transaction that has its effect. */
export type Keeper = {
  /** Takes the right to do it; throws where it was done before. */
  take: (client: PoolClient) => Promise<void>
  keep: (client: PoolClient, done: Done) => Promise<void>
}

const listedChanges = 1000
const listedClearings = 50_000
const noChanges: Changes = { total: 0, listed: [], clearings: { total: 0, listed: [] } }

function optionsOf({ format, revisions, category, period, region, charset }: ImportRequest, places: Places): FileOptions {
  return {
    format,
    revisions,
    townships: places.lookup,
    ...(category && { category }),
    ...(period !== undefined && { period }),
    ...(region !== undefined && { region }),
    ...(charset && { charset }),
  }
}

/** Merges rows anew, from the file, with what is stored now and locked. */
function remerger(rows: () => AsyncGenerator<Row[]>, validators: Validators) {
  return (): Remerge<ImportFault> => {
    const pick = picker(rows())
    return async (stale) => {
      const stored = new Map(stale.map((one) => [one.row, one]))
      const merged: Merged<ImportFault> = { rows: [], faults: [], idle: 0 }
      for (const row of await pick([...stored.keys()])) {
        const now = stored.get(row.row)
        stored.delete(row.row)
        if (!now || row.kind === 'rejected') continue
        const current = now.document === undefined ? undefined : { revision: now.revision, document: now.document }
        if (saysNothing(row, current)) {
          merged.idle++
          continue
        }
        const result = staged(row, current, validators)
        if (Array.isArray(result)) merged.faults.push(...result)
        else merged.rows.push(result)
      }
      const [lost] = stored.keys()
      if (lost !== undefined) throw new Error(`row ${lost} was not found again`)
      return merged
    }
  }
}

type Read = { checked: Checked; faults: FaultList }

async function readFile(
  database: Database,
  rows: AsyncIterable<Row[]>,
  staging: Staging,
  context: { validators: Validators; places: Places; own: string },
): Promise<Read> {
  const faults = faultList()
  const check = checker({
    ...context,
    readCurrent: (category, wanted) => readCurrent(database, category, wanted),
    stage: staging.add,
    faults,
  })
  for await (const batch of rows) {
    await check.add(batch)
    // Whatever else waits gets its turn: other requests, and the rows on their way to the database.
    await turn()
  }
  return { checked: check.checked, faults }
}

async function told(database: Database, applied: Applied<ImportFault>, rows: AsyncGenerator<Row[]>): Promise<Changes> {
  const { tally, changes, clearings } = applied.outcome
  const first = changes.sort((a, b) => a.row - b.row).slice(0, listedChanges)
  const found = new Map((await picker(rows)(first.map(({ row }) => row))).map((row) => [row.row, row]))
  const codes = [...first, ...clearings.listed].map(({ township }) => township)
  const names = await townshipNamesOf(database, [...new Set(codes)])
  const listed = first.map((change) => changeOf(change, found.get(change.row), names))
  return {
    total: tally.created + tally.updated + tally.deleted,
    listed,
    clearings: { total: clearings.total, listed: clearings.listed.map((one) => clearingOf(one, names)) },
  }
}

/** Imports an uploaded file, which stays the caller's to close. */
export async function runImport(
  database: Database,
  upload: Upload,
  request: ImportRequest,
  validators: Validators,
  keeper?: Keeper,
): Promise<Done> {
  const { by, own, reason, format, mode, dryRun, fileName } = request
  const places = await openPlaces(database, format, own)
  const options = optionsOf(request, places)
  const rows = () => rowsOf(upload.spool.read(), options)
  const staging = openStaging(database)
  try {
    const { checked, faults } = await readFile(database, rows(), staging, { validators, places, own })
    const { sha256, bytes } = upload
    const whole = checked.whole && { whole: checked.whole }
    const head = { actor: by.actor, region: own, fileName: fileName ?? null, sha256, bytes, format, mode, reverts: null }
    const entryOf = (outcome?: Applied<ImportFault>['outcome']): ImportEntry => ({
      ...head,
      ...countsOf(checked, faults, mode, outcome),
    })
    const hopeless = checked.whole || (mode === 'atomic' && checked.rejected > 0)
    const looked = categories.some(({ name }) => {
      const count = staging.counts.get(name)
      return count && count.expecting + count.erases > 0
    })
    let recorded: Done['recorded']
    let applied: Applied<ImportFault> | undefined
    if (staging.counts.size > 0 && (!hopeless || dryRun || looked)) {
      const plan: Plan<ImportFault> = {
        actor: by.actor,
        reason,
        dropped: checked.dropped,
        compareOnly: dryRun || hopeless,
        absentIsDeleted: request.revisions === 'ignore',
        allOrNothing: mode === 'atomic',
        correction: false,
        listed: { faults: listedFaults, changes: dryRun ? listedChanges : 0, clearings: listedClearings },
        remerge: remerger(rows, validators),
        ...(keeper && { take: keeper.take }),
        record: async (outcome, client, id) => {
          const entry = entryOf(outcome)
          recorded = await recordImport(client, entry, { ...by, reason }, { id, problem: refusalOf(entry) })
          await keeper?.keep(client, { entry, recorded, ...whole })
        },
      }
      applied = await applyStaged(staging, plan)
    }
    const entry = entryOf(applied?.outcome)
    if (dryRun) return { entry, ...whole, changes: applied ? await told(database, applied, rows()) : noChanges }
    const kept = applied?.id === undefined ? undefined : recorded
    if (kept) return { entry, recorded: kept, ...whole }
    return await transaction(database, async (client) => {
      await keeper?.take(client)
      const done = {
        entry,
        recorded: await recordImport(client, entry, { ...by, reason }, { problem: refusalOf(entry) }),
        ...whole,
      }
      await keeper?.keep(client, done)
      return done
    })
  } finally {
    await staging.close()
  }
}
