/**
 * Where each record stands in a file: a table of numbers by numbers. A `Map` of a million boxed keys costs a hundred megabytes and the time
 * of every collection that walks it; here they lie side by side in two arrays that double when they fill.
 */
export type PlaceIndex = {
  /** The value of a key, undefined where it has none. Keys are whole and above zero. */
  get: (key: number) => number | undefined
  set: (key: number, value: number) => void
}

/** An empty index; `size` is the power of two that it begins with. */
export function placeIndex(size = 1024): PlaceIndex {
  let keys = new Float64Array(size)
  let values = new Float64Array(size)
  let count = 0

  /** The slot of a key, or the empty one where it belongs. */
  function slotOf(key: number): number {
    const mask = keys.length - 1
    // Both halves of the key, since neighbours differ in either.
    let slot = Math.imul((key / 4_294_967_296) ^ key, 0x9e3779b1) >>> 0
    slot = (slot ^ (slot >>> 15)) & mask
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  function grow(): void {
    const [before, kept] = [keys, values]
    keys = new Float64Array(2 * before.length)
    values = new Float64Array(2 * before.length)
    for (let slot = 0; slot < before.length; slot++) {
      const key = before[slot] ?? 0
      if (key === 0) continue
      const to = slotOf(key)
      keys[to] = key
      values[to] = kept[slot] ?? 0
    }
  }

  return {
    get(key) {
      const slot = slotOf(key)
      return keys[slot] === key ? values[slot] : undefined
    },
    set(key, value) {
      if (2 * count >= keys.length) grow()
      const slot = slotOf(key)
      if (keys[slot] !== key) count++
      keys[slot] = key
      values[slot] = value
    },
  }
}
