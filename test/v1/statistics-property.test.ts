/**
 * Every number of a roll-up against one that is computed from the documents alone, value by value, in code that shares nothing with the
 * service but the catalogue's lines. Contents are dense where the rules bite: parts of rates, wholes and their breakdowns.
 */
import fc, { type Arbitrary } from 'fast-check'
import { test } from 'tap'
import { type Figure, kinds } from '../../src/catalogue/figure.ts'
import { type CategoryName, catalogue, categories } from '../../src/catalogue/index.ts'
import { type Api, api } from '../support/api.ts'

type Remark = { qualifier?: string; basis?: string; note: string }
/** What one township reported: path → value and what is said of it. */
type Told = Record<string, { value: number; remark: Remark }>
type Sent = { township: string; period: string; told: Told }
type Expected = Record<string, unknown>

const periods = ['2023', '2024']
/** Two of one county, one beside it under the heading 5002, one of 5001, two of another province of which one is a farm. */
const townships = ['500229107', '500229104', '500231101', '500101001', '410423209', '410472401']
const figuresOf = (name: CategoryName): [string, Figure][] => Object.entries(catalogue[name].figures)

function pathsOf(code: string, figure: Figure): string[] {
  const split = figure.rules.find((rule) => rule.rule === 'breakdown')
  return split ? Object.keys(split.codelist.members).map((member) => `${code}.${member}`) : [code]
}
const kindOf = (name: CategoryName, path: string) => {
  const found = figuresOf(name).find(([code]) => code === path.split('.')[0])
  if (!found) throw new Error(path)
  return found[1]
}

/** Rates with parts and their parts, wholes with their exhaustive breakdowns, and one figure of each other kind. */
function focusOf(name: CategoryName): string[] {
  const chosen = new Map<string, string[]>()
  const rest = new Set<string>()
  for (const [code, figure] of figuresOf(name)) {
    for (const rule of figure.rules) {
      const matters = rule.rule === 'rateOf' || (rule.rule === 'breakdown' && rule.completeness === 'exhaustive')
      if (matters) for (const one of [code, ...rule.refs]) chosen.set(one, pathsOf(one, kindOf(name, one)))
    }
    if (!chosen.has(code) && !rest.has(figure.kind)) {
      rest.add(figure.kind)
      chosen.set(code, pathsOf(code, figure))
    }
  }
  return [...chosen.values()].flat()
}

const said: Arbitrary<Omit<Remark, 'note'>> = fc.record(
  {
    qualifier: fc.constantFrom('atLeast', 'atLeast', 'atMost', 'about'),
    basis: fc.constantFrom('stated', 'stated', 'planned', 'target'),
  },
  { requiredKeys: [] },
)

function value(figure: Figure): Arbitrary<number> {
  const { max, decimals } = kinds[figure.kind]
  const usual = fc.integer({ min: 0, max: 900 })
  if (decimals === 0) return fc.oneof({ weight: 8, arbitrary: usual }, fc.constantFrom(0, 0, max))
  return fc.oneof(
    { weight: 8, arbitrary: usual.map((whole) => whole / 10) },
    fc.constantFrom(0, figure.kind === 'money' ? max : 100),
  )
}

/** Breakdowns are complete more often than chance would have it. */
function told(name: CategoryName): Arbitrary<Told> {
  const groups = new Map<string, string[]>()
  for (const path of focusOf(name)) {
    const code = path.split('.')[0] ?? ''
    groups.set(code, [...(groups.get(code) ?? []), path])
  }
  const parts = [...groups.values()].map((paths) =>
    fc
      .oneof(fc.constant(paths), fc.subarray(paths), fc.constant([]))
      .chain((some) => fc.tuple(...some.map((path) => entry(name, path)))),
  )
  return fc.tuple(...parts).map((entries) => Object.fromEntries(entries.flat()))
}

function entry(name: CategoryName, path: string) {
  const remark = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, said)
  return fc
    .tuple(value(kindOf(name, path)), remark)
    .map(([amount, more]) => [path, { value: amount, remark: { ...more, note: '有说明' } }] as const)
}

const country: Arbitrary<{ name: CategoryName; sent: Sent[] }> = fc
  .constantFrom(...categories.map((category) => category.name))
  .chain((name) => {
    const places = periods.flatMap((period) => townships.map((township) => ({ township, period })))
    return fc.tuple(
      fc.constant(name),
      fc.subarray(places, { minLength: 3 }).chain((some) => fc.tuple(...some.map((place) => record(name, place)))),
    )
  })
  .map(([name, sent]) => ({ name, sent }))
const record = (name: CategoryName, place: { township: string; period: string }) =>
  told(name).map((one) => ({ ...place, told: one }))

/** Decimal texts in units of 0.0001; the shortest text, since `toFixed` prints what the double really is. */
const units = (amount: number) => {
  const [whole = '', fraction = ''] = String(amount).split('.')
  return BigInt(whole + fraction.padEnd(4, '0'))
}
const amountOf = (sum: bigint) => Number(`${sum / 10_000n}.${String(sum % 10_000n).padStart(4, '0')}`)
const opposite: Record<string, string> = { atLeast: 'atMost', atMost: 'atLeast', about: 'about' }
function together(words: readonly string[]): string | undefined {
  const [first, ...others] = new Set(words)
  return others.length > 0 ? 'about' : first
}
const isResult = (told: Told, path: string) => told[path] !== undefined && !/planned|target/.test(told[path].remark.basis ?? '')

/** The result of a figure in one record: what was given, or the sum of the first complete breakdown. */
function resultOf(name: CategoryName, told: Told, path: string) {
  const read = (paths: readonly string[], derived: boolean) => ({
    amount: paths.reduce((sum, one) => sum + units(told[one]?.value ?? 0), 0n),
    words: paths.flatMap((one) => told[one]?.remark.qualifier ?? []),
    derived,
  })
  if (isResult(told, path)) return read([path], false)
  for (const [code, figure] of figuresOf(name)) {
    const whole = figure.rules.some(
      (rule) => rule.rule === 'breakdown' && rule.completeness === 'exhaustive' && rule.refs[0] === path,
    )
    const members = pathsOf(code, figure)
    if (whole && members.every((member) => isResult(told, member))) return read(members, true)
  }
  return undefined
}

function expectedOf(name: CategoryName, path: string, records: readonly Told[], expected: number): Expected {
  const figure = kindOf(name, path)
  const planned = records.filter((told) => told[path] && !isResult(told, path)).length
  const given = records.filter((told) => isResult(told, path))
  const parts = figure.rules.find((rule) => rule.rule === 'rateOf')
  if (figure.kind === 'rate' && parts) {
    const pairs = records.flatMap((told) => {
      const top = resultOf(name, told, parts.numerator)
      const bottom = parts.denominators.map((one) => resultOf(name, told, one)).find((one) => one !== undefined)
      return top && bottom ? [{ top, bottom }] : []
    })
    // Nothing can be divided by zero: such a pair has no share in the rate, only in the reason why there is none.
    const used = pairs.filter(({ bottom }) => bottom.amount !== 0n)
    const of = records.filter((told) =>
      [path, ...parts.refs].some((one) => isResult(told, one) || resultOf(name, told, one)),
    ).length
    const [numerator, denominator] = [
      used.reduce((sum, { top }) => sum + top.amount, 0n),
      used.reduce((sum, { bottom }) => sum + bottom.amount, 0n),
    ]
    const reason =
      of === 0 ? 'not-reported' : pairs.length === 0 ? 'parts-missing' : used.length === 0 ? 'denominator-zero' : undefined
    const words = used.flatMap(({ top, bottom }) => [...top.words, ...bottom.words.map((word) => opposite[word] ?? '')])
    const rounded = reason ? null : Number((numerator * 2_000_000n + denominator) / (2n * denominator)) / 10_000
    return {
      total: rounded,
      reported: given.length,
      expected,
      qualified: used.filter(({ top, bottom }) => top.words.length + bottom.words.length > 0).length,
      planned,
      derived: used.filter(({ top, bottom }) => top.derived || bottom.derived).length,
      qualifier: reason ? undefined : together(words),
      reason,
      basedOn: { used: used.length, of },
    }
  }
  if (figure.kind === 'rate' || figure.kind === 'score') {
    const qualified = given.filter((told) => told[path]?.remark.qualifier).length
    return { total: null, reported: given.length, expected, qualified, planned, derived: 0, reason: 'not-additive' }
  }
  const results = records.flatMap((told) => resultOf(name, told, path) ?? [])
  const sum = results.reduce((all, one) => all + one.amount, 0n)
  return {
    total: results.length === 0 ? null : amountOf(sum),
    reported: results.length,
    expected,
    qualified: results.filter(({ words }) => words.length > 0).length,
    planned,
    derived: results.filter((one) => one.derived).length,
    qualifier: together(results.flatMap(({ words }) => words)),
    reason: results.length === 0 ? 'not-reported' : undefined,
    mayCountTwice: figure.countsTwice && results.length > 1 ? true : undefined,
  }
}

async function send(service: Api, name: CategoryName, sent: readonly Sent[]): Promise<void> {
  await service.database.pool.query('truncate disputes, enforcement, legal_advisers, publicity, governance, record_revisions')
  for (const { township, period, told } of sent) {
    const figures: Record<string, number | Record<string, number>> = {}
    const remarks: Record<string, Remark> = {}
    for (const [path, { value: amount, remark }] of Object.entries(told)) {
      const [code = '', member] = path.split('.')
      const nested = figures[code]
      figures[code] = member === undefined ? amount : { ...(typeof nested === 'object' && nested), [member]: amount }
      remarks[path] = remark
    }
    const { status, text } = await service.put(`/v1/${catalogue[name].path}/${township}/${period}`, { figures, remarks })
    if (status !== 201) throw new Error(text)
  }
}

type Answer = {
  items: { region: { code: string }; periods: { period: string; expected: number; figures: Record<string, Expected> }[] }[]
}
const queries = [
  'by=province',
  'region=50&by=prefecture',
  'region=50&by=county',
  'region=500229&by=township',
  '',
  'region=5002',
  'boundaries=current&region=41',
]

await test('every number is what the documents give', async (t) => {
  const service = await api(t)
  const { rows } = await service.database.pool.query<{ code: string }>(`select code from townships where kind <> 'other'`)
  const reporting = new Map([['CN', rows.length]])
  for (const { code } of rows)
    for (const length of [2, 4, 6, 9]) reporting.set(code.slice(0, length), (reporting.get(code.slice(0, length)) ?? 0) + 1)

  async function compare(name: CategoryName, sent: readonly Sent[], query: string): Promise<void> {
    const { text } = await service.get(
      `/v1/statistics/${catalogue[name].path}?period=${periods}&figures=${focusOf(name)}&${query}`,
    )
    const { items }: Answer = JSON.parse(text)
    const region = /region=(\d+)/.exec(query)?.[1] ?? ''
    const length = { province: 2, prefecture: 4, county: 6, township: 9 }[/by=(\w+)/.exec(query)?.[1] ?? '']
    const groupOf = (code: string) => (length ? code.slice(0, length) : region || 'CN')
    const inside = sent.filter(({ township }) => township.startsWith(region))
    const seen = new Set(items.map((item) => item.region.code))
    t.same(
      inside.filter(({ township }) => !seen.has(groupOf(township))),
      [],
      'every record is in a group',
    )
    for (const item of items) {
      for (const [index, { period, expected, figures }] of item.periods.entries()) {
        const mine = inside
          .filter((one) => one.period === period && groupOf(one.township) === item.region.code)
          .map(({ told: one }) => one)
        const due = reporting.get(item.region.code) ?? 0
        if (expected !== due) throw new Error(`${query} ${item.region.code}: expected ${expected}, not ${due}`)
        for (const [path, { change, changeRate, changeQualifier, changeReason, ...told }] of Object.entries(figures)) {
          const right = expectedOf(name, path, mine, due)
          const story = `${name} ${query} ${item.region.code} ${period} ${path}`
          for (const key of new Set([...Object.keys(right), ...Object.keys(told)])) {
            const [is, should] = [JSON.stringify(told[key]), JSON.stringify(right[key])]
            if (is !== should) throw new Error(`${story}: ${key} is ${is} and should be ${should}`)
          }
          const before = item.periods[index - 1]?.figures[path]?.total
          const differ = typeof before === 'number' && typeof told.total === 'number'
          const difference = differ ? Number(units(Number(told.total)) - units(before)) / 10_000 : index === 0 ? undefined : null
          if (kindOf(name, path).kind !== 'money' && change !== difference)
            throw new Error(`${story}: change is ${String(change)} and should be ${difference}`)
        }
      }
    }
  }

  const property = fc.asyncProperty(country, async ({ name, sent }) => {
    await send(service, name, sent)
    for (const query of queries) await compare(name, sent, query)
  })
  await t.resolves(fc.assert(property, { numRuns: 10, endOnFailure: true }), 'all groups, periods and figures')
})
