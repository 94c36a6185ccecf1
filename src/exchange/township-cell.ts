/**
 * The township of a row: by its code of 9 digits, by the statistical code of 12 that ends in 000, or by its name within a region. What
 * a spreadsheet did to a code is undone only where nothing was lost: 410423209.0 is read, 4.10423E+08 is not. Where code and name both
 * stand, they must not name two townships: that is what a sheet looks like of which one column was sorted. A name may be one that the
 * township bore before, as in a sheet that was printed then; a county beside it says which of several is meant.
 */
import type { SheetFaultCode, TownshipLookup } from './row.ts'

export type TownshipReading = { code: string } | { fault: SheetFaultCode; params: Record<string, string> }

/** 全州 is a county, the others are none. */
const totals = /合计|总计|小计|共计|汇总|^累计$|^总和$|^全[国省市县区旗镇乡]$|^(?:sub|grand)?total$/i
const footnotes =
  /^(?:填[表报]|制表|审[核批签]|复核|统计|经办|(?:单位|主管|部门)?负责人|分管领导|联系|注[:：1]|说明[:：]|备注[:：]|单位[:：（(]|本表)/

const unclean = /[^0-9A-Za-z\u4e00-\u9fff]/

/** The text of a key cell without what spreadsheets and their users put around it: spaces, full width, the guard against formulas. */
export function plainText(text: string): string {
  if (!unclean.test(text)) return text
  const folded = text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u200b-\u200d\u2060\ufeff]/g, '')
  return folded.replace(/^="(.*)"$/, '$1').replace(/^'/, '')
}

const grouped = /^[1-9]\d{0,2}(?:,\d{3})+(?=\.0+$|$)/

/** The text of a whole number without the commas that a spreadsheet puts between its thousands: a year is 2,025 there. */
export const ungrouped = (text: string) => text.replace(grouped, (digits) => digits.replaceAll(',', ''))

/** A row that sums others, or that stands below a sheet and is signed, by any of the cells that may say so. */
export function rowThatIsNone(cells: readonly string[]): 'row-total' | 'row-footnote' | undefined {
  const texts = cells.map(plainText)
  if (texts.some((text) => totals.test(text))) return 'row-total'
  return texts.some((text) => footnotes.test(text)) ? 'row-footnote' : undefined
}

/** What an office is called that the register prints otherwise. */
function spellings(name: string): string[] {
  const plain = name.replace(/(?:人民)?政府$/, '')
  const bracketed = plain.replace(/\(/g, '（').replace(/\)/g, '）')
  const street = /街道(?:办|办事处)?$/.exec(plain)
  const stem = street ? plain.slice(0, street.index) : plain
  return [...new Set([plain, bracketed, ...(street ? [`${stem}街道`, `${stem}街道办事处`] : [])])]
}

type Named = { spelling: string; codes: readonly string[] }
function named(name: string, lookup: TownshipLookup, within?: readonly string[]): Named {
  const found = lookup.byName(name, within)
  if (found.length > 0) return { spelling: name, codes: found }
  return (
    spellings(name)
      .map((spelling) => ({ spelling, codes: lookup.byName(spelling, within) }))
      .find(({ codes }) => codes.length > 0) ?? { spelling: name, codes: [] }
  )
}

/** The key cells of a row; any may be empty. */
export type TownshipCells = { code: string; name?: string; county?: string }
/** `region` limits codes and names; `day` is the last of the row's period, which chooses between townships of one name. */
export type TownshipLimits = { region?: string | undefined; day?: string | undefined }

/** Where no period says a day, townships as they are now. */
const someDay = '9999-12-31'

/** The regions that a county cell names, and what of them lies within the region of the import. */
function countiesOf(text: string, lookup: TownshipLookup, region: string): { all: readonly string[]; within: string[] } {
  const all = text === '' ? [] : lookup.regions(text.replace(/^(\d{6})0*(?:\.0+)?$/, '$1'))
  const within = all.flatMap((code) => (code.startsWith(region) ? [code] : region.startsWith(code) ? [region] : []))
  return { all, within }
}

/** Whether a name that nobody bears is nearly that of another township of the county, and not of this one: 坪坝 beside the code of 巴山镇. */
const isNeighbours = (name: string, code: string, lookup: TownshipLookup) =>
  !lookup.resembles(code, name) && lookup.like(name, [code.slice(0, 6)]).length > 0

/** Reads the township of a row. The name may be a former one; a county that nobody knows does not matter beside a code. */
export function readTownship(cells: TownshipCells, lookup: TownshipLookup, limits: TownshipLimits = {}): TownshipReading {
  const { region, day = someDay } = limits
  const given = plainText(cells.name ?? '')
  // Some sheets have the code where the name belongs.
  const swapped = plainText(cells.code) === '' && /^\d{9}(?:000)?(?:\.0+)?$/.test(given)
  const [text, name] = swapped ? [given, ''] : [plainText(cells.code), given]
  const county = plainText(cells.county ?? '')
  const quick = text.length === 9 && lookup.byCode(text)
  const code = quick ? text : /^\d{9}(?:000)?(?:\.0+)?$/.test(text) ? text.slice(0, 9) : undefined
  const fault = (code: SheetFaultCode, params: Record<string, string> = {}) => ({
    fault: code,
    params: { text, name, region: region ?? '', ...params },
  })
  const regions = countiesOf(county, lookup, region ?? '')
  if (code !== undefined) {
    if (!quick && !lookup.byCode(code)) return fault('row-township-unknown', { code })
    if (region !== undefined && !code.startsWith(region)) return fault('row-township-outside', { code })
    const others = name === '' ? [] : named(name, lookup).codes
    const isOther = others.length > 0 ? !others.includes(code) : name !== '' && isNeighbours(name, code, lookup)
    if (isOther) return fault('row-township-mismatch', { code })
    if (regions.all.length === 0 || regions.all.some((one) => code.startsWith(one))) return { code }
    return fault('row-county-mismatch', { text: county, township: code })
  }
  if (/^\d(?:\.\d+)?e\+?\d+$/i.test(text)) return fault('row-township-scientific')
  if (/^\d{12}$/.test(text)) return fault('row-township-village', { code: text.slice(0, 9) })
  // Some sheets have names where the code belongs.
  if (text !== '' && (name !== '' || /^[\d.,+-]+$/.test(text))) return fault('row-township-unreadable')
  const wanted = name || text
  if (wanted === '') return fault('row-township-missing')
  if (county !== '' && regions.within.length === 0) return fault('row-county-unnamed', { text: county })
  const limit = region === undefined ? undefined : [region]
  const { spelling, codes } = named(wanted, lookup, county === '' ? limit : regions.within)
  if (codes.length === 0) {
    const elsewhere = county !== '' && named(wanted, lookup, limit).codes.length > 0
    if (elsewhere) return fault('row-county-mismatch', { text: county, township: wanted })
    const near = lookup.like(wanted, county === '' ? limit : regions.within).join('、')
    const hints =
      near === '' ? { nearest: '', nearestZh: '。' } : { nearest: `; did you mean ${near}?`, nearestZh: `，是否为${near}？` }
    return fault('row-township-unnamed', { name: wanted, ...hints })
  }
  const candidates = codes.length > 1 ? lookup.onDay(codes, spelling, day) : codes
  const [only, second] = candidates
  if (only !== undefined && second === undefined) return { code: only }
  const listed = candidates.slice(0, 5).join('、')
  return fault('row-township-ambiguous', {
    name: wanted,
    count: String(candidates.length),
    candidates: candidates.length > 5 ? `${listed}…` : listed,
  })
}
