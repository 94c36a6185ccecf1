/** Texts that PostgreSQL cannot hold, or only in another form: with NUL, or with half a surrogate pair. JSON has both only as escapes. */
import { pointerOf } from './pointer.ts'

export type BadText = { pointer: string; code: 'bad-text'; params: Record<string, string> }

const escapes = /\\u(?:0000|d[89a-f])/i
const bad = /\0|\p{Surrogate}/u

function badIn(value: unknown, path: readonly (string | number)[]): BadText[] {
  if (typeof value === 'string') return bad.test(value) ? [{ pointer: pointerOf(path), code: 'bad-text', params: {} }] : []
  if (Array.isArray(value)) return value.flatMap((one, index) => badIn(one, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => badIn(one, [...path, key]))
}

/** Where a value that was parsed of a text has such texts. It must not be deeper than what is taken. */
export const badTexts = (text: string, value: unknown): BadText[] => (escapes.test(text) ? badIn(value, []) : [])
