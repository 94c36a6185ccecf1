/** A closed period takes corrections of a steward of the region, with what is corrected and why; nobody else's writes. */
import { test } from 'tap'
import { api } from '../support/api.ts'
import { until } from '../support/process.ts'

const record = '/v1/disputes/410423209/2024'
const report = '/v1/reports/410423209/2024'
const why = `reason=${encodeURIComponent('复核后更正')}`
const figures = (identified: number) => ({ figures: { identified } })

await test('what a correction needs', async (t) => {
  const service = await api(t)
  const [steward, reporter, foreign] = await Promise.all([
    service.as('steward', '410423'),
    service.as('reporter', '410423'),
    service.as('steward', '500229'),
  ])
  const { headers } = await service.put(record, figures(1), steward)
  const etag = String(headers.etag)
  await service.post('/v1/periods/2024/close', { reason: '年度汇总完成' })

  const put = async (query: string, headers: Record<string, string>) => {
    const { json } = await service.put(`${record}${query}`, figures(2), headers)
    return json.errors?.[0]?.code ?? json.code
  }
  t.equal(await put(`?${why}`, { ...reporter, 'if-match': etag }), 'period-closed')
  t.equal(await put(`?${why}`, { ...foreign, 'if-match': etag }), 'outside-region')
  t.equal(await put(`?${why}`, steward), 'correction-needs-condition')
  t.equal(
    await put(`?${why}`, { ...steward, 'if-match': '*' }),
    'correction-needs-condition',
    'which says nothing of what is corrected',
  )
  t.equal(await put('', { ...steward, 'if-match': etag }), 'correction-reason')
  t.equal(await put(`?${why}`, { ...steward, 'if-match': '"9-1"' }), 'precondition-failed')
  t.equal((await service.get(record)).json.revision, 1, 'nothing was written')
  const kept = async () => (await service.get('/v1/audit?outcome=refused&operation=putDisputes')).json.items
  await until('every attempt is kept', async () => (await kept()).length >= 6)
  t.ok(
    (await kept()).some(({ problem }) => problem === 'correction-reason'),
    'that without a reason too',
  )

  const corrected = await service.put(`${record}?${why}`, figures(2), { ...steward, 'if-match': etag })
  t.match(corrected.json, { revision: 2, figures: { identified: 2 } })
  t.match((await service.get(`${record}/revisions/2`)).json, { reason: '复核后更正', actor: 'steward 410423' })
})

await test('PATCH, DELETE, new records and whole reports', async (t) => {
  const service = await api(t)
  const steward = await service.as('steward', '410423')
  const first = await service.put(record, figures(1))
  await service.post('/v1/periods/2024/close', { reason: '年度汇总完成' })
  const match = (etag: string | undefined) => ({ ...steward, 'if-match': String(etag) })

  t.equal((await service.patch(`${record}?${why}`, figures(2), steward)).status, 428)
  const patched = await service.patch(`${record}?${why}`, figures(2), match(first.headers.etag))
  t.match(patched.json, { revision: 2, figures: { identified: 2 } })
  t.equal((await service.del(record, match(patched.headers.etag))).json.errors[0]?.code, 'correction-reason')
  t.equal((await service.del(`${record}?${why}`, match(patched.headers.etag))).status, 204)
  t.equal((await service.put(`${record}?${why}`, figures(3), { ...steward, 'if-none-match': '*' })).status, 201)

  const whole = await service.get(report)
  const body = { disputes: figures(4), publicity: { figures: {} } }
  t.equal((await service.put(`${report}?${why}`, body, steward)).status, 428)
  t.equal((await service.put(`${report}?${why}`, body, match(whole.headers.etag))).status, 200)
  const { etag } = (await service.get(report)).headers
  t.equal((await service.del(`${report}?${why}`, match(etag))).status, 204)
})

await test('an import takes its own rows alone, and none into a closed period', async (t) => {
  const service = await api(t)
  const county = await service.as('steward', '410423')
  await service.put('/v1/disputes/500229107/2024', figures(5))
  await service.post('/v1/periods/2023/close', { reason: '年度汇总完成' })
  const sheet = 'township,period,identified,revision\n410423209,2024,1,\n500229107,2024,2,9\n410423210,2023,3,\n'
  const { json, status } = await service.request('POST', '/v1/imports?category=disputes&mode=partial', sheet, {
    ...county,
    'content-type': 'text/csv',
  })
  t.equal(status, 207)
  t.match(json, { rows: 3, created: 1, rejected: 2 })
  t.same(
    json.errors.map(({ code }) => code),
    ['row-outside-region', 'period-closed'],
    'and of the foreign row nothing more is told',
  )
})
