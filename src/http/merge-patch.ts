/** JSON Merge Patch, the algorithm of RFC 7396 section 2. The library at hand changes its target and has no types. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `target` with `patch` applied; neither is changed. null removes a member, arrays are replaced whole. */
export function mergePatch(target: unknown, patch: Record<string, unknown>): Record<string, unknown> {
  // A map, since to set the key `__proto__` of an object would not add a member.
  const merged = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, isObject(value) ? mergePatch(merged.get(key), value) : value)
  }
  return Object.fromEntries(merged)
}
