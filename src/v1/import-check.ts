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
import { placeIndex } from './place-index.ts'
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
 * Where each record stands in the file: the key is made of township, period and category, the value of the row and three flags.
 */
function places() {
  const periods = new Map<number, number>()
  return {
    keyOf: ({ township, period, category }: Place): number => {
      const known = periods.get(period.id) ?? periods.size
      periods.set(period.id, known)
      return (Number(township) * 8192 + known) * 8 + (categoryOrder.get(category) ?? 0) + 1
    },
    rows: placeIndex(),
  }
}

/** Checks batch after batch. */
export function checker(context: CheckContext) {
  const { validators, faults, own } = context
  // Of a foreign row nothing is looked up: its mistakes would tell what is stored there.
  const isForeign = ({ township }: Place) => !township.startsWith(own)
  const foreignFault = (row: number, { township }: Place): ImportFault => {
    return { row, code: 'row-outside-region', params: { code: township, region: own } }
  }
  const checked: Checked = { rows: 0, rejected: 0, idle: 0, whole: false, dropped: [] }
  const { keyOf, rows: seen } = places()

  /** The mistake of a place that stands in the file before; the first time, the row before has it as well. */
  function repeatedFaults(row: number, key: number): ImportFault[] {
    const before = seen.get(key)
    if (before === undefined) return []
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
    return [{ row, code: 'row-repeated', params: { other: first } }]
  }

  /** A row that cannot be read, but says which record it is of, takes that place, and is told what is wrong with it. */
  function claim(row: number, place: Place): void {
    if (isForeign(place)) {
      faults.add(foreignFault(row, place))
      return
    }
    const key = keyOf(place)
    for (const fault of placeFaults(row, place, key)) faults.add(fault)
    if (seen.get(key) === undefined) seen.set(key, row * flags + rejectedFlag)
  }

  /** The mistakes of a row's place, a second time in the file among them. */
  function placeFaults(row: number, { township, period }: Place, key: number): ImportFault[] {
    const found = repeatedFaults(row, key)
    if (!context.places.knows(township)) found.push({ row, code: 'no-such-township', params: { code: township } })
    const state = context.places.stateOf(period)
    if (state === undefined) found.push({ row, code: 'no-such-period', params: { code: period.code } })
    if (state === 'closed') found.push({ row, code: 'period-closed', params: { period: period.code } })
    return found
  }

  async function currentOf(rows: readonly Row[]): Promise<Map<Row, CurrentRecord>> {
    const found = new Map<Row, CurrentRecord>()
    const merging = rows.flatMap((row) => (merges(row) && !isForeign(row) ? [row] : []))
    if (merging.length === 0) return found
    for (const { name } of categories) {
      const own = merging.filter((row) => row.category === name)
      if (own.length === 0) continue
      for (const [place, current] of await context.readCurrent(name, own)) {
        const row = own[place]
        if (row) found.set(row, current)
      }
    }
    return found
  }

  return {
    checked,
    async add(rows: readonly Row[]): Promise<void> {
      await context.places.learn(rows)
      const current = await currentOf(rows)
      for (const row of rows) {
        if (row.kind === 'rejected') {
          if (row.whole) checked.whole = true
          else {
            checked.rows++
            checked.rejected++
          }
          for (const fault of row.faults) faults.add(fault)
          if (row.place) claim(row.row, row.place)
          continue
        }
        checked.rows++
        if (isForeign(row)) {
          checked.rejected++
          faults.add(foreignFault(row.row, row))
          continue
        }
        const key = keyOf(row)
        const wrong = placeFaults(row.row, row, key)
        const result = staged(row, current.get(row), validators)
        const isSound = !Array.isArray(result) && wrong.length === 0
        const isIdle = isSound && saysNothing(row, current.get(row))
        if (seen.get(key) === undefined) seen.set(key, row.row * flags + (isIdle ? idleFlag : isSound ? 0 : rejectedFlag))
        if (isIdle) {
          checked.idle++
          continue
        }
        if (isSound) {
          const full = context.stage(result)
          if (full) await full
          continue
        }
        checked.rejected++
        for (const fault of wrong) faults.add(fault)
        if (Array.isArray(result)) for (const fault of result) faults.add(fault)
      }
    },
  }
}
