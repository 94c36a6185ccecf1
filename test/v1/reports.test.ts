/** The whole report: five records as one, all or nothing. */
import { test } from 'tap'
import { samples } from '../../src/samples/index.ts'
import { type Api, api } from '../support/api.ts'

const path = '/v1/reports/410423209/2024'
const sample = samples.find(({ township }) => township === '410423209')
const body = { source: sample?.source, ...sample?.records }

async function revisions({ database }: Api): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from record_revisions')
  return rows[0]?.n ?? -1
}

await test('a report is filed, read and filed again', async (t) => {
  const service = await api(t)
  const filed = await service.put(path, body)
  t.equal(filed.status, 201)
  const read = await service.get(path)
  t.same(read.json, filed.json)
  t.equal(read.headers.etag, filed.headers.etag)
  t.match(read.json, {
    township: '410423209',
    period: '2024',
    source: sample?.source,
    disputes: { figures: { identified: 382 }, source: sample?.source },
  })
  t.notOk('governance' in read.json, 'a category that was not reported is absent')
  t.equal((await service.get('/v1/disputes/410423209/2024')).json.revision, 1, 'each record is there by itself')
  const again = await service.put(path, read.json)
  t.equal(again.status, 200)
  t.equal(again.headers.etag, read.headers.etag, 'what was read, sent back, changes nothing')
  t.equal(await revisions(service), 2)
  t.equal((await service.get(path, { 'if-none-match': `${read.headers.etag}` })).status, 304)
})

await test('all or nothing', async (t) => {
  const service = await api(t)
  const bad = await service.put(path, {
    ...body,
    governance: { figures: { meetings: '3' } },
    enforcement: { figures: { identified: 1 } },
    period: '2023',
  })
  t.equal(bad.status, 400)
  t.same(bad.json.errors.map(({ pointer, code }) => [pointer, code]).sort(), [
    ['/enforcement/figures/identified', 'figure-of-another-category'],
    ['/governance/figures/meetings', 'wrong-type'],
    ['/period', 'not-the-path'],
  ])
  t.equal((await service.put(path, { sauce: {}, disputes: {} })).json.errors[0]?.code, 'unknown-property')
  t.equal(
    (await service.put(path, { source: { title: 'x' } })).json.errors[0]?.code,
    'required',
    'a report without records is none',
  )
  t.equal((await service.get(path)).json.code, 'report-absent')
  t.equal((await service.get('/v1/reports/999999999/2024')).json.code, 'unknown-township')
  t.equal((await service.put('/v1/reports/999999999/2024', body)).json.code, 'unknown-township')
  t.equal(await revisions(service), 0)
})

await test('a category that is left out is deleted, but only with If-Match', async (t) => {
  const service = await api(t)
  const { headers } = await service.put(path, body)
  const { publicity: _, ...less } = body
  const unguarded = await service.put(path, less)
  t.equal(unguarded.status, 428)
  t.match(unguarded.json.detail, 'publicity')
  t.equal((await service.put(path, less, { 'if-match': '"stale"' })).status, 412)
  t.equal(await revisions(service), 2, 'nothing was written')
  const guarded = await service.put(path, less, { 'if-match': `${headers.etag}` })
  t.equal(guarded.status, 200)
  t.notOk('publicity' in guarded.json)
  t.not(guarded.headers.etag, headers.etag)
  t.equal((await service.get('/v1/publicity/410423209/2024')).status, 404)
})

await test('sources', async (t) => {
  const service = await api(t)
  const own = { figures: { lectures: 1 }, source: { title: '另一份' } }
  const put = await service.put(path, { source: { title: '报告' }, disputes: { figures: { identified: 1 } }, publicity: own })
  t.notOk('source' in put.json, 'printed at the top only when all agree')
  t.match(put.json, { disputes: { source: { title: '报告' } }, publicity: { source: { title: '另一份' } } })
})

await test('preconditions of a report and of its records', async (t) => {
  const service = await api(t)
  t.equal((await service.put(path, body, { 'if-match': '*' })).status, 412)
  t.equal((await service.put(path, body, { 'if-none-match': '*' })).status, 201)
  t.equal((await service.put(path, body, { 'if-none-match': '*' })).status, 412)
  const read = await service.get(path)
  await service.patch('/v1/disputes/410423209/2024', { figures: { identified: 383 } })
  t.equal((await service.put(path, read.json)).status, 412, 'a record has moved on since it was read')
  t.equal((await service.put(path, body, { 'if-match': `${read.headers.etag}` })).status, 412)
  t.equal((await service.del(path, { 'if-match': `${read.headers.etag}` })).status, 412)
  t.equal((await service.del(path)).status, 204)
  t.equal((await service.del(path)).json.code, 'report-absent')
  t.equal((await service.put(path, body)).status, 201)
  t.equal((await service.get('/v1/disputes/410423209/2024')).json.revision, 4)
})

await test('two who file the same report at once', async (t) => {
  const service = await api(t)
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) =>
      service.put(path, { disputes: { figures: { identified: n } }, publicity: { figures: { lectures: n } } }),
    ),
  )
  t.ok(answers.every(({ status }) => status < 300))
  const { json } = await service.get(path)
  t.match(json, { disputes: { revision: 4 }, publicity: { revision: 4 } })
  const both = JSON.stringify([json.disputes, json.publicity])
  t.match(both, /identified":(\d).*lectures":\1/, 'the last one won as a whole')
})
