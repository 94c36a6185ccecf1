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

/** Where the codes, members and paths of a category stand in the catalogue: what turns given keys into ordered ones without a walk over all. */
type Layout = {
  codes: ReadonlyMap<string, number>
  paths: ReadonlyMap<string, number>
  whole: ReadonlyMap<string, Leaf>
  members: ReadonlyMap<string, { places: ReadonlyMap<string, number>; leaves: ReadonlyMap<string, Leaf> }>
}

const placesOf = (keys: Iterable<string>) => new Map([...keys].map((key, place) => [key, place]))

function layoutOf(name: CategoryName): Layout {
  const all = leaves(name)
  const split = new Map<string, Map<string, Leaf>>()
  for (const leaf of all) {
    if (leaf.member !== undefined) split.set(leaf.code, (split.get(leaf.code) ?? new Map()).set(leaf.member, leaf))
  }
  return {
    codes: placesOf(new Set(all.map((leaf) => leaf.code))),
    paths: placesOf(all.map((leaf) => leaf.path)),
    whole: new Map(all.filter((leaf) => leaf.member === undefined).map((leaf) => [leaf.code, leaf])),
    members: new Map([...split].map(([code, members]) => [code, { places: placesOf(members.keys()), leaves: members }])),
  }
}

const layouts = new Map<CategoryName, Layout>()
function layout(name: CategoryName): Layout {
  const found = layouts.get(name) ?? layoutOf(name)
  layouts.set(name, found)
  return found
}

/** The keys that have a place, in the order of their places. */
function known(from: object | undefined, places: ReadonlyMap<string, number>): string[] {
  const keys: string[] = []
  let [last, sorted] = [-1, true]
  for (const key in from) {
    const place = places.get(key)
    if (place === undefined) continue
    if (place < last) sorted = false
    last = place
    keys.push(key)
  }
  return sorted ? keys : keys.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
}

/** The values of a content in catalogue order. */
export function valuesOf(name: CategoryName, { figures, remarks }: Content): Value[] {
  const { codes, whole, members } = layout(name)
  const values: Value[] = []
  const add = (leaf: Leaf | undefined, value: number | undefined) => {
    if (leaf && value !== undefined) values.push({ leaf, value, remark: remarks?.[leaf.path] ?? {} })
  }
  for (const code of known(figures, codes)) {
    const value = figures[code]
    const split = members.get(code)
    if (typeof value === 'number') add(whole.get(code), value)
    else if (split) for (const member of known(value, split.places)) add(split.leaves.get(member), value?.[member])
  }
  return values
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}

/** A copy whose keys stand in the given order; undefined values are dropped. */
function ordered<T extends object>(from: T, keys: readonly (keyof T)[]): T {
  const copy = { ...from }
  if (isOrdered(copy, keys)) return copy
  for (const key of keys) {
    const value = copy[key]
    Reflect.deleteProperty(copy, key)
    if (value !== undefined) copy[key] = value
  }
  return copy
}

function isOrdered<T extends object>(object: T, keys: readonly (keyof T)[]): boolean {
  let last = -1
  for (const key in object) {
    const place = keys.indexOf(key)
    if (place < last || object[key] === undefined) return false
    last = place
  }
  return true
}

function orderedOrNothing<T extends object>(from: T | undefined, keys: readonly (keyof T)[]): T | undefined {
  const copy = from && ordered(from, keys)
  return copy && !isEmpty(copy) ? copy : undefined
}

const remarkKeys: (keyof Remark)[] = ['qualifier', 'basis', 'missing', 'quote', 'note']
const otherKeys: (keyof Other)[] = ['label', 'value', 'unit', 'qualifier', 'missing', 'quote', 'note']
const sourceKeys: (keyof Source)[] = ['title', 'url', 'publishedOn']

/** The canonical content of a valid body: known keys in catalogue order, empty objects and lists dropped. */
export function canonical(name: CategoryName, body: Partial<Content>): Content {
  const { codes, paths, members } = layout(name)
  const figures: NestedFigures = {}
  const remarks: Record<string, Remark> = {}
  for (const code of known(body.figures, codes)) {
    const value = body.figures?.[code]
    const split = members.get(code)
    if (typeof value === 'number') {
      if (!split) figures[code] = value
    } else if (split) {
      const nested: Record<string, number> = {}
      for (const member of known(value, split.places)) {
        const part = value?.[member]
        if (part !== undefined) nested[member] = part
      }
      if (!isEmpty(nested)) figures[code] = nested
    }
  }
  for (const path of known(body.remarks, paths)) {
    const remark = orderedOrNothing(body.remarks?.[path], remarkKeys)
    if (remark) remarks[path] = remark
  }
  const others = body.others?.map((other) => ordered(other, otherKeys))
  const source = orderedOrNothing(body.source, sourceKeys)
  return {
    figures,
    ...(!isEmpty(remarks) && { remarks }),
    ...(others && others.length > 0 && { others }),
    ...(source && { source }),
  }
}

/** What the columns hold: the values in the order of the category's leaves, which of them are qualified, and which are plans with their value. */
export type Columns = {
  values: (number | null)[]
  qualifiers: Record<string, Qualifier> | null
  plans: Record<string, number> | null
}

/** The flattened form of a content. A plan stands in `plans` and not in `qualifiers`, both keyed by column. */
export function flatten(name: CategoryName, content: Content): Columns {
  const { paths } = layout(name)
  const flat: Columns = { values: Array.from({ length: paths.size }, () => null), qualifiers: null, plans: null }
  for (const { leaf, value, remark } of valuesOf(name, content)) {
    flat.values[paths.get(leaf.path) ?? -1] = value
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
