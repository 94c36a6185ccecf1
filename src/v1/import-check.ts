/**
 * The rows of a file, checked, all of them whatever failed before: each by itself, and whether its record stands in the file twice. What
 * is sound is staged, what is not is listed. Only a row that merges with what is stored needs the stored record; these are read
 * batch by batch.
 */
import { type CategoryName, categories, categoryOrder } from '../catalogue/index.ts'
import type { Place } from '../exchange/row.ts'
import type { StagedRow } from '../storage/import-line.ts'
import type { CurrentRecord } from '../storage/imports.ts'
import type { FaultList, ImportFault } from './import-faults.ts'
import type { Places } from './import-places.ts'
import type { Row } from './import-rows.ts'
import { type PlaceIndex, placeIndex } from './place-index.ts'
import { merges, type Sound, saysNothing, staged, type Validators } from './row-check.ts'

export type CheckContext = {
  validators: Validators
  places: Places
  /** Whose rows are taken: the prefix of their codes. */
  own: string
  readCurrent: (category: CategoryName, rows: readonly Sound[]) => Promise<Map<number, CurrentRecord>>
  stage: (row: StagedRow) => Promise<void> | undefined
  faults: FaultList
}

export type Checked = {
  rows: number
  rejected: number
  /** Rows that say nothing, of records that are not there. */
  idle: number
  /** The file itself is wrong: nothing of it can be taken. */
  whole: boolean
  /** Rows that were staged and then seen to stand twice. */
  dropped: number[]
}

const [rejectedFlag, repeatedFlag, idleFlag, flags] = [1, 2, 4, 8]

/**
 * What is known of a file so far. `seen` is where each record stands: a row and three flags by its key; `periods` are the numbers of periods in
 * keys.
 */
type Checking = CheckContext & { checked: Checked; seen: PlaceIndex; periods: Map<number, number> }

/** The key of a record, made of township, period and category. */
function keyOf({ periods }: Checking, { township, period, category }: Place): number {
  const known = periods.get(period.id) ?? periods.size
  periods.set(period.id, known)
  return (Number(township) * 8192 + known) * 8 + (categoryOrder.get(category) ?? 0) + 1
}

/** Of a foreign row nothing is looked up: its mistakes would tell what is stored there. */
const isForeign = ({ own }: Checking, { township }: Place) => !township.startsWith(own)

function foreignFault({ own }: Checking, row: number, { township }: Place): ImportFault {
  return { row, code: 'row-outside-region', params: { code: township, region: own } }
}

/** The mistake of a place that stands in the file before; the first time, the row before has it as well. */
function repeatedFault({ checked, faults, seen }: Checking, row: number, key: number, before: number): ImportFault {
  const first = Math.floor(before / flags)
  if ((before & repeatedFlag) === 0) {
    faults.add({ row: first, code: 'row-repeated', params: { other: row } })
    if ((before & rejectedFlag) === 0) {
      checked.rejected++
      if ((before & idleFlag) === 0) checked.dropped.push(first)
      else checked.idle--
    }
    seen.set(key, first * flags + repeatedFlag + rejectedFlag)
  }
  return { row, code: 'row-repeated', params: { other: first } }
}

const none: readonly ImportFault[] = []

/** The mistakes of a row's place; `before` is where its record stands in the file already. */
function placeFaults(checking: Checking, row: number, place: Place, key: number, before?: number): readonly ImportFault[] {
  const { places } = checking
  const state = places.stateOf(place.period)
  const isKnown = places.knows(place.township)
  if (before === undefined && isKnown && state === 'open') return none
  const found: ImportFault[] = before === undefined ? [] : [repeatedFault(checking, row, key, before)]
  if (!isKnown) found.push({ row, code: 'no-such-township', params: { code: place.township } })
  if (state === undefined) found.push({ row, code: 'no-such-period', params: { code: place.period.code } })
  if (state === 'closed') found.push({ row, code: 'period-closed', params: { period: place.period.code } })
  return found
}

/** A row that cannot be read, but says which record it is of, takes that place, and is told what is wrong with it. */
function claim(checking: Checking, row: number, place: Place): void {
  const { faults, seen } = checking
  if (isForeign(checking, place)) {
    faults.add(foreignFault(checking, row, place))
    return
  }
  const key = keyOf(checking, place)
  const before = seen.get(key)
  for (const fault of placeFaults(checking, row, place, key, before)) faults.add(fault)
  if (before === undefined) seen.set(key, row * flags + rejectedFlag)
}

async function currentOf(checking: Checking, rows: readonly Row[]): Promise<ReadonlyMap<Row, CurrentRecord>> {
  const found = new Map<Row, CurrentRecord>()
  const merging = rows.flatMap((row) => (merges(row) && !isForeign(checking, row) ? [row] : []))
  if (merging.length === 0) return found
  for (const { name } of categories) {
    const own = merging.filter((row) => row.category === name)
    if (own.length === 0) continue
    for (const [place, current] of await checking.readCurrent(name, own)) {
      const row = own[place]
      if (row) found.set(row, current)
    }
  }
  return found
}

/** Checks one row, which is staged where it is sound: a promise where the rows before must first be on their way. */
function check(checking: Checking, row: Row, current: CurrentRecord | undefined): Promise<void> | undefined {
  const { checked, faults, seen } = checking
  if (row.kind === 'rejected') {
    if (row.whole) checked.whole = true
    else {
      checked.rows++
      checked.rejected++
    }
    for (const fault of row.faults) faults.add(fault)
    if (row.place) claim(checking, row.row, row.place)
    return undefined
  }
  checked.rows++
  if (isForeign(checking, row)) {
    checked.rejected++
    faults.add(foreignFault(checking, row.row, row))
    return undefined
  }
  const key = keyOf(checking, row)
  const before = seen.get(key)
  const wrong = placeFaults(checking, row.row, row, key, before)
  const result = staged(row, current, checking.validators)
  const sound = !Array.isArray(result) && wrong.length === 0 ? result : undefined
  const isIdle = sound !== undefined && saysNothing(row, current)
  if (before === undefined) seen.set(key, row.row * flags + (isIdle ? idleFlag : sound ? 0 : rejectedFlag))
  if (isIdle) checked.idle++
  else if (sound) return checking.stage(sound)
  else {
    checked.rejected++
    for (const fault of wrong) faults.add(fault)
    if (Array.isArray(result)) for (const fault of result) faults.add(fault)
  }
  return undefined
}

async function checkAll(checking: Checking, rows: readonly Row[]): Promise<void> {
  await checking.places.learn(rows)
  const current = await currentOf(checking, rows)
  for (const row of rows) {
    const full = check(checking, row, current.get(row))
    if (full) await full
  }
}

/** Checks batch after batch. */
export function checker(context: CheckContext) {
  const checked: Checked = { rows: 0, rejected: 0, idle: 0, whole: false, dropped: [] }
  const checking: Checking = { ...context, checked, seen: placeIndex(), periods: new Map() }
  return { checked, add: (rows: readonly Row[]) => checkAll(checking, rows) }
}
