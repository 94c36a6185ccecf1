/**
 * Rows on their way to the database as lines, a piece of bytes a category. One piece is sent while the next is filled. Its bytes are used
 * again, by the next import as well: of new ones V8 believes that the heap grows, and looks for garbage in all of it.
 */
import type { CategoryName } from '../catalogue/index.ts'
import { bytesAtMost, type StagedRow, writeLine } from './import-line.ts'

export type Pieces = {
  /** A promise where the rows before must first be on their way. */
  add: (row: StagedRow) => Promise<void> | undefined
  /** Sends what there is of a category, of which no more comes, once what was sent before has arrived. */
  send: (category: CategoryName) => Promise<void>
  /** Sends what is left of all categories, and waits until all has arrived. Throws where a piece did not. */
  flush: () => Promise<void>
  /** Ends: waits until nothing is on its way, whatever became of it. */
  settle: () => Promise<void>
}

/** The size of the first piece, and how often it is doubled at most. */
const [first, doublings] = [262_144, 8]
/** What a piece holds: rows, those with findings, those that were merged with what is stored or expect something of it, and its ends. */
export type Contents = { rows: number; doubtful: number; bound: number; first: StagedRow; last: StagedRow }
type Piece = { bytes: Buffer; used: number; contents?: Contents | undefined }

function count(contents: Contents | undefined, row: StagedRow): Contents {
  const all = contents ?? { rows: 0, doubtful: 0, bound: 0, first: row, last: row }
  all.rows++
  if (row.action === 'write' && row.findings.length > 0) all.doubtful++
  if (row.basis !== undefined || row.expected !== undefined) all.bound++
  all.last = row
  return all
}

type Sending = (category: CategoryName, lines: Buffer, contents: Contents) => Promise<void>
type State = {
  size: number
  sending: Sending
  pieces: Map<CategoryName, Piece>
  spare: Buffer[]
  sent: number
  underWay: Promise<void>
}

/** Bytes that earlier imports have left, by their size: two of each are kept for good, as many as waves fill at a time. */
const left = new Map<number, Buffer[]>()
const leftAtMost = 2

const bufferOf = ({ spare, size }: State) => spare.pop() ?? left.get(size)?.pop() ?? Buffer.allocUnsafe(size)

/** Leaves the bytes to later imports; nothing is on its way any more. */
function leave({ size, spare, pieces }: State): void {
  const kept = left.get(size) ?? []
  left.set(size, kept)
  for (const bytes of [...spare, ...[...pieces.values()].map((piece) => piece.bytes)])
    if (kept.length < leftAtMost && bytes.length === size) kept.push(bytes)
  spare.length = 0
  pieces.clear()
}

/** Sends a piece once the one before has arrived; meanwhile the next lines can be read. */
async function sendPiece(state: State, category: CategoryName, piece: Piece): Promise<void> {
  const { bytes, used, contents } = piece
  if (!contents) return
  piece.used = 0
  piece.contents = undefined
  if (state.sent < doublings) state.sent++
  await state.underWay
  piece.bytes = bufferOf(state)
  state.underWay = state.sending(category, bytes.subarray(0, used), contents).then(() => void state.spare.push(bytes))
  // Whoever waits for it next hears of its failure.
  state.underWay.catch(() => {})
}

function put(piece: Piece, row: StagedRow): void {
  piece.used = writeLine(piece.bytes, piece.used, row)
  piece.contents = count(piece.contents, row)
}

async function sendThen(state: State, piece: Piece, row: StagedRow, most: number): Promise<void> {
  await sendPiece(state, row.category, piece)
  if (most > piece.bytes.length) piece.bytes = Buffer.allocUnsafe(most)
  put(piece, row)
}

function add(state: State, row: StagedRow): Promise<void> | undefined {
  const { category } = row
  let piece = state.pieces.get(category)
  if (!piece) {
    piece = { bytes: bufferOf(state), used: 0 }
    state.pieces.set(category, piece)
  }
  const end = piece.used + bytesAtMost(row)
  if (end > Math.min(state.size, first << state.sent) || end > piece.bytes.length)
    return sendThen(state, piece, row, end - piece.used)
  put(piece, row)
  return undefined
}

/**
 * `size` is how large pieces are, of which the first are smaller, so that the database has something to do soon. `sending` has the bytes of a
 * piece until it is done; it is called for one piece at a time.
 */
export function openPieces(size: number, sending: Sending): Pieces {
  const state: State = { size, sending, pieces: new Map(), spare: [], sent: 0, underWay: Promise.resolve() }
  const { pieces, spare } = state
  return {
    add: (row) => add(state, row),
    async send(category) {
      const piece = pieces.get(category)
      if (!piece) return
      await sendPiece(state, category, piece)
      pieces.delete(category)
      spare.push(piece.bytes)
    },
    async flush() {
      for (const [category, piece] of pieces) await sendPiece(state, category, piece)
      await state.underWay
    },
    async settle() {
      await state.underWay.catch(() => {})
      leave(state)
    },
  }
}
