/**
 * Lines on their way to the database, a piece of bytes a category. One piece is sent while the next is filled. They are bytes at once: strings that
 * wait would be moved to where garbage is seldom collected. And the bytes are used again: of new ones V8 believes that the heap grows, and
 * looks for garbage in all of it.
 */
import type { CategoryName } from '../catalogue/index.ts'

export type Pieces = {
  /** A promise where the lines before must first be on their way. */
  add: (category: CategoryName, line: string) => Promise<void> | undefined
  /** Sends what there is of a category, once what was sent before has arrived. */
  send: (category: CategoryName) => Promise<void>
  /** Sends what is left of all categories, and waits until all has arrived. Throws where a piece did not. */
  flush: () => Promise<void>
  /** Waits until nothing is on its way, whatever became of it. */
  settle: () => Promise<void>
}

type Piece = { bytes: Buffer; used: number }

/** How many bytes a line of so many UTF-16 units can have at most. */
const bytesAtMost = (line: string) => 3 * line.length

/** `send` has the bytes of a piece until it is done; it is called for one piece at a time. */
export function openPieces(size: number, send: (category: CategoryName, lines: Buffer) => Promise<void>): Pieces {
  const pieces = new Map<CategoryName, Piece>()
  const spare: Buffer[] = []
  let underWay: Promise<void> = Promise.resolve()

  /** Sends a piece once the one before has arrived; meanwhile the next lines can be read. */
  async function flush(category: CategoryName, piece: Piece): Promise<void> {
    if (piece.used === 0) return
    const { bytes, used } = piece
    piece.used = 0
    await underWay
    piece.bytes = spare.pop() ?? Buffer.allocUnsafe(size)
    underWay = send(category, bytes.subarray(0, used)).then(() => void spare.push(bytes))
    // Whoever waits for it next hears of its failure.
    underWay.catch(() => {})
  }

  async function flushThen(category: CategoryName, piece: Piece, line: string): Promise<void> {
    await flush(category, piece)
    if (bytesAtMost(line) > size) piece.bytes = Buffer.allocUnsafe(bytesAtMost(line))
    piece.used = piece.bytes.write(line)
  }

  return {
    add(category, line) {
      let piece = pieces.get(category)
      if (!piece) {
        piece = { bytes: spare.pop() ?? Buffer.allocUnsafe(size), used: 0 }
        pieces.set(category, piece)
      }
      if (piece.used + bytesAtMost(line) > size) return flushThen(category, piece, line)
      piece.used += piece.bytes.write(line, piece.used)
      return undefined
    },
    async send(category) {
      const piece = pieces.get(category)
      if (piece) await flush(category, piece)
    },
    async flush() {
      for (const [category, piece] of pieces) await flush(category, piece)
      await underWay
    },
    settle: () => underWay.catch(() => {}),
  }
}
