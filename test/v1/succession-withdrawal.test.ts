import { test } from 'tap'
import { api } from '../support/api.ts'

const [longtian, beiping, longping] = ['500229201', '500229202', '500229113']
const at = (code: string, day = '') => `/v1/townships/${code}/successions${day && `/${day}`}`
const merge = {
  kind: 'merge',
  effectiveOn: '2024-01-01',
  predecessors: [longtian, beiping],
  successors: [{ code: longping, name: '龙屏镇' }],
}
const day = merge.effectiveOn
const sums = '/v1/statistics/disputes?period=2023&region=500229&by=township&figures=resolved&boundaries=current'

await test('a dry run tells what would be recorded and writes nothing', async (t) => {
  const { get, post } = await api(t)
  const before = await get('/v1/townships?region=500229&limit=100')
  const dry = await post(`${at(longtian)}?dryRun=true`, merge)
  t.equal(dry.status, 200)
  t.match(dry.json, { dryRun: true, items: [{ predecessor: { name: '龙田乡' }, successor: { name: '龙屏镇' } }, {}] })
  const county = await post('/v1/regions/500229/successions?dryRun=true', { newCode: '500258', effectiveOn: day })
  t.equal(county.status, 200)
  t.equal(county.json.items.length, 25)
  t.equal((await get('/v1/regions/500258')).status, 404)
  t.strictSame((await get('/v1/townships?region=500229&limit=100')).json, before.json)
  t.strictSame((await get(at(longtian))).json, { items: [] })
  t.equal((await post(`${at('500229107')}?dryRun=true`, { ...merge, kind: 'recode' })).status, 400)
  t.strictSame((await get('/v1/audit?region=500229')).json.items, [], 'nothing was done')
})

await test('a merge that was a mistake is withdrawn as if it had not been', async (t) => {
  const { get, post, put, del, as } = await api(t)
  await put(`/v1/disputes/${longtian}/2023`, { figures: { resolved: 50 } })
  await put(`/v1/disputes/${beiping}/2023`, { figures: { resolved: 70 } })
  const [county, before] = [(await get('/v1/regions/500229')).json, (await get(sums)).json]
  const done = await post(at(longtian), merge)
  await put(`/v1/disputes/${longping}/2024`, { figures: { resolved: 130 } })
  t.notSame((await get(sums)).json, before)

  const dry = await del(`${at(longping, day)}?dryRun=true`)
  t.strictSame(dry.json, { dryRun: true, items: done.json.items })
  t.equal((await del(at(longping, day), await as('steward', longtian))).status, 403)
  t.equal((await del(at(longtian, day), await as('steward', longtian))).status, 403, 'its successor is not in the region')

  const withdrawn = await del(`${at(longping, day)}?reason=${encodeURIComponent('登记有误')}`)
  t.equal(withdrawn.status, 200)
  t.strictSame(withdrawn.json, { items: done.json.items })
  t.strictSame((await get('/v1/regions/500229')).json, county)
  t.strictSame((await get(sums)).json, before)
  t.notOk((await get(`/v1/townships/${longtian}`)).json.validTo, 'it goes on')
  const never = (await get(`/v1/townships/${longping}`)).json
  t.match(never, { validFrom: '2024-01-01', validTo: '2023-12-31' }, 'it never was')
  t.equal((await get(`/v1/disputes/${longping}/2024`)).status, 200, 'what it reported is kept')
  t.match((await get('/v1/findings?period=2024&rule=unexpected')).json.items, [{ township: longping }])
  t.equal((await put(`/v1/townships/${longping}`, never)).status, 200, 'what was read may be sent back')
  t.match((await get(`/v1/audit?region=${longping}&operation=withdrawSuccession&outcome=done`)).json.items, [
    { target: `townships/${longping}/successions`, reason: '登记有误' },
  ])
  t.equal((await del(at(longping, day))).json.code, 'succession-absent')
  t.equal((await del(at('999999999', day))).json.code, 'unknown-township')
  t.match((await del(at(longping, '2024-13-01'))).json.errors, [{ code: 'bad-format' }])

  const named = await post(
    '/v1/imports?period=2023&category=disputes&region=500229&dryRun=true',
    '乡镇,resolved\r\n龙屏镇,1\r\n',
    {
      'content-type': 'text/csv',
    },
  )
  t.match(named.json.errors, [{ code: 'row-township-unnamed' }], 'nor has it a name')

  const right = { ...merge, effectiveOn: '2023-07-01', successors: [{ code: longping, name: '龙北镇' }] }
  t.equal((await post(at(longtian), right)).status, 201, 'and is recorded as it was')
  t.match((await get(`/v1/townships/${longping}`)).json, { name: '龙北镇', validFrom: '2023-07-01' })
  t.notOk((await get(`/v1/townships/${longping}`)).json.validTo)
})

await test('a county goes on without a township that never was', async (t) => {
  const { get, post, del } = await api(t)
  await post(at(longtian), merge)
  await del(at(longping, day))
  const done = await post('/v1/regions/500229/successions', { newCode: '500258', effectiveOn: '2023-07-01' })
  t.equal(done.status, 201)
  t.equal(done.json.items.length, 25)
  t.equal((await get('/v1/townships/500258113')).status, 404)
})

await test('of a merge one predecessor can be taken back', async (t) => {
  const { get, post, del } = await api(t)
  await post(at(longtian), merge)
  t.match((await del(at(beiping, day))).json.items, [{ predecessor: { code: beiping } }])
  t.notOk((await get(`/v1/townships/${beiping}`)).json.validTo)
  t.match((await get(`/v1/townships/${longping}`)).json.predecessors, [{ code: longtian }])
  t.equal((await del(at(longtian, day))).status, 200)
  t.match((await get(`/v1/townships/${longping}`)).json, { validTo: '2023-12-31' }, 'with the last one goes what they made')
})

await test('a split is withdrawn with all its parts, a rename with its name, a new code with its day', async (t) => {
  const { get, post, del, database } = await api(t)
  const split = {
    kind: 'split',
    effectiveOn: day,
    successors: [{ code: longtian }, { code: '500229231', name: '上田乡' }],
  }
  await post(at(longtian), split)
  await post(at(longtian), { ...split, successors: [{ code: longtian }, { code: '500229232', name: '下田乡' }] })
  t.equal((await del(at('500229232', day))).json.items.length, 3)
  t.notOk((await get(`/v1/townships/${longtian}`)).json.successors)

  const rename = (name: string, effectiveOn: string) =>
    post(at(beiping), { kind: 'rename', effectiveOn, successors: [{ code: beiping, name }] })
  await rename('北土家族乡', day)
  await rename('北乡', '2025-03-01')
  t.match((await get(at(beiping))).json.items, [
    { predecessor: { name: '北屏乡' }, successor: { name: '北土家族乡' } },
    { predecessor: { name: '北土家族乡' }, successor: { name: '北乡' } },
  ])
  const early = (await del(at(beiping, day))).json
  t.match(early, { code: 'succession-conflict', detail: /2025-03-01/ }, 'the last name first')
  t.equal((await del(at(beiping, '2025-03-01'))).status, 200)
  t.equal((await del(at(beiping, day))).status, 200)
  t.match((await get(`/v1/townships/${beiping}`)).json, { name: '北屏乡', kind: 'township' })
  t.notOk((await get(`/v1/townships/${beiping}`)).json.formerNames)

  await database.pool.query(`insert into townships (code, name, kind) values ('500229117', '沿河乡', 'township')`)
  await post(at('500229208'), { kind: 'recode', effectiveOn: day, successors: [{ code: '500229117' }] })
  await del(at('500229117', day))
  t.notOk((await get('/v1/townships/500229117')).json.validFrom)
  t.notOk((await get('/v1/townships/500229208')).json.validTo)
})

await test('what something came of since is withdrawn last', async (t) => {
  const { get, post, put, del } = await api(t)
  await put('/v1/townships/500229107', { name: '高观镇', validTo: '2023-12-31' })
  await post(at('500229107'), { kind: 'merge', effectiveOn: day, successors: [{ code: '500229108' }] })
  await post(at(longtian), merge)
  await post(at(longping), { kind: 'recode', effectiveOn: '2025-01-01', successors: [{ code: '500229114' }] })
  const before = (await get('/v1/townships?region=500229&limit=100')).json
  const refused = await del(at(longtian, day))
  t.equal(refused.status, 200, 'the other still made it')
  const last = await del(at(beiping, day))
  t.match([last.status, last.json.detail], [409, /2025-01-01/])
  await post(at(longtian), merge)
  t.strictSame((await get('/v1/townships?region=500229&limit=100')).json, before, 'a refusal takes nothing back')
  t.equal((await del(at('500229114', '2025-01-01'))).status, 200)
  t.equal((await del(at(longping, day))).status, 200)
  t.equal((await del(at('500229107', day))).status, 200)
  t.match((await get('/v1/townships/500229107')).json, { validTo: '2023-12-31' }, 'it had been closed before')
})

await test('a township that was created by mistake never was', async (t) => {
  const { get, post, put } = await api(t)
  const body = { code: '500229115', name: '龙峡镇', validFrom: '2025-01-01' }
  await post('/v1/townships', body)
  t.equal((await put('/v1/townships/500229115', { ...body, validTo: '2024-12-30' })).status, 400)
  t.equal((await put('/v1/townships/500229115', { ...body, validTo: '2024-12-31' })).status, 200)
  t.match((await get('/v1/coverage?period=2025&region=500229')).json.items, [{ expected: 25 }])
  const again = await post('/v1/townships', { ...body, name: '龙峡乡', validFrom: '2024-07-01' })
  t.equal(again.status, 201)
  t.match(again.json, { name: '龙峡乡', validFrom: '2024-07-01' })
  t.notOk(again.json.validTo)
})
