/** A record has one canonical form and one flat form, and both say the same. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { categories, leaves } from '../../src/catalogue/index.ts'
import { type Content, canonical, categoryOf, flatten, isPlan, valueAt, valuesOf } from '../../src/catalogue/record.ts'
import { anyRecord, shuffled } from '../support/arbitraries.ts'
import { named } from '../support/columns.ts'
import { holds } from '../support/properties.ts'

const text = (content: Content) => JSON.stringify(content)

await test('the canonical form is in catalogue order, whatever order was sent', async (t) => {
  const sent: Content = {
    source: { publishedOn: '2025-03-01', title: '报告' },
    others: [
      { unit: '起', label: '劝阻无事酒', value: 9 },
      { note: '每期频次', unit: '次', label: '研判会' },
    ],
    remarks: {
      resolved: { note: '含上年', quote: '成功调解360余件', qualifier: 'atLeast' },
      identified: { quote: '382件', basis: 'stated' },
    },
    figures: { resolvedByAgreement: { written: 16, oral: 344 }, resolved: 360, identified: 382 },
  }
  t.equal(
    text(canonical('disputes', sent)),
    text({
      figures: { identified: 382, resolved: 360, resolvedByAgreement: { oral: 344, written: 16 } },
      remarks: {
        identified: { basis: 'stated', quote: '382件' },
        resolved: { qualifier: 'atLeast', quote: '成功调解360余件', note: '含上年' },
      },
      others: [
        { label: '劝阻无事酒', value: 9, unit: '起' },
        { label: '研判会', unit: '次', note: '每期频次' },
      ],
      source: { title: '报告', publishedOn: '2025-03-01' },
    }),
  )
})

await test('what is empty is dropped; a reported zero is not empty', async (t) => {
  t.strictSame(canonical('disputes', {}), { figures: {} })
  t.strictSame(
    canonical('disputes', {
      figures: { civilToCriminalCases: 0, resolvedByAgreement: {}, requestsByOutcome: { settled: 0 } },
      remarks: { identified: {} },
      others: [],
      source: {},
    }),
    { figures: { civilToCriminalCases: 0, requestsByOutcome: { settled: 0 } } },
  )
})

await test('a remark may stand where no value does', async (t) => {
  const content: Content = { figures: {}, remarks: { screenings: { missing: 'unquantified', quote: '多次' } } }
  t.strictSame(canonical('disputes', content), content)
  t.strictSame(valuesOf('disputes', content), [])
})

await test('others keep their order and may repeat', async (t) => {
  const others = [
    { label: '研判会', value: 2, unit: '次' },
    { label: '研判会', value: 1, unit: '次' },
    { label: '研判会', value: 2, unit: '次' },
  ]
  t.strictSame(canonical('disputes', { figures: {}, others }).others, others)
})

await test('the canonical form', async (t) => {
  holds(
    t,
    'of a canonical form is itself, to the letter',
    fc.property(
      anyRecord,
      ({ name, content }) => text(canonical(name, canonical(name, content))) === text(canonical(name, content)),
    ),
  )
  holds(
    t,
    'does not depend on the order of keys',
    fc.property(anyRecord, fc.integer(), ({ name, content }, seed) => {
      return text(canonical(name, shuffled(content, seed))) === text(content)
    }),
  )
  holds(
    t,
    'loses nothing',
    fc.property(anyRecord, fc.integer(), ({ name, content }, seed) => {
      return isDeepStrictEqual(canonical(name, shuffled(content, seed)), content)
    }),
  )
  holds(
    t,
    'survives JSON',
    fc.property(anyRecord, ({ name, content }) => text(canonical(name, JSON.parse(text(content)))) === text(content)),
  )
  holds(
    t,
    'leaves what was sent as it was',
    fc.property(anyRecord, fc.integer(), ({ name, content }, seed) => {
      const sent = shuffled(content, seed)
      const before = text(sent)
      canonical(name, sent)
      return text(sent) === before
    }),
  )
})

await test('the flat form has a column a value, and says which are qualified and which are plans', async (t) => {
  const content: Content = {
    figures: { identified: 382, resolved: 360, resolutionRate: 98, resolvedByAgreement: { oral: 344 } },
    remarks: {
      resolved: { qualifier: 'atLeast', basis: 'stated' },
      resolutionRate: { qualifier: 'atLeast', basis: 'target' },
      'resolvedByAgreement.oral': { qualifier: 'about' },
      screenings: { missing: 'unquantified' },
    },
  }
  t.strictSame(named('disputes', flatten('disputes', content)), {
    values: { identified: 382, resolved: 360, resolved_by_agreement_oral: 344, resolution_rate: 98 },
    qualifiers: { resolved: 'atLeast', resolved_by_agreement_oral: 'about' },
    plans: { resolution_rate: 98 },
  })
  const one = named('disputes', flatten('disputes', { figures: { identified: 1 } }))
  t.strictSame(one, { values: { identified: 1 }, qualifiers: null, plans: null })
})

await test('figures and columns', async (t) => {
  holds(
    t,
    'agree: every number stands in exactly one column, and nothing else does',
    fc.property(anyRecord, ({ name, content }) => {
      const { values } = named(name, flatten(name, content))
      const numbers = Object.values(content.figures).flatMap((one) => (typeof one === 'number' ? [one] : Object.values(one)))
      const placed = leaves(name).filter((leaf) => values[leaf.column] !== undefined)
      return (
        Object.keys(values).length === numbers.length &&
        placed.length === numbers.length &&
        placed.every((leaf) => Object.is(values[leaf.column], valueAt(content.figures, leaf)))
      )
    }),
  )
  holds(
    t,
    'agree on what is qualified and what is a plan',
    fc.property(anyRecord, ({ name, content }) => {
      const { values, qualifiers, plans } = named(name, flatten(name, content))
      return leaves(name).every(({ path, column }) => {
        const reported = values[column] !== undefined
        const remark = content.remarks?.[path]
        const plan = reported && isPlan(remark) ? values[column] : undefined
        const qualifier = reported && !isPlan(remark) ? remark?.qualifier : undefined
        return plans?.[column] === plan && qualifiers?.[column] === qualifier
      })
    }),
  )
})

await test('a plan and an aim are no results', async (t) => {
  t.strictSame([{ basis: 'planned' } as const, { basis: 'target' } as const, { basis: 'stated' } as const, {}].map(isPlan), [
    true,
    true,
    false,
    false,
  ])
  t.equal(isPlan(undefined), false)
})

await test('a category is known by its name', async (t) => {
  for (const category of categories) t.equal(categoryOf(category.name), category)
  // @ts-expect-error there is no such category
  t.throws(() => categoryOf('villages'), { message: 'no category villages' })
})
