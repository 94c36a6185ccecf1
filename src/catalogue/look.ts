/** A record as the rules look at it: its values by their paths, as intervals, plans left out. */
import { type Bounds, boundsOf } from './bounds.ts'
import type { Finding } from './findings.ts'
import { type CategoryName, categories, type Leaf, leaves } from './index.ts'
import { isPlan, type Value } from './record.ts'

/** By the code of the figure, which is unique over all categories. */
const members = new Map<string, Leaf[]>()
for (const leaf of categories.flatMap(({ name }) => leaves(name)))
  members.set(leaf.code, [...(members.get(leaf.code) ?? []), leaf])

/** The values of a figure: itself, or the members of its breakdown. */
export const membersOf = (code: string): readonly Leaf[] => members.get(code) ?? []

/**
 * A look at one record: its values, plans left out, each at the place of its path if that is marked as of now; and what was found. There is one a
 * category, used again for every record: new maps for each were more than all else that is done with most.
 */
export type Look = {
  name: CategoryName
  places: ReadonlyMap<string, number>
  values: Value[]
  marks: Float64Array
  now: number
  found: Finding[]
}

const looks = new Map(
  categories.map(({ name }): [CategoryName, Look] => {
    const places = new Map(leaves(name).map(({ path, place }) => [path, place]))
    return [name, { name, places, values: [], marks: new Float64Array(places.size), now: 0, found: [] }]
  }),
)

/** Begins to look at these values; the look before it is over. */
export function lookAt(name: CategoryName, values: readonly Value[]): Look {
  const look = looks.get(name)
  if (!look) throw new Error(`no category ${name}`)
  look.found = []
  look.now++
  for (const value of values) {
    if (isPlan(value.remark)) continue
    look.values[value.leaf.place] = value
    look.marks[value.leaf.place] = look.now
  }
  return look
}

/** The value at a path, undefined where none is reported. */
export function valueAt({ places, values, marks, now }: Look, path: string): Value | undefined {
  const place = places.get(path)
  return place !== undefined && marks[place] === now ? values[place] : undefined
}

/** As `valueAt`, as an interval. */
export function boundsAt(look: Look, path: string): Bounds | undefined {
  const value = valueAt(look, path)
  return value && boundsOf(value)
}

/** The members of a breakdown that are reported. */
export function partsOf(look: Look, code: string): Bounds[] {
  const parts: Bounds[] = []
  for (const { path } of membersOf(code)) {
    const part = boundsAt(look, path)
    if (part) parts.push(part)
  }
  return parts
}
