/**
 * The rules that the catalogue can state of a figure: seven functions, no parser. A rule is plain data, so that
 * `/v1/indicators` can print it and `findings.ts` can apply it. `refs` names the figures that it points at; `category()`
 * turns a reference to a figure of another category, or a misspelt one, into a compile error.
 */
import type { Codelist } from './codelists.ts'

/** `exhaustive`: the members make up the whole; `partial`: some members only; `overlapping`: a case may count in several. */
export type Completeness = 'exhaustive' | 'partial' | 'overlapping'

export type Within<R extends string = string> = { rule: 'within'; refs: readonly R[]; impossible: boolean }
export type Breakdown<R extends string = string, C extends Codelist = Codelist> = {
  rule: 'breakdown'
  refs: readonly R[]
  codelist: C
  completeness: Completeness
}
export type MemberWithin<R extends string = string> = { rule: 'memberWithin'; refs: readonly R[] }
export type RateOf<R extends string = string> = { rule: 'rateOf'; refs: readonly R[]; numerator: R; denominators: readonly R[] }
export type Balance<R extends string = string> = {
  rule: 'balance'
  refs: readonly R[]
  left: readonly R[]
  right: readonly R[]
}
export type PerUnit<R extends string = string> = { rule: 'perUnit'; refs: readonly R[]; min: number }
export type Jump = { rule: 'jump'; refs: readonly never[]; factor: number; distance: number }

export type Rule = Within | Breakdown | MemberWithin | RateOf | Balance | PerUnit

/** The figure cannot exceed the first of the named wholes that is reported. */
export function within<R extends string>(...wholes: R[]): Within<R> {
  return { rule: 'within', refs: wholes, impossible: false }
}

/** `within!` of the design: more than the whole is not odd but impossible, and refused unless a note explains it. */
export function withinStrictly<R extends string>(whole: R): Within<R> {
  return { rule: 'within', refs: [whole], impossible: true }
}

/** The figure is the whole split by the members of a codelist. */
export function breakdown<R extends string, C extends Codelist>(
  whole: R,
  codelist: C,
  completeness: Completeness,
): Breakdown<R, C> {
  return { rule: 'breakdown', refs: [whole], codelist, completeness }
}

/** Each member cannot exceed the same member of another breakdown. */
export function memberWithin<R extends string>(other: R): MemberWithin<R> {
  return { rule: 'memberWithin', refs: [other] }
}

/** A percentage: numerator / denominator; later denominators stand in where townships print a rate of something else. */
export function rateOf<R extends string>(numerator: R, ...denominators: R[]): RateOf<R> {
  return { rule: 'rateOf', refs: [numerator, ...denominators], numerator, denominators }
}

/** The sum of the left figures equals the sum of the right ones. */
export function balance<const R extends string>(left: readonly R[], right: readonly R[]): Balance<R> {
  return { rule: 'balance', refs: [...left, ...right], left, right }
}

/** At least `min` for each one of `unit`: three legal-literate residents a village. */
export function perUnit<R extends string>(unit: R, min: number): PerUnit<R> {
  return { rule: 'perUnit', refs: [unit], min }
}

/** Against the period of the same kind before: at least `factor` times either way and at least `distance` apart. */
export const jump: Jump = { rule: 'jump', refs: [], factor: 5, distance: 20 }
