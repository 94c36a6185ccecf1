/** A due day is later for a region: its townships are late later, the smallest region decides, and what was granted leaves its trace. */
import { test } from 'tap'
import { type Api, api } from '../support/api.ts'

const path = '/v1/periods/2024/extensions'
const extension = (dueOn: string, reason = '汛期救灾') => ({ dueOn, reason })

type Row = { township: string; late: boolean; dueOn: string }
async function late(service: Api, region: string): Promise<{ late: unknown; rows: [string, string][] }> {
  const { text } = await service.get(`/v1/coverage?period=2024&region=${region}&status=late`)
  const { items, townships }: { items: { late: number }[]; townships: Row[] } = JSON.parse(text)
  return { late: items[0]?.late, rows: townships.map(({ township, dueOn }) => [township, dueOn]) }
}

await test('coverage takes the extension of the smallest region', async (t) => {
  const service = await api(t)
  const filed = { '410423209': '2025-03-20', '410421106': '2025-03-20', '500229107': '2025-03-01' }
  for (const [township, publishedOn] of Object.entries(filed))
    await service.put(`/v1/disputes/${township}/2024`, { figures: { identified: 1 }, source: { publishedOn } })
  t.same(await late(service, '41'), {
    late: 2,
    rows: [
      ['410421106', '2025-03-01'],
      ['410423209', '2025-03-01'],
    ],
  })

  const county = await service.put(`${path}/410423`, extension('2025-04-01'))
  t.same([county.status, county.headers.location], [201, `${path}/410423`])
  t.match(county.json, { region: '410423', dueOn: '2025-04-01', reason: '汛期救灾', actor: 'admin', recordedAt: /Z$/ })
  t.same((await late(service, '41')).rows, [['410421106', '2025-03-01']])

  await service.put(`${path}/4104`, extension('2025-03-15'))
  t.same(await late(service, '41'), { late: 1, rows: [['410421106', '2025-03-15']] }, 'the prefecture is not long enough')
  await service.put(`${path}/41`, extension('2025-05-01'))
  t.same((await late(service, '41')).late, 1, 'a province does not undo what its prefecture says')
  await service.put(`${path}/410423`, extension('2025-03-01', '撤回'))
  t.same((await late(service, '4104')).late, 2, 'a county may be held to the day of the period')

  t.equal((await service.del(`${path}/410423`)).status, 204)
  t.equal((await service.del(`${path}/4104`)).status, 204)
  t.same(await late(service, '41'), { late: 0, rows: [] }, 'then the province is what holds')
  t.equal((await service.get('/v1/periods/2024')).json.dueOn, '2025-03-01')
  t.match((await service.get('/v1/coverage?period=2023&region=41')).json, { dueOn: '2024-03-01' })
})

await test('extensions are set, read, replaced and withdrawn', async (t) => {
  const service = await api(t)
  t.same((await service.get(path)).json.items, [])
  t.equal((await service.get(`${path}/410423`)).json.code, 'extension-absent')
  const first = await service.put(`${path}/410423`, extension('2025-04-01'))
  const same = await service.put(`${path}/410423`, extension('2025-04-01'))
  t.same([same.status, same.json], [200, first.json], 'the same again changes nothing')
  const longer = await service.put(`${path}/410423`, extension('2025-05-01'))
  t.match([longer.status, longer.json], [200, { dueOn: '2025-05-01' }])
  await service.put(`${path}/41`, extension('2025-03-10'))
  t.same(
    (await service.get(path)).json.items.map(({ region, dueOn }) => [region, dueOn]),
    [
      ['41', '2025-03-10'],
      ['410423', '2025-05-01'],
    ],
  )
  t.same((await service.get(`${path}/410423`)).json, longer.json)
  t.same((await service.get('/v1/periods/2023/extensions')).json.items, [], 'of that period alone')

  t.equal((await service.del(`${path}/410423?reason=${encodeURIComponent('登记有误')}`)).status, 204)
  t.equal((await service.del(`${path}/410423`)).json.code, 'extension-absent')
  t.same(
    (await service.get(path)).json.items.map(({ region }) => region),
    ['41'],
  )
  t.equal((await service.put(`${path}/410423`, extension('2025-04-01'))).status, 201, 'and granted again')
  const { rows } = await service.database.pool.query<{ did: string }>(
    `select concat_ws(' ', action, due_on, reason) as did from period_changes where region = '410423' order by id`,
  )
  t.same(
    rows.map(({ did }) => did),
    ['extend 2025-04-01 汛期救灾', 'extend 2025-05-01 汛期救灾', 'withdraw 登记有误', 'extend 2025-04-01 汛期救灾'],
    'nothing is lost',
  )
  t.match((await service.get('/v1/periods/2024')).json, { state: 'open', reason: undefined }, 'the period itself is as it was')
})

await test('what cannot be extended', async (t) => {
  const service = await api(t)
  const put = async (at: string, body: unknown) => {
    const { status, json } = await service.put(at, body)
    return [status, json.code, json.errors?.map(({ pointer, code }) => `${pointer} ${code}`)]
  }
  const good = extension('2025-04-01')
  t.same(await put(`${path}/999999`, good), [404, 'unknown-region', undefined])
  t.same(await put('/v1/periods/2099/extensions/41', good), [404, 'unknown-period', undefined])
  t.same((await put(`${path}/41042`, good))[0], 400)
  t.same(await put(`${path}/41`, extension('2025-02-28')), [400, 'invalid-body', ['/dueOn too-early']])
  t.same(await put(`${path}/41`, { dueOn: '2025-02-30' }), [400, 'invalid-body', ['/reason required', '/dueOn bad-format']])
  t.equal((await service.del(`${path}/999999`)).json.code, 'unknown-region')
  t.equal((await service.get('/v1/periods/2099/extensions')).json.code, 'unknown-period')
  t.same((await service.get(path)).json.items, [])
})

await test('of two who grant the same at once one creates', async (t) => {
  const service = await api(t)
  const answers = await Promise.all([1, 2, 3, 4].map(() => service.put(`${path}/41`, extension('2025-04-01'))))
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 201])
})
