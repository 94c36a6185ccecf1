/** What changed from one content of a record to the next, figure by figure: for dry runs of imports, and between two revisions. */
import { type CategoryName, type Leaf, leaves } from './index.ts'
import { type Content, type Other, type Remark, type Source, valueAt } from './record.ts'

/** A figure as it was told: its value and what its remark says. */
type Told = { value?: number } & Remark
/** One change: a figure by its path, or `others` or `source` as a whole. Absent means that it was not there. */
export type Change = { figure: string; old: Told | Other[] | Source | undefined; new: Told | Other[] | Source | undefined }

function told(content: Content | undefined, leaf: Leaf): Told | undefined {
  const value = content && valueAt(content.figures, leaf)
  const remark = content?.remarks?.[leaf.path]
  return value === undefined && remark === undefined ? undefined : { ...(value !== undefined && { value }), ...remark }
}

/** The changes from one canonical content to another in the order of the catalogue; undefined is a record that is not there. */
export function difference(name: CategoryName, before: Content | undefined, after: Content | undefined): Change[] {
  const figures = leaves(name).map((leaf) => ({ figure: leaf.path, old: told(before, leaf), new: told(after, leaf) }))
  const parts = (['others', 'source'] as const).map((part) => ({ figure: part, old: before?.[part], new: after?.[part] }))
  return [...figures, ...parts].filter((one) => JSON.stringify(one.old) !== JSON.stringify(one.new))
}

const isSaid = ({ figures, remarks }: Content, leaf: Leaf) =>
  valueAt(figures, leaf) !== undefined || remarks?.[leaf.path]?.missing !== undefined

/** Whether a figure that stays as it is has lost its remark: one that changes loses it by rule. */
function isStripped(before: Content, after: Content, leaf: Leaf): boolean {
  const remark = before.remarks?.[leaf.path]
  if (!remark || remark.qualifier || remark.missing || after.remarks?.[leaf.path]) return false
  return valueAt(before.figures, leaf) === valueAt(after.figures, leaf)
}

/**
 * What was said before and is not any more: figures that had a value or a reason for having none, by their paths; `others` and `source` as a
 * whole, and `remarks` where none is left though their figures stay.
 */
export function clearedBy(name: CategoryName, before: Content, after: Content): string[] {
  const figures = leaves(name).filter((leaf) => isSaid(before, leaf) && !isSaid(after, leaf))
  const stripped = before.remarks && !after.remarks && leaves(name).some((leaf) => isStripped(before, after, leaf))
  const parts = (['others', 'source'] as const).filter((part) => before[part] && !after[part])
  return [...figures.map(({ path }) => path), ...(stripped ? ['remarks'] : []), ...parts]
}
