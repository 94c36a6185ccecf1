/** The schemas that follow from the catalogue: what they let in, what they refuse, and what they tell a reader. */
import fc from 'fast-check'
import { test } from 'tap'
import { kinds } from '../../src/catalogue/figure.ts'
import { type CategoryName, catalogue, categories, type FiguresOf, leaves } from '../../src/catalogue/index.ts'
import { contentSchemas, OtherFigure, Remark, RemarkPatch, ref, Source, SourcePatch } from '../../src/catalogue/schema.ts'
import { recordsOf, samples } from '../../src/samples/index.ts'
import { anyRecord } from '../support/arbitraries.ts'
import { holds } from '../support/properties.ts'
import { contentErrors, errorsOf } from '../support/schemas.ts'

const names: CategoryName[] = ['disputes', 'enforcement', 'legalAdvisers', 'publicity', 'governance']

await test('valid records pass', async (t) => {
  for (const { category, township, content } of samples.flatMap(recordsOf)) {
    t.strictSame(contentErrors(category, content), [], `${category} of ${township}`)
  }
  holds(
    t,
    'and so does any other',
    fc.property(anyRecord, ({ name, content }) => {
      const errors = contentErrors(name, content)
      if (errors.length > 0) throw new Error(errors.join('; '))
    }),
  )
})

await test('a count is a whole number from zero to what a column holds', async (t) => {
  const identified = (value: unknown) => errorsOf('DisputeFigures', { identified: value })
  for (const value of [0, 1, 382, 2147483647]) t.strictSame(identified(value), [], `${value}`)
  const wrong: [value: unknown, error: string][] = [
    ['5', 'type'],
    [null, 'type'],
    [true, 'type'],
    [[5], 'type'],
    [5.5, 'type'],
    [-1, 'minimum'],
    [2147483648, 'maximum'],
    [3_000_000_000, 'maximum'],
    [1e30, 'maximum'],
  ]
  for (const [value, error] of wrong) t.strictSame(identified(value), [`/identified ${error}`], JSON.stringify(value))
})

await test('a rate is a percentage with at most four decimals, up to one thousand', async (t) => {
  const rate = (value: unknown) => errorsOf('DisputeFigures', { resolutionRate: value })
  for (const value of [0, 98, 86.7, 97.9167, 100.5, 1000]) t.strictSame(rate(value), [], `${value}`)
  t.strictSame(rate(1001), ['/resolutionRate maximum'])
  t.strictSame(rate(97.91667), ['/resolutionRate x-decimals'])
  t.strictSame(rate(-0.1), ['/resolutionRate minimum'])
  t.strictSame(rate('98%'), ['/resolutionRate type'])
})

await test('money has two decimals, counted on its text', async (t) => {
  const fines = (value: unknown) => errorsOf('EnforcementFigures', { fines: value, finesByProcedure: { simple: value } })
  for (const value of [0, 19.99, 4.35, 0.07, 1.1, 9_999_999_999_999.99]) t.strictSame(fines(value), [], `${value}`)
  t.strictSame(fines(19.999), ['/fines x-decimals', '/finesByProcedure/simple x-decimals'])
  t.strictSame(fines(0.1 + 0.2), ['/fines x-decimals', '/finesByProcedure/simple x-decimals'])
  t.strictSame(fines(10_000_000_000_000), ['/fines maximum', '/finesByProcedure/simple maximum'])
})

await test('a score has four decimals and ends at ten thousand', async (t) => {
  const score = (value: unknown) => errorsOf('PublicityFigures', { examAverageScore: value })
  t.strictSame(score(96.1234), [])
  t.strictSame(score(10_000), [])
  t.strictSame(score(10_001), ['/examAverageScore maximum'])
  t.strictSame(score(96.12345), ['/examAverageScore x-decimals'])
})

await test('all errors are told at once', async (t) => {
  const wrong = { identified: -1, resolved: '5', resolvedByAgreement: { oral: null, spoken: 3 }, inspections: 4 }
  t.strictSame(errorsOf('DisputeFigures', wrong), [
    '/identified minimum',
    '/resolved type',
    '/resolvedByAgreement additionalProperties',
    '/resolvedByAgreement/oral type',
    'additionalProperties',
  ])
})

await test('a remark stands at a value of the category and says known words', async (t) => {
  const remarks = (value: unknown) => errorsOf('DisputeRemarks', value)
  t.strictSame(remarks({ identified: { qualifier: 'atLeast', basis: 'stated', quote: '382余件', note: '含上年' } }), [])
  t.strictSame(remarks({ 'resolvedByAgreement.oral': { missing: 'withheld' } }), [])
  t.ok(remarks({ inspections: {} }).includes('propertyNames'), 'a figure of another category')
  t.ok(remarks({ resolvedByAgreement: {} }).includes('propertyNames'), 'a breakdown has no remark, its members have')
  t.strictSame(remarks({ identified: { qualifier: 'roughly' } }), ['/identified/qualifier enum'])
  t.strictSame(remarks({ identified: { basis: 'hoped' } }), ['/identified/basis enum'])
  t.strictSame(remarks({ identified: { missing: 'lost' } }), ['/identified/missing enum'])
  t.strictSame(remarks({ identified: { quote: '' } }), ['/identified/quote minLength'])
  t.strictSame(remarks({ identified: { note: '长'.repeat(2001) } }), ['/identified/note maxLength'])
  t.strictSame(remarks({ identified: { remark: '长' } }), ['/identified additionalProperties'])
  t.strictSame(remarks({ identified: null }), ['/identified type'])
})

await test('a figure outside the catalogue has a label and a unit, and may be negative', async (t) => {
  const other = (value: unknown) => errorsOf('OtherFigure', value)
  t.strictSame(other({ label: '劝阻无事酒', unit: '起' }), [])
  t.strictSame(other({ label: '增减', unit: '件', value: -3.25, qualifier: 'about', quote: '减少3件', note: '同比' }), [])
  t.strictSame(other({ label: '劝阻无事酒', value: 9 }), ['required'])
  t.strictSame(other({ label: '', unit: '起' }), ['/label minLength'])
  t.strictSame(other({ label: '劝阻无事酒', unit: '起', value: '9' }), ['/value type'])
  t.strictSame(other({ label: '劝阻无事酒', unit: '起', value: 1e13 }), ['/value maximum'])
  t.strictSame(other({ label: '劝阻无事酒', unit: '起', value: 0.00001 }), ['/value x-decimals'])
  t.strictSame(other({ label: '劝阻无事酒', unit: '起', code: 'x' }), ['additionalProperties'])
})

await test('a source is a title, an address and a day', async (t) => {
  const source = (value: unknown) => errorsOf('Source', value)
  t.strictSame(source({ title: '报告', url: 'https://www.cqck.gov.cn/a?b=1', publishedOn: '2024-02-29' }), [])
  t.strictSame(source({}), [])
  t.strictSame(source({ url: 'www.cqck.gov.cn' }), ['/url format'])
  t.strictSame(source({ publishedOn: '2025-02-29' }), ['/publishedOn format'])
  t.strictSame(source({ author: '高观镇' }), ['additionalProperties'])
})

await test('in a merge patch everything may be null, and is otherwise held to the same limits', async (t) => {
  t.strictSame(errorsOf('DisputeFiguresPatch', { identified: null, resolvedByAgreement: null }), [])
  t.strictSame(errorsOf('DisputeFiguresPatch', { identified: 5, resolvedByAgreement: { oral: null, written: 16 } }), [])
  t.strictSame(errorsOf('DisputeFiguresPatch', { identified: '5', resolvedByAgreement: { oral: -1 }, resolutionRate: 0.00001 }), [
    '/identified type',
    '/resolutionRate x-decimals',
    '/resolvedByAgreement/oral minimum',
  ])
  t.strictSame(errorsOf('EnforcementFiguresPatch', { fines: null }), [])
  t.strictSame(errorsOf('DisputeRemarksPatch', { identified: null, resolved: { quote: null, qualifier: null } }), [])
  t.strictSame(errorsOf('DisputeRemarksPatch', { identified: { qualifier: 'roughly' } }), ['/identified/qualifier enum'])
  t.strictSame(errorsOf('SourcePatch', { url: null }), [])
  t.strictSame(errorsOf('SourcePatch', { url: 'gov' }), ['/url format'])
})

type Node = {
  $id?: string
  type?: string | string[]
  title?: string
  description?: string
  examples?: unknown[]
  properties?: Record<string, Node>
  additionalProperties?: unknown
}
const asJson = (schema: object): Node => JSON.parse(JSON.stringify(schema))
const components = [
  Remark,
  RemarkPatch,
  OtherFigure,
  Source,
  SourcePatch,
  ...names.flatMap((name) => Object.values(contentSchemas(name))),
]

await test('every property of every component is described in both languages, with an example that it accepts', async (t) => {
  for (const component of components.map(asJson)) {
    t.match(component.description, /\p{Script=Han}.* \/ [A-Z]/u, `${component.$id} is described`)
    const undescribed: string[] = []
    const visit = (node: Node, path: string) => {
      for (const [name, property] of Object.entries(node.properties ?? {})) {
        const fine = /\p{Script=Han}.* \/ [A-Z“\da-z]/u.test(property.description ?? '') && property.examples?.length
        if (!fine) undescribed.push(`${path}/${name}`)
        visit(property, `${path}/${name}`)
      }
      if (node.properties && node.additionalProperties !== false) undescribed.push(`${path} is open`)
    }
    visit(component, '')
    t.strictSame(undescribed, [], `${component.$id} to its leaves`)
    const required = component.$id === 'OtherFigure' ? { label: '甲', unit: '件' } : {}
    const refused = Object.entries(component.properties ?? {}).flatMap(([name, { examples = [] }]) =>
      examples.flatMap((example) => errorsOf(component.$id ?? '', { ...required, [name]: example })),
    )
    t.strictSame(refused, [], `${component.$id} accepts its examples`)
  }
})

await test('components are named after their category, once', async (t) => {
  const ids = components.map((component) => asJson(component).$id)
  t.equal(new Set(ids).size, ids.length)
  t.strictSame(ids.slice(0, 9), [
    'Remark',
    'RemarkPatch',
    'OtherFigure',
    'Source',
    'SourcePatch',
    'DisputeFigures',
    'DisputeFiguresPatch',
    'DisputeRemarks',
    'DisputeRemarksPatch',
  ])
  t.equal(asJson(ref(Remark)).$id, undefined)
  t.strictSame(JSON.parse(JSON.stringify(ref(Remark))), { $ref: 'Remark#' })
})

await test('a schema has the figures of its category and the limits of their kinds', async (t) => {
  for (const { name, component, figures } of categories) {
    const { properties = {} } = asJson(contentSchemas(name).figures)
    t.strictSame(Object.keys(properties), Object.keys(figures), component)
    for (const leaf of leaves(name)) {
      const node = leaf.member === undefined ? properties[leaf.code] : properties[leaf.code]?.properties?.[leaf.member]
      const { min, max, decimals } = kinds[leaf.figure.kind]
      const type = decimals === 0 ? 'integer' : 'number'
      t.has(node, { type, minimum: min, maximum: max, ...(decimals > 0 && { 'x-decimals': decimals }) }, leaf.path)
    }
  }
})

await test('and its static type is that of the catalogue', async (t) => {
  const { figures } = contentSchemas('disputes')
  const typed: FiguresOf<'disputes'> = { identified: 382 }
  const same: (typeof figures)['~unsafe'] = typed
  // @ts-expect-error fines are a figure of enforcement
  const other: (typeof figures)['~unsafe'] = { fines: 19.99 }
  t.strictSame(errorsOf('DisputeFigures', same), [])
  t.strictSame(errorsOf('DisputeFigures', other), ['additionalProperties'])
  t.equal(catalogue.enforcement.figures.fines.kind, 'money')
})
