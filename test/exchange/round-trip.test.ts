/** What is printed as a sheet reads back as the same records, however it is printed. */
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { test } from 'tap'
import { printCell, printedMissing } from '../../src/catalogue/cell.ts'
import { type CategoryName, categories, type Leaf, leaves } from '../../src/catalogue/index.ts'
import { type Content, valueAt } from '../../src/catalogue/record.ts'
import { applySheet } from '../../src/exchange/apply-sheet.ts'
import { delimiters } from '../../src/exchange/delimiter.ts'
import { keyHeaders, labelHeader } from '../../src/exchange/headers.ts'
import { record } from '../support/arbitraries.ts'
import { anywhere, rowsOf } from '../support/sheets.ts'

type Style = {
  labels: 'code' | 'label' | 'unit'
  delimiter: string
  newline: string
  charset: 'utf8' | 'gb18030' | 'utf16le'
  mark: boolean
  order: number[]
}
type Cell = [header: Record<Style['labels'], string>, cell: (content: Content, township: string) => string]

const townshipOf = (at: number) => String(410_423_000 + at)
const key = (kind: 'township' | 'period' | 'remarks' | 'others' | 'source') => {
  const [code = '', label = ''] = keyHeaders[kind].split(' ')
  return { code, label, unit: label }
}
const json = (value: object | undefined) => (value ? JSON.stringify(value) : '')

function printed(content: Content, leaf: Leaf): string {
  const value = valueAt(content.figures, leaf)
  const remark = content.remarks?.[leaf.path]
  if (value !== undefined) return printCell(value, remark?.qualifier, leaf.figure)
  return remark?.missing ? printedMissing[remark.missing] : ''
}

function columnsOf(name: CategoryName, whole: boolean): Cell[] {
  const figures = leaves(name).map((leaf): Cell => {
    return [{ code: leaf.path, label: leaf.labels.zh, unit: labelHeader(leaf) }, (content) => printed(content, leaf)]
  })
  const rest: Cell[] = [
    [key('remarks'), ({ remarks }) => json(remarks)],
    [key('others'), ({ others }) => json(others)],
    [key('source'), ({ source }) => json(source)],
  ]
  return [[key('township'), (_, township) => township], [key('period'), () => '2024'], ...figures, ...(whole ? rest : [])]
}

function sheet(name: CategoryName, contents: readonly Content[], whole: boolean, style: Style): Buffer {
  const { delimiter, newline, charset, mark, labels, order } = style
  const columns = columnsOf(name, whole)
    .map((column, at) => [order[at % order.length] ?? 0, column] as const)
    .sort(([a], [b]) => a - b)
    .map(([, column]) => column)
  const quoted = (text: string) => (/["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text)
  const table = [
    columns.map(([header]) => header[labels]),
    ...contents.map((content, at) => columns.map(([, cell]) => cell(content, townshipOf(at)))),
  ]
  const text = table.map((cells) => cells.map(quoted).join(delimiter)).join(newline)
  return iconv.encode(text, charset, { addBOM: mark || charset === 'utf16le' })
}

const style: fc.Arbitrary<Style> = fc.record({
  labels: fc.constantFrom('code' as const, 'label' as const, 'unit' as const),
  delimiter: fc.constantFrom(...delimiters),
  newline: fc.constantFrom('\n', '\r\n'),
  charset: fc.constantFrom('utf8' as const, 'gb18030' as const, 'utf16le' as const),
  mark: fc.boolean(),
  order: fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
})
const table = fc
  .constantFrom(...categories.map(({ name }) => name))
  .chain((name) => fc.record({ name: fc.constant(name), contents: fc.array(record(name), { minLength: 1, maxLength: 3 }) }))

await test('a sheet of any records, printed in any way, reads back as they are', async (t) => {
  let read = 0
  await fc.assert(
    fc.asyncProperty(table, style, fc.integer({ min: 100, max: 5000 }), async ({ name, contents }, how, size) => {
      const charset = how.charset === 'gb18030' ? ('gb18030' as const) : undefined
      const rows = await rowsOf(sheet(name, contents, true, how), { category: name, charset, townships: anywhere }, size)
      t.equal(rows.length, contents.length)
      for (const [at, row] of rows.entries()) {
        const content = contents[at]
        if (row.kind !== 'sheet' || !content) throw new Error(JSON.stringify(row))
        t.equal(row.township, townshipOf(at))
        t.same(applySheet(name, undefined, row.sheet()).content, content, 'onto nothing')
        const again = applySheet(name, content, row.sheet())
        t.same([JSON.stringify(again.content), again.cleared], [JSON.stringify(content), []], 'onto itself')
        read++
      }
    }),
    { numRuns: 30 },
  )
  t.ok(read >= 30)
})

await test('figures alone, onto the record that they were printed from, change nothing', async (t) => {
  await fc.assert(
    fc.asyncProperty(table, style, async ({ name, contents }, how) => {
      const rows = await rowsOf(sheet(name, contents, false, { ...how, charset: 'utf8' }), {
        category: name,
        townships: anywhere,
      })
      for (const row of rows) {
        if (row.kind !== 'sheet') throw new Error(JSON.stringify(row))
        const at = Number(row.township) - Number(townshipOf(0))
        t.same(applySheet(name, contents[at], row.sheet()).content, contents[at])
      }
    }),
    { numRuns: 20 },
  )
})

await test('GBK is recognised without being told', async (t) => {
  await fc.assert(
    fc.asyncProperty(table, style, async ({ name, contents }, how) => {
      const bytes = sheet(name, contents, true, { ...how, labels: 'label', charset: 'gb18030', mark: false })
      const rows = await rowsOf(bytes, { category: name, townships: anywhere })
      t.same(
        rows.map(({ kind }) => kind),
        contents.map(() => 'sheet'),
      )
    }),
    { numRuns: 20 },
  )
})
