/** NDJSON: a JSON value a line. Blank lines are no rows, but they count, so that a row's number is that of its line in an editor. */
import { isBlank, type JsonElement, tail, tooLong, withoutMark } from './elements.ts'

const newline = 0x0a

/** The lines of a file. A line that is too long is told, and reading goes on after it. */
export async function* ndjsonElements(bytes: AsyncIterable<Buffer>): AsyncGenerator<JsonElement[]> {
  const open = tail()
  let row = 0
  const take = (last: Buffer): JsonElement[] => {
    row++
    const line = open.take(last)
    if (line === undefined) return [{ row, fault: tooLong }]
    return isBlank(line) ? [] : [{ row, bytes: line }]
  }
  for await (const piece of withoutMark(bytes)) {
    const lines: JsonElement[] = []
    let from = 0
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      lines.push(...take(piece.subarray(from, end)))
      from = end + 1
    }
    if (from < piece.length) open.add(piece.subarray(from))
    if (lines.length > 0) yield lines
  }
  if (open.length() > 0) yield take(Buffer.alloc(0))
}
