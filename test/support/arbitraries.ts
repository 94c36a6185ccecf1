/**
 * Arbitrary records: everything that the service must accept, and nothing that it may refuse. They are canonical, so that what is
 * written and what is read back can be compared as they are. Values of every kind reach its limits; remarks obey the rules of
 * the record (a qualifier only beside a value, `missing` only without one), and what the catalogue calls impossible carries
 * the note that excuses it.
 */
import fc, { type Arbitrary } from 'fast-check'
import { type Kind, kinds } from '../../src/catalogue/figure.ts'
import { findingsOf } from '../../src/catalogue/findings.ts'
import { type CategoryName, categories, type Leaf, leaves } from '../../src/catalogue/index.ts'
import { bases, type Content, canonical, missings, type Other, qualifiers, type Remark } from '../../src/catalogue/record.ts'

/** Chinese, English, emoji, quotes, markup: what people paste. No U+0000, which PostgreSQL cannot hold. */
const text = (maxLength: number) =>
  fc.oneof(
    fc.constantFrom('排查各类矛盾纠纷382件', '40余次', '“1+11+36”', 'it\'s 5\t"x"', '=1+1', '<b>', '\\n', '𠮷', 'é'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((drawn) => Array.from(drawn).slice(0, maxLength).join('')),
  )

/** Whole steps of the smallest unit, divided: the nearest double of a decimal text, so that 1999 is 19.99 and not 19.990000000000002. */
function stepped(min: number, max: number, decimals: number): Arbitrary<number> {
  const steps = 10 ** decimals
  return fc.integer({ min: Math.round(min * steps), max: Math.round(max * steps) }).map((whole) => whole / steps)
}

/** Any value of a kind: mostly of the size that townships report, at times anywhere up to the limits. */
export function amount(kind: Kind): Arbitrary<number> {
  const { min, max, decimals } = kinds[kind]
  const usual = kind === 'rate' || kind === 'score' ? stepped(0, 100, 1) : stepped(0, 2000, decimals)
  return fc.oneof(
    { weight: 5, arbitrary: usual },
    { weight: 1, arbitrary: stepped(min, max, decimals) },
    fc.constantFrom(min, max),
  )
}

/** What may be said beside a value. */
const said = fc.record(
  { qualifier: fc.constantFrom(...qualifiers), basis: fc.constantFrom(...bases), quote: text(2000), note: text(2000) },
  { requiredKeys: [] },
)
/** What may be said where there is none. */
const unsaid = fc.record(
  { missing: fc.constantFrom(...missings), quote: text(2000), note: text(2000) },
  { requiredKeys: ['missing'] },
)

type Entry = { leaf: Leaf; value?: number; remark?: Remark }

function entry(leaf: Leaf): Arbitrary<Entry> {
  const value = amount(leaf.figure.kind)
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ leaf: fc.constant(leaf), value }) },
    { weight: 2, arbitrary: fc.record({ leaf: fc.constant(leaf), value, remark: said }) },
    { weight: 1, arbitrary: fc.record({ leaf: fc.constant(leaf), remark: unsaid }) },
  )
}

const other: Arbitrary<Other> = fc.oneof(
  fc.record(
    {
      label: text(200),
      value: stepped(-1e9, 1e9, 4),
      unit: text(20),
      qualifier: fc.constantFrom(...qualifiers),
      quote: text(2000),
      note: text(2000),
    },
    { requiredKeys: ['label', 'value', 'unit'] },
  ),
  fc.record(
    { label: text(200), unit: text(20), missing: fc.constantFrom(...missings), quote: text(2000) },
    { requiredKeys: ['label', 'unit'] },
  ),
)

const day = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const source = fc.record({ title: text(500), url: fc.webUrl(), publishedOn: day }, { requiredKeys: [] })

function assemble(name: CategoryName, entries: readonly Entry[], rest: Pick<Content, 'others' | 'source'>): Content {
  const figures: Content['figures'] = {}
  const remarks: Record<string, Remark> = {}
  for (const { leaf, value, remark } of entries) {
    if (remark) remarks[leaf.path] = remark
    if (value === undefined) continue
    const siblings = figures[leaf.code]
    if (leaf.member === undefined) figures[leaf.code] = value
    else figures[leaf.code] = { ...(typeof siblings === 'object' && siblings), [leaf.member]: value }
  }
  return canonical(name, { figures, remarks, ...rest })
}

/** With a note at every figure that the rules call impossible. */
function excused(name: CategoryName, content: Content): Content {
  const remarks = { ...content.remarks }
  for (const { severity, figures } of findingsOf(name, content)) {
    const [path = ''] = figures
    if (severity === 'impossible') remarks[path] = { ...remarks[path], note: remarks[path]?.note ?? '含借调人员' }
  }
  return canonical(name, { ...content, remarks })
}

/** A valid canonical content of a category, the empty one included. */
export function record(name: CategoryName): Arbitrary<Content> {
  const entries = fc
    .oneof({ weight: 4, arbitrary: fc.subarray([...leaves(name)], { maxLength: 12 }) }, fc.subarray([...leaves(name)]))
    .chain((chosen) => fc.tuple(...chosen.map(entry)))
  const rest = fc.record({ others: fc.array(other, { maxLength: 3 }), source }, { requiredKeys: [] })
  return fc.tuple(entries, rest).map(([chosen, more]) => excused(name, assemble(name, chosen, more)))
}

/** The name of a category with a valid content of it. */
export const anyRecord: Arbitrary<{ name: CategoryName; content: Content }> = fc
  .constantFrom(...categories.map((category) => category.name))
  .chain((name) => fc.record({ name: fc.constant(name), content: record(name) }))

/** The same JSON value with the keys of every object in another order, which a seed chooses. */
export function shuffled<T>(value: T, seed: number): T {
  let state = seed >>> 0
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    const keyed = Object.entries(inner).map((one) => [next(), one] as const)
    return Object.fromEntries(keyed.sort(([a], [b]) => a - b).map(([, one]) => one))
  })
  return JSON.parse(text)
}
