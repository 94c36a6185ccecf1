/** A place in a text of JSON that goes on as it reads, for those who read it without parsing it. */
import type { Slot } from '../catalogue/plain.ts'
import { plainNumber } from './plain-number.ts'

/** `spaced`: there were blanks between the words, as scripts write them: `{"accepted": 60}`. */
export type Cursor = { text: string; at: number; spaced: boolean }

export const [comma, colon, quote, open, close, space] = [0x2c, 0x3a, 0x22, 0x7b, 0x7d, 0x20]

/** Passes over blanks. */
export function skipBlanks(cursor: Cursor): void {
  let { at } = cursor
  while (cursor.text.charCodeAt(at) === space) at++
  if (at > cursor.at) cursor.spaced = true
  cursor.at = at
}

/** Passes over blanks and that character; false where another stands there. */
export function take(cursor: Cursor, code: number): boolean {
  skipBlanks(cursor)
  if (cursor.text.charCodeAt(cursor.at) !== code) return false
  cursor.at++
  return true
}

/** A text up to its next quote: where there is an escape in it, it is none that anybody knows. */
export function word(cursor: Cursor): string | undefined {
  if (!take(cursor, quote)) return undefined
  const end = cursor.text.indexOf('"', cursor.at)
  if (end < 0) return undefined
  const found = cursor.text.slice(cursor.at, end)
  cursor.at = end + 1
  return found
}

/** A number behind blanks, undefined where it is not written as JSON.stringify does. */
export function number(cursor: Cursor, limit: Pick<Slot, 'min' | 'max' | 'decimals'>): number | undefined {
  skipBlanks(cursor)
  const { value, decimals, end } = plainNumber(cursor.text, cursor.at)
  if (end === cursor.at || value < limit.min || value > limit.max || decimals > limit.decimals) return undefined
  cursor.at = end
  return value
}
