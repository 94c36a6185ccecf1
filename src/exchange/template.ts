/**
 * A sheet to fill in: a row a township, a column a figure, with a byte order mark and CRLF as Excel wants them. It imports as it is; rows
 * in which nothing was filled in say nothing. Filled in beforehand is what a township said in the period before, as it would print it:
 * stocks, or everything. What was a plan then is no result now, and of the reasons for a missing value only
 * "not applicable" is likely to hold still. An impossible figure, which a note explained then, is left to be filled in: the sheet has no place
 * for the note, and without it an import would refuse the row.
 */
import { stringify } from 'csv-stringify/sync'
import { printCell, printedMissing } from '../catalogue/cell.ts'
import { findingsOf } from '../catalogue/findings.ts'
import { type CategoryName, type Leaf, leaves } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { type Content, isPlan, valueAt } from '../catalogue/record.ts'
import { keyHeaders, labelHeader } from './headers.ts'

export const prefills = ['none', 'stocks', 'all'] as const
export const templateLabels = ['codes', 'zh'] as const
export type Template = {
  category: CategoryName
  period: Period
  labels: (typeof templateLabels)[number]
  prefill: (typeof prefills)[number]
  townships: readonly { code: string; name: string; earlier?: Content }[]
}

/** The figures that a sheet asks for: those that are not to be used any more have no column. */
export const templateLeaves = (category: CategoryName): Leaf[] => leaves(category).filter(({ figure }) => !figure.deprecated)

function cellOf(leaf: Leaf, { prefill }: Template, earlier: Content | undefined): string {
  if (!earlier || prefill === 'none' || (prefill === 'stocks' && leaf.figure.kind !== 'stock')) return ''
  const remark = earlier.remarks?.[leaf.path]
  const value = valueAt(earlier.figures, leaf)
  if (value === undefined) return remark?.missing === 'notApplicable' ? printedMissing.notApplicable : ''
  return isPlan(remark) ? '' : printCell(value, remark?.qualifier, leaf.figure)
}

/** The cells of a township, in the order of the columns. */
function cellsOf(columns: readonly Leaf[], template: Template, earlier: Content | undefined): string[] {
  const cells = columns.map((leaf) => cellOf(leaf, template, earlier))
  if (!earlier || template.prefill === 'none') return cells
  const filled = new Set(columns.filter((_, at) => cells[at] !== '').map(({ path }) => path))
  const refused = findingsOf(template.category, earlier)
    .filter(({ severity, figures }) => severity === 'impossible' && figures.every((path) => filled.has(path)))
    .map(({ figures: [first] }) => first)
  return cells.map((cell, at) => (refused.includes(columns[at]?.path) ? '' : cell))
}

/** A month is printed 2024年6月: spreadsheets make a date of 2024-06. */
const printedPeriod = ({ kind, code }: Period) => (kind === 'month' ? `${code.slice(0, 4)}年${Number(code.slice(5))}月` : code)

/**
 * The sheet as text. Every header is one that an import reads back; a name that a spreadsheet would compute has an apostrophe before it.
 */
export function templateSheet(template: Template): string {
  const { category, period, labels, townships } = template
  const columns = templateLeaves(category)
  const key = (kind: 'township' | 'name' | 'period') => keyHeaders[kind].split(' ')[labels === 'codes' ? 0 : 1] ?? kind
  const head = [
    key('township'),
    key('name'),
    key('period'),
    ...columns.map((leaf) => (labels === 'codes' ? leaf.path : labelHeader(leaf))),
  ]
  const rows = townships.map(({ code, name, earlier }) => [
    code,
    name,
    printedPeriod(period),
    ...cellsOf(columns, template, earlier),
  ])
  return stringify([head, ...rows], { bom: true, escape_formulas: true, record_delimiter: 'windows' })
}
