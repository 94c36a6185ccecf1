/**
 * The rows of a delimited text (RFC 4180). A row without quotes, which nearly all are, is one `split`: csv-parse looks at every
 * character and reads a sheet of 130 columns, most of them empty, six times slower (test/exchange/csv.test.ts holds both to the same
 * answers). A row that breaks the rules is told, and reading goes on with the line after its first: one stray quote must
 * not hide the mistakes of 40,000 other rows.
 */
export type Scanned = { row: number; cells: string[]; fault?: 'row-syntax' | 'row-too-long' }
/** A row by a quicker way than by its cells, of the text between two places without its line break; undefined where it has to be taken apart. */
export type QuickRow<R> = (row: number, text: string, from: number, stop: number) => R | undefined
/** The next piece of text, and whether it is the last; rows come one by one, and all must be taken before the next piece. */
export type Scanner<R = never> = (text: string, last: boolean) => Generator<Scanned | R>
/** `rest` is what was looked at and is no whole row yet, `more` what came since, `row` the number of the last row. */
type State<R> = {
  delimiter: string
  newline: '\n' | '\r'
  quick?: QuickRow<R> | undefined
  rest: string
  more: string
  row: number
}
type Found = { cells: string[]; next: number } | 'broken' | 'unfinished'

/** A record may be as large as a body of one, each quote doubled. */
export const largestRow = 4_194_304

/**
 * Reads text piece by piece; a call gives the rows that are complete, of those behind a long one perhaps with a later call; the last gives all.
 * Rows count from 1, blank ones too.
 */
export function scanner<R = never>(delimiter: string, newline: '\n' | '\r' = '\n', quick?: QuickRow<R>): Scanner<R> {
  const state: State<R> = { delimiter, newline, quick, rest: '', more: '', row: 0 }
  return (piece, last) => scan(state, piece, last)
}

/** One function for all texts: what V8 makes of it would otherwise end with each of them. */
function* scan<R>(state: State<R>, piece: string, last: boolean): Generator<Scanned | R> {
  const { delimiter, newline, quick, rest } = state
  state.more += piece
  // A long row is not looked at from its beginning with every piece of it.
  if (!last && 4 * state.more.length < rest.length) return
  const text = rest + state.more
  state.more = ''
  let at = 0
  let quote = text.indexOf('"')
  while (at < text.length) {
    const end = text.indexOf(newline, at)
    if (end < 0 && !last && text.length - at <= largestRow) break
    const stop = end < 0 ? text.length : end
    const ready = quick?.(state.row + 1, text, at, endOfLine(text, at, stop))
    if (ready !== undefined && stop - at <= largestRow) {
      state.row++
      at = stop + 1
      yield ready
      continue
    }
    if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
    const quoted = quote >= 0 && quote < stop
    const found = quoted ? quotedRow(text, at, delimiter, newline, last) : undefined
    if (found === 'unfinished' && !last && text.length - at <= largestRow) break
    const row = ++state.row
    if (found instanceof Object && found.next - at <= largestRow) {
      at = found.next
      yield { row, cells: found.cells }
      continue
    }
    const long = (found instanceof Object ? found.next : stop) - at > largestRow
    const line = lineOf(text, at, stop)
    at = found instanceof Object ? found.next : stop + 1
    if (quoted || long) yield { row, cells: [], fault: long ? 'row-too-long' : 'row-syntax' }
    else yield { row, cells: line.split(delimiter) }
  }
  state.rest = at < text.length ? text.slice(at) : ''
}

/** Before the carriage return, where there is one. */
const endOfLine = (text: string, from: number, stop: number) =>
  stop > from && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop
const lineOf = (text: string, from: number, stop: number) => text.slice(from, endOfLine(text, from, stop))

/** Cells from `from` on to the end of the row, some of them in quotes; those between two quoted ones are one `split`. */
function quotedRow(text: string, from: number, delimiter: string, newline: string, last: boolean): Found {
  const cells: string[] = []
  const ends = (at: number) => at >= text.length || text[at] === newline
  let at = from
  // Where the line ends: found once, and once more behind a quoted cell that has line breaks of its own.
  let stop = -1
  while (true) {
    if (text[at] === '"') {
      let close = text.indexOf('"', at + 1)
      while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
      if (close < 0) return last ? 'broken' : 'unfinished'
      if (close + 2 >= text.length && !last) return 'unfinished'
      cells.push(text.slice(at + 1, close).replaceAll('""', '"'))
      at = close + 1
      if (text[at] === '\r' && ends(at + 1)) at++
    } else {
      if (stop < at) {
        const end = text.indexOf(newline, at)
        stop = end < 0 ? text.length : end
      }
      const quote = text.indexOf('"', at)
      const plain = quote < 0 || quote >= stop
      const until = plain ? stop : quote - 1
      if (!plain && text[until] !== delimiter) return 'broken'
      if (until === text.length && !last) return 'unfinished'
      for (const cell of (plain ? lineOf(text, at, stop) : text.slice(at, until)).split(delimiter)) cells.push(cell)
      at = until
    }
    if (ends(at)) return { cells, next: at + 1 }
    if (text[at] !== delimiter) return 'broken'
    at++
  }
}
