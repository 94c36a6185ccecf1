/**
 * Keys that stand twice in one object. JSON.parse takes the last and says nothing, so that a figure would vanish in silence. A key is
 * followed by a colon: where the text has no more of `":` than the value has keys, none is repeated, which costs 5 µs in a usual body of 2 kB.
 * Only where it has more, because of a repeated key or of a text such as `"a":`, it is read once more by a parser that keeps them all.
 */
import { parse, type ValueNode } from '@humanwhocodes/momoa'

/** Deeper than any body that is taken: what reads or writes it by recursion would run out of stack. */
export const deepest = 32
const [space, quote] = [32, 34]

function countColons(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) <= space) before--
    if (text.charCodeAt(before) === quote) count++
  }
  return count
}

/** How many keys a value has, at every depth; infinitely many where it is deeper than what is taken. */
export function countKeys(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth > deepest) return Number.POSITIVE_INFINITY
  let count = 0
  if (Array.isArray(value)) for (const one of value) count += countKeys(one, depth + 1)
  else for (const one of Object.values(value)) count += 1 + countKeys(one, depth + 1)
  return count
}

function repeatedIn(node: ValueNode, path: readonly string[]): string[][] {
  if (node.type === 'Array') return node.elements.flatMap(({ value }, index) => repeatedIn(value, [...path, String(index)]))
  if (node.type !== 'Object') return []
  const seen = new Set<string>()
  return node.members.flatMap(({ name, value }) => {
    const key = name.type === 'String' ? name.value : name.name
    const again = seen.has(key)
    seen.add(key)
    return [...(again ? [[...path, key]] : []), ...repeatedIn(value, [...path, key])]
  })
}

/** The paths of keys that are repeated in a text, of whose value there are so many; nearly always none. */
export function repeatedKeys(text: string, keys: number): string[][] {
  return countColons(text) <= keys ? [] : repeatedIn(parse(text, { mode: 'json' }).body, [])
}
