/**
 * Where a sheet begins and what parts its cells. Titles and units often stand above the header (a merged cell, printed once), so the
 * header is the line, among the first five, with most known names under the delimiter that makes most of them known.
 */
import { type Scanned, scanner } from './csv.ts'

export const delimiters = [',', '\t', ';'] as const
export type Delimiter = (typeof delimiters)[number]
export type Layout = { delimiter: Delimiter; newline: '\n' | '\r'; header: Scanned; known: number }

const lines = 5
/** Enough text for the first lines of any sheet. */
export const headSize = 131_072

/** CSV of old Macintosh programs ends its lines with CR alone. */
const newlineOf = (head: string) => (head.includes('\r') && !head.includes('\n') ? '\r' : '\n')

/** Reads the layout from the first text of a sheet; `whole` where there is no more. undefined where all is blank. */
export function layoutOf(head: string, whole: boolean, isKnown: (header: string) => boolean): Layout | undefined {
  const newline = newlineOf(head)
  const layouts = delimiters.flatMap((delimiter) => {
    const first: Scanned[] = []
    for (const row of scanner(delimiter, newline)(head, whole)) if (first.push(row) === lines) break
    return first
      .filter(({ cells }) => cells.some((cell) => /[^\s,;]/.test(cell)))
      .map((header): Layout => {
        return { delimiter, newline, header, known: header.cells.filter(isKnown).length }
      })
  })
  const best = Math.max(...layouts.map(({ known }) => known))
  return layouts.find(({ known }) => known === best)
}

/** Whether a text surely holds the lines among which the header is sought. */
export const holdsHead = (head: string) => head.length >= headSize
