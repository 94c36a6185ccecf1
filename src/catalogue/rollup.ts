/**
 * How the figures of many townships become one: the rules of a roll-up that need no database. Directions of qualifiers are bits, so that
 * those of any number of inputs combine by `or`. Totals are decimal texts: a sum of money has more digits than a double.
 */
import { aggregationOf, breakdownOf, partsOf } from './figure.ts'
import { type CategoryName, findLeaf, type Leaf, leaves } from './index.ts'
import type { Qualifier } from './record.ts'

/** Why there is no total. Nothing reported is not a zero. */
export const reasons = ['not-reported', 'not-additive', 'parts-missing', 'denominator-zero'] as const
export type Reason = (typeof reasons)[number]
/** Why a change, or only its rate, cannot be told. */
export const changeReasons = ['not-additive', 'earlier-missing', 'later-missing', 'earlier-zero'] as const
export type ChangeReason = (typeof changeReasons)[number]

/**
 * One figure of many townships. `reported` gave it as a result, of which `derived` as a complete breakdown without its whole; `planned`
 * ones are left out. Of a recomputed rate, `reported` printed it, `used` are the records that it is computed from, of those `of`
 * that give the rate or any part of it, and `qualified` and `derived` tell of the used ones.
 */
export type Total = {
  total: string | null
  reason?: Reason
  reported: number
  qualified: number
  planned: number
  derived: number
  qualifier?: Qualifier
  basedOn?: { used: number; of: number }
  mayCountTwice?: true
}
export type Change = {
  change: string | null
  changeRate: string | null
  changeQualifier?: Qualifier
  changeReason?: ChangeReason
}

export const bitsOf: Record<Qualifier, number> = { atLeast: 1, atMost: 2, about: 4 }

/** One direction stays what it is; both, or anything with about, are about. */
export function qualifierOf(bits: number): Qualifier | undefined {
  if (bits === 0) return undefined
  return bits === bitsOf.atLeast ? 'atLeast' : bits === bitsOf.atMost ? 'atMost' : 'about'
}

/** What a qualified denominator, or an earlier value, does to the result: the more there is of it, the less there is of that. */
export function flipped(bits: number): number {
  return ((bits & 1) << 1) | ((bits & 2) >> 1) | (bits & 4)
}

/** Decimals that every figure and every result can be written with. */
const decimals = 4
const unit = 10n ** BigInt(decimals)

/** A decimal text in units of 0.0001; exact. */
export function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  const size = BigInt(whole.replace('-', '') + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return text.startsWith('-') ? -size : size
}

/** The shortest decimal text of so many units of 0.0001. */
export function decimalText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(-decimals).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -decimals)}${fraction && `.${fraction}`}`
}

/** `part` in percent of a positive `whole`, rounded half away from zero to 4 decimals. */
export function percentOf(part: bigint, whole: bigint): string {
  const size = part < 0n ? -part : part
  const rounded = (size * 200n * unit + whole) / (2n * whole)
  return decimalText(part < 0n ? -rounded : rounded)
}

/** What changed from the period before in the request. Whatever bounds either value bounds the change and its rate alike. */
export function changeOf(before: Total, after: Total): Change {
  const none = (changeReason: ChangeReason): Change => ({ change: null, changeRate: null, changeReason })
  if (after.reason === 'not-additive') return none('not-additive')
  if (before.total === null) return none('earlier-missing')
  if (after.total === null) return none('later-missing')
  const [from, to] = [scaled(before.total), scaled(after.total)]
  const own = after.qualifier === undefined ? 0 : bitsOf[after.qualifier]
  const changeQualifier = qualifierOf(own | (before.qualifier === undefined ? 0 : flipped(bitsOf[before.qualifier])))
  return {
    change: decimalText(to - from),
    changeRate: from === 0n ? null : percentOf(to - from, from),
    ...(changeQualifier && { changeQualifier }),
    ...(from === 0n && { changeReason: 'earlier-zero' as const }),
  }
}

/** A whole that can be derived, with the members of each of its exhaustive breakdowns in catalogue order; none for other figures. */
export function breakdownsOf(name: CategoryName, whole: Leaf): Leaf[][] {
  const own = leaves(name)
  const codes = new Set(
    own
      .filter(({ figure }) => {
        const split = breakdownOf(figure)
        return split?.completeness === 'exhaustive' && split.refs[0] === whole.path
      })
      .map(({ code }) => code),
  )
  return [...codes].map((code) => own.filter((leaf) => leaf.code === code))
}

/** The figures that a recomputed rate stands on, or undefined where it cannot be recomputed. */
export function partLeavesOf({ figure }: Leaf): { numerator: Leaf; denominators: Leaf[] } | undefined {
  const parts = aggregationOf(figure) === 'recomputed' ? partsOf(figure) : undefined
  if (!parts) return undefined
  const [numerator, ...denominators] = [parts.numerator, ...parts.denominators].map((path) => findLeaf(path)?.leaf)
  if (!numerator) throw new Error(`${parts.numerator} is no figure`)
  return { numerator, denominators: denominators.filter((leaf) => leaf !== undefined) }
}
