/** One import: what it is asked, what it is of, how its file is read, and the entry that tells of it. */
import { setImmediate as turn } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import type { CategoryName } from '../catalogue/index.ts'
import type { Charset } from '../exchange/charset.ts'
import type { KeyKind } from '../exchange/headers.ts'
import type { Author } from '../storage/author.ts'
import type { Database } from '../storage/database.ts'
import type { Applied, ImportNumber } from '../storage/import-outcome.ts'
import type { Staging } from '../storage/import-staging.ts'
import { type ImportEntry, type ImportFormat, type ImportMode, readCurrent, recordImport } from '../storage/imports.ts'
import { type Checked, checker } from './import-check.ts'
import { type FaultList, faultList, type ImportFault, placed, type Where } from './import-faults.ts'
import type { Places } from './import-places.ts'
import { type Change, type Clearing, countsOf, refusalOf } from './import-report.ts'
import type { Row } from './import-rows.ts'
import type { Upload } from './import-upload.ts'
import type { Validators } from './row-check.ts'

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
export type Changes = { total: number; listed: Change[]; clearings: { total: number; listed: Clearing[] } }
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

/** An import under way. `rows` reads the file from its beginning. */
export type Work = {
  database: Database
  upload: Upload
  request: ImportRequest
  validators: Validators
  places: Places
  rows: () => AsyncGenerator<Row[]>
  keeper?: Keeper | undefined
  number: ImportNumber
  /** Of the keys of a sheet, once it is read. */
  headers: ReadonlyMap<KeyKind, string>
}
/** What was read: all of a file, or as much as was enough. */
export type Read = { checked: Checked; faults: FaultList }

/** Reads a file to its end, or until it is `enough`; sound rows are staged. */
export async function readFile(work: Work, stage: Staging['add'], enough?: (checked: Checked) => boolean): Promise<Read> {
  const { database, validators, places, request, rows } = work
  const faults = faultList()
  const check = checker({
    validators,
    places,
    own: request.own,
    readCurrent: (category, wanted) => readCurrent(database, category, wanted),
    stage,
    faults,
  })
  for await (const batch of rows()) {
    await check.add(batch)
    if (enough?.(check.checked)) break
    // Whatever else waits gets its turn: other requests, and the rows on their way to the database.
    await turn()
  }
  return { checked: check.checked, faults }
}

/** A revision has several names in JSON, and a period may be that of the request. */
function whereOf({ request: { format, period }, headers }: Work): Where {
  if (format === 'csv')
    return (kind) => {
      const column = headers.get(kind) ?? (kind === 'township' ? headers.get('name') : undefined)
      return column === undefined ? undefined : { column }
    }
  return (kind) => (kind === 'township' || (kind === 'period' && period === undefined) ? { pointer: `/${kind}` } : undefined)
}

/** The entry of an import as it stands. */
export function entryOf(work: Work, { checked, faults }: Read, outcome?: Applied<ImportFault>['outcome']): ImportEntry {
  const { upload, request } = work
  const { by, own, format, mode, fileName } = request
  const { sha256, bytes } = upload
  const head = { actor: by.actor, region: own, fileName: fileName ?? null, sha256, bytes, format, mode, reverts: null }
  const where = whereOf(work)
  const counts = countsOf(checked, faults, mode, outcome)
  return { ...head, ...counts, errors: counts.errors.map((fault) => placed(fault, where)) }
}

/** Whether the file itself is wrong, as an answer has it. */
export const wholeOf = ({ checked }: Read): Pick<Done, 'whole'> => (checked.whole ? { whole: true } : {})

/** Records the import, and its answer where one is kept, inside the transaction that writes it. */
export async function recordWork(
  client: PoolClient,
  work: Work,
  read: Read,
  outcome?: Applied<ImportFault>['outcome'],
): Promise<Done> {
  const { request, keeper, number } = work
  const entry = entryOf(work, read, outcome)
  const by = { ...request.by, reason: request.reason }
  const recorded = await recordImport(client, entry, by, { ...number, problem: refusalOf(entry) })
  const done: Done = { entry, recorded, ...wholeOf(read) }
  await keeper?.keep(client, done)
  return done
}
