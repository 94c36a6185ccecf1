import fc from 'fast-check'
import { test } from 'tap'
import { decimalsOf, roundTo } from '../../src/catalogue/decimal.ts'
import { holds } from '../support/properties.ts'

await test('decimals are those of the shortest text of a number', async (t) => {
  const cases: [value: number, decimals: number][] = [
    [0, 0],
    [98.0, 0],
    [-3.25, 2],
    [19.99, 2],
    [4.35, 2],
    [0.07, 2],
    [0.1 + 0.2, 17],
    [1e-7, 7],
    [1.5e-7, 8],
    [1e21, 0],
    [1.25e21, 0],
    [9_999_999_999_999.99, 2],
  ]
  for (const [value, decimals] of cases) t.equal(decimalsOf(value), decimals, `${value} has ${decimals}`)
})

await test('division is not used: a sum of fen that binary fractions miss still has two decimals', async (t) => {
  t.not((19.99 / 0.01) % 1, 0, 'what multipleOf would compute')
  holds(
    t,
    'every amount of fen, written and read',
    fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (fen) => {
      const text = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
      return decimalsOf(Number(text)) === text.replace(/0+$/, '').split('.')[1]?.length
    }),
  )
})

await test('rounding follows the decimal text', async (t) => {
  t.equal(roundTo(97.91666666666667, 4), 97.9167)
  t.equal(roundTo(0.1 + 0.2, 4), 0.3)
  t.equal(roundTo(12, 4), 12)
  holds(
    t,
    'near the value, and with no more decimals than asked',
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 6 }), (value, decimals) => {
      const rounded = roundTo(value, decimals)
      return decimalsOf(rounded) <= decimals && Math.abs(rounded - value) <= 0.5 * 10 ** -decimals + 1e-6
    }),
  )
})
