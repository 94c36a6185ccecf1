/**
 * Headers of figures that belong to another category than the sheet is imported as. One or two are strays; where most are of one
 * category, it is the sheet that is another one, which is one mistake and not one a column.
 */
import { type CategoryName, categories, findCategory } from '../catalogue/index.ts'
import type { SheetFaultCode } from './row.ts'

/** Without a column it is the whole header that is wrong. */
export type HeaderFault = { column?: string; code: SheetFaultCode; params: Record<string, string> }

/** The faults of a header with that many figures of its own, without those that say of each column what is told of the sheet. */
export function withoutStrays(faults: HeaderFault[], figures: number, within: readonly CategoryName[]): HeaderFault[] {
  const strays = faults.filter(({ code }) => code === 'header-of-another-category')
  const most = categories
    .map(({ labels }) => ({ labels, own: strays.filter(({ params }) => params.category === labels.en) }))
    .find(({ own }) => own.length > 1 && 2 * own.length > figures + strays.length)
  const expected = findCategory(within[0] ?? '')
  if (!most || !expected) return faults
  const params = {
    ...{ category: most.labels.en, categoryZh: most.labels.zh, count: String(most.own.length) },
    ...{ expected: expected.labels.en, expectedZh: expected.labels.zh },
  }
  return [{ code: 'sheet-of-another-category', params }, ...faults.filter((fault) => !most.own.includes(fault))]
}
