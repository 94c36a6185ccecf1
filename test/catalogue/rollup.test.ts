import fc from 'fast-check'
import { test } from 'tap'
import { findLeaf, leaves } from '../../src/catalogue/index.ts'
import { qualifiers } from '../../src/catalogue/record.ts'
import {
  bitsOf,
  breakdownsOf,
  changeOf,
  decimalText,
  flipped,
  partLeavesOf,
  percentOf,
  qualifierOf,
  scaled,
  type Total,
} from '../../src/catalogue/rollup.ts'
import { holds } from '../support/properties.ts'

const total = (value: string | null, more: Partial<Total> = {}): Total => ({
  total: value,
  reported: 1,
  qualified: 0,
  planned: 0,
  derived: 0,
  ...more,
})

await test('qualifiers combine: one direction stays, both or any about are about', async (t) => {
  t.equal(qualifierOf(0), undefined)
  const table = [
    ['atLeast', 'atLeast', 'atLeast'],
    ['atMost', 'atMost', 'atMost'],
    ['about', 'about', 'about'],
    ['atLeast', 'atMost', 'about'],
    ['atLeast', 'about', 'about'],
    ['atMost', 'about', 'about'],
  ] as const
  for (const [a, b, both] of table) t.equal(qualifierOf(bitsOf[a] | bitsOf[b]), both, `${a} with ${b}`)
  for (const one of qualifiers) t.equal(qualifierOf(bitsOf[one]), one, `exact with ${one}`)
  t.same(
    qualifiers.map((one) => qualifierOf(flipped(bitsOf[one]))),
    ['atMost', 'atLeast', 'about'],
    'a denominator bounds the rate from the other side',
  )
  t.equal(flipped(7), 7)
})

await test('decimals are exact', async (t) => {
  t.equal(decimalText(scaled('999999999999999999.99') + scaled('0.01')), '1000000000000000000')
  t.equal(decimalText(scaled('0.1') + scaled('0.2')), '0.3')
  t.equal(decimalText(scaled('-0.5')), '-0.5')
  t.equal(decimalText(scaled('-3.25') - scaled('1')), '-4.25')
  holds(
    t,
    'texts of whole steps read back',
    fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (units) => {
      if (scaled(decimalText(units)) !== units) throw new Error(decimalText(units))
    }),
  )
})

await test('percentages are rounded half away from zero to 4 decimals', async (t) => {
  t.equal(percentOf(1n, 3n), '33.3333')
  t.equal(percentOf(2n, 3n), '66.6667')
  t.equal(percentOf(360n, 382n), '94.2408')
  t.equal(percentOf(0n, 5n), '0')
  t.equal(percentOf(3n, 2n), '150')
  t.equal(percentOf(-1n, 3n), '-33.3333')
  t.equal(percentOf(1n, 16_000_000n), '0', '0.00000625')
  t.equal(percentOf(1n, 2_000_000n), '0.0001', '0.00005 is half')
  t.equal(percentOf(-1n, 2_000_000n), '-0.0001')
})

await test('change from the period before', async (t) => {
  t.same(changeOf(total('100'), total('120')), { change: '20', changeRate: '20' })
  t.same(changeOf(total('120'), total('100.5')), { change: '-19.5', changeRate: '-16.25' })
  t.same(changeOf(total('0'), total('7')), { change: '7', changeRate: null, changeReason: 'earlier-zero' })
  const absent = total(null, { reason: 'not-reported' })
  t.same(changeOf(absent, total('7')), { change: null, changeRate: null, changeReason: 'earlier-missing' })
  t.same(changeOf(total('0'), absent), { change: null, changeRate: null, changeReason: 'later-missing' })
  const never = total(null, { reason: 'not-additive' })
  t.same(changeOf(never, never), { change: null, changeRate: null, changeReason: 'not-additive' })
  t.equal(changeOf(total('1'), total('2', { qualifier: 'atLeast' })).changeQualifier, 'atLeast')
  t.equal(changeOf(total('1', { qualifier: 'atLeast' }), total('2')).changeQualifier, 'atMost', 'from more, it grew less')
  t.equal(changeOf(total('1', { qualifier: 'atLeast' }), total('2', { qualifier: 'atLeast' })).changeQualifier, 'about')
})

await test('what can be derived and recomputed follows from the rules', async (t) => {
  const paths = (name: Parameters<typeof leaves>[0], path: string) =>
    leaves(name)
      .filter((leaf) => leaf.path === path)
      .flatMap((leaf) => breakdownsOf(name, leaf))
      .map((members) => [members[0]?.code, members.length])
  t.same(paths('disputes', 'accepted'), [
    ['acceptedByKind', 16],
    ['acceptedBySource', 3],
  ])
  t.same(paths('disputes', 'resolved'), [['resolvedByAgreement', 2]], 'partial breakdowns derive nothing')
  t.same(paths('publicity', 'activities'), [], 'nor do overlapping ones')
  const parts = (path: string) => {
    const found = findLeaf(path)
    const told = found && partLeavesOf(found.leaf)
    return told && [told.numerator.path, ...told.denominators.map((leaf) => leaf.path)]
  }
  t.same(parts('resolutionRate'), ['resolved', 'accepted', 'identified'])
  t.equal(parts('disclosureRate'), undefined)
  t.equal(parts('officers'), undefined)
})
