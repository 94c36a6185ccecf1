import fc from 'fast-check'
import { test } from 'tap'
import { firstYear, parsePeriod, periodCode, periodPattern } from '../../src/catalogue/period.ts'
import { holds } from '../support/properties.ts'

const endings = ['', '-H1', '-H2', '-Q1', '-Q2', '-Q3', '-Q4']
const months = Array.from({ length: 12 }, (_, month) => `-${String(month + 1).padStart(2, '0')}`)
const code = fc
  .tuple(fc.integer({ min: 2000, max: 2099 }), fc.constantFrom(...endings, ...months))
  .map(([year, ending]) => `${year}${ending}`)

await test('a period is a year, a half, a quarter or a month', async (t) => {
  t.strictSame(parsePeriod('2024'), {
    id: 20240100,
    code: '2024',
    kind: 'year',
    startsOn: '2024-01-01',
    endsOn: '2024-12-31',
    dueOn: '2025-03-01',
  })
  const spans = Object.fromEntries(
    ['2024-H1', '2024-H2', '2024-Q1', '2024-Q2', '2024-Q3', '2024-Q4', '2024-06'].map((one) => {
      const period = parsePeriod(one)
      return [one, `${period?.kind} ${period?.startsOn} ${period?.endsOn}`]
    }),
  )
  t.strictSame(spans, {
    '2024-H1': 'half 2024-01-01 2024-06-30',
    '2024-H2': 'half 2024-07-01 2024-12-31',
    '2024-Q1': 'quarter 2024-01-01 2024-03-31',
    '2024-Q2': 'quarter 2024-04-01 2024-06-30',
    '2024-Q3': 'quarter 2024-07-01 2024-09-30',
    '2024-Q4': 'quarter 2024-10-01 2024-12-31',
    '2024-06': 'month 2024-06-01 2024-06-30',
  })
})

await test('a month ends on its last day, in leap years too', async (t) => {
  const days = (year: number) => months.map((month) => parsePeriod(`${year}${month}`)?.endsOn.slice(8)).join(' ')
  t.equal(days(2023), '31 28 31 30 31 30 31 31 30 31 30 31')
  t.equal(days(2024), '31 29 31 30 31 30 31 31 30 31 30 31')
  t.equal(parsePeriod('2000-02')?.endsOn, '2000-02-29', '2000 is a leap year')
})

await test('only a year has a due day of its own: 1 March of the next', async (t) => {
  holds(
    t,
    'years have one, the others none',
    fc.property(code, (one) => {
      const due = parsePeriod(one)?.dueOn
      return one.length === 4 ? due === `${Number(one) + 1}-03-01` : due === undefined
    }),
  )
  t.equal(parsePeriod('2099')?.dueOn, '2100-03-01')
})

await test('what is no period is refused, by the function and by the pattern that the schemas print', async (t) => {
  const pattern = new RegExp(periodPattern)
  const wrong = ['', '24', '1999', '2100', '20244', '2024-13', '2024-00', '2024-1', '2024-H0', '2024-H3', '2024-Q0', '2024-Q5']
  const odd = ['2024-h1', '2024H1', '2024-', '2024-06-01', ' 2024', '2024\n', '２０２４', '2024年', 'constructor']
  for (const one of [...wrong, ...odd]) {
    t.equal(parsePeriod(one), undefined, `${JSON.stringify(one)} is none`)
    t.notMatch(one, pattern)
  }
  holds(
    t,
    'every code is one',
    fc.property(code, (one) => parsePeriod(one) !== undefined && pattern.test(one)),
  )
  const near = fc.stringMatching(/^20[0-9]{2}-?[HQ0-9]{0,2}$/)
  holds(
    t,
    'function and pattern agree on what only looks like one',
    fc.property(near, (text) => (parsePeriod(text) !== undefined) === pattern.test(text)),
  )
})

await test('a code and its id name the same period', async (t) => {
  holds(
    t,
    'there and back',
    fc.property(code, (one) => {
      const period = parsePeriod(one)
      return period?.code === one && periodCode(period.id) === one
    }),
  )
})

await test('ids sort by the start of the period, and the longer one first', async (t) => {
  holds(
    t,
    'for any two',
    fc.property(code, code, (left, right) => {
      const [a, b] = [parsePeriod(left), parsePeriod(right)]
      if (!a || !b) return false
      if (a.startsOn !== b.startsOn) return a.id < b.id === a.startsOn < b.startsOn
      return a.code === b.code ? a.id === b.id : a.id < b.id === a.endsOn > b.endsOn
    }),
  )
})

await test('the register begins in a year that is a period', async (t) => {
  t.equal(parsePeriod(String(firstYear))?.startsOn, '2015-01-01')
})
