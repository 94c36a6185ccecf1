/**
 * What others rely on of a catalogue that was released: codes, kinds, units, members. `released.ndjson` is the last release, one
 * line a figure; write it anew at a release:
 * node --import=tsx -e "import('./test/catalogue/compatibility.ts').then((m) => m.release())"
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { breakdownOf, type Category } from '../../src/catalogue/figure.ts'
import { categories } from '../../src/catalogue/index.ts'
import { root } from '../../src/root.ts'

export type Entry = { category: string; code: string; kind: string; unit: string; members?: string[] }

const file = new URL('test/catalogue/released.ndjson', root)

export function entriesOf(from: readonly Category[]): Entry[] {
  return from.flatMap((category) =>
    Object.entries(category.figures).map(([code, figure]): Entry => {
      const split = breakdownOf(figure)
      const { kind, unit } = figure
      return { category: category.name, code, kind, unit, ...(split && { members: Object.keys(split.codelist.members) }) }
    }),
  )
}

export function released(): Entry[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line): Entry => JSON.parse(line))
}

export function release() {
  const lines = entriesOf(categories).map((entry) => JSON.stringify(entry))
  writeFileSync(file, `${lines.join('\n')}\n`)
}

/** What a client of `before` would miss or misread in `after`; what is new breaks nobody. */
export function breaksBetween(before: readonly Entry[], after: readonly Entry[]): string[] {
  const now = new Map(after.map((entry) => [entry.code, entry]))
  return before.flatMap((old) => {
    const entry = now.get(old.code)
    if (!entry) return [`${old.code} was removed`]
    const changed = (['category', 'kind', 'unit'] as const)
      .filter((what) => entry[what] !== old[what])
      .map((what) => `${old.code}: ${what} was ${old[what]}, is ${entry[what]}`)
    if (!old.members || !entry.members)
      return old.members === entry.members ? changed : [...changed, `${old.code} was ${shape(old)}, is ${shape(entry)}`]
    const kept = new Set(entry.members)
    const lost = old.members.filter((member) => !kept.has(member)).map((member) => `${old.code}.${member} was removed`)
    return [...changed, ...lost]
  })
}

const shape = (entry: Entry) => (entry.members ? 'a breakdown' : 'a number')
