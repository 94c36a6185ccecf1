/**
 * The grammar of a figure as a clerk prints it in a spreadsheet cell. What cannot be read for certain is refused with a code: it is
 * never rounded, never rescaled, never zero. The decisions that are not obvious:
 * - atLeast: 余 多 + 以上 超(过) 突破 逾 > ≥ 至少 不少于 上百 过千; about: 约 近 左右 来; atMost: 以内 以下 不超过 不足 不到 < ≤. The strict ones
 *   lose only their strictness. With about, another qualifier is about (约20余); atLeast beside atMost is a contradiction.
 * - 千余, 近百, 百分之百 count as one thousand, one hundred; an unqualified 百 or 千 is refused. 几十, 数百, 若干 hold no number: unquantified.
 *   十几 holds one that `unquantified` would lose: refused, with the hint 10余.
 * - 三千五 (3500 or 3005), 1万50, 三亿五千, 无 (0 or /) and a lone 一 (1, or the dash that OCR and clerks make of —) are ambiguous.
 * - Whole numbers admit no decimals, but 20.0 is what Excel and pandas make of 20, and 0.5万 is 5000. A bare 0.95 is a rate of 0.95 %.
 * - Counts take any measure word (real reports write 11家次 for 份, 30余次 for 件), never 元, %, 天. Money takes 元 alone, multiplied or not.
 * - Digits group in threes by comma or one space (GB/T 15835). Width is folded by hand: NFKC makes digits of the marks in 20① and 5².
 * - A rate prints without % unless qualified: Excel makes 0.95 of a cell 95%, and leaves the text 95%以上 alone.
 */
import { type Figure, type Kind, kinds } from './figure.ts'
import type { Missing, Qualifier } from './record.ts'

/** Why a cell is refused: `interval` is two numbers where one belongs, `range` is beyond the largest that the kind admits. */
export const refusalCodes = [
  ...(['ambiguous', 'contradiction', 'date', 'decimals', 'excel-error', 'formula', 'grouping', 'interval'] as const),
  ...(['note', 'range', 'scientific', 'signed', 'unit', 'unreadable'] as const),
]
export type RefusalCode = (typeof refusalCodes)[number]
/** `given` is the offending unit, `allowed` the unit, decimals or maximum, `readings` what to type instead; `text` the cell, clipped. */
type Failure = { code: RefusalCode; given?: string; allowed?: string; readings?: readonly string[] }
export type Refused = { state: 'refused'; text: string } & Failure
type Read = { state: 'value'; value: number; qualifier?: Qualifier } | { state: 'missing'; missing: Missing }
export type Reading = Read | { state: 'empty' } | Refused
export type CellFigure = Readonly<Pick<Figure, 'kind' | 'unit'>>
type Limit = { max: number; decimals: number }

const measure =
  /^(?:[件起次场个份册本人名位家条块张篇项宗户处台期例批部套幅面支所间座辆站组队节堂轮桩]|[件场人家户处车班批台条项]次)$/
const foreign = /^(?:[元角分%‰成倍年月日天周米亩吨㎡]|元[整正]|块钱|美元|个?百分点|小时|分钟|[课学]时|公[里斤]|平方米|千克)$/
const money = /^元[整正]?$/
const units: Record<Kind, RegExp> = { flow: measure, stock: measure, opening: measure, money, rate: /^%$/, score: /^分$/ }
const meanings: [Read | Failure, string][] = [
  [{ state: 'missing', missing: 'notApplicable' }, '/ // \\ N/A n/a 无此项 无此项工作 无此业务 不适用 不涉及 未涉及'],
  [{ state: 'missing', missing: 'notCollected' }, '未统计 未采集 未收集 未作统计 暂未统计 无法统计 未纳入统计'],
  [{ state: 'missing', missing: 'withheld' }, '不公开 不予公开 不便公开 不宜公开 保密 涉密'],
  [{ state: 'missing', missing: 'unquantified' }, '若干 大量 许多 不少 少量 众多 一些'],
  [{ code: 'ambiguous', readings: ['0', '/'] }, '无 没有 暂无 未发生 未开展 无此情况'],
  [{ code: 'ambiguous', readings: ['1', '/'] }, '一'],
]
const words = new Map(meanings.flatMap(([meaning, texts]) => texts.split(' ').map((text) => [text, meaning] as const)))
const dashes = /^[-‐-―−─﹣]{1,4}$/
const foldable = /[\uff01-\uff5e\u200b-\u200d\u2060\ufeff零壹贰叁肆伍陆柒捌玖两貳參陸拾佰仟萬億圆圓]/g
const [formal, common] = ['零壹贰叁肆伍陆柒捌玖两貳參陸拾佰仟萬億圆圓', '〇一二三四五六七八九二二三六十百千万亿元元']
const marks = Object.entries({ 亿: 8, 万: 4, 千: 3, 百: 2, 十: 1 })
const prefix = new RegExp(
  '^(?:(大约|约[计为]?|大概|将近|接近|近)|(至少|最少|不少于|不低于|不小于|不下于?|[多大高]于|超[过出]?|突破|逾|>=?|≥|[上过](?=[百千万亿]))' +
    '|(不超过|未超过|不足|不到|至多|最多|不[多大高]于|[少低小]于|<=?|≤)|[¥￥]|人民币|共[有计]?|累计|[高多]?达到?|为)',
)
const suffix = '(?:(左右|上下|来)|(及?以上|余|多|\\+)|(及?以下|以内|之内))'
const [leading, trailing] = [new RegExp(`^${suffix}`), new RegExp(`${suffix}$`)]
const figures = /^[\d.,点〇一二三四五六七八九十百千万亿]+/
const arabic = /^(\d+(?:,\d+)*)(?:\.(\d+))?([百千]?万?亿?)$/
const spoken = /^([^\d点]+)点([〇一二三四五六七八九]+)([百千]?万?亿?)$/
const [n, digit] = ['[\\d〇一二三四五六七八九十百千万亿]', '[〇一二三四五六七八九]']
const diagnoses: [RefusalCode, RegExp][] = [
  ['excel-error', /^#/],
  ['formula', /^[=@]/],
  ['scientific', /^\d+(\.\d+)?e[-+]?\d+$/i],
  ['date', /^(\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}月\d{1,2}日?|\d{1,2}-[a-z]{3}|[a-z]{3}-\d{2})$/i],
  ['signed', new RegExp(`^(?:[-‐-―−+负](?:${n}|[¥￥])|\\([\\d.,%]+\\)$)`)],
  ['note', new RegExp(`${n}.*(?:[(\\[【〔;*※①-⑳⁰-⁹¹²³]|其中|含|注)`)],
  ['interval', new RegExp(`${n}\\D{0,3}[-~‐-―−─〜、至到]${n}|(?<!${digit})[一二三四五六七八九]{2}(?!${digit})`)],
]

/** Reads one cell for one figure. It never throws; what is not certain is `refused`. */
export function readCell(text: string, figure: CellFigure): Reading {
  if (text === '') return { state: 'empty' }
  const quick = readPlain(text, kinds[figure.kind])
  if (quick >= 0) return { state: 'value', value: quick }
  const trimmed = text.replace(foldable, fold).trim()
  if (trimmed === '' || trimmed === "'") return { state: 'empty' }
  const refuse = (failure: Failure): Refused => ({ state: 'refused', text: text.trim().slice(0, 80), ...failure })
  if (trimmed.length > 80) return refuse({ code: 'unreadable' })
  const solid = closeGaps(trimmed.replace(/^'\s*/, '').replace(/。$/, ''))
  if (solid === undefined) return refuse({ code: 'grouping' })
  const reading = words.get(solid.replace(dashes, '/')) ?? readPhrase(solid, figure)
  if (reading && 'state' in reading) return reading
  return refuse(reading ?? { code: diagnoses.find(([, pattern]) => pattern.test(solid))?.[0] ?? 'unreadable' })
}

/** Prints a value that the figure admits, such that `readCell` reads the same value and qualifier from it. */
export function printCell(value: number, qualifier: Qualifier | undefined, figure: CellFigure): string {
  if (!qualifier) return String(value)
  const number = figure.kind === 'rate' ? `${value}%` : String(value)
  const atLeast = number + (kinds[figure.kind].decimals === 0 ? '余' : '以上')
  return { about: `约${number}`, atMost: `${number}以内`, atLeast }[qualifier]
}

/** How each reason for a missing value is printed; `readCell` reads it back for every kind of figure. */
export const printedMissing = { notApplicable: '/', unquantified: '若干', notCollected: '未统计', withheld: '不公开' } as const

/** The fast path: up to 13 ASCII digits, exact in a double, as is their correctly rounded quotient; -1 for anything else. */
function readPlain(text: string, { max, decimals }: Limit): number {
  let [value, point] = [text.length <= 13 ? 0 : -1, -1]
  for (let i = 0; value >= 0 && i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit === -2 && i > 0 && point < 0) point = i
    else value = digit >= 0 && digit <= 9 ? value * 10 + digit : -1
  }
  const places = point < 0 ? 0 : text.length - 1 - point
  const number = value / 10 ** places
  return places > decimals || point === text.length - 1 || number > max ? -1 : number
}

function fold(c: string): string {
  return c >= '\uff01' && c <= '\uff5e' ? String.fromCharCode(c.charCodeAt(0) - 0xfee0) : (common[formal.indexOf(c)] ?? '')
}

function closeGaps(text: string): string | undefined {
  if (!/\s/.test(text)) return text
  const grouped = text.replace(/(?<![\d.,])[1-9]\d{0,2}(?:[^\S\r\n\t]\d{3})+(?!\d)/g, (run) => run.replace(/\s/g, ''))
  const parted = /[\d.,点〇一二三四五六七八九十百千万亿]\s+[\d.,点〇一二三四五六七八九]/.test(grouped)
  return parted ? undefined : grouped.replace(/\s+/g, '')
}

function strip(from: string, pattern: RegExp, found: Set<Qualifier>): string {
  const m = pattern.exec(from)
  if (!m) return from
  if (m[1] || m[2] || m[3]) found.add(m[1] ? 'about' : m[2] ? 'atLeast' : 'atMost')
  return strip(m.index === 0 ? from.slice(m[0].length) : from.slice(0, m.index), pattern, found)
}

/** prefix* numeral (余 万)? unit suffix*, each part checked; undefined is left for the diagnoses to name. */
function readPhrase(phrase: string, figure: CellFigure): Read | Failure | undefined {
  const found = new Set<Qualifier>()
  const bare = strip(phrase, prefix, found)
  const currency = /[¥￥]|人民币/.test(phrase) && '元'
  const percent = /^百分(?:之|(?=百$))/.exec(bare)?.[0] ?? ''
  const rest = bare.slice(percent.length)
  const numeral = figures.exec(rest)?.[0]
  const vague = numeral ? null : /^(?:(?:好?几|数)([十百千万亿]*)|多|若干|许多|大量)/.exec(rest)
  const start = numeral ?? vague?.[0]
  if (!start) return undefined
  const tail = rest.slice(start.length)
  if (numeral && tail[0] === '几') return { code: 'ambiguous', readings: [`${numeral}余${tail.slice(1)}`] }
  const open = strip(tail, leading, found)
  const inner = open === tail ? '' : (/^(?:[十百千]?万亿?|亿)/.exec(open)?.[0] ?? '')
  const unit = strip(strip(open.slice(inner.length), leading, found), trailing, found)
  const own = units[figure.kind]
  const wrong = [currency, percent && '%', unit].find((given) => given && given !== figure.unit && !own.test(given))
  if (wrong && (measure.test(wrong) || foreign.test(wrong))) return { code: 'unit', given: wrong, allowed: figure.unit }
  if (wrong || (percent && unit)) return undefined
  if (vague) return unit || vague[1] || start === '若干' ? { state: 'missing', missing: 'unquantified' } : undefined
  const value = readNumeral(start + inner, kinds[figure.kind], found.size > 0 || percent !== '')
  if (typeof value !== 'number') return value
  const [qualifier] = found.has('about') ? (['about'] as const) : found
  if (qualifier !== 'about' && found.size > 1) return { code: 'contradiction' }
  return qualifier ? { state: 'value', value, qualifier } : { state: 'value', value }
}

function readNumeral(text: string, limit: Limit, qualified: boolean): number | Failure | undefined {
  const [, whole, fraction = '', power = ''] = arabic.exec(text) ?? []
  if (whole?.includes(',') && !/^[1-9]\d{0,2}(,\d{3})+$/.test(whole)) return { code: 'grouping' }
  if (whole) return settle(whole.replaceAll(',', ''), fraction, power, limit)
  if (qualified && /^[百千]?万?亿?$/.test(text)) return settle('1', '', text, limit)
  const [, integer = text, spelled = '', multiplier = ''] = spoken.exec(text) ?? []
  const [number, other] = readInteger(integer)
  if (number === undefined) return undefined
  if (other !== undefined) return { code: 'ambiguous', readings: [String(number), String(other)] }
  const decimals = spelled.replace(/./g, (c) => String(common.indexOf(c)))
  // Beyond 1e15 every kind is out of range, and String would turn to exponents.
  return settle(String(Math.min(number, 1e15)), decimals, multiplier, limit)
}

/** Multiplies by moving the point in the text: 1.005万 is 10050, not 10049.999. */
function settle(whole: string, fraction: string, multipliers: string, { max, decimals }: Limit): number | Failure {
  let shift = 0
  for (const [mark, power] of marks) if (multipliers.includes(mark)) shift += power
  const high = (whole + fraction.slice(0, shift).padEnd(shift, '0')).replace(/^0+(?=\d)/, '')
  const low = fraction.slice(shift).replace(/0+$/, '')
  const value = Number(`${high}.${low}`)
  if (high.length > 13 || value > max) return { code: 'range', allowed: String(max) }
  return low.length > decimals ? { code: 'decimals', allowed: String(decimals) } : value
}

/** All that a Chinese or mixed whole number can mean: none is unreadable, one is certain, two are ambiguous. */
function readInteger(text: string): number[] {
  if (/^(?:\d+|[〇一二三四五六七八九])$/.test(text)) return [Number(text.replace(/\D/, (c) => String(common.indexOf(c))))]
  const [mark, power] = marks.find(([unit]) => text.includes(unit)) ?? ['', 0]
  const at = text.indexOf(mark)
  const [high = 0, other] = at === 0 && power === 1 ? [1] : mark ? readInteger(text.slice(0, at)) : []
  if (high < 1 || other !== undefined || (power < 8 && high >= (power === 4 ? 10000 : 10))) return []
  return readRemainder(text.slice(at + 1), power).map((low) => high * 10 ** power + low)
}

/** What follows 亿 万 千 百 十: a 零 must stand for a place left out, and a last digit without its place has two meanings. */
function readRemainder(text: string, power: number): number[] {
  if (text === '') return [0]
  const skips = text.startsWith('〇')
  const lows = readInteger(skips ? text.slice(1) : text)
  const [low = 0] = lows
  if (low === 0 || lows.some((value) => value >= 10 ** (skips && power < 4 ? power - 1 : power))) return []
  const spelled = /^\d+$/.test(text) ? text.length : text.length === 1 ? 1 : power < 8 || text.includes('万') ? power : 4
  return skips || spelled === power ? lows : [low * 10 ** Math.max(power - spelled, 0), low]
}
