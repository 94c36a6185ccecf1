/**
 * How a sheet finds its townships: by code, and by any name that a township bears or bore. Whoever fills in a sheet for 2023 has the names of
 * 2023 before the eyes, so of several townships of one name those count that bore it at the end of the row's period.
 */
import { distance } from 'fastest-levenshtein'
import type { TownshipLookup } from '../exchange/row.ts'
import type { Database } from '../storage/database.ts'
import { listFormerNames, listRegionNames, listTownshipNames, type TownshipName } from '../storage/imports.ts'
import { neverWas } from '../storage/succession-rules.ts'

type Former = { name: string; to: string }

/** Adds to a list under a key, each once. */
function put(lists: Map<string, string[]>, key: string, code: string): void {
  const list = lists.get(key)
  if (!list) lists.set(key, [code])
  else if (!list.includes(code)) list.push(code)
}

/** One character is missing, too many or another. */
const isNear = (name: string, other: string) => Math.abs(name.length - other.length) <= 1 && distance(name, other) <= 1
/** A name without what kind of township it is, which changes when a town becomes a street office: 长阳镇, 长阳街道. */
const stemOf = (name: string) => name.replace(/(?:街道办事处|街道|办|镇|乡)$/, '')
const isInUse = ({ from, to }: TownshipName, day: string) => (from === null || from <= day) && (to === null || to >= day)

/** A county is 鲁山县, 鲁山, 平顶山市鲁山县 or 河南省平顶山市鲁山县, or its code. */
function regionIndex(regions: readonly { code: string; name: string }[]): Map<string, string[]> {
  const names = new Map(regions.map(({ code, name }) => [code, name]))
  const index = new Map<string, string[]>()
  for (const { code, name } of regions) {
    const [province, prefecture] = [names.get(code.slice(0, 2)) ?? '', names.get(code.slice(0, 4)) ?? '']
    const stem = name.replace(/(?:自治)?[县市区旗州省]$/, '')
    const full = code.length < 6 ? [] : [prefecture + name, province + name, province + prefecture + name]
    for (const word of [code, name, ...full, ...(stem.length > 1 ? [stem] : [])]) put(index, word, code)
  }
  return index
}

/** What is only made where it is asked for, and then once. */
function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The names of the register as they are when an import begins. Of several townships of a name those of `own` are meant, where any is. */
export async function openNames(database: Database, own: string): Promise<TownshipLookup> {
  const [places, formerNames, regions] = await Promise.all([
    listTownshipNames(database),
    listFormerNames(database),
    listRegionNames(database),
  ])
  const former = new Map<string, Former[]>()
  for (const { code, name, to } of formerNames) former.set(code, [...(former.get(code) ?? []), { name, to }])
  const isNamed = ({ name, from, to }: TownshipName, given: string) =>
    name === given && !neverWas({ validFrom: from, validTo: to })
  // A sheet that says codes asks for none of these.
  const codesByName = lazy(() => {
    const byName = new Map<string, string[]>()
    for (const place of places.values()) if (isNamed(place, place.name)) put(byName, place.name, place.code)
    for (const { code, name } of formerNames) put(byName, name, code)
    return byName
  })
  const byPrefecture = lazy(() => {
    const codes = new Map<string, string[]>()
    for (const code of places.keys()) put(codes, code.slice(0, 4), code)
    return codes
  })
  const byRegion = lazy(() => regionIndex(regions))
  const longestRegion = lazy(() => Math.max(...[...byRegion().keys()].map((word) => word.length)))
  const nameOn = ({ code, name }: TownshipName, day: string) => former.get(code)?.find(({ to }) => to >= day)?.name ?? name
  const inside = (codes: readonly string[] | undefined, regions: readonly string[]) =>
    (codes ?? []).filter((code) => regions.some((region) => code.startsWith(region)))
  return {
    byCode: (code) => places.has(code),
    bears(code, given) {
      const place = code.startsWith(own) ? places.get(code) : undefined
      return place !== undefined && (isNamed(place, given) || (former.get(code)?.some(({ name }) => name === given) ?? false))
    },
    resembles(code, name) {
      const [stem, place] = [stemOf(name), places.get(code)]
      const begins = (own: string) => stem.length > 1 && own.startsWith(stem)
      return [...(place ? [place] : []), ...(former.get(code) ?? [])].some((one) => isNear(name, one.name) || begins(one.name))
    },
    byName(name, within = ['']) {
      const byName = codesByName()
      const all = inside(byName.get(name), within)
      const ours = inside(all, [own])
      const plain = ours.length > 0 ? ours : all
      if (plain.length > 0) return plain
      // 鲁山县梁洼镇, 河南省平顶山市鲁山县梁洼镇: the longest name of a region that stands before that of one of its townships.
      for (let at = Math.min(name.length - 2, longestRegion()); at >= 2; at--) {
        const found = inside(inside(byName.get(name.slice(at)), byRegion().get(name.slice(0, at)) ?? []), within)
        if (found.length > 0) return found
      }
      return []
    },
    like(name, within = ['']) {
      const narrow = within.map((region) => (own.startsWith(region) ? own : region)).filter(({ length }) => length >= 4)
      const near = narrow.flatMap((region) => inside(byPrefecture().get(region.slice(0, 4)), [region]))
      const found = near.flatMap((code) => places.get(code) ?? []).filter((one) => one.to === null && isNear(name, one.name))
      return found.slice(0, 3).map((one) => `${one.name} ${one.code}`)
    },
    onDay(codes, name, day) {
      const inUse = codes.flatMap((code) => {
        const place = places.get(code)
        return place && isInUse(place, day) ? [place] : []
      })
      const called = inUse.filter((place) => nameOn(place, day) === name)
      const best = called.length > 0 ? called : inUse
      return best.length > 0 ? best.map(({ code }) => code) : codes
    },
    regions: (text) => byRegion().get(text) ?? [],
  }
}
