/** The cells of a row that hold figures. The hot loop: most cells of most sheets are empty, and of those nothing is kept. */
import { readCell } from '../catalogue/cell.ts'
import { withMark } from './mark-cell.ts'
import { cellFault } from './refusal.ts'
import type { RowFault, SheetCell } from './row.ts'
import type { Reader } from './sheet-columns.ts'
import { plainText } from './township-cell.ts'

/** What the cells of a row say, in the order of its columns; what is wrong with them is added to `faults`. */
export function readFigures(
  row: number,
  cells: readonly string[],
  { figures, foreign }: Reader,
  faults: RowFault[],
): SheetCell[] {
  const found: SheetCell[] = []
  for (const { index, header, leaf, mark } of figures) {
    const text = cells[index]
    if (text === undefined) continue
    const beside = mark === undefined ? '' : (cells[mark.index] ?? '')
    if (text === '' && beside === '') continue
    const marked = plainText(beside)
    const reading = readCell(text, leaf.figure)
    if (reading.state === 'refused') faults.push({ row, column: header, ...cellFault(reading, leaf.figure) })
    else if (marked !== '') {
      const cell = withMark(text, reading, marked)
      if (typeof cell === 'object') found.push({ leaf, ...cell, marked: true })
      else faults.push({ row, column: mark?.header ?? header, code: cell, params: { text: marked.slice(0, 80), name: header } })
    } else if (reading.state !== 'empty')
      found.push({ leaf, text, reading, marked: mark !== undefined && mark.index < cells.length })
  }
  for (const { index, header } of foreign) {
    const text = cells[index] ?? ''
    if (text !== '' && plainText(text) !== '') {
      faults.push({ row, column: header, code: 'cell-of-another-category', params: { text: text.slice(0, 80), name: header } })
    }
  }
  return found
}
