/**
 * A record is one category of one township in one period. Its content (figures, remarks, others, source) has one canonical
 * form: catalogue order, nothing empty. Equal contents therefore have equal texts, which is what "changes nothing" means.
 */
import type { Category } from './figure.ts'
import { type CategoryName, findCategory, type Leaf, leaves } from './index.ts'

export const qualifiers = ['atLeast', 'atMost', 'about'] as const
export const bases = ['stated', 'planned', 'target'] as const
export const missings = ['notApplicable', 'notCollected', 'withheld', 'unquantified'] as const
export type Qualifier = (typeof qualifiers)[number]
export type Basis = (typeof bases)[number]
export type Missing = (typeof missings)[number]

export type Remark = { qualifier?: Qualifier; basis?: Basis; missing?: Missing; quote?: string; note?: string }
export type Other = {
  label: string
  value?: number
  unit: string
  qualifier?: Qualifier
  missing?: Missing
  quote?: string
  note?: string
}
export type Source = { title?: string; url?: string; publishedOn?: string }

/** Figures as a body nests them; the catalogue's `FiguresOf<'disputes'>` is the exact type of one category. */
export type NestedFigures = { [code: string]: number | { [member: string]: number } }
export type Content = { figures: NestedFigures; remarks?: Record<string, Remark>; others?: Other[]; source?: Source }

/** One value of a record together with what its remark says of it. */
export type Value = { leaf: Leaf; value: number; remark: Remark }

/** The number at a path, or undefined: absent means not reported. */
export function valueAt(figures: NestedFigures, leaf: Leaf): number | undefined {
  const value = figures[leaf.code]
  if (leaf.member === undefined) return typeof value === 'number' ? value : undefined
  return typeof value === 'object' ? value[leaf.member] : undefined
}

/** A plan or an aim is not a result: it is kept, counted, and left out of every sum and comparison. */
export function isPlan(remark: Remark | undefined): boolean {
  return remark?.basis === 'planned' || remark?.basis === 'target'
}

/** The values of a content in catalogue order. */
export function valuesOf(name: CategoryName, content: Content): Value[] {
  const values: Value[] = []
  for (const leaf of leaves(name)) {
    const value = valueAt(content.figures, leaf)
    if (value !== undefined) values.push({ leaf, value, remark: content.remarks?.[leaf.path] ?? {} })
  }
  return values
}

/** A copy whose keys stand in the given order; undefined values are dropped. */
function ordered<T extends object>(from: T, keys: readonly (keyof T)[]): T {
  const copy = { ...from }
  for (const key of keys) {
    const value = copy[key]
    Reflect.deleteProperty(copy, key)
    if (value !== undefined) copy[key] = value
  }
  return copy
}

function orderedOrNothing<T extends object>(from: T | undefined, keys: readonly (keyof T)[]): T | undefined {
  const copy = from && ordered(from, keys)
  return copy && Object.keys(copy).length > 0 ? copy : undefined
}

const remarkKeys: (keyof Remark)[] = ['qualifier', 'basis', 'missing', 'quote', 'note']
const otherKeys: (keyof Other)[] = ['label', 'value', 'unit', 'qualifier', 'missing', 'quote', 'note']
const sourceKeys: (keyof Source)[] = ['title', 'url', 'publishedOn']

/** The canonical content of a valid body: known keys in catalogue order, empty objects and lists dropped. */
export function canonical(name: CategoryName, body: Partial<Content>): Content {
  const figures: NestedFigures = {}
  const remarks: Record<string, Remark> = {}
  for (const leaf of leaves(name)) {
    const value = valueAt(body.figures ?? {}, leaf)
    if (value !== undefined) {
      if (leaf.member === undefined) figures[leaf.code] = value
      else {
        const nested = figures[leaf.code]
        if (typeof nested === 'object') nested[leaf.member] = value
        else figures[leaf.code] = { [leaf.member]: value }
      }
    }
    const remark = orderedOrNothing(body.remarks?.[leaf.path], remarkKeys)
    if (remark) remarks[leaf.path] = remark
  }
  const others = body.others?.map((other) => ordered(other, otherKeys))
  const source = orderedOrNothing(body.source, sourceKeys)
  return {
    figures,
    ...(Object.keys(remarks).length > 0 && { remarks }),
    ...(others && others.length > 0 && { others }),
    ...(source && { source }),
  }
}

/** What the columns hold: every value by column, which of them are qualified, and which are plans with their value. */
export type Columns = {
  values: Record<string, number>
  qualifiers: Record<string, Qualifier> | null
  plans: Record<string, number> | null
}

/** The flattened form of a content, keyed by column. A plan stands in `plans` and not in `qualifiers`. */
export function flatten(name: CategoryName, content: Content): Columns {
  const flat: Columns = { values: {}, qualifiers: null, plans: null }
  for (const { leaf, value, remark } of valuesOf(name, content)) {
    flat.values[leaf.column] = value
    if (isPlan(remark)) flat.plans = { ...flat.plans, [leaf.column]: value }
    else if (remark.qualifier) flat.qualifiers = { ...flat.qualifiers, [leaf.column]: remark.qualifier }
  }
  return flat
}

/** The category of that name; for names that came through a type already. */
export function categoryOf(name: CategoryName): Category<CategoryName> {
  const found = findCategory(name)
  if (!found) throw new Error(`no category ${name}`)
  return found
}
