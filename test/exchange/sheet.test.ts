/** Sheets as clerks make them: what is read, and what is told of what is not. */
import iconv from 'iconv-lite'
import { test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { headSize } from '../../src/exchange/delimiter.ts'
import { briefs, rowsOf } from '../support/sheets.ts'

const year = parsePeriod('2024')

await test('a plain sheet, by codes and by labels', async (t) => {
  t.same(await briefs('township,period,identified,resolvedByAgreement.oral\n410423209,2024,382,\n410423210,2024,20余,0\n'), [
    '2: 410423209 2024 identified=382 resolvedByAgreement.oral=',
    '3: 410423210 2024 identified=20atLeast resolvedByAgreement.oral=0',
  ])
  const labels = '乡镇名称,报告期,排查发现矛盾纠纷（件）,达成协议（按形式）：口头协议\r\n仓头乡,2024年,约300,/\r\n'
  t.same(await briefs(labels), ['2: 410423209 2024 identified=300about resolvedByAgreement.oral=notApplicable'])
  t.same(await briefs(iconv.encode(labels, 'gb18030')), await briefs(labels), 'as Excel on Chinese Windows saves it')
  t.same(
    await briefs(iconv.encode(labels.replaceAll(',', '\t'), 'utf16le', { addBOM: true })),
    await briefs(labels),
    '“Unicode text”',
  )
  t.same(await briefs(labels.replaceAll(',', ';')), await briefs(labels))
})

await test('titles above, blank and short rows, empty columns beside', async (t) => {
  const sheet = [
    '2024年度矛盾纠纷统计表,,,,,',
    '填报单位：鲁山县司法局,,,,,',
    '序号,"乡镇\n代码",年度,排查发现矛盾纠纷,预防纠纷,',
    ',,,,,',
    '1,410423209,2024,"1,234",5,',
    '2,410423210,2024,7',
    '3,410423210,2023,,,,,',
    '　, ,,,,',
  ].join('\r\n')
  t.same(await briefs(sheet), [
    '5: 410423209 2024 identified=1234 prevented=5',
    '6: 410423210 2024 identified=7',
    '7: 410423210 2023 identified= prevented=',
  ])
})

await test('every mistake of every row is told, with row and column', async (t) => {
  const sheet = [
    'township,乡镇名称,period,排查发现矛盾纠纷,accepted,revision,备注,',
    '4.10423E+08,,2024/6/1,20-30,三千五,x,见附件,',
    '410423209,董周乡,2024,1,2,3,,',
    '410423209,,,1,2,,,',
    '合计,,2024,1,2,,,',
    '填表人：张三,,,审核人：李四,,,,',
    '410423209,,2024,1,2,,,x',
    '410423209,,2024,1,2,,,,x',
    '410423209,"仓"头乡,2024,1,2,,,',
    '410423209,,2024,1,2,7,,',
  ].join('\n')
  t.same(await briefs(sheet), [
    '2: row-period-date @period, row-township-scientific @township, row-revision @revision, cell-without-header @备注, cell-interval @排查发现矛盾纠纷, cell-ambiguous @accepted',
    '3: row-township-mismatch @township',
    '4: row-period-missing @period',
    '5: row-total @township',
    '6: row-footnote @township',
    '7: cell-without-header @H',
    '8: row-ragged @I',
    '9: row-syntax',
    '10: 410423209 2024 r7 identified=1 accepted=2',
  ])
  const [second] = await rowsOf('township,period,协议涉及金额\n410423209,2024,一\n')
  t.match(second, {
    faults: [
      {
        row: 2,
        code: 'cell-ambiguous',
        params: { text: '一', readings: '1 or / (not applicable)', readingsZh: '1 或 /（不适用）' },
      },
    ],
  })
})

await test('what a spreadsheet does to whole numbers in the columns of the year and the revision is undone', async (t) => {
  const rows = ['"2,024","1,234"', '２０２４,１２', '"2,024.00","1,234.00"', '2024,12.0', '2024,"12,34"', '2024,"0,123"']
  const sheet = ['township,period,revision', ...rows.map((row) => `410423209,${row}`)]
  t.same(await briefs(sheet.join('\n')), [
    ...['2: 410423209 2024 r1234', '3: 410423209 2024 r12', '4: 410423209 2024 r1234', '5: 410423209 2024 r12'],
    ...['6: row-revision @revision', '7: row-revision @revision'],
  ])
})

await test('a total is one wherever its word stands beside the township', async (t) => {
  const sheet = [
    '乡镇代码,地市,序号,校验提示,最近变更人,年度,预防纠纷',
    '410423209,平顶山市合计,,,,2024,1',
    '410423209,,小计,,,2024,1',
    '410423209,全市,,,,2024,1',
    '410423209,平顶山市,1,与各项合计不符,统计科,2024,1',
  ]
  t.same(await briefs(sheet.join('\n')), [
    '2: row-total @B',
    '3: row-total @C',
    '4: row-total @B',
    '5: 410423209 2024 prevented=1',
  ])
})

await test('a header that is not understood refuses the file, and every row is looked at all the same', async (t) => {
  t.same(await briefs('township,period,identfied,accepted\n410423209,2024,1,2\n410423209,2024,1,几\n'), [
    '1 file: header-unknown @identfied',
    '2: 410423209 2024 accepted=2',
    '3: cell-unreadable @accepted',
  ])
  t.same(
    await briefs('period,accepted\n2024,1\n'),
    ['1 file: header-without-township', '2: '],
    'without townships no row can say anything',
  )
  t.same(await briefs('township,accepted\n410423209,1\n'), ['1 file: header-without-period', '2: '])
  t.same(await briefs('township,period\n410423209,2024\n', { category: undefined }), ['1 file: header-without-category', '2: '])
  t.same(await briefs('township,inspections\n410423209,1\n', { period: year }), [
    '1 file: header-of-another-category @inspections',
    '2: 410423209 2024',
  ])
  t.same(await briefs('a,b\n1,2\n\n3,4\n'), ['1 file: header-missing', '2: ', '4: '])
  for (const empty of ['', '\n\n', ' , ,\n', '\ufeff']) t.same(await briefs(empty), ['1 file: file-empty'])
  t.same(await briefs(iconv.encode('乡镇,年度,预防纠纷\n仓头乡,2024,1\n', 'gb18030'), { charset: 'utf-8' }), [
    '1 file: file-encoding',
  ])
})

await test('the period, the category and the region of the request', async (t) => {
  t.same(await briefs('township,accepted\n410423209,1\n', { period: year }), ['2: 410423209 2024 accepted=1'])
  t.same(await briefs('township,period,accepted\n410423209,2023,1\n410423209,,2\n', { period: year }), [
    '2: row-period-mismatch @period',
    '3: 410423209 2024 accepted=2',
  ])
  t.same(
    await briefs('township,accepted,category\n410423209,1,enforcement\n410423209,1,\n410423209,1,矛盾纠纷化解\n410423209,1,x\n', {
      period: year,
    }),
    [
      '2: row-category-mismatch @category',
      '3: 410423209 2024 accepted=1',
      '4: 410423209 2024 accepted=1',
      '5: row-category-unknown @category',
    ],
  )
  t.same(await briefs('name,accepted\n城关镇,1\n', { period: year }), ['2: row-township-ambiguous @name'])
  t.same(await briefs('name,accepted\n城关镇,1\n', { period: year, region: '150123' }), ['2: 150123100 2024 accepted=1'])
  t.same(
    await briefs('name,区县代码,accepted\n城关镇,150124,1\n', { period: year }),
    ['2: 150124100 2024 accepted=1'],
    'the county of the row',
  )
  t.same(await briefs('township,accepted\n410423209,1\n', { period: year, region: '50' }), ['2: row-township-outside @township'])
})

await test('a file of several categories, each row with its own', async (t) => {
  const sheet =
    'category,township,period,accepted,inspections\ndisputes,410423209,2024,1,\n行政执法,410423209,2024,,2\ndisputes,410423209,2024,1,2\n,410423209,2024,1,\n'
  t.same(await briefs(sheet, { category: undefined }), [
    '2: 410423209 2024 accepted=1',
    '3: 410423209 2024 inspections=2',
    '4: cell-of-another-category @inspections',
    '5: row-category-missing @category',
  ])
  const [row] = await rowsOf('township,period,inspections\n410423209,2024,1\n', { category: undefined })
  t.match(row, { kind: 'sheet', category: 'enforcement' }, 'without the column, where the headers belong to one')
})

await test('remarks, others and source are JSON in a cell', async (t) => {
  const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`
  const [full, empty, absent] = await rowsOf(
    [
      'township,period,remarks,others,source',
      `410423209,2024,${quoted({ identified: { quote: '382件' } })},${quoted([{ label: '劝阻', value: 9, unit: '起' }])},${quoted({ title: 'x' })}`,
      '410423209,2023,,,',
      '410423209,2022',
    ].join('\n'),
  )
  t.match(full?.kind === 'sheet' && full.sheet(), {
    remarks: { identified: { quote: '382件' } },
    others: [{ label: '劝阻', value: 9 }],
    source: { title: 'x' },
  })
  const none = { places: new Map(), last: -1 }
  t.same(
    empty?.kind === 'sheet' && empty.sheet(),
    { cells: [], columns: none, width: 5, remarks: {}, others: [], source: {} },
    'an empty cell says that there are none',
  )
  t.same(
    absent?.kind === 'sheet' && absent.sheet(),
    { cells: [], columns: none, width: 2 },
    'a cell that is not there says nothing',
  )
  const bad = ['见附件', '[]', '3', '{"identified":1}', '{"inspections":{}}', '{'].map(
    (cell) => `410423209,2024,${`"${cell.replaceAll('"', '""')}"`},{},[]`,
  )
  const told = await briefs(['township,period,remarks,others,source', ...bad].join('\n'))
  t.same(
    told,
    bad.map((_, at) => `${at + 2}: ${at === 4 ? 'row-remark' : 'row-json'} @remarks, row-json @others, row-json @source`),
  )
})

await test('a sheet larger than the head that is looked at first, in any pieces', async (t) => {
  const rows = Array.from({ length: 4000 }, (_, at) => `410423209,2024,${at},"a\n${'x'.repeat(20)}"`)
  const sheet = ['township,period,accepted,序号', ...rows, '410423210,2024,几,'].join('\n')
  t.ok(sheet.length > headSize)
  for (const size of [1000, 65_536, 1_000_000]) {
    const read = await rowsOf(sheet, {}, size)
    t.equal(read.length, 4001)
    t.match(read.at(-1), { row: 4002, kind: 'rejected', faults: [{ column: 'accepted', code: 'cell-unreadable' }] })
    t.match(read[3999], { row: 4001, kind: 'sheet' })
  }
})
