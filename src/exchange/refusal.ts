/** Why a cell was refused, as a fault with what its words need in either language. */
import type { CellFigure, Refused } from '../catalogue/cell.ts'
import { printedMissing } from '../catalogue/cell.ts'
import type { RowFault } from './row.ts'

/** What the readings that a cell admits would mean, so that one can choose. */
const meanings: Record<string, readonly [en: string, zh: string]> = {
  [printedMissing.notApplicable]: ['/ (not applicable)', '/（不适用）'],
  '0': ['0 (none)', '0（没有）'],
}

/** The fault of a refused cell: its text, what was wrong in it, and what to type instead. */
export function cellFault(
  { code, text, given, allowed, readings = [] }: Refused,
  { unit }: CellFigure,
): Pick<RowFault, 'code' | 'params'> {
  const told = readings.map((reading) => meanings[reading] ?? [reading, reading])
  return {
    code: `cell-${code}`,
    params: {
      text,
      unit,
      ...(given !== undefined && { given }),
      ...(allowed !== undefined && { allowed }),
      ...(told.length > 0 && {
        readings: told.map(([en]) => en).join(' or '),
        readingsZh: told.map(([, zh]) => zh).join(' 或 '),
      }),
    },
  }
}
