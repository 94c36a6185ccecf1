/**
 * A qualifier in a column of its own, beside the column of its figure: `identified:qualifier`, or the Chinese header with 限定词. It says
 * of the number what 20余 says in one cell, or why there is none. Codes and Chinese words are read alike.
 */
import type { Reading } from '../catalogue/cell.ts'
import { type Missing, missings, type Qualifier, qualifiers } from '../catalogue/record.ts'

type Mark = Qualifier | Missing
type Marked = { text: string; reading: Exclude<Sound, { state: 'empty' }> }
type Sound = Exclude<Reading, { state: 'refused' }>

/** The Chinese words as sheets are written with them. */
export const markWords: Readonly<Record<Mark, string>> = {
  atLeast: '不少于',
  atMost: '不超过',
  about: '约',
  notApplicable: '不适用',
  notCollected: '未统计',
  withheld: '不公开',
  unquantified: '无确数',
}
export const markSuffixes = { codes: ':qualifier', zh: '：限定词' } as const

const suffix = /:(?:qualifier|限定词)$/
/** The folded header of the figure that a folded header of a qualifier belongs to. */
export const markedHeader = (key: string) => (suffix.test(key) ? key.replace(suffix, '') : undefined)

const all: readonly Mark[] = [...qualifiers, ...missings]
const isQualifier = (mark: Mark): mark is Qualifier => qualifiers.some((one) => one === mark)

/**
 * A cell together with its mark; its text is empty where only the mark says something. `mark-unknown` where the mark is none, `mark-conflict`
 * where the two differ.
 */
export function withMark(text: string, reading: Sound, cell: string): Marked | 'mark-unknown' | 'mark-conflict' {
  const mark = all.find((one) => one === cell || markWords[one] === cell)
  if (!mark) return 'mark-unknown'
  if (isQualifier(mark)) {
    if (reading.state !== 'value' || (reading.qualifier ?? mark) !== mark) return 'mark-conflict'
    return { text, reading: { ...reading, qualifier: mark } }
  }
  if (reading.state === 'empty') return { text: '', reading: { state: 'missing', missing: mark } }
  return reading.state === 'missing' && reading.missing === mark ? { text, reading } : 'mark-conflict'
}
