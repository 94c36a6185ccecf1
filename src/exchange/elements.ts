/**
 * The elements of a file of JSON values, as bytes, before any of them is parsed: what NDJSON and a JSON array have in common. They come
 * in batches, since a promise for each of 200,000 would cost more than reading them.
 */

export const elementFaultCodes = [
  ...(['json-syntax', 'row-too-long', 'array-expected', 'array-trailing', 'array-unfinished', 'array-gap'] as const),
] as const
export type ElementFault = { code: (typeof elementFaultCodes)[number]; params: Record<string, string | number> }
/** One element, or what made it unreadable; `whole` where it is the file that is wrong and no row of it. Rows count from 1. */
export type JsonElement = { row: number; bytes: Buffer } | { row: number; fault: ElementFault; whole?: true }

/** A row may be as large as the body of one record. */
export const largestElement = 1_048_576
export const tooLong: ElementFault = { code: 'row-too-long', params: { limit: largestElement } }

/** Bytes that continue over pieces: copied and kept until their end is seen, dropped where they become too many. */
export function tail() {
  let kept: Buffer[] = []
  let length = 0
  return {
    length: () => length,
    add(piece: Buffer) {
      length += piece.length
      if (length <= largestElement) kept.push(Buffer.from(piece))
      else kept = []
    },
    /** What was kept, with its last piece, or undefined where it was too long. Starts anew. */
    take(last: Buffer): Buffer | undefined {
      const total = length + last.length
      const whole = kept.length === 0 ? last : Buffer.concat([...kept, last])
      kept = []
      length = 0
      return total > largestElement ? undefined : whole
    },
  }
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Whether bytes are nothing but JSON's white space. */
export function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (!blanks.has(byte)) return false
  return true
}

/** The first piece of a file without the byte order mark that Windows puts there. */
export async function* withoutMark(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of bytes) {
    if (first === undefined) {
      yield piece
      continue
    }
    first = Buffer.concat([first, piece])
    if (first.length < 3) continue
    yield first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf ? first.subarray(3) : first
    first = undefined
  }
  if (first !== undefined && first.length > 0) yield first
}
