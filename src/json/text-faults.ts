/**
 * What JSON.parse changes in a text without a word: of a key that stands twice one is dropped, and long numbers are rounded. And what it takes
 * though nobody can go on with it.
 */
import { longNumbers } from './long-numbers.ts'
import { pointerOf } from './pointer.ts'
import { countKeys, deepest, repeatedKeys } from './repeated-keys.ts'

export type TextFault = { pointer: string; code: 'repeated-key' | 'too-many-digits' | 'too-deep'; params: Record<string, string> }

/** The mistakes of a text, of which `value` was parsed, each once. `too-deep` comes alone: nothing else may look at the value. */
export function textFaults(text: string, value: unknown): TextFault[] {
  const keys = countKeys(value)
  if (keys === Number.POSITIVE_INFINITY) return [{ pointer: '', code: 'too-deep', params: { limit: String(deepest) } }]
  const found = new Map<string, TextFault>()
  for (const path of repeatedKeys(text, keys)) {
    const pointer = pointerOf(path)
    found.set(pointer, { pointer, code: 'repeated-key', params: { name: path.at(-1) ?? '' } })
  }
  for (const { path, received } of longNumbers(text)) {
    const pointer = pointerOf(path)
    found.set(`${pointer} ${received}`, { pointer, code: 'too-many-digits', params: { received: received.slice(0, 60) } })
  }
  return [...found.values()]
}
