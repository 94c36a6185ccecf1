/** The five reports are what was read from them, figure by figure, and cannot drift. */
import { createHash } from 'node:crypto'
import { test } from 'tap'
import { parsePeriod } from '../src/catalogue/period.ts'
import { valuesOf } from '../src/catalogue/record.ts'
import { recordsOf, type Sample, samples } from '../src/samples/index.ts'

const records = samples.flatMap(recordsOf)

await test('five reports, nineteen records, 126 figures', async (t) => {
  t.strictSame(
    samples.map(({ township, period }) => `${township}/${period}`),
    ['500229107/2024', '511402113/2023', '500114108/2024', '410421106/2024', '410423209/2024'],
  )
  t.equal(records.length, 19)
  const typed = records.flatMap(({ category, content }) => valuesOf(category, content))
  const others = records.flatMap(({ content }) => content.others ?? [])
  t.equal(typed.length, 120, 'figures of the catalogue')
  t.equal(others.length, 6, 'figures outside it')
  t.ok(samples.every(({ period }) => parsePeriod(period)))
})

await test('every figure is kept with the words that it was read from', async (t) => {
  const wordless = records.flatMap(({ category, township, content }) =>
    valuesOf(category, content).flatMap(({ leaf, remark }) => (remark.quote ? [] : [`${township} ${leaf.path}`])),
  )
  t.strictSame(wordless, [])
  const stray = records.flatMap(({ category, content }) => {
    const paths = valuesOf(category, content).map(({ leaf }) => leaf.path)
    return Object.keys(content.remarks ?? {}).filter((path) => !paths.includes(path))
  })
  t.strictSame(stray, [], 'and no remark without its figure')
})

/** JSON with the keys of every object sorted, so that only what is said counts. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** Of the 19 records as they were handed to the project, a line each, sorted; `report` left out. */
const handedOver = 'b826d95c32d548249598ea64e1a77e4abfaafd4afda2acfa9548d200aa9b8d06'

await test('the records are those that were handed over', async (t) => {
  const texts = records.map(({ content, ...key }) => sorted({ ...key, ...content })).sort()
  t.equal(createHash('sha256').update(texts.join('\n')).digest('hex'), handedOver)
})

await test('a wrong figure in a sample does not compile', async (t) => {
  const place = { township: '410423209', period: '2024', source: { title: '报告' } }
  // @ts-expect-error displayBoards are a figure of publicity
  const elsewhere: Sample = { ...place, records: { disputes: { figures: { displayBoards: 18 } } } }
  // @ts-expect-error there is no such category
  const nowhere: Sample = { ...place, records: { villages: { figures: {} } } }
  t.strictSame(
    recordsOf(elsewhere).map(({ content }) => content.figures),
    [{}],
    'nor would it be kept',
  )
  t.strictSame(recordsOf(nowhere), [])
})
