/** From a row of the roll-up's statement to totals: plans are subtracted, derived wholes added, rates divided, qualifiers combined. */
import { bitsOf, decimalText, percentOf, qualifierOf, type Reason, scaled, type Total } from '../catalogue/rollup.ts'
import type { Slots } from './statistics-statement.ts'

export type Row = unknown[]
type Sparse = { qualified: number; bits: number; planned: number; plannedSum: bigint }

const bitsByWord = new Map<string, number>(Object.entries(bitsOf))
const at = (row: Row, index: number) => Number(row[index] ?? 0)

/** The pairs in the texts of `qualifiers`. Columns and words hold no quotation marks, so that walking from mark to mark takes a third of parsing. */
function* pairsOf(text: string): Generator<[column: string, word: string]> {
  let from = text.indexOf('"') + 1
  while (from > 0) {
    const colon = text.indexOf('"', from)
    const word = text.indexOf('"', colon + 1) + 1
    const end = text.indexOf('"', word)
    yield [text.slice(from, colon), text.slice(word, end)]
    from = text.indexOf('"', end + 1) + 1
  }
}

/** What the `qualifiers` and `plans` of a group's records say of each column. */
function sparseOf(qualifiers: string, plans: string): Map<string, Sparse> {
  const found = new Map<string, Sparse>()
  const of = (column: string): Sparse => {
    const told = found.get(column)
    if (told) return told
    const first = { qualified: 0, bits: 0, planned: 0, plannedSum: 0n }
    found.set(column, first)
    return first
  }
  for (const [column, word] of pairsOf(qualifiers)) {
    const told = of(column)
    told.qualified++
    told.bits |= bitsByWord.get(word) ?? 0
  }
  const records: Record<string, number>[] = JSON.parse(`[${plans}]`)
  for (const [column, value] of records.flatMap((record) => Object.entries(record))) {
    const told = of(column)
    told.planned++
    told.plannedSum += scaled(String(value))
  }
  return found
}

/** The totals of a group, in the order of the figures. */
export function totalsOf(slots: readonly Slots[], row: Row): Total[] {
  const sparse = sparseOf(String(row[4] ?? ''), String(row[5] ?? ''))
  const none: Sparse = { qualified: 0, bits: 0, planned: 0, plannedSum: 0n }
  return slots.map((slot) => totalOf(slot, row, sparse.get(slot.leaf.column) ?? none))
}

function totalOf(slot: Slots, row: Row, sparse: Sparse): Total {
  const reported = at(row, slot.count) - sparse.planned
  if (slot.rate !== undefined) return rateTotal(row, slot.rate, reported, sparse.planned)
  const { qualified, planned } = sparse
  if (slot.sum === undefined) return { total: null, reason: 'not-additive', reported, qualified, planned, derived: 0 }
  const total: Total = { total: null, reported, qualified, planned, derived: 0 }
  let bits = sparse.bits
  for (const first of slot.derived) {
    total.derived += at(row, first)
    total.reported += at(row, first)
    total.qualified += at(row, first + 2)
    bits |= at(row, first + 3)
  }
  if (total.reported === 0) return { ...total, reason: 'not-reported' }
  const qualifier = qualifierOf(bits)
  const terms = [row[slot.sum], ...slot.derived.map((first) => row[first + 1])].map((term) => String(term ?? 0))
  const twice = slot.leaf.figure.countsTwice && total.reported > 1
  total.total =
    slot.leaf.figure.kind === 'money' || planned > 0
      ? decimalText(terms.reduce((sum, term) => sum + scaled(term), -sparse.plannedSum))
      : String(terms.reduce((sum, term) => sum + Number(term), 0))
  return { ...total, ...(qualifier && { qualifier }), ...(twice && { mayCountTwice: true as const }) }
}

function rateTotal(row: Row, first: number, reported: number, planned: number): Total {
  const [used, of, derived, qualified] = [at(row, first), at(row, first + 1), at(row, first + 4), at(row, first + 5)]
  const told = { reported, qualified, planned, derived, basedOn: { used, of } }
  const none = (reason: Reason): Total => ({ total: null, reason, ...told })
  if (of === 0) return none('not-reported')
  if (used === 0) return none(row[first + 3] === null ? 'parts-missing' : 'denominator-zero')
  const [numerator, denominator] = [scaled(String(row[first + 2])), scaled(String(row[first + 3]))]
  const qualifier = qualifierOf(at(row, first + 6))
  return { total: percentOf(numerator, denominator), ...told, ...(qualifier && { qualifier }) }
}
