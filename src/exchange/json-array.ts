/**
 * A JSON array, cut into its elements without parsing it whole: a file may be larger than a string can be. Brackets and commas outside
 * strings are all that is looked at; what stands between them is for JSON.parse to judge, element by element.
 */
import { type ElementFault, isBlank, type JsonElement, tail, tooLong, withoutMark } from './elements.ts'

const [quote, backslash, comma, space] = [0x22, 0x5c, 0x2c, 0x20]
const [open1, close1, open2, close2] = [0x5b, 0x5d, 0x7b, 0x7d]
const blank = (byte: number) => byte === space || (byte >= 0x09 && byte <= 0x0d)

type ArrayFault = Exclude<ElementFault['code'], 'json-syntax' | 'row-too-long'>
const broken = (code: ArrayFault, position: number): ElementFault => ({ code, params: { position } })

/** The elements of the array that a file is. What follows a mistake in the array itself cannot be told apart, so reading ends there. */
export async function* arrayElements(bytes: AsyncIterable<Buffer>): AsyncGenerator<JsonElement[]> {
  const open = tail()
  let [row, offset, depth] = [0, 0, 0]
  let state: 'before' | 'inside' | 'after' = 'before'
  let [inString, escaped] = [false, false]

  const take = (last: Buffer, position: number, only: boolean): JsonElement[] => {
    const element = open.take(last)
    if (element !== undefined && isBlank(element)) {
      if (only) return []
      row++
      return [{ row, fault: broken('array-gap', position) }]
    }
    row++
    return [element === undefined ? { row, fault: tooLong } : { row, bytes: element }]
  }

  for await (const piece of withoutMark(bytes)) {
    const found: JsonElement[] = []
    let from = 0
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? 0
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
        continue
      }
      if (state === 'inside') {
        if (byte === quote) inString = true
        else if (byte === open1 || byte === open2) depth++
        else if (byte === comma && depth === 0) {
          found.push(...take(piece.subarray(from, at), offset + at, false))
          from = at + 1
        } else if (byte === close1 || byte === close2) {
          if (depth > 0) depth--
          else {
            found.push(...take(piece.subarray(from, at), offset + at, row === 0))
            state = 'after'
          }
        }
      } else if (state === 'before' && byte === open1) {
        state = 'inside'
        from = at + 1
      } else if (!blank(byte)) {
        const fault = broken(state === 'before' ? 'array-expected' : 'array-trailing', offset + at)
        yield [...found, { row: row + 1, fault, whole: true }]
        return
      }
    }
    if (state === 'inside' && from < piece.length) open.add(piece.subarray(from))
    offset += piece.length
    if (found.length > 0) yield found
  }
  if (state === 'inside') {
    // The rest is the row that the file broke off in, if it had begun.
    yield [{ row: row + 1, fault: broken('array-unfinished', offset) }]
  }
}
