/**
 * Rows of JSON as most are take a quick way. Whatever they hold, the report is that of the long way, which `"findings": []` makes a row take: a
 * word that only the service's own answers have, and that is ignored.
 */
import fc from 'fast-check'
import { test } from 'tap'
import { categories } from '../../src/catalogue/index.ts'
import { canonical, valuesOf } from '../../src/catalogue/record.ts'
import { plainJson } from '../../src/exchange/plain-json.ts'
import { api } from '../support/api.ts'
import { record } from '../support/arbitraries.ts'
import { ndjson, send } from '../support/imports.ts'

const townships = ['410423209', '410421106', '500229107', '500229201', '500229202', '511402113', '110101001', '110101002']
const numbers = [
  '20.0',
  '1e2',
  '020',
  '-0',
  '-1',
  '"20"',
  '20.5',
  '99999999999',
  '1.00000000000000001',
  'null',
  '0',
  '2147483648',
]
const spaced = (text: string) => text.replaceAll('":', '": ').replaceAll(',"', ', "')

/** What a script may do to a row, and a person to a file. */
const edits: Record<string, (text: string) => string> = {
  none: (text) => text,
  spaced,
  'a space after the first brace, colon or comma of many': (text) => {
    let place = text.length % 40
    return text.replace(/[{:,]/g, (mark) => (place-- === 0 ? `${mark} ` : mark))
  },
  'a wide space at its end': (text) => `${text}\u3000`,
  'spaces at both ends': (text) => ` ${text}  `,
  'spaces around brackets': (text) => text.replaceAll('}', ' }').replaceAll('{', '{ '),
  'figures first': (text) =>
    text.replace(/^(\{)(.*?)("figures":\{.*\})\}$/, '$1$3,$2"period":"2024"}').replace('"period":"2024",', ''),
  'a revision': (text) => text.replace('{', '{"revision":3,'),
  'a revision that is none': (text) => text.replace('{', '{"revision":0,'),
  'a revision in words': (text) => text.replace('{', '{"revision":"3",'),
  'an instant': (text) => text.replace('{', '{"updatedBy":"甲 \\"乙\\"","createdAt":"2024-01-01T00:00:00.000Z",'),
  'an unknown word': (text) => text.replace('{', '{"remark":1,'),
  'a word twice': (text) => text.replace('{', '{"township":"410423209",'),
  'a key twice': (text) => text.replace('"figures":{', '"figures":{"identified":1,"identified":2,'),
  'another category': (text) => text.replace(/"category":"\w+"/, '"category":"legal-advisers"'),
  'no such category': (text) => text.replace(/"category":"\w+"/, '"category":"x"'),
  'no category': (text) => text.replace(/"category":"\w+",/, ''),
  'no period': (text) => text.replace('"period":"2024",', ''),
  'no such period': (text) => text.replace('2024', '2024-13'),
  'a village': (text) => text.replace(/"(\d{9})"/, '"$1001"'),
  'a number as code': (text) => text.replace(/"(\d{9})"/, '$1'),
  'no such township': (text) => text.replace(/"\d{9}"/, '"999999999"'),
  patch: (text) => text.replace('{', '{"mode":"patch",'),
  'cut off': (text) => text.slice(0, -1),
  'something behind it': (text) => `${text}x`,
  'a tab in a text': (text) => text.replace('"category":"', '"category":"\t'),
  'an escape in a key': (text) => text.replace('"figures"', '"\\u0066igures"'),
}

await test('by the quick way the report is that of the long way', async (t) => {
  const service = await api(t)
  const row = fc.constantFrom(...categories.map(({ name }) => name)).chain((category) =>
    fc.record({
      category: fc.constant(category),
      content: fc.oneof(
        record(category),
        record(category).map(({ figures, remarks }) => ({ figures, ...(remarks && { remarks }) })),
      ),
      edit: fc.oneof(fc.constantFrom('none', 'none', 'spaced'), fc.constantFrom(...Object.keys(edits))),
      number: fc.option(fc.tuple(fc.nat(20), fc.constantFrom(...numbers)), { freq: 3, nil: undefined }),
    }),
  )
  const seen = { quick: 0, long: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: townships.length }), async (rows) => {
      const texts = rows.map(({ category, content, edit, number }, at) => {
        const text = JSON.stringify({ category, township: townships[at], period: '2024', ...content })
        let place = 0
        const other = number ? text.replace(/(?<=":)\d[\d.]*/g, (given) => (place++ === number[0] ? number[1] : given)) : text
        return (edits[edit] ?? spaced)(other)
      })
      for (const [at, text] of texts.entries()) {
        const quick = plainJson(at, text, {})
        seen[quick ? 'quick' : 'long']++
        if (quick?.kind !== 'replace') continue
        const content = canonical(quick.category, JSON.parse(text))
        t.same([quick.plain?.text, quick.plain?.values], [JSON.stringify(content), valuesOf(quick.category, content)])
      }
      const long = texts.map((text) => text.replace('{', '{"findings":[],'))
      const reports = []
      for (const file of [texts, long]) {
        const { status, report } = await send(service, `${file.join('\n')}\n`, ndjson, 'dryRun=true')
        const { errors, ...rest } = report
        const { sha256: _, bytes: _bytes, requestId: _id, ...same }: Record<string, unknown> = { ...rest }
        // Of a text that is no JSON the place is told, which is another.
        reports.push({ status, ...same, errors: errors.map(({ detail: _detail, ...error }) => error) })
      }
      t.same(reports[0], reports[1])
    }),
    { numRuns: 150 },
  )
  t.ok(seen.quick > 60 && seen.long > 60, `both are taken: ${JSON.stringify(seen)}`)
})
