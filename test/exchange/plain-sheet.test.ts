/** A row that is read by the quick way says what it says by the long way: the same row in quotes, which the quick way leaves alone. */
import fc from 'fast-check'
import { test } from 'tap'
import { type CategoryName, categories, leaves } from '../../src/catalogue/index.ts'
import { type Content, canonical, valueAt, valuesOf } from '../../src/catalogue/record.ts'
import { applySheet } from '../../src/exchange/apply-sheet.ts'
import { markWords } from '../../src/exchange/mark-cell.ts'
import type { FileRow } from '../../src/exchange/row.ts'
import { record } from '../support/arbitraries.ts'
import { rowsOf, townships } from '../support/sheets.ts'

const places = ['410423209', '410423210', '150123100', '150124100', '110101001']
const names = ['仓头乡', '董周乡', '城关镇', '城关镇', '东华门街道']
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
const plain = (text: string) => (/["\r\n,]/.test(text) ? quoted(text) : text)

/** A record as most are: numbers, some of them qualified or noted, and neither words of the report nor anything beside. */
const usual = ({ figures, remarks = {} }: Content): Content => ({
  figures,
  remarks: Object.fromEntries(
    Object.entries(remarks).flatMap(([path, { missing, quote: _, ...rest }]) => (missing ? [] : [[path, rest]])),
  ),
})

type Kinds = { marks: 'none' | 'codes' | 'words'; parts: boolean; category: boolean; name: boolean; revision: boolean }
const kinds: fc.Arbitrary<Kinds> = fc.record({
  marks: fc.constantFrom('none', 'none', 'codes', 'words'),
  parts: fc.boolean(),
  category: fc.boolean(),
  name: fc.boolean(),
  revision: fc.boolean(),
})
const json = (value: object | undefined) => (value ? JSON.stringify(value) : '')

/** Header and rows as cells. */
function cellsOf(name: CategoryName, contents: readonly Content[], has: Kinds): string[][] {
  const path = categories.find((category) => category.name === name)?.path ?? ''
  const key = (header: string, cell: (at: number) => string) => [{ header, cell: (_: Content, at: number) => cell(at) }]
  const columns: { header: string; cell: (content: Content, at: number) => string }[] = [
    ...key('township', (at) => places[at] ?? ''),
    ...(has.name ? key('name', (at) => names[at] ?? '') : []),
    ...key('period', () => '2024'),
    ...(has.category ? key('category', () => path) : []),
    ...(has.revision ? key('revision', (at) => (at === 0 ? '' : String(at))) : []),
    ...leaves(name).flatMap((leaf) => [
      { header: leaf.path, cell: ({ figures }: Content) => `${valueAt(figures, leaf) ?? ''}` },
      ...(has.marks !== 'none'
        ? [
            {
              header: `${leaf.path}:qualifier`,
              cell: ({ remarks }: Content) => {
                const mark = remarks?.[leaf.path]?.qualifier ?? remarks?.[leaf.path]?.missing
                return mark && has.marks === 'words' ? markWords[mark] : (mark ?? '')
              },
            },
          ]
        : []),
    ]),
    ...(has.parts
      ? [
          { header: 'remarks', cell: ({ remarks }: Content) => json(remarks) },
          { header: 'others', cell: ({ others }: Content) => json(others) },
          { header: 'source', cell: ({ source }: Content) => json(source) },
        ]
      : []),
  ]
  return [columns.map(({ header }) => header), ...contents.map((content, at) => columns.map(({ cell }) => cell(content, at)))]
}

const odd = [
  '',
  ' ',
  '0',
  '020',
  '20.0',
  '.5',
  '1e2',
  '-1',
  '20余',
  '合计',
  '99999999999999999',
  'atLeast',
  'about',
  '约',
  '2,025',
]
const cell = fc.oneof(
  fc.constantFrom(...odd, "'5", '４', 'x', '1000.5', '110101999', '2023', '本表', '{}', '[]', '/'),
  fc.string(),
)
const changes = fc.array(fc.record({ row: fc.nat(4), at: fc.nat(400), cell }), { maxLength: 3 })

/** What a row says, whichever way it was read. */
function told(row: FileRow): unknown {
  if (row.kind === 'rejected') return row
  if (row.kind !== 'sheet') return { ...row, expected: row.expected }
  const { plain: _, sheet, recorded, ...rest } = row
  return { ...rest, expected: row.expected, recorded: recorded ?? false, sheet: sheet() }
}

await test('the quick way says what the long way says, whatever is stored', async (t) => {
  const drawn = fc.constantFrom(...categories.map(({ name }) => name)).chain((name) =>
    fc.record({
      name: fc.constant(name),
      contents: fc.array(fc.tuple(record(name), fc.boolean()), { minLength: 1, maxLength: 4 }),
      stored: fc.option(record(name), { nil: undefined }),
      has: kinds,
      changes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: changes }),
      newline: fc.constantFrom('\n', '\r\n'),
      cut: fc.nat(3),
    }),
  )
  const seen = { whole: 0, part: 0, long: 0 }
  await fc.assert(
    fc.asyncProperty(drawn, async ({ name, contents, stored, has, changes: odds, newline, cut }) => {
      const given = contents.map(([content, isUsual]) => (isUsual ? canonical(name, usual(content)) : content))
      const rows = cellsOf(name, given, has)
      const [header = []] = rows
      for (const { row, at, cell: text } of odds) {
        const cells = rows[row + 1]
        if (cells) cells[at % cells.length] = text
      }
      // A row that ends early, as Excel leaves out the last empty cells, and one with a cell too many.
      if (cut === 1) rows[1]?.pop()
      if (cut === 2) rows[1]?.push('')
      const written = (print: (text: string) => string) =>
        [header.map(plain), ...rows.slice(1).map((cells) => cells.map(print))].map((cells) => cells.join(',')).join(newline)
      const options = { category: has.category ? undefined : name, townships }
      const quick = await rowsOf(written(plain), options)
      const long = await rowsOf(written(quoted), options)
      t.same(quick.map(told), long.map(told))
      for (const [at, row] of quick.entries()) {
        const other = long[at]
        if (row.kind !== 'sheet' || other?.kind !== 'sheet') continue
        if (!row.plain) seen.long++
        if (!row.plain || !(row.plain.whole || stored === undefined)) continue
        const { content } = applySheet(name, stored, other.sheet())
        t.equal(row.plain.text, JSON.stringify(content))
        t.same(row.plain.values, valuesOf(name, content))
        seen[row.plain.whole ? 'whole' : 'part']++
        if (other.plain) t.fail('a row in quotes is read by the quick way')
      }
    }),
    { numRuns: 500 },
  )
  t.ok(seen.whole > 30 && seen.part > 20 && seen.long > 20, `both are taken: ${JSON.stringify(seen)}`)
})

await test('whatever stands in a line, it is no other row than by the long way', async (t) => {
  const header = 'township,period,identified,identified:qualifier,accepted,createdAt'
  const good = ['410423209,2024,20,atLeast,5', '410423210,2024,,,7', '150123100,2024,3,,']
  const stray = fc.constantFrom('"', '""', ' ', '\n', '\r', "'", '=', '0', '.', '-', '\t', '\u3000', '年')
  const drawn = fc.record({
    odds: fc.array(fc.record({ row: fc.nat(2), at: fc.nat(40), stray }), { minLength: 1, maxLength: 3 }),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
  })
  let quick = 0
  await fc.assert(
    fc.asyncProperty(drawn, async ({ odds, newline }) => {
      const rows = [...good]
      for (const { row, at, stray: text } of odds) {
        const line = rows[row] ?? ''
        rows[row] = line.slice(0, at) + text + line.slice(at)
      }
      // Only the service's own sheets have the last column, which is ignored, and so the quick way does not know it.
      const file = (last: string) => [header, ...rows.map((line) => line + last)].join(newline)
      const [some, others] = [await rowsOf(file(',')), await rowsOf(file(',x'))]
      const brief = (row: FileRow | undefined) =>
        row?.kind === 'sheet'
          ? [row.row, row.township, row.period.code, row.sheet().cells.map(({ leaf, reading }) => [leaf.path, reading])]
          : row
      for (const row of some) {
        if (row.kind !== 'sheet' || !row.plain) continue
        quick++
        t.same(brief(row), brief(others.find((other) => other.row === row.row)))
      }
    }),
    { numRuns: 400 },
  )
  t.ok(quick > 300, `the quick way is taken: ${quick}`)
})

await test('a row by the quick way can be asked for its cells', async (t) => {
  const [row] = await rowsOf('township,period,identified,identified:qualifier\n410423209,2024,20,atLeast\n')
  if (row?.kind !== 'sheet') throw new Error(JSON.stringify(row))
  t.same(row.plain, {
    text: '{"figures":{"identified":20},"remarks":{"identified":{"qualifier":"atLeast"}}}',
    values: row.plain?.values,
    whole: false,
  })
  const { cells, width } = row.sheet()
  t.same(
    cells.map(({ leaf, text, reading }) => [leaf.path, text, reading]),
    [['identified', '20', { state: 'value', value: 20, qualifier: 'atLeast' }]],
  )
  t.equal(width, 4)
})
