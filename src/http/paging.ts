/**
 * Keyset cursors: opaque, versioned, bound to the list and filter that they came from, and sealed by a checksum, since a damaged cursor
 * that still decodes would silently skip or repeat rows.
 */
import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import { about } from '../catalogue/schema.ts'
import { ProblemError } from './problems.ts'

const version = 1
/** Equal filters have equal texts, whatever the order of their parameters. */
const textOf = (filter: object) => JSON.stringify(Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)))
const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 8)

/** What a cursor looks like; of no use, since it belongs to no list. */
export const exampleCursor = writeCursor({ list: 'example' }, ['410423209'])

/** The query parameters of every list. */
export const paging = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50, ...about('每页条数', 'Items a page', 50) }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 500, ...about('上一页的 next', 'The `next` of the page before', exampleCursor) }),
  ),
}

/** A cursor that goes on after `key` in the list that `filter` describes. */
export function writeCursor(filter: object, key: readonly (string | number)[]): string {
  const body = JSON.stringify([version, digest(textOf(filter)), ...key])
  return Buffer.from(`${digest(body)}${body}`).toString('base64url')
}

const isNumber = (most: number) => (part: unknown) =>
  typeof part === 'number' && Number.isInteger(part) && part >= 0 && part <= most
/** What a part of a key can be. A seal shows damage, not who made it: what is none of these is not asked of the database. */
const parts = {
  int: isNumber(2_147_483_647),
  id: isNumber(Number.MAX_SAFE_INTEGER),
  digits: (part: unknown) => typeof part === 'string' && /^\d{1,18}$/.test(part),
  text: (part: unknown) => typeof part === 'string' && !part.includes('\0'),
}

/** The key of a cursor, of these parts. Throws `invalid-cursor` or `cursor-of-another-filter` (400). */
export function readCursor(filter: object, cursor: string, form: readonly (keyof typeof parts)[]): (string | number)[] {
  const text = Buffer.from(cursor, 'base64url').toString()
  const [seal, body] = [text.slice(0, 8), text.slice(8)]
  if (seal !== digest(body) || Buffer.from(text).toString('base64url') !== cursor) throw new ProblemError('invalid-cursor')
  const written: (string | number)[] = JSON.parse(body)
  const [stamp, of, ...key] = written
  if (stamp !== version) throw new ProblemError('invalid-cursor')
  if (of !== digest(textOf(filter))) throw new ProblemError('cursor-of-another-filter')
  if (key.length !== form.length || !form.every((kind, at) => parts[kind](key[at]))) throw new ProblemError('invalid-cursor')
  return key
}

/** The address of the next page: the same query with its cursor (RFC 8288). */
export function nextLink(url: string, cursor: string): string {
  const [path = '', query = ''] = url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `<${path}?${parameters}>; rel="next"`
}

export type Cursor = Static<typeof paging.cursor>
