/** The sheet to fill in: what stands in it, and that it reads back when it was filled in. */
import { test } from 'tap'
import { categories } from '../../src/catalogue/index.ts'
import { type Period, parsePeriod, periodBefore } from '../../src/catalogue/period.ts'
import type { Content } from '../../src/catalogue/record.ts'
import { type prefills, templateLabels, templateLeaves, templateSheet } from '../../src/exchange/template.ts'
import { brief, rowsOf } from '../support/sheets.ts'

const periodOf = (code: string): Period => {
  const period = parsePeriod(code)
  if (!period) throw new Error(code)
  return period
}
const earlier: Content = {
  figures: { identified: 382, mediators: 40, mediationSites: 3, gridCells: 12 },
  remarks: {
    mediators: { qualifier: 'atLeast', quote: '40余名' },
    gridCells: { basis: 'planned' },
    gridWorkers: { missing: 'notApplicable' },
    parties: { missing: 'unquantified', quote: '多人' },
  },
}
const townships = [
  { code: '410423209', name: '仓头乡', earlier },
  { code: '410423210', name: '董周乡' },
]
const sheetOf = (options: Partial<Parameters<typeof templateSheet>[0]> = {}) =>
  templateSheet({ category: 'disputes', period: periodOf('2024'), labels: 'zh', prefill: 'none', townships, ...options })

/** The cells of a row under given headers are replaced. */
function filledIn(sheet: string, row: number, cells: Record<string, string>): string {
  const lines = sheet.split('\r\n')
  const head = lines[0]?.replace('\ufeff', '').split(',') ?? []
  const line = lines[row]?.split(',') ?? []
  lines[row] = line.map((cell, at) => cells[head[at] ?? ''] ?? cell).join(',')
  return lines.join('\r\n')
}

await test('a row a township, a column a figure', async (t) => {
  const lines = sheetOf().split('\r\n')
  t.match(lines[0], /^\ufeff乡镇代码,乡镇名称,报告期,矛盾纠纷排查次数（次）,/)
  t.match(lines[1], /^410423209,仓头乡,2024,,,/)
  t.equal(lines.length, 4, 'header, two townships, and the end of the last line')
  t.match(sheetOf({ labels: 'codes' }), /^\ufefftownship,name,period,screenings,/)
})

await test('as it is, it says nothing; filled in, it reads back', async (t) => {
  for (const { name } of categories) {
    for (const labels of templateLabels) {
      const sheet = sheetOf({ category: name, labels })
      t.same(await rowsOf(sheet, { category: undefined }), [], 'a township that filled in nothing clears nothing')
      const [leaf] = templateLeaves(name)
      const header = sheet.split(',')[3] ?? ''
      const [row, ...others] = await rowsOf(filledIn(sheet, 2, { [header]: '20余' }), { category: undefined })
      t.match(row, { row: 3, kind: 'sheet', category: name, township: '410423210', period: { code: '2024' } })
      const said = row ? brief(row).split(' ').slice(3) : []
      t.same(
        said,
        templateLeaves(name).map(({ path }) => `${path}=${path === leaf?.path ? '20atLeast' : ''}`),
        'every other figure is said not to be there',
      )
      t.same(others, [])
    }
  }
  t.match(
    await rowsOf(`${sheetOf().replace('报告期,', '报告期,备注,').replaceAll(',2024,', ',2024,已撤并,')}`),
    [{ kind: 'rejected', faults: [{ code: 'cell-without-header', params: { text: '已撤并' } }] }, { kind: 'rejected' }],
    'a note on an empty row is not passed over',
  )
})

await test('filled in beforehand from the period before', async (t) => {
  const said = async (prefill: (typeof prefills)[number]) => {
    const rows = await rowsOf(sheetOf({ prefill }))
    return rows.map((row) =>
      brief(row)
        .split(' ')
        .filter((part) => !part.endsWith('='))
        .join(' '),
    )
  }
  t.same(await said('none'), [])
  t.same(
    await said('stocks'),
    ['2: 410423209 2024 mediators=40atLeast mediationSites=3 gridWorkers=notApplicable'],
    'a plan is no stock',
  )
  t.same(await said('all'), ['2: 410423209 2024 identified=382 mediators=40atLeast mediationSites=3 gridWorkers=notApplicable'])
})

await test('periods print so that spreadsheets leave them alone, and read back', async (t) => {
  for (const code of ['2024', '2024-H2', '2024-Q3', '2024-06']) {
    const [row] = await rowsOf(filledIn(sheetOf({ period: periodOf(code), labels: 'codes' }), 1, { screenings: '1' }))
    t.match(row, { kind: 'sheet', period: { code } })
  }
  t.match(sheetOf({ period: periodOf('2024-06') }), /,2024年6月,/)
})

await test('the period before, of the same kind', async (t) => {
  const before = (code: string) => periodBefore(periodOf(code))?.code
  t.same(['2024', '2024-H2', '2024-H1', '2024-Q1', '2024-Q3', '2024-01', '2024-06', '2000'].map(before), [
    '2023',
    '2024-H1',
    '2023-H2',
    '2023-Q4',
    '2024-Q2',
    '2023-12',
    '2024-05',
    undefined,
  ])
})
