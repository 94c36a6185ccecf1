/** What a row of a sheet says of itself beside figures, by the quick way. */
import { type CategoryName, categoryNamed } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { readPeriod } from './period-cell.ts'
import type { Step } from './plain-columns.ts'
import { plainNumber } from './plain-number.ts'
import { largestRevision } from './row.ts'
import type { SheetOptions } from './sheet-columns.ts'
import { rowThatIsNone } from './township-cell.ts'

/** As far as it was read. */
export type Keys = {
  category: CategoryName | undefined
  period: Period | undefined
  code: string | undefined
  name: string | undefined
  expected: number | undefined
}

/** Reads a key; false where the row must be taken apart. */
export function addKey(keys: Keys, kind: Step['kind'], cell: string): boolean {
  if (kind === 'township') keys.code = cell
  else if (kind === 'name') keys.name = cell
  else if (kind === 'period') {
    const reading = readPeriod(cell)
    if (!('id' in reading) || (keys.period && keys.period.id !== reading.id)) return false
    keys.period = reading
  } else if (kind === 'category') {
    const said = categoryNamed(cell)
    if (!said || (keys.category ?? said) !== said) return false
    keys.category = said
  } else if (kind === 'revision') {
    const { value, end } = plainNumber(cell, 0)
    if (end !== cell.length || !(value >= 1 && value <= largestRevision) || cell.includes('.')) return false
    keys.expected = value
  } else return false
  return true
}

/** Whether the cells name one township of the region, and it is the one that names of this import mean. */
export function isTownship({ townships, region = '' }: SheetOptions, code: string, name: string | undefined): boolean {
  if (code.length !== 9 || !code.startsWith(region)) return false
  return name === undefined ? townships.byCode(code) : townships.bears(code, name) && !rowThatIsNone([name])
}
