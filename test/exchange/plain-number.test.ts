/** Numbers by the quick way: those that JavaScript writes so, and no others. */
import fc from 'fast-check'
import { test } from 'tap'
import { plainNumber } from '../../src/exchange/plain-number.ts'
import { holds } from '../support/properties.ts'

const read = (text: string, from = 0) => ({ ...plainNumber(text, from) })

await test('digits, a point, digits', async (t) => {
  t.same(read('20,5'), { value: 20, decimals: 0, end: 2 })
  t.same(read('x19.99}', 1), { value: 19.99, decimals: 2, end: 6 })
  t.same(read('0.5'), { value: 0.5, decimals: 1, end: 3 })
  t.same(read('0.000001'), { value: 0.000001, decimals: 6, end: 8 })
  for (const other of [
    '',
    '-1',
    '+1',
    '020',
    '00',
    '20.0',
    '20.',
    '.5',
    'x',
    '1234567890123456',
    '0.1234567890123456',
    '0.0000001',
  ])
    t.equal(read(other).end, 0, other)
})

await test('it is what JSON.parse reads, and it is written as it was', async (t) => {
  const digits = fc.tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }), fc.nat(7))
  holds(
    t,
    'of any digits',
    fc.property(digits, ([whole, part, places]) => {
      const text = places === 0 ? `${whole}` : `${whole}.${`${part}`.padStart(places, '0')}`
      const { value, end } = read(text)
      return end === 0 ? String(Number(text)) !== text || text.length > 16 : value === JSON.parse(text) && String(value) === text
    }),
  )
})
