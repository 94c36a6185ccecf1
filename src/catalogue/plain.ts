/**
 * Bodies as nearly all are: known figures in catalogue order, each number one that its kind allows, remarks that fit. Such a body is its
 * own canonical content, which one walk over it can tell; validating, ordering and copying it costs ten times as much. What this
 * does not recognise is not wrong: it goes the long way. A property holds that both ways say the same.
 */
import { decimalsOf } from './decimal.ts'
import { kinds } from './figure.ts'
import { type CategoryName, categories, type Leaf, leaves } from './index.ts'
import { bases, type Content, missings, type NestedFigures, qualifiers, type Remark, type Value } from './record.ts'
import { textLimit, textPattern } from './schema.ts'

/** Nothing is said of a value. One for all: remarks are replaced, never changed. */
export const noRemark: Remark = {}
/** Remarks of a qualifier alone, as most are. */
export const bareRemarks: ReadonlyMap<string, Remark> = new Map(qualifiers.map((qualifier) => [qualifier, { qualifier }]))

/** A content that is sound and canonical, with its values in catalogue order. */
export type Plain = { content: Content; values: Value[] }

/** Where a value stands in its category, and what numbers it can be. */
export type Slot = { place: number; leaf: Leaf; min: number; max: number; decimals: number }
type Group = { place: number; members: ReadonlyMap<string, Slot> }
/** The figures of a category by their codes, and its values by their paths. */
export type Known = { figures: ReadonlyMap<string, Slot | Group>; paths: ReadonlyMap<string, Slot> }
type Loose = Record<string, unknown>

const sound = new RegExp(textPattern, 'u')
const allowed: Record<string, readonly [place: number, fits: (value: unknown) => boolean]> = {
  qualifier: [0, (value) => qualifiers.some((one) => one === value)],
  basis: [1, (value) => bases.some((one) => one === value)],
  missing: [2, (value) => missings.some((one) => one === value)],
  quote: [3, isText],
  note: [4, isText],
}
const remarkKeys = new Map(Object.entries(allowed))

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= textLimit && sound.test(value)
}

function buildKnown(name: CategoryName): Known {
  const paths = new Map<string, Slot>()
  const figures = new Map<string, Slot | Group>()
  const members = new Map<string, Map<string, Slot>>()
  for (const [place, leaf] of leaves(name).entries()) {
    const { min, max, decimals } = kinds[leaf.figure.kind]
    const slot = { place, leaf, min, max, decimals }
    paths.set(leaf.path, slot)
    if (leaf.member === undefined) figures.set(leaf.code, slot)
    else {
      const group = members.get(leaf.code) ?? new Map<string, Slot>()
      members.set(leaf.code, group.set(leaf.member, slot))
      if (!figures.has(leaf.code)) figures.set(leaf.code, { place, members: group })
    }
  }
  return { figures, paths }
}
const all = new Map(categories.map(({ name }) => [name, buildKnown(name)]))

/** What is known of a category; built once. */
export const knownOf = (name: CategoryName): Known | undefined => all.get(name)

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value)

function fits(value: unknown, { min, max, decimals }: Slot): value is number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) return false
  return Number.isInteger(value) || (decimals > 0 && decimalsOf(value) <= decimals)
}

/** Values as they are found, each with its place: in catalogue order. */
type Found = { values: Value[]; places: number[] }

function add({ values, places }: Found, { leaf, place }: Slot, value: number): void {
  values.push({ leaf, value, remark: noRemark })
  places.push(place)
}

/** Whether these are the figures of a canonical content. */
function isFigures(given: Loose, { figures }: Known, found: Found): given is NestedFigures {
  let last = -1
  for (const code in given) {
    const slot = figures.get(code)
    if (!slot || slot.place <= last) return false
    last = slot.place
    const value = given[code]
    if ('leaf' in slot) {
      if (!fits(value, slot)) return false
      add(found, slot, value)
      continue
    }
    if (!isObject(value)) return false
    let members = 0
    for (const member in value) {
      const inner = slot.members.get(member)
      const part = value[member]
      if (!inner || (members > 0 && inner.place <= last) || !fits(part, inner)) return false
      last = inner.place
      members++
      add(found, inner, part)
    }
    if (members === 0) return false
  }
  return last >= 0
}

/** Whether it is a canonical remark, of a value or of something that has none. */
export function isRemark(given: unknown, hasValue: boolean): given is Remark {
  if (!isObject(given)) return false
  let last = -1
  for (const key in given) {
    const [place, fit] = remarkKeys.get(key) ?? []
    if (place === undefined || place <= last || !fit?.(given[key])) return false
    if (hasValue ? key === 'missing' : key === 'qualifier' || key === 'basis') return false
    last = place
  }
  return last >= 0
}

/** Whether these are the remarks of a canonical content; each is put beside its value. */
function isRemarks(given: Loose, { paths }: Known, { values, places }: Found): given is Record<string, Remark> {
  let last = -1
  let at = 0
  for (const path in given) {
    const slot = paths.get(path)
    if (!slot || slot.place <= last) return false
    last = slot.place
    // Values and remarks stand in one order, so that one walk along the values finds those with remarks.
    while ((places[at] ?? Number.POSITIVE_INFINITY) < slot.place) at++
    const beside = places[at] === slot.place ? values[at] : undefined
    const remark = given[path]
    if (!isRemark(remark, beside !== undefined)) return false
    if (beside) beside.remark = remark
  }
  return last >= 0
}

/** The body's figures and remarks as they are, where it holds nothing else but what stands `beside`, which is for others to check. */
export function plainContent(name: CategoryName, body: unknown, beside: ReadonlySet<string>): Plain | undefined {
  const known = all.get(name)
  if (!known || !isObject(body)) return undefined
  for (const key in body) if (key !== 'figures' && key !== 'remarks' && !beside.has(key)) return undefined
  const { figures, remarks } = body
  const found: Found = { values: [], places: [] }
  if (!isObject(figures) || !isFigures(figures, known, found)) return undefined
  if (remarks === undefined) return { content: { figures }, values: found.values }
  if (!isObject(remarks) || !isRemarks(remarks, known, found)) return undefined
  return { content: { figures, remarks }, values: found.values }
}
