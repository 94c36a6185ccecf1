/** Every fault of a sheet has its words in both languages, and whoever raises it gives all that they name. */
import iconv from 'iconv-lite'
import { test } from 'tap'
import { refusalCodes } from '../../src/catalogue/cell.ts'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { type RowFault, sheetFaultCodes } from '../../src/exchange/row.ts'
import { faults } from '../../src/http/problems.ts'
import { rowsOf } from '../support/sheets.ts'

const head = 'township,name,period,category,revision,remarks,others,accepted,resolutionRate,agreementAmount,inspections,备注'
const sheets = [
  ['乡镇,预防纠纷（吨）,预防纷纠,预防纠纷,preventedd,prevented,天气', '仓头乡,1,,,,'],
  ['identified', '1'],
  ['x,y', '1,2'],
  ['township,period', '410423209,2024'],
  ['township,period,accepted,accepted:qualifier,resolved:qualifier', '410423209,2024,1,x', '410423209,2024,20余,about'],
  ['township,period,accepted', ',2024,至少20以内'],
  [''],
  [
    head,
    '合计',
    '注：',
    '410423209,,2024,disputes,,"a"b',
    ...['x', '4.1E+08', '410423209001', '999999999', ''].map((code) => `${code},城关镇x`),
  ],
  [
    head,
    ',城关镇x',
    ',城关镇',
    '410423209,董周乡',
    '410423209,,2024/6/1,x,x,[],[1],,,,,x',
    '410423209,,2024,disputes,,[],[1]',
    '410423209,,去年,disputes,,"{""inspections"":{}}",,,,,7,,9',
  ],
  [
    head,
    ...[
      '三千五',
      '约3以上以下',
      '3月5日',
      '2.5',
      '#N/A',
      '=A1',
      '1,2',
      '20-30',
      '20①',
      '99999999999',
      '4E+08',
      '-5',
      '5元',
      'abc',
      '无',
      '约3不足多于',
    ].map((cell) => `410423209,,2024,disputes,,,,"${cell}"`),
  ],
]

async function allFaults(): Promise<RowFault[]> {
  const rows = await Promise.all([
    ...sheets.map((lines) => rowsOf(lines.join('\n'), { category: undefined })),
    ...sheets.map((lines) => rowsOf(lines.join('\n'), { category: 'disputes', period: parsePeriod('2023'), region: '4104' })),
    rowsOf('township,period,accepted\n150123100,2024,1\n', { category: 'disputes', region: '4104' }),
    rowsOf('township,accepted,inspections\n410423209,1,1\n', { category: 'disputes' }),
    rowsOf('township,inspections,stallsCleared\n410423209,1,1\n', { category: 'disputes' }),
    rowsOf('category,township,period,accepted\n,410423209,,1\n', { category: undefined }),
    rowsOf('category,township,period,accepted\nenforcement,410423209,2024,1\n', { category: 'disputes' }),
    rowsOf(iconv.encode('乡镇,预防纠纷\n仓头乡,1\n', 'gb18030'), { charset: 'utf-8' }),
    rowsOf('township,period,accepted,deleted\n410423209,2024,1,true\n410423209,2024,,x\n', { category: 'disputes' }),
    rowsOf('name,county,period,accepted\n仓头乡,和林格尔县,2024,1\n仓头乡,x,2024,1\n', { category: 'disputes' }),
    rowsOf('单位：万元,,\n乡镇代码,年度,协议涉及金额\n410423209,2024,1\n', { category: 'disputes' }),
    rowsOf(
      `township,period,others\n410423209,2024,"[{""a"":1,""a"":1e400}]"\n410423209,2023,${'['.repeat(99)}${']'.repeat(99)}\n`,
    ),
    rowsOf('PK\u0003\u0004xxxxxxx'),
    rowsOf('<html>'),
    rowsOf(`township,period\n${'x'.repeat(5_000_000)}\n`),
  ])
  return rows.flat().flatMap((row) => (row.kind === 'rejected' ? row.faults : []))
}

await test('every fault has its words, and its words have all that they name', async (t) => {
  const told = await allFaults()
  for (const { code, params = {} } of told) {
    for (const words of faults[code]) {
      const named = [...words.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      t.same(
        named.filter((name) => params[name] === undefined),
        [],
        `${code}: ${words}`,
      )
    }
  }
  const raised = new Set<string>(told.map(({ code }) => code))
  const known = [...sheetFaultCodes, ...refusalCodes.map((code) => `cell-${code}`)]
  // No two labels of a category are equal, which a test of the headers holds.
  t.same(
    known.filter((code) => !raised.has(code)),
    ['header-ambiguous'],
  )
  t.same(
    known.filter((code) => !(code in faults)),
    [],
  )
})
