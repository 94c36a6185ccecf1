/**
 * The grammar of printed cells: a table of wordings (those of the five real reports first), then properties. An expectation is
 * the value with its qualifier, the reason of a missing value, or `!code` of a refusal with its hints.
 */
import fc from 'fast-check'
import { test } from 'tap'
import { type CellFigure, printCell, printedMissing, type Reading, readCell, refusalCodes } from '../../src/catalogue/cell.ts'
import { kinds } from '../../src/catalogue/figure.ts'
import { missings, qualifiers } from '../../src/catalogue/record.ts'

const cases: CellFigure = { kind: 'flow', unit: '件' }
const rounds: CellFigure = { kind: 'flow', unit: '次' }
const people: CellFigure = { kind: 'stock', unit: '人' }
const money: CellFigure = { kind: 'money', unit: '元' }
const rate: CellFigure = { kind: 'rate', unit: '%' }
const score: CellFigure = { kind: 'score', unit: '分' }
const figures = [cases, people, { kind: 'opening', unit: '件' }, money, rate, score] as const

function brief(reading: Reading): string {
  if (reading.state === 'value') return reading.qualifier ? `${reading.value} ${reading.qualifier}` : String(reading.value)
  if (reading.state === 'missing') return reading.missing
  if (reading.state === 'empty') return 'empty'
  const { code, given, allowed, readings } = reading
  return [`!${code}`, given, allowed && `(${allowed})`, readings?.join('|')].filter(Boolean).join(' ')
}

type Row = [text: string, figure: CellFigure, expected: string]

const reports: Row[] = [
  ['8次', rounds, '8'],
  ['40余次', rounds, '40 atLeast'],
  ['20余', rounds, '20 atLeast'],
  ['20余次', rounds, '20 atLeast'],
  ['30余次', cases, '30 atLeast'],
  ['60余次', rounds, '60 atLeast'],
  ['250余次', rounds, '250 atLeast'],
  ['5场次', rounds, '5'],
  ['共48起', cases, '48'],
  ['42人', people, '42'],
  ['56名', people, '56'],
  ['80余人次', people, '80 atLeast'],
  ['200余人次', people, '200 atLeast'],
  ['500余人次', cases, '500 atLeast'],
  ['800余人次', people, '800 atLeast'],
  ['约20000人次', people, '20000 about'],
  ['10000人次', people, '10000'],
  ['100家次', rounds, '100'],
  ['11家次', { kind: 'flow', unit: '份' }, '11'],
  ['5份', cases, '5'],
  ['3000余份', cases, '3000 atLeast'],
  ['3500余份', cases, '3500 atLeast'],
  ['4000余份', cases, '4000 atLeast'],
  ['800余份', cases, '800 atLeast'],
  ['千余份', cases, '1000 atLeast'],
  ['1000余本', { kind: 'flow', unit: '册' }, '1000 atLeast'],
  ['100余件', cases, '100 atLeast'],
  ['18块', { kind: 'flow', unit: '块' }, '18'],
  ['30个', cases, '30'],
  ['7家', cases, '7'],
  ['3项', cases, '3'],
  ['5条', cases, '5'],
  ['一次', rounds, '1'],
  ['100％', rate, '100'],
  ['98%', rate, '98'],
  ['达100%', rate, '100'],
  ['达到99%', rate, '99'],
  ['达95%以上', rate, '95 atLeast'],
  ['95%以上', rate, '95 atLeast'],
  ['达96分', score, '96'],
  ['1+11+36', cases, '!unreadable'],
  ['未发生', cases, '!ambiguous 0|/'],
  ['每月开展一次', rounds, '!unreadable'],
]

const numbers: Row[] = [
  ['0', cases, '0'],
  ['0件', cases, '0'],
  ['007', cases, '7'],
  ['20.0', cases, '20'],
  ['20.00', people, '20'],
  ['20.5', cases, '!decimals (0)'],
  ["'20", cases, '20'],
  ["' 20 件", cases, '20'],
  ['１２３', cases, '123'],
  ['\ufeff２０余\u3000件 ', cases, '20 atLeast'],
  ['1\u200b2', cases, '12'],
  ['1,234', cases, '1234'],
  ['1，234', cases, '1234'],
  ['1,234,567.00', cases, '1234567'],
  ['1 234 567', cases, '1234567'],
  ['1\u00a0234', cases, '1234'],
  ['1,23', cases, '!grouping'],
  ['0,500', rate, '!grouping'],
  ['1234,567', cases, '!grouping'],
  ['1 234,567', cases, '!grouping'],
  ['20 30', cases, '!grouping'],
  ['1 2345', cases, '!grouping'],
  ['1\n234', cases, '!grouping'],
  ['一百 二十', cases, '!grouping'],
  ['20\n次', rounds, '20'],
  ['20.', cases, '!unreadable'],
  ['.5', rate, '!unreadable'],
  ['1.2.3', rate, '!unreadable'],
  ['2147483647', cases, '2147483647'],
  ['2147483648', cases, '!range (2147483647)'],
  ['9999999999999999亿', cases, '!range (2147483647)'],
  ['9999999999999999999999亿零5', cases, '!range (2147483647)'],
  ['九千亿亿', cases, '!unreadable'],
  ['九千九百九十九万亿', cases, '!range (2147483647)'],
  ['0.5万', cases, '5000'],
  ['3.5万人次', people, '35000'],
  ['3.5 万人次', people, '35000'],
  ['1.00005万', cases, '!decimals (0)'],
  ['3千', cases, '3000'],
  ['2亿', cases, '200000000'],
  ['1万2千', cases, '12000'],
  ['1亿2000万', cases, '120000000'],
  ['10万5000', cases, '105000'],
  ['1万50', cases, '!ambiguous 15000|10050'],
  ['1万零50', cases, '10050'],
  ['1万20000', cases, '!unreadable'],
  ['20三', cases, '!unreadable'],
]

const chinese: Row[] = [
  ['零', cases, '0'],
  ['〇件', cases, '0'],
  ['一', cases, '!ambiguous 1|/'],
  ['两', cases, '2'],
  ['十', cases, '10'],
  ['十五件', cases, '15'],
  ['一百二十三', cases, '123'],
  ['壹佰贰拾叁', cases, '123'],
  ['一百零五', cases, '105'],
  ['一百十五', cases, '115'],
  ['一千零五', cases, '1005'],
  ['一千零五十', cases, '1050'],
  ['三千五百', cases, '3500'],
  ['两千', cases, '2000'],
  ['一万五百', cases, '10500'],
  ['两万零五十', cases, '20050'],
  ['十万零五千', cases, '105000'],
  ['三点五万', cases, '35000'],
  ['三千五', cases, '!ambiguous 3500|3005'],
  ['3千5', cases, '!ambiguous 3500|3005'],
  ['二百五', cases, '!ambiguous 250|205'],
  ['两万五', cases, '!ambiguous 25000|20005'],
  ['三亿五千', cases, '!ambiguous 350000000|300005000'],
  ['三亿五千万', cases, '350000000'],
  ['三千五万', cases, '!unreadable'],
  ['一百零五十', cases, '!unreadable'],
  ['一千零二百', cases, '!unreadable'],
  ['一百零', cases, '!unreadable'],
  ['零五', cases, '!unreadable'],
  ['十五百', cases, '!unreadable'],
  ['百十', cases, '!unreadable'],
  ['二〇二四', cases, '!unreadable'],
  ['百', cases, '!unreadable'],
  ['万份', cases, '!unreadable'],
  ['三分之一', rate, '!unreadable'],
]

const qualified: Row[] = [
  ['千余', cases, '1000 atLeast'],
  ['百余件', cases, '100 atLeast'],
  ['十余', cases, '10 atLeast'],
  ['两万余', cases, '20000 atLeast'],
  ['三百多件', cases, '300 atLeast'],
  ['十多万', cases, '100000 atLeast'],
  ['12余万人次', people, '120000 atLeast'],
  ['1亿2000余万', people, '120000000 atLeast'],
  ['3千多万', people, '30000000 atLeast'],
  ['两万余万', people, '!unreadable'],
  ['100件以上', cases, '100 atLeast'],
  ['100以上人次', people, '100 atLeast'],
  ['20+', cases, '20 atLeast'],
  ['20次+', rounds, '20 atLeast'],
  ['超过100件', cases, '100 atLeast'],
  ['突破1000', cases, '1000 atLeast'],
  ['累计20件', cases, '20'],
  ['20余。', cases, '20 atLeast'],
  ['超百件', cases, '100 atLeast'],
  ['上千份', cases, '1000 atLeast'],
  ['过万人次', people, '10000 atLeast'],
  ['逾万', cases, '10000 atLeast'],
  ['不少于20', cases, '20 atLeast'],
  ['至少20次', rounds, '20 atLeast'],
  ['≥20', cases, '20 atLeast'],
  ['＞20', cases, '20 atLeast'],
  ['多达20人', people, '20'],
  ['约20', cases, '20 about'],
  ['大约二十', cases, '20 about'],
  ['近千', cases, '1000 about'],
  ['近20余次', rounds, '20 about'],
  ['约20余', cases, '20 about'],
  ['20左右', cases, '20 about'],
  ['20件上下', cases, '20 about'],
  ['十来个', cases, '10 about'],
  ['20以内', cases, '20 atMost'],
  ['20件以下', cases, '20 atMost'],
  ['不超过20', cases, '20 atMost'],
  ['不足20', cases, '20 atMost'],
  ['不到百件', cases, '100 atMost'],
  ['<20', cases, '20 atMost'],
  ['≤20', cases, '20 atMost'],
  ['超过20以内', cases, '!contradiction'],
  ['十几', cases, '!ambiguous 十余'],
  ['20几次', rounds, '!ambiguous 20余次'],
]

const missing: Row[] = [
  ['', cases, 'empty'],
  [' \u3000\u00a0', cases, 'empty'],
  ["'", cases, 'empty'],
  ['多次', rounds, 'unquantified'],
  ['多人次', people, 'unquantified'],
  ['几十', cases, 'unquantified'],
  ['数十件', cases, 'unquantified'],
  ['数千余份', cases, 'unquantified'],
  ['数次', rounds, 'unquantified'],
  ['若干', cases, 'unquantified'],
  ['若干次', rounds, 'unquantified'],
  ['数万元', money, 'unquantified'],
  ['多', cases, '!unreadable'],
  ['多次', money, '!unit 次 (元)'],
  ['/', cases, 'notApplicable'],
  ['／', cases, 'notApplicable'],
  ['-', cases, 'notApplicable'],
  ['－', cases, 'notApplicable'],
  ['--', cases, 'notApplicable'],
  ['—', cases, 'notApplicable'],
  ['——', cases, 'notApplicable'],
  ['无此项', cases, 'notApplicable'],
  ['不适用', rate, 'notApplicable'],
  ['N/A', cases, 'notApplicable'],
  ['未统计', cases, 'notCollected'],
  ['不公开', money, 'withheld'],
  ['保密', money, 'withheld'],
  ['无', cases, '!ambiguous 0|/'],
]

const units: Row[] = [
  ['0.07万元', money, '700'],
  ['1.005万元', money, '10050'],
  ['12万余元', money, '120000 atLeast'],
  ['12余万元', money, '120000 atLeast'],
  ['百万余元', money, '1000000 atLeast'],
  ['5,000.50元', money, '5000.5'],
  ['￥5000', money, '5000'],
  ['人民币2亿元', money, '200000000'],
  ['壹万贰仟元整', money, '12000'],
  ['9999999999999.99', money, '9999999999999.99'],
  ['9999999999999.999', money, '!range (9999999999999.99)'],
  ['10000000000000', money, '!range (9999999999999.99)'],
  ['0.001元', money, '!decimals (2)'],
  ['20人', money, '!unit 人 (元)'],
  ['3.5%', money, '!unit % (元)'],
  ['2万元', people, '!unit 元 (人)'],
  ['￥20', cases, '!unit 元 (件)'],
  ['20%', cases, '!unit % (件)'],
  ['百分之二十', cases, '!unit % (件)'],
  ['20天', cases, '!unit 天 (件)'],
  ['20次吧', rounds, '!unreadable'],
  ['95', rate, '95'],
  ['0.95', rate, '0.95'],
  ['95.25%', rate, '95.25'],
  ['９５．５％', rate, '95.5'],
  ['95 %', rate, '95'],
  ['百分之九十五', rate, '95'],
  ['百分之九十五点五', rate, '95.5'],
  ['百分之九十以上', rate, '90 atLeast'],
  ['百分之百', rate, '100'],
  ['百分百', rate, '100'],
  ['百分之95%', rate, '!unreadable'],
  ['0.933333', rate, '!decimals (4)'],
  ['1001', rate, '!range (1000)'],
  ['95次', rate, '!unit 次 (%)'],
  ['九成', rate, '!unit 成 (%)'],
  ['96.5分', score, '96.5'],
  ['96%', score, '!unit % (分)'],
]

const refused: Row[] = [
  ['20-30', cases, '!interval'],
  ['20～30次', rounds, '!interval'],
  ['20至30', cases, '!interval'],
  ['20次—30次', rounds, '!interval'],
  ['90%-95%', rate, '!interval'],
  ['百分之九十至百分之九十五', rate, '!interval'],
  ['二三十', cases, '!interval'],
  ['七、八次', rounds, '!interval'],
  ['-5', cases, '!signed'],
  ['－５', cases, '!signed'],
  ['+5', cases, '!signed'],
  ['负五', cases, '!signed'],
  ['(20)', money, '!signed'],
  ['1.2E+05', cases, '!scientific'],
  ['1e5', cases, '!scientific'],
  ['#REF!', cases, '!excel-error'],
  ['#N/A', cases, '!excel-error'],
  ['####', cases, '!excel-error'],
  ['=SUM(A1:A9)', cases, '!formula'],
  ['20（含线上5次）', rounds, '!note'],
  ['20，其中线上5', rounds, '!note'],
  ['20①', cases, '!note'],
  ['5²', cases, '!note'],
  ['2024-03-05', cases, '!date'],
  ['3月5日', cases, '!date'],
  ['5-Oct', cases, '!date'],
  ['全覆盖', rate, '!unreadable'],
  ['…', cases, '!unreadable'],
  ['9'.repeat(81), cases, '!unreadable'],
]

for (const [name, rows] of Object.entries({ reports, numbers, chinese, qualified, missing, units, refused })) {
  await test(`${name}: ${rows.length} wordings`, async (t) => {
    for (const [text, figure, expected] of rows) {
      t.equal(brief(readCell(text, figure)), expected, `${JSON.stringify(text)} for ${figure.unit}`)
    }
  })
}

await test('a refusal carries the cell as it was sent, clipped', async (t) => {
  t.same(readCell(' ２０％ ', cases), { state: 'refused', text: '２０％', code: 'unit', given: '%', allowed: '件' })
  const long = readCell('次'.repeat(500), cases)
  t.match(long, { state: 'refused', text: '次'.repeat(80), code: 'unreadable' })
  const seen = new Set(
    [...numbers, ...units, ...refused, ...qualified, ...missing].map(([, , expected]) => expected.split(' ')[0]),
  )
  for (const code of refusalCodes) t.ok(seen.has(`!${code}`), `${code} has an example in the table`)
})

/** Any value that the figure admits, built from its decimal text. */
function admitted({ kind }: CellFigure): fc.Arbitrary<number> {
  const { max, decimals } = kinds[kind]
  const top = Math.floor(max)
  const whole = fc.oneof(
    fc.integer({ min: 0, max: Math.min(top, 3000) }),
    fc.maxSafeNat().map((n) => n % (top + 1)),
  )
  const fraction = fc.integer({ min: 0, max: 10 ** decimals - 1 }).map((n) => String(n).padStart(decimals, '0'))
  return fc.tuple(whole, fraction).map(([n, f]) => Math.min(Number(`${n}.${f}`), max))
}

const figureAndValue = fc.constantFrom(...figures).chain((figure) => fc.tuple(fc.constant(figure), admitted(figure)))

await test('a printed value is read back with its qualifier', async () => {
  fc.assert(
    fc.property(figureAndValue, fc.constantFrom(undefined, ...qualifiers), ([figure, value], qualifier) => {
      const expected = qualifier ? { state: 'value', value, qualifier } : { state: 'value', value }
      return equal(readCell(printCell(value, qualifier, figure), figure), expected)
    }),
    { numRuns: 5000 },
  )
})

await test('a printed reason is read back, whatever the figure', async (t) => {
  for (const figure of figures) {
    for (const reason of missings) t.same(readCell(printedMissing[reason], figure), { state: 'missing', missing: reason })
  }
})

/** The standard spelling of a whole number: 10500 is 一万零五百. */
function spell(value: number, [numerals, small, big]: readonly [string, string, string]): string {
  const zero = numerals[0] ?? ''
  let text = ''
  for (let place = 11; place >= 0; place--) {
    const digit = Math.floor(value / 10 ** place) % 10
    if (digit > 0) text += (numerals[digit] ?? '') + (place % 4 ? (small[(place % 4) - 1] ?? '') : '')
    else if (text && !text.endsWith(zero)) text += zero
    if (place % 4 === 0 && place > 0 && Math.floor(value / 10 ** place) % 10000 > 0) {
      text = text.replace(new RegExp(`${zero}$`), '') + (big[place / 4 - 1] ?? '')
    }
  }
  return (text.replace(new RegExp(`${zero}$`), '') || zero).replace(/^一十/, '十')
}

const plain = ['零一二三四五六七八九', '十百千', '万亿'] as const
const formal = ['零壹贰叁肆伍陆柒捌玖', '拾佰仟', '萬億'] as const

await test('any whole number in Chinese numerals is read back', async (t) => {
  t.same(
    [0, 10, 105, 1050, 10500, 20000, 100005, 300005000].map((n) => spell(n, plain)),
    ['零', '十', '一百零五', '一千零五十', '一万零五百', '二万', '十万零五', '三亿零五千'],
  )
  const anyNumber = fc.oneof(
    fc.nat(12000),
    fc.nat(kinds.flow.max),
    fc.nat(214).map((n) => n * 10_000_000),
  )
  fc.assert(
    fc.property(anyNumber, fc.constantFrom(plain, formal), fc.constantFrom('', '件', '余件'), (value, numerals, tail) => {
      fc.pre(value !== 1 || tail !== '')
      const expected = tail === '余件' ? { state: 'value', value, qualifier: 'atLeast' } : { state: 'value', value }
      const texts = [spell(value, numerals), spell(value, numerals).replace(/二(?=[百千万亿])/g, '两')]
      return texts.every((text) => equal(readCell(text + tail, cases), expected))
    }),
    { numRuns: 5000 },
  )
})

await test('separators, widths and spaces never change the value', async () => {
  fc.assert(
    fc.property(figureAndValue, fc.constantFrom(',', '，', ' ', '\u00a0', '\u2009'), ([figure, value], separator) => {
      const [whole = '', fraction] = String(value).split('.')
      const grouped = whole.replace(/\B(?=(\d{3})+$)/g, separator) + (fraction ? `.${fraction}` : '')
      const wide = String(value).replace(/./g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))
      return [grouped, wide, ` ${grouped}\u3000`].every((text) => equal(readCell(text, figure), { state: 'value', value }))
    }),
  )
})

await test('multiplying is exact', async () => {
  fc.assert(
    fc.property(fc.nat(9999), fc.nat(999_999), (whole, fraction) => {
      const text = `${whole}.${String(fraction).padStart(6, '0')}万元`
      const fen = BigInt(whole) * 1_000_000n + BigInt(fraction)
      return equal(readCell(text, money), {
        state: 'value',
        value: Number(`${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`),
      })
    }),
  )
})

const wordings = [...reports, ...numbers, ...chinese, ...qualified, ...missing, ...units, ...refused].map(([text]) => text)
const letters = [...new Set(wordings.join(''))]
const soup = fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((parts) => parts.join(''))
const anyText = fc.oneof(
  soup,
  fc.tuple(fc.constantFrom(...wordings), soup).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
)

await test('no text throws, and a value is always one that the figure admits and prints', async () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom(...figures), (text, figure) => {
      const reading = readCell(text, figure)
      if (reading.state !== 'value') return true
      const { max, decimals } = kinds[figure.kind]
      const { value, qualifier } = reading
      const fits = value >= 0 && value <= max && Number(value.toFixed(decimals)) === value
      return fits && equal(readCell(printCell(value, qualifier, figure), figure), reading)
    }),
    { numRuns: 20_000 },
  )
})

await test('a text without a digit and without a Chinese numeral is never a value', async () => {
  const numeral = /[0-9０-９零〇一二两三四五六七八九十百千万亿壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億]/g
  fc.assert(
    fc.property(
      anyText,
      fc.constantFrom(...figures),
      (text, figure) => readCell(text.replace(numeral, ''), figure).state !== 'value',
    ),
    { numRuns: 20_000 },
  )
})

function equal(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
