/** What an import asks of storage, and what came of it. */
import type { PoolClient } from 'pg'
import type { CategoryName } from '../catalogue/index.ts'
import type { StagedRow } from './import-line.ts'

/** A row that cannot be written as things stand now, and where its record is. */
export type LateFault = {
  row: number
  category: CategoryName
  periodId: number
  township: string
  code: 'revision-mismatch' | 'record-absent' | 'period-closed'
  params: Record<string, string | number>
}
/** A row whose record has another revision than the one that it was merged with; `document` is the stored one. */
export type Stale = { row: number; revision: number; document: string | undefined }
/** A row that would change something: `members` is the new content as the inside of a JSON object. */
export type StagedChange = {
  row: number
  category: CategoryName
  periodId: number
  township: string
  members: string | undefined
  document: string | undefined
}
/** A row that would clear figures, by their paths. */
export type Clearing = { row: number; category: CategoryName; periodId: number; township: string; figures: string[] }
/** `withFindings` are rows among the others, whatever they changed. */
export type Tally = { created: number; updated: number; unchanged: number; deleted: number; withFindings: number }
/** `refused` are at most as many as are listed; `refusedCount` is how many rows. */
export type Outcome<F> = {
  tally: Tally
  refused: LateFault[]
  refusedCount: number
  remerged: F[]
  unmergedCount: number
  changes: StagedChange[]
  clearings: { total: number; listed: Clearing[] }
}
/** Rows merged anew, what is wrong with those that could not be, and how many others say nothing any more. */
export type Merged<F> = { rows: StagedRow[]; faults: F[]; idle: number }
export type Remerge<F> = (stale: readonly Stale[]) => Promise<Merged<F>>

/** The number of an import, once one was taken: whichever attempt succeeds has it, so that none is left out. */
export type ImportNumber = { id?: number }

export type Plan<F> = {
  number: ImportNumber
  actor: string
  /** Kept with every revision that is written. */
  reason: string | undefined
  /** Rows that were staged and rejected afterwards. */
  dropped: readonly number[]
  /** Compare and write nothing; otherwise write, unless `allOrNothing` and a row is refused. */
  compareOnly: boolean
  /** A row that deletes what is not there changes nothing; otherwise it is refused. */
  absentIsDeleted: boolean
  allOrNothing: boolean
  /** Records of closed periods are written as well. */
  correction: boolean
  /** How many are wanted of each; all are counted. */
  listed: { faults: number; changes: number; clearings: number }
  /** Merges rows of a category again; the rows of one call follow those of the call before. */
  remerge: (category: CategoryName) => Remerge<F>
  /** Called first inside the transaction that writes: it may refuse by throwing. */
  take?: (client: PoolClient) => Promise<void>
  /** Called inside the transaction before it is committed, with the id that the revisions name; not where nothing is kept. */
  record: (outcome: Outcome<F>, client: PoolClient, id: number) => Promise<void>
}
export type Applied<F> = { outcome: Outcome<F>; id: number | undefined }

/** Nothing has become of anything yet. */
export const noOutcome = <F>(): Outcome<F> => ({
  tally: { created: 0, updated: 0, unchanged: 0, deleted: 0, withFindings: 0 },
  refused: [],
  refusedCount: 0,
  remerged: [],
  unmergedCount: 0,
  changes: [],
  clearings: { total: 0, listed: [] },
})
