/**
 * What a row of a sheet makes of a record. The decisions:
 * - A column that is absent leaves its figure as it is; an empty cell removes the figure together with its remark.
 * - A value that is equal, qualifier included, leaves its remark untouched. Another value, or another qualifier, drops the old quote,
 *   qualifier and `missing`, which were said of the old value; `note` and `basis` stay. A bare number says nothing of a qualifier, unless
 *   qualifiers have a column: where the value is the same, so is what was said of it.
 * - A reason for a missing value removes the value and its remark but for the note; the words of an unquantified one are its quote, where a
 *   cell has any.
 * - `remarks`, `others` and `source`, where they have a column, are what the record gets: an empty cell means none, as it does for a
 *   figure. So an export brings back the very records that it was made of. A JSON remark that is the stored one was only carried along:
 *   when its figure changes it is treated as the stored one. Value and qualifier are the cell's, where it says them.
 * - A remark that stands without value and reason (a bare note) stays beside an empty cell that was empty before.
 */
import { type CategoryName, findLeaf, type Leaf } from '../catalogue/index.ts'
import { type Content, canonical, type NestedFigures, type Remark, valueAt, valuesOf } from '../catalogue/record.ts'
import { markWords } from './mark-cell.ts'
import type { Became, SheetCell, SheetChange } from './row.ts'

export type Applied = {
  content: Content
  /** Cells that were more than a plain number. */
  became: Became[]
  /** Figures that the stored record has and an empty cell removed; `remarks`, `others`, `source` where all of it went. */
  cleared: string[]
}

const sameRemark = (a: Remark | undefined, b: Remark | undefined) =>
  (['qualifier', 'basis', 'missing', 'quote', 'note'] as const).every((key) => a?.[key] === b?.[key])

function set(figures: NestedFigures, leaf: Leaf, value: number | undefined): void {
  if (leaf.member === undefined) {
    if (value === undefined) delete figures[leaf.code]
    else figures[leaf.code] = value
    return
  }
  const nested = figures[leaf.code]
  const members = typeof nested === 'object' ? nested : {}
  if (value === undefined) delete members[leaf.member]
  else members[leaf.member] = value
  figures[leaf.code] = members
}

/** The remark beside the cell's reading. `stored` belongs to the value before; `given` is what the row or the record says now. */
function remarkOf(
  { text, reading, marked }: SheetCell,
  before: number | undefined,
  stored: Remark | undefined,
  given: Remark | undefined,
): Remark | undefined {
  const isOwn = !sameRemark(given, stored)
  if (reading.state === 'missing') {
    const { missing } = reading
    if (given?.missing === missing) return given
    return {
      missing,
      ...(missing === 'unquantified' && text !== '' && { quote: text.trim() }),
      ...(given?.note !== undefined && { note: given.note }),
    }
  }
  // A row that says a value and why there is none contradicts itself, and is told so as any record.
  if (isOwn && given?.missing !== undefined) return given
  const same = before === reading.value
  const carried = !marked && (same || isOwn) ? given?.qualifier : undefined
  const qualifier = reading.qualifier ?? carried
  const fits = given?.qualifier === qualifier && given?.missing === undefined
  if (fits && (isOwn || (same && stored?.qualifier === qualifier))) return given
  const { basis, note } = given ?? {}
  return { ...(qualifier && { qualifier }), ...(basis && { basis }), ...(note !== undefined && { note }) }
}

/** Whether a remark stays beside a cell that is empty. */
function staysAlone(before: number | undefined, stored: Remark | undefined, given: Remark): boolean {
  const isBare = !given.qualifier && !given.basis && !given.missing
  return isBare && (before === undefined || !sameRemark(given, stored))
}

function becameOf({ leaf, text, reading }: SheetCell, remark: Remark | undefined): Became | undefined {
  const qualifier = reading.state === 'value' ? remark?.qualifier : undefined
  if (reading.state === 'value' && !qualifier && text === String(reading.value)) return undefined
  const { state: _, ...read } = reading
  const cell = reading.state === 'missing' && text === '' ? markWords[reading.missing] : text
  return { path: leaf.path, cell, ...read, ...(qualifier && { qualifier }) }
}

/** What the record or the row says beside the cells where the row has an empty one. */
function emptied(category: CategoryName, current: Content | undefined, change: SheetChange): Leaf[] {
  const present = new Set(Object.keys(current?.remarks ?? {}))
  for (const path in change.remarks) present.add(path)
  if (current) for (const { leaf } of valuesOf(category, current)) present.add(leaf.path)
  if (present.size > 0) for (const { leaf } of change.cells) present.delete(leaf.path)
  const { columns, width } = change
  return [...present].flatMap((path) => ((columns.places.get(path) ?? width) < width ? (findLeaf(path)?.leaf ?? []) : []))
}

/** The content that the row makes of the stored one, canonical, with what it read and what it removed. Changes nothing in place. */
export function applySheet(category: CategoryName, current: Content | undefined, change: SheetChange): Applied {
  const figures: NestedFigures = {}
  for (const [code, value] of Object.entries(current?.figures ?? {}))
    figures[code] = typeof value === 'object' ? { ...value } : value
  const remarks: Record<string, Remark> = { ...(change.remarks ?? current?.remarks) }
  const applied: Omit<Applied, 'content'> = { became: [], cleared: [] }
  for (const cell of change.cells) {
    const { leaf, reading } = cell
    const before = current && valueAt(current.figures, leaf)
    const remark = remarkOf(cell, before, current?.remarks?.[leaf.path], remarks[leaf.path])
    if (remark) remarks[leaf.path] = remark
    set(figures, leaf, reading.state === 'value' ? reading.value : undefined)
    const became = becameOf(cell, remark)
    if (became) applied.became.push(became)
  }
  for (const leaf of emptied(category, current, change)) {
    const before = current && valueAt(current.figures, leaf)
    const stored = current?.remarks?.[leaf.path]
    const given = remarks[leaf.path]
    if (given && !staysAlone(before, stored, given)) delete remarks[leaf.path]
    set(figures, leaf, undefined)
    if (before !== undefined || stored?.missing !== undefined) applied.cleared.push(leaf.path)
  }
  const others = change.others ?? current?.others
  const source = change.source ?? current?.source
  const content = canonical(category, { figures, remarks, ...(others && { others }), ...(source && { source }) })
  for (const part of ['remarks', 'others', 'source'] as const) {
    const said = change[part]
    if (said && Object.keys(said).length === 0 && current?.[part]) applied.cleared.push(part)
  }
  return { ...applied, content }
}
