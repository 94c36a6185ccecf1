/** The catalogue: the five categories and what is derived from their lines. Everything above asks here, never a category file. */
import { disputes } from './disputes.ts'
import { enforcement } from './enforcement.ts'
import { breakdownOf, type Category, type Figure, type Figures, type Labels } from './figure.ts'
import { governance } from './governance.ts'
import { legalAdvisers } from './legal-advisers.ts'
import { publicity } from './publicity.ts'

export const catalogue = { disputes, enforcement, legalAdvisers, publicity, governance } as const
export type CategoryName = keyof typeof catalogue
export type FiguresOf<N extends CategoryName> = Figures<(typeof catalogue)[N]>

/** In the order of a report. */
export const categories: readonly Category<CategoryName>[] = Object.values(catalogue)

/** Where a category stands among them: every writer takes records in this order. */
export const categoryOrder: ReadonlyMap<CategoryName, number> = new Map(categories.map(({ name }, index) => [name, index]))

/** Raised by hand when a rule's meaning changes: stored findings of an older version are computed again at start. */
export const rulesVersion = 2

/** One value of a record: a figure, or one member of a breakdown. Its path is its public name everywhere. */
export type Leaf = {
  path: string
  code: string
  member?: string
  column: string
  /** Where it stands among the values of its category, from 0. */
  place: number
  labels: Labels
  figure: Figure
}

/** snake_case of a path: `inspectionsByDomain.roadTraffic` is the column `inspections_by_domain_road_traffic`. */
export function columnOf(path: string): string {
  return path.replace('.', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The values of a category in catalogue order, breakdowns member by member. */
export function leavesOf(category: Category): Leaf[] {
  const found = Object.entries(category.figures).flatMap(([code, figure]): Omit<Leaf, 'place'>[] => {
    const split = breakdownOf(figure)
    if (!split) return [{ path: code, code, column: columnOf(code), labels: figure.labels, figure }]
    return Object.entries(split.codelist.members).map(([member, labels]) => ({
      path: `${code}.${member}`,
      code,
      member,
      column: columnOf(`${code}.${member}`),
      labels: { zh: `${figure.labels.zh}：${labels.zh}`, en: `${figure.labels.en}: ${labels.en}` },
      figure,
    }))
  })
  return found.map((leaf, place) => ({ ...leaf, place }))
}

const allLeaves = new Map(categories.map((category) => [category.name, leavesOf(category)]))

/** As `leavesOf`, computed once. */
export function leaves(name: CategoryName): readonly Leaf[] {
  return allLeaves.get(name) ?? []
}

const byPath = new Map(
  categories.flatMap((category) => leaves(category.name).map((leaf) => [leaf.path, { category, leaf }] as const)),
)
const byCode = new Map(
  categories.flatMap((category) =>
    Object.entries(category.figures).map(([code, figure]) => [code, { category, code, figure }] as const),
  ),
)

/** The value of that path with its category, or undefined. */
export const findLeaf = (path: string) => byPath.get(path)
/** The figure of that code with its category, or undefined. */
export const findFigure = (code: string) => byCode.get(code)
const byWord = new Map(categories.flatMap(({ name, path }) => [[name as string, name] as const, [path, name] as const]))
/** The category of that name, or of that name as it stands in a path (`legal-advisers`); undefined for none. */
export const categoryNamed = (word: string): CategoryName | undefined => byWord.get(word)
/** The category of that name, or undefined. */
export const findCategory = (name: string) => categories.find((category) => category.name === name)
