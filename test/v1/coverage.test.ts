/** "My county: what is missing, what is wrong", in two calls. */
import { test } from 'tap'
import { samples } from '../../src/samples/index.ts'
import { type Api, api } from '../support/api.ts'

const county = '500229'
const gaoguan = '500229107'

async function filed(service: Api): Promise<void> {
  const [sample] = samples
  await service.put(`/v1/reports/${gaoguan}/2024`, {
    source: { ...sample?.source, publishedOn: '2025-03-01' },
    ...sample?.records,
  })
  await service.put('/v1/disputes/500229102/2024', { figures: { identified: 1 }, source: { publishedOn: '2025-03-02' } })
}
type Row = { township: string; status: string; late: boolean; reportedOn?: string; missing: string[] }
type Coverage = { dueOn: string; items: Record<string, unknown>[]; townships: Row[]; townshipCount: number }
const read = async (service: Api, query: string): Promise<Coverage> =>
  JSON.parse((await service.get(`/v1/coverage?${query}`)).text)

await test('a county: complete, partial, late, missing', async (t) => {
  const service = await api(t)
  await filed(service)
  const { items, townships, dueOn, townshipCount } = await read(service, `period=2024&region=${county}`)
  const expected = (await service.get(`/v1/regions/${county}`)).json.expected
  t.equal(dueOn, '2025-03-01')
  t.match(items, [
    {
      region: { code: county, name: '城口县' },
      expected,
      reported: 2,
      complete: 1,
      partial: 1,
      missing: Number(expected) - 2,
      late: 1,
      unexpected: 0,
    },
  ])
  t.match(items[0]?.categories, { disputes: 2, governance: 1 })
  t.equal(townshipCount, Number(expected) - 1)
  t.notOk(
    townships.some(({ township }) => township === gaoguan),
    'complete and in time on the due day itself',
  )
  t.match(
    townships.find(({ township }) => township === '500229102'),
    {
      status: 'partial',
      late: true,
      reportedOn: '2025-03-02',
      missing: ['enforcement', 'legalAdvisers', 'publicity', 'governance'],
    },
  )
  t.same(townships.filter(({ status }) => status === 'missing').length, Number(expected) - 2)
  t.same(
    (await read(service, `period=2024&region=${county}&status=late`)).townships.map(({ township }) => township),
    ['500229102'],
  )
})

await test('groups add up to the region', async (t) => {
  const service = await api(t)
  await filed(service)
  for (const [region, by] of [
    ['', 'province'],
    ['&region=50', 'prefecture'],
    ['&region=50', 'county'],
  ]) {
    const [whole] = (await read(service, `period=2024${region}`)).items
    const { items } = await read(service, `period=2024${region}&by=${by}`)
    for (const field of ['expected', 'reported', 'complete', 'partial', 'missing', 'late', 'unexpected'] as const) {
      t.equal(
        items.reduce((sum, item) => sum + Number(item[field]), 0),
        whole?.[field],
        `${by} ${field}`,
      )
    }
  }
  t.equal(
    (await read(service, `period=2024&region=${county}&by=township`)).items.length,
    (await read(service, `period=2024&region=${county}`)).items[0]?.expected,
  )
  t.equal((await service.get(`/v1/coverage?period=2024&region=${county}&by=province`)).json.errors[0]?.code, 'by-not-finer')
})

await test('without a source the day of the first revision counts, also after a deletion', async (t) => {
  const service = await api(t)
  await service.put(`/v1/disputes/${gaoguan}/2024`, { figures: { identified: 1 } })
  const first = (await read(service, `period=2024&region=${county}&status=late`)).townships[0]?.reportedOn
  t.match(first, /^\d{4}-\d\d-\d\d$/)
  await service.del(`/v1/disputes/${gaoguan}/2024`)
  t.equal((await read(service, `period=2024&region=${county}`)).items[0]?.reported, 0)
  await service.put(`/v1/disputes/${gaoguan}/2024`, { figures: { identified: 1 } })
  await service.database.pool.query(`update record_revisions set recorded_at = '2025-02-28T15:59:59Z' where revision = 1`)
  t.equal(
    (await read(service, `period=2024&region=${county}`)).townships.find(({ township }) => township === gaoguan)?.reportedOn,
    '2025-02-28',
    'Asia/Shanghai',
  )
})

await test('who reports without being expected', async (t) => {
  const service = await api(t)
  await service.database.pool.query(`update townships set valid_to = '2023-12-31' where code = $1`, [gaoguan])
  await service.put(`/v1/disputes/${gaoguan}/2024`, { figures: { identified: 1 } })
  const { items, townships } = await read(service, `period=2024&region=${county}&status=unexpected`)
  t.match(items[0], { unexpected: 1, reported: 0 })
  t.same(
    townships.map(({ township }) => township),
    [gaoguan],
  )
  t.equal(townships[0]?.late, false, 'nobody waited for it')
  const late = await read(service, `period=2024&region=${county}&status=late`)
  t.same([late.items[0]?.late, late.townships], [0, []], 'the number and the list are of the same townships')
})

await test('the sheet for the phone round', async (t) => {
  const service = await api(t)
  await filed(service)
  const { text, headers } = await service.get(`/v1/coverage?period=2024&region=${county}&format=csv`)
  t.match(headers['content-type'], 'text/csv')
  t.match(headers['content-disposition'], `filename="coverage-${county}-2024.csv"; filename*=UTF-8''%E6%8A%A5`)
  t.match(text, '\ufeff报告期,县区,乡镇代码,乡镇名称,状态')
  t.match(text, /2024,城口县,500229102,[^,]+,不全,是,2025-03-02,行政执法、/)
  t.equal((await service.get(`/v1/coverage?period=2024&region=${county}`, { accept: 'text/csv' })).text, text)
  const codes = (await service.get(`/v1/coverage?period=2024&region=${county}&format=csv&labels=codes`)).text
  t.match(codes, '\ufeffperiod,county,township,name,status,late,reportedOn,missing\r\n')
  t.match(codes, /2024,城口县,500229102,[^,]+,partial,true,2025-03-02,enforcement /)
  const misplaced = await service.get(`/v1/coverage?period=2024&labels=codes`)
  t.match(misplaced.json.errors, [{ parameter: 'labels', code: 'not-with-format' }])
})
