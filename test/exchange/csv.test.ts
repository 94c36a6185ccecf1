/** The scanner of delimited text: the same rows as csv-parse reads, at any cut of the text, and recovery that csv-parse has not. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { test } from 'tap'
import { largestRow, scanner } from '../../src/exchange/csv.ts'
import { holds } from '../support/properties.ts'

const cells = (text: string, delimiter = ',') => [...scanner(delimiter)(text, true)].map((row) => row.fault ?? row.cells)

function inPieces(text: string, size: number): string[][] {
  const scan = scanner(',')
  const rows = []
  for (let at = 0; at < text.length; at += size) rows.push(...scan(text.slice(at, at + size), false))
  return [...rows, ...scan('', true)].map((row) => row.cells)
}

await test('rows as Excel writes them', async (t) => {
  t.same(cells('a,b\r\n1,\r\n'), [
    ['a', 'b'],
    ['1', ''],
  ])
  t.same(cells('"a\r\nb","say ""hi""",\n'), [['a\r\nb', 'say "hi"', '']], 'line breaks and quotes in a cell')
  t.same(cells('"a"\r\n"b"'), [['a'], ['b']], 'no line end at the end of the file')
  t.same(cells('\n\nx\n'), [[''], [''], ['x']], 'blank rows are rows, as a person counts them')
  t.same(
    [...scanner('\t', '\r')('a\tb\r1\t2', true)],
    [
      { row: 1, cells: ['a', 'b'] },
      { row: 2, cells: ['1', '2'] },
    ],
  )
})

await test('a broken row is told and the next is read', async (t) => {
  t.same(cells('a"b,c\nd,e\n'), ['row-syntax', ['d', 'e']], 'a quote inside a cell')
  t.same(cells('"a"b,c\nd,e\n'), ['row-syntax', ['d', 'e']], 'text after the closing quote')
  t.same(cells('"a,b\nc,d\ne,f'), ['row-syntax', ['c', 'd'], ['e', 'f']], 'a quote that is never closed')
  const long = scanner(',')
  const piece = 'x'.repeat(largestRow / 2)
  t.same(
    [...long(piece, false), ...long(piece, false), ...long('xx\na,b\n', true)].map(({ fault, cells }) => fault ?? cells),
    ['row-too-long', ['a', 'b']],
    'a row without an end does not fill memory',
  )
})

const cell = fc.oneof(
  fc.constantFrom('', '', '12', '20余', '仓头乡', 'a,b', 'say "hi"', 'a\nb', 'a\r\nb', '"', ' x '),
  fc.string(),
)
const written = (rows: string[][], newline: string) =>
  rows.map((row) => row.map((one) => (/[",\r\n]/.test(one) ? `"${one.replaceAll('"', '""')}"` : one)).join(',')).join(newline)

await test('the same rows as csv-parse, at any cut', async (t) => {
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 8 })
  holds(
    t,
    'of anything that was written by the rules',
    fc.property(table, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 40 }), (rows, newline, size) => {
      const text = written(rows, newline)
      const expected = parse(text, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] })
      t.same(cells(text), expected)
      t.same(inPieces(text, size), expected)
      t.same(expected, rows)
    }),
  )
})
