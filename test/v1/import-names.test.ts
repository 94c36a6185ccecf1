/** Which township a row of a sheet means: by its name, that of its county, or one that it bore. */
import { test } from 'tap'
import { api } from '../support/api.ts'
import { cangtou, csv, send } from '../support/imports.ts'

await test('the county of a row says which township of a name is meant, and refuses another', async (t) => {
  const service = await api(t)
  const said = async (...rows: string[]) => {
    const sheet = ['县区,乡镇,年度,identified', ...rows].join('\n')
    const { report } = await send(service, sheet, csv, 'category=disputes&dryRun=true')
    return [...report.errors.map(({ row, code }) => `${row} ${code}`), `${report.created}`]
  }
  t.same(await said('忠县,仓头乡,2024,2'), ['2 row-county-mismatch', '0'], 'not written to a county of another province')
  t.same(await said('郏县,白庙乡,2024,2', '鲁山,仓头乡,2024,1', '河南省平顶山市鲁山县,董周乡,2024,1'), ['3'])
  const shared = '乡镇,年度,identified\n白庙乡,2024,1\n'
  t.match((await send(service, shared, csv, 'category=disputes&dryRun=true')).report.errors, [{ code: 'row-township-ambiguous' }])
  const ofCounty = { ...csv, ...(await service.as('reporter', '410425')) }
  t.match(
    (await send(service, shared, ofCounty, 'category=disputes&dryRun=true')).report.changes,
    [{ township: /^410425/ }],
    'its own',
  )
  const full = ['鲁山县仓头乡', '河南省平顶山市鲁山县董周乡', '鲁山张良镇'].map((name) => `${name},2024,1`)
  const named = await send(service, ['名称,年度,identified', ...full].join('\n'), csv, 'category=disputes&dryRun=true')
  t.match(named.report, { created: 3, errorCount: 0 }, 'its names may stand before it')
  const foreign = ['名称,年度,identified', '忠县仓头乡,2024,1'].join('\n')
  t.match((await send(service, foreign, csv, 'category=disputes&dryRun=true')).report.errors, [{ code: 'row-township-unnamed' }])
  const slips = ['乡镇,年度,identified', '赵村,2024,1', '张官镇,2024,1', '410423209,2024,1', '无名乡,2024,1'].join('\n')
  const asked = 'category=disputes&dryRun=true&region=410423'
  const { report } = await send(service, slips, { ...csv, 'accept-language': 'zh' }, asked)
  t.same(
    report.errors.map(({ detail }) => /是否为.*？/.exec(detail)?.[0]),
    ['是否为赵村镇 410423107？', '是否为张官营镇 410423103、张良镇 410423104？', undefined],
    'what is nearly its name is asked for',
  )
  t.equal(report.created, 0)
  t.equal(report.notApplied, 1, 'a code where the name belongs is read')
  const sheet = '县级区划,乡镇,年度,identified\n郏县,白庙乡,2024,2\n'
  t.match((await send(service, sheet, csv, 'category=disputes')).report, { created: 1 })
  const { json } = await service.get('/v1/disputes?period=2024&region=410425')
  t.match(json.items, [{ figures: { identified: 2 } }])
})

await test('a township is found by a name that it bore, and by the one of the row’s year where two bore it', async (t) => {
  const service = await api(t)
  const renamed = (code: string, name: string, effectiveOn: string) =>
    service.post(`/v1/townships/${code}/successions`, { kind: 'rename', effectiveOn, successors: [{ code, name }] })
  t.equal((await renamed(cangtou, '新仓镇', '2024-07-01')).status, 201)
  const said = async (...rows: string[]) => {
    const sheet = ['乡镇,年度,identified', ...rows].join('\n')
    const { report } = await send(service, sheet, csv, 'category=disputes&region=410423&dryRun=true')
    const codes = report.errors.map(({ row, code }) => `${row} ${code}`)
    return [...codes, ...report.changes.map(({ township, period }) => `${period} ${township}`)]
  }
  t.same(
    await said('仓头乡,2023,1', '新仓镇,2024,2', '仓头乡,2025,3'),
    [`2023 ${cangtou}`, `2024 ${cangtou}`, `2025 ${cangtou}`],
    'a sheet that goes on with the old name is understood',
  )
  t.equal((await renamed('410423210', '仓头乡', '2025-01-01')).status, 201)
  t.same(await said('仓头乡,2023,1', '仓头乡,2025,3'), [`2023 ${cangtou}`, '2025 410423210'], 'whose name it was then')
})

await test('a name beside a code that is nearly that of a neighbour: one column was sorted', async (t) => {
  const service = await api(t)
  const said = async (...rows: string[]) => {
    const sheet = ['乡镇代码,乡镇名称,年度,identified', ...rows].join('\n')
    const { report } = await send(service, sheet, csv, 'category=disputes&dryRun=true')
    return [...report.errors.map(({ row, code, column }) => `${row} ${code} ${column}`), `${report.created + report.notApplied}`]
  }
  t.same(await said('410423107,张官营,2024,1', '410423103,赵村,2024,2'), [
    '2 row-township-mismatch 乡镇代码',
    '3 row-township-mismatch 乡镇代码',
    '0',
  ])
  t.same(
    await said('410423107,赵村,2024,1', '410423103,张官营,2024,2', '410423104,便民服务点,2024,3', '410423001,露峰镇,2024,4'),
    ['4'],
    'what resembles no other, or is another kind of township, is the code',
  )
})
