/**
 * One import from its spooled file to its report: read and checked, staged, applied or compared, and recorded. No transaction is open while
 * the file is sent. A dry run goes the same way up to the comparison, and leaves no trace. A large file that is sound is written
 * while it is read; where it turns out not to be, it is staged from its beginning.
 */
import { categories } from '../catalogue/index.ts'
import type { KeyKind } from '../exchange/headers.ts'
import { type Database, transaction } from '../storage/database.ts'
import { applyStaged } from '../storage/import-apply.ts'
import type { Applied, Merged, Plan, Remerge } from '../storage/import-outcome.ts'
import { openStaging } from '../storage/import-staging.ts'
import { openWaves } from '../storage/import-waves.ts'
import { townshipNamesOf } from '../storage/places.ts'
import { type ImportFault, listedFaults } from './import-faults.ts'
import { openPlaces, type Places } from './import-places.ts'
import { changeOf, clearingOf } from './import-report.ts'
import { type FileOptions, picker, type Row, rowsOf } from './import-rows.ts'
import type { Upload } from './import-upload.ts'
import {
  type Changes,
  type Done,
  entryOf,
  type ImportRequest,
  type Keeper,
  readFile,
  recordWork,
  type Work,
  wholeOf,
} from './import-work.ts'
import { saysNothing, staged, type Validators } from './row-check.ts'

/** Files from so many bytes on are written in waves: of smaller ones nothing is gained. */
const wavesFrom = 4_194_304
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

/** What is asked of storage, whichever way the rows come. */
function planOf({ request, validators, rows, keeper, number }: Work): Omit<Plan<ImportFault>, 'record'> {
  const { by, reason, mode, dryRun, revisions } = request
  return {
    number,
    actor: by.actor,
    reason,
    dropped: [],
    compareOnly: dryRun,
    absentIsDeleted: revisions === 'ignore',
    allOrNothing: mode === 'atomic',
    correction: false,
    listed: { faults: listedFaults, changes: dryRun ? listedChanges : 0, clearings: listedClearings },
    remerge: remerger(rows, validators),
    ...(keeper && { take: keeper.take }),
  }
}

/** Writes a file that is sound while it is read; undefined where it was not, or others stood in the way: then nothing is kept. */
async function inWaves(work: Work): Promise<Done | undefined> {
  await work.places.learnAll()
  const waves = openWaves<ImportFault>(work.database, planOf(work))
  try {
    const read = await readFile(work, waves.add, ({ rejected, whole }) => waves.ended() || rejected > 0 || whole)
    const isSound = read.checked.rejected === 0 && !read.checked.whole
    let done: Done | undefined
    const record: Plan<ImportFault>['record'] = async (outcome, client) => {
      done = await recordWork(client, work, read, outcome)
    }
    const kept = await waves.finish(isSound ? record : undefined)
    return kept && done
  } finally {
    await waves.close()
  }
}

async function allStaged(work: Work): Promise<Done> {
  const { database, request, rows, keeper } = work
  const { mode, dryRun } = request
  const staging = openStaging(database)
  try {
    const read = await readFile(work, staging.add)
    const { checked } = read
    const hopeless = checked.whole || (mode === 'atomic' && checked.rejected > 0)
    const looked = categories.some(({ name }) => {
      const count = staging.counts.get(name)
      return count && count.expecting + count.erases > 0
    })
    let done: Done | undefined
    let applied: Applied<ImportFault> | undefined
    if (staging.counts.size > 0 && (!hopeless || dryRun || looked)) {
      const plan = planOf(work)
      applied = await applyStaged(staging, {
        ...plan,
        dropped: checked.dropped,
        compareOnly: dryRun || hopeless,
        record: async (outcome, client) => {
          done = await recordWork(client, work, read, outcome)
        },
      })
    }
    const outcome = applied?.outcome
    if (dryRun) {
      const changes = applied ? await told(database, applied, rows()) : noChanges
      return { entry: entryOf(work, read, outcome), ...wholeOf(read), changes }
    }
    if (applied?.id !== undefined && done) return done
    return await transaction(database, async (client) => {
      await keeper?.take(client)
      return recordWork(client, work, read, outcome)
    })
  } finally {
    await staging.close()
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
  const places = await openPlaces(database, request.format, request.own)
  const headers = new Map<KeyKind, string>()
  const headed = (kind: KeyKind, header: string) => void headers.set(kind, header)
  const options = { ...optionsOf(request, places), headed }
  const rows = () => rowsOf(upload.spool.read(), options)
  const work: Work = { database, upload, request, validators, places, rows, keeper, number: {}, headers }
  const written = !request.dryRun && upload.bytes >= wavesFrom ? await inWaves(work) : undefined
  return written ?? allStaged(work)
}
