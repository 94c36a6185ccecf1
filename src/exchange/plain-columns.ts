/** The columns of a sheet as the quick way walks along them: what a cell says that is not empty. */
import type { CategoryName, Leaf } from '../catalogue/index.ts'
import { knownOf, type Slot } from '../catalogue/plain.ts'
import type { Sheet } from './sheet-columns.ts'

/**
 * What stands before a value in JSON: before the first of all, or behind one of the same breakdown or another figure (`next`), of none while this
 * begins one (`opening`), of another breakdown (`closing`).
 */
type Before = { first: string; next: string; opening: string; closing: string }
/** `opens` begins the breakdown of a value; `said` and `doubled` stand before what is said of it, there and in a cell. */
export type Step =
  | { kind: 'figure'; slot: Slot; opens: string; before: Before }
  | { kind: 'mark'; leaf: Leaf; said: string; doubled: string }
  | { kind: 'township' | 'name' | 'period' | 'category' | 'revision' | 'remarks' | 'other' }
/** What the columns say of a category, and whether a row has a cell for all that a record can hold. */
export type Layout = { steps: readonly Step[]; whole: boolean }

function figureStep(slot: Slot): Step {
  const { code, member } = slot.leaf
  const opens = member === undefined ? '' : `"${code}":{`
  const key = `"${member ?? code}":`
  const first = `${opens}${key}`
  return { kind: 'figure', slot, opens, before: { first, next: `,${key}`, opening: `,${first}`, closing: `},${first}` } }
}

function markStep(leaf: Leaf): Step {
  const said = `"${leaf.path}":{"qualifier":"`
  return { kind: 'mark', leaf, said, doubled: said.replaceAll('"', '""') }
}

/** What the columns say; of no category only the keys of a row. */
export function layoutOf(sheet: Sheet, category: CategoryName | undefined): Layout {
  const steps: Step[] = Array.from({ length: sheet.width }, () => ({ kind: 'other' }))
  for (const kind of ['township', 'name', 'period', 'category', 'revision', 'remarks'] as const) {
    const key = sheet.keys.get(kind)
    if (key) steps[key.index] = { kind }
  }
  const known = category && knownOf(category)
  const reader = category && sheet.readers.get(category)
  if (!known || !reader) return { steps, whole: false }
  for (const { index, leaf, mark } of reader.figures) {
    const slot = known.paths.get(leaf.path)
    if (slot) steps[index] = figureStep(slot)
    if (mark) steps[mark.index] = markStep(leaf)
  }
  const parts = ['remarks', 'others', 'source'] as const
  return { steps, whole: reader.columns.places.size === known.paths.size && parts.every((kind) => sheet.keys.has(kind)) }
}
