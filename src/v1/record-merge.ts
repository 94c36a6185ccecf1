/** What a merge patch makes of a record: PATCH of one and a `patch` row of an import do the same. */
import { type CategoryName, type Leaf, leaves } from '../catalogue/index.ts'
import { mergePatch } from '../http/merge-patch.ts'

type Loose = Record<string, unknown>
const at = (value: unknown, key: string): unknown => (value instanceof Object ? Reflect.get(value, key) : undefined)

function figureOf(document: unknown, { code, member }: Leaf): unknown {
  const value = at(at(document, 'figures'), code)
  return member === undefined ? value : at(value, member)
}

/**
 * The document with the patch applied. A figure that is removed takes its remark with it, so that one which the patch gives is not merged into that
 * of the figure; null for all figures says null for each.
 */
export function mergedRecord(name: CategoryName, document: unknown, patch: Loose): Loose {
  const merged = mergePatch(document, patch)
  const remarks: Loose = { ...(merged.remarks instanceof Object ? merged.remarks : {}) }
  for (const leaf of leaves(name)) {
    const change = patch.figures === null ? null : at(patch.figures, leaf.code)
    const removed = change === null || (leaf.member !== undefined && at(change, leaf.member) === null)
    if (!removed) continue
    const remark = at(patch.remarks, leaf.path)
    if (!(remark instanceof Object)) delete remarks[leaf.path]
    else if (figureOf(document, leaf) !== undefined) remarks[leaf.path] = mergePatch(undefined, { ...remark })
  }
  return { ...merged, remarks }
}
