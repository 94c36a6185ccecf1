/**
 * What the codes of places say by themselves. GB/T 2260 gives a region 2, 4 or 6 digits, GB/T 10114 a township 9, each beginning with
 * its parent's; the 7th digit of a township tells its class. Classes 4 and 5 are statistical areas that no one reports for (parks,
 * farms, prisons): there the digit wins over a name that looks like a town's. README.md beside this file has the oddities.
 */
export const regionKinds = [
  'province',
  'prefecture',
  'prefectureVirtual',
  'county',
  'countyWholeCity',
  'countyStatistical',
] as const
export const townshipKinds = ['subdistrict', 'town', 'township', 'ethnicTownship', 'sumu', 'ethnicSumu', 'other'] as const
export type RegionKind = (typeof regionKinds)[number]
export type TownshipKind = (typeof townshipKinds)[number]

/** Headings that stand where a prefecture would: they group counties and are no place, so that no full name contains them. */
const headings = ['市辖区', '县', '省直辖县级行政区划', '自治区直辖县级行政区划']

/** Whether a region is only a heading of the code, such as 5002 `县`. */
export const isVirtual = ({ kind }: { kind: string }) => kind === 'prefectureVirtual'

/** The kind of a region; `parentName` tells a city without counties, whose one county bears the city's name. */
export function kindOfRegion(code: string, name: string, parentName?: string): RegionKind {
  if (code.length === 2) return 'province'
  if (code.length === 4) return headings.includes(name) ? 'prefectureVirtual' : 'prefecture'
  if (name === parentName) return 'countyWholeCity'
  return /^.{4}7[1-8]$/.test(code) ? 'countyStatistical' : 'county'
}

/** The kind of a township from the class digit and, for classes 2 and 3, the name. */
export function kindOfTownship(code: string, name: string): TownshipKind {
  const digit = code[6]
  if (digit === '0') return 'subdistrict'
  if (digit === '1') return 'town'
  if (digit !== '2' && digit !== '3') return 'other'
  if (name.endsWith('苏木')) return name.endsWith('民族苏木') ? 'ethnicSumu' : 'sumu'
  return /(族|哈萨克|塔塔尔)乡$/.test(name) ? 'ethnicTownship' : 'township'
}

/** Whether a township is expected to report. */
export const isExpected = (kind: string) => kind !== 'other'

/** The regions that a code lies in, the province first. */
export function ancestorsOf(code: string): string[] {
  return [2, 4, 6].filter((length) => length < code.length).map((length) => code.slice(0, length))
}

/** The region right above a code, undefined for a province. */
export const parentOf = (code: string): string | undefined => ancestorsOf(code).at(-1)

/** Where the names above are repeated at the beginning of a name. One character left over, as in 芒市 and 芒市镇, is no repetition. */
function repetitionIn(name: string, above: readonly string[]): number {
  return above.findIndex((_, index) => {
    const prefix = above.slice(index).join('')
    return name.startsWith(prefix) && name.length !== prefix.length + 1
  })
}

/** The name with those of the regions above it; headings are left out, and names that it repeats are not printed twice. */
export function fullName(above: readonly { name: string; kind: string }[], name: string): string {
  const names = above.filter((region) => !isVirtual(region)).map((region) => region.name)
  let told: string[] = []
  for (const next of [...names, name]) {
    const repetition = repetitionIn(next, told)
    told = [...(repetition < 0 ? told : told.slice(0, repetition)), next]
  }
  return told.join('')
}
