/**
 * What a figure is: the six kinds, each once, and the category that holds figures. One line of a category file is all that
 * the project knows of a figure; schema, type, column, header, labels, rules and aggregation are derived from that line.
 */
import type { Codelist, Labels } from './codelists.ts'
import type { Breakdown, RateOf, Rule } from './rules.ts'

export type Kind = 'flow' | 'stock' | 'opening' | 'money' | 'rate' | 'score'

/** How figures of several townships become one: `sum`, `recomputed` from the parts of the rate, or `none`. */
export type Aggregation = 'sum' | 'recomputed' | 'none'

/** The values that a kind allows, and the column that holds them. `decimals` are counted on the shortest decimal text. */
export const kinds = {
  flow: { min: 0, max: 2_147_483_647, decimals: 0, column: 'integer', overTime: 'sum', example: 12 },
  stock: { min: 0, max: 2_147_483_647, decimals: 0, column: 'integer', overTime: 'last', example: 11 },
  opening: { min: 0, max: 2_147_483_647, decimals: 0, column: 'integer', overTime: 'first', example: 3 },
  money: { min: 0, max: 9_999_999_999_999.99, decimals: 2, column: 'numeric(15,2)', overTime: 'sum', example: 19.99 },
  rate: { min: 0, max: 1000, decimals: 4, column: 'numeric', overTime: 'none', example: 98.5 },
  score: { min: 0, max: 10_000, decimals: 4, column: 'numeric', overTime: 'none', example: 96 },
} as const satisfies Record<Kind, object>

export type Figure<R extends readonly Rule[] = readonly Rule[]> = {
  kind: Kind
  labels: Labels
  unit: string
  /** The statute or statistical report that defines the figure; empty where none does. */
  basis: string
  rules: R
  since: string
  deprecated?: { use: string }
  /** The same person may stand in the figures of several townships, so that a sum is an upper bound. */
  countsTwice?: true
}

const firstRelease = '2026.1'

function kind(name: Kind) {
  return <const R extends readonly Rule[]>(zh: string, en: string, unit: string, basis: string, ...rules: R): Figure<R> => ({
    kind: name,
    labels: { zh, en },
    unit,
    basis,
    rules,
    since: firstRelease,
  })
}

/** `flow('标签', 'Label', 'unit', 'basis', ...rules)`: something counted over the period. */
export const flow = kind('flow')
/** What exists at the end of the period. */
export const stock = kind('stock')
/** What was carried in at its beginning. */
export const opening = kind('opening')
/** Yuan. */
export const money = kind('money')
/** Percent. */
export const rate = kind('rate')
/** Points. */
export const score = kind('score')

/** A figure that came with a later release of the catalogue. */
export function since<F extends Figure>(version: string, figure: F): F {
  return { ...figure, since: version }
}

/** Codes are never renamed or removed: an obsolete figure stays, and names the one to use. */
export function deprecated<F extends Figure>(use: string, figure: F): F {
  return { ...figure, deprecated: { use } }
}

/** A figure whose sum may count a person more than once. */
export function countsTwice<F extends Figure>(figure: F): F {
  return { ...figure, countsTwice: true }
}

export type Category<N extends string = string, F extends Record<string, Figure> = Record<string, Figure>> = {
  /** JSON name and catalogue name, camelCase. */
  name: N
  /** Path segment, kebab-case. */
  path: string
  /** PascalCase stem of the schema components. */
  component: string
  labels: Labels
  figures: F
}

type Refs<F> = F extends Figure<infer R> ? R[number]['refs'][number] : never
type Known<F> = {
  [K in keyof F]: Refs<F[K]> extends keyof F ? unknown : { 'a rule points at no figure of this category': Refs<F[K]> }
}

/** A category of figures. A rule that points at a figure outside it does not compile. */
export function category<const N extends string, const F extends Record<string, Figure>>(
  head: Omit<Category<N>, 'figures'>,
  figures: F & Known<F>,
): Category<N, F> {
  return { ...head, figures }
}

type MembersOf<F> =
  F extends Figure<infer R>
    ? R[number] extends infer One
      ? One extends Breakdown<string, infer C>
        ? keyof C['members']
        : never
      : never
    : never

/** The value that a body carries for a category: a number a figure, or an object of numbers for a breakdown. */
export type Figures<C extends Category> = {
  -readonly [K in keyof C['figures']]?: [MembersOf<C['figures'][K]>] extends [never]
    ? number
    : { -readonly [M in MembersOf<C['figures'][K]>]?: number }
}

/** The breakdown that a figure is, if it is one. */
export function breakdownOf(figure: Figure): Breakdown | undefined {
  return figure.rules.find((rule) => rule.rule === 'breakdown')
}

/** The parts that a rate is recomputed from, if it has them. */
export function partsOf(figure: Figure): RateOf | undefined {
  return figure.rules.find((rule) => rule.rule === 'rateOf')
}

/** Derived from kind and rules: a rate is recomputed where its parts are known, and never averaged. */
export function aggregationOf(figure: Figure): Aggregation {
  if (figure.kind === 'score') return 'none'
  if (figure.kind === 'rate') return partsOf(figure) ? 'recomputed' : 'none'
  return 'sum'
}

export type { Codelist, Labels }
