/**
 * A generated load that is the same in every run: townships x categories x years, each record with so many figures of which a part is
 * qualified. A record's random numbers are seeded by its own key, so that any part of the load can be made alone and in any order.
 */
import type { Kind } from '../src/catalogue/figure.ts'
import { type Finding, findingsOf } from '../src/catalogue/findings.ts'
import { type CategoryName, type Leaf, leaves } from '../src/catalogue/index.ts'
import { type Period, parsePeriod } from '../src/catalogue/period.ts'
import { type Content, canonical, type Qualifier } from '../src/catalogue/record.ts'

export type Load = {
  categories: readonly CategoryName[]
  years: readonly number[]
  townships: readonly string[]
  /** Figures a record; `Infinity` for dense records. */
  figures: number
  /** The part of the figures that is qualified. */
  qualified: number
}
export type LoadRecord = { category: CategoryName; period: Period; township: string; content: Content; findings: Finding[] }
type Random = () => number

/** How full records are. `usual` is what townships report: few figures of many, one in six of them rounded. `dense` has every figure. */
export const fullness = {
  usual: { figures: 7, qualified: 0.17 },
  dense: { figures: Number.POSITIVE_INFINITY, qualified: 0.17 },
}
export type Fullness = (typeof fullness)['usual']

/** Numbers in [0, 1) that follow from a text (FNV-1a, then mulberry32). */
function randomOf(text: string): Random {
  let state = 2_166_136_261
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const amounts: Record<Kind, (random: Random) => number> = {
  flow: (random) => Math.floor(10 ** (3.3 * random())),
  stock: (random) => Math.floor(10 ** (2.3 * random())),
  opening: (random) => Math.floor(10 ** (2 * random())),
  money: (random) => Math.floor(10 ** (8 * random())) / 100,
  rate: (random) => 60 + Math.floor(400 * random()) / 10,
  score: (random) => 60 + Math.floor(400 * random()) / 10,
}

function qualifierOf(random: Random): Qualifier {
  const drawn = random()
  return drawn < 0.7 ? 'atLeast' : drawn < 0.9 ? 'about' : 'atMost'
}

function drawn(all: readonly Leaf[], count: number, random: Random): Leaf[] {
  const left = [...all]
  return Array.from({ length: Math.min(count, all.length) }, () => left.splice(Math.floor(random() * left.length), 1)).flat()
}

/** The content of one record. `edition` other than 0 gives the same figures other values, as a correction would. */
export function contentOf(load: Load, category: CategoryName, township: string, year: number, edition = 0): Content {
  const choice = randomOf(`${category} ${township} ${year}`)
  const random = randomOf(`${category} ${township} ${year} ${edition}`)
  const body: Required<Pick<Content, 'figures' | 'remarks'>> = { figures: {}, remarks: {} }
  for (const { code, member, path, figure } of drawn(leaves(category), load.figures, choice)) {
    const value = amounts[figure.kind](random)
    const nested = body.figures[code]
    body.figures[code] = member === undefined ? value : { ...(typeof nested === 'object' && nested), [member]: value }
    if (choice() < load.qualified) body.remarks[path] = { qualifier: qualifierOf(choice) }
  }
  // What is impossible is accepted only with a note that explains it.
  for (const { severity, figures } of findingsOf(category, canonical(category, body))) {
    const [path = ''] = figures
    if (severity === 'impossible') body.remarks[path] = { ...body.remarks[path], note: 'as printed' }
  }
  return canonical(category, body)
}

/** The records of a load in the order of category, year and township. */
export function* recordsOf(load: Load): Generator<LoadRecord> {
  for (const category of load.categories) {
    for (const year of load.years) {
      const period = parsePeriod(`${year}`)
      if (!period) throw new Error(`no period ${year}`)
      for (const township of load.townships) {
        const content = contentOf(load, category, township, year)
        yield { category, period, township, content, findings: findingsOf(category, content) }
      }
    }
  }
}
