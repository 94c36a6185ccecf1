/** The feed shows every change once and in order, and nothing ever arrives behind a cursor that was handed out. */
import pg from 'pg'
import { type Test, test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { prepareDatabase } from '../../src/storage/prepare.ts'
import { writeRecord } from '../../src/storage/records.ts'
import { type Api, api } from '../support/api.ts'
import { page, readUntil, told } from '../support/feed.ts'

const record = '/v1/disputes/410423209/2025'
const figures = (identified: number) => ({ figures: { identified } })
const mark = (service: Api, identified = 1) => service.put('/v1/disputes/110101001/2020', figures(identified))
const place = { category: 'disputes', period: periodOf('2025'), township: '410423209' } as const
const marked = ({ township }: { township: string }) => township === '110101001'

function periodOf(code: string) {
  const period = parsePeriod(code)
  if (!period) throw new Error(code)
  return period
}

/** A connection of its own, inside a transaction. */
async function writing(t: Test, { url }: Api): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('begin')
  return client
}

await test('create, update, delete and import appear once and in order, with what was written', async (t) => {
  const service = await api(t)
  const empty = await page(service)
  t.same(empty.items, [])
  t.match(empty.json, { settledUntil: /Z$/, lag: { seconds: Number } })
  const created = await service.put(`${record}?reason=${encodeURIComponent('首次')}`, figures(1))
  const updated = await service.patch(record, figures(2))
  await service.put(record, figures(2))
  await service.del(record)
  await service.put(record, figures(3))
  const at = { category: 'disputes', period: '2025' }
  const imported = await service.post('/v1/imports', [
    { ...at, township: '410423209', delete: true },
    { ...at, township: '410421106', figures: { identified: 4 } },
  ])
  await service.put('/v1/reports/410421106/2024', { disputes: figures(5), publicity: { figures: { activities: 6 } } })
  await mark(service)
  const { items, next } = await readUntil(service, marked, 'limit=2')
  t.same(told(items), [
    'disputes 410423209 2025 1 create',
    'disputes 410423209 2025 2 update',
    'disputes 410423209 2025 3 delete',
    'disputes 410423209 2025 4 create',
    ...told(items.slice(4, 6)),
    'disputes 410421106 2024 1 create',
    'publicity 410421106 2024 1 create',
    'disputes 110101001 2020 1 create',
  ])
  t.same(told(items.slice(4, 6)).sort(), ['disputes 410421106 2025 1 create', 'disputes 410423209 2025 5 delete'])
  t.same(items[0]?.document, created.json)
  t.same(items[1]?.document, updated.json)
  t.equal(items[2]?.document, null)
  t.match(items[0], { actor: 'admin', reason: '首次', recordedAt: created.json.createdAt, epoch: 1 })
  t.equal(items[4]?.importId, imported.json.id)
  const transactions = items.map(({ transaction }) => transaction)
  t.equal(transactions[4], transactions[5], 'an import is one transaction')
  t.equal(transactions[6], transactions[7], 'so is a report')
  t.equal(new Set(transactions).size, 7)

  const again = await page(service, '', next)
  t.same(again.items, [])
  t.equal(again.next, next, 'nothing came: the same place')
  t.same(told((await readUntil(service, marked)).items), told(items), 'from the beginning again')
  t.same(told((await readUntil(service, marked, 'limit=3', empty.next)).items), told(items), 'from when there was nothing')
})

await test('an older transaction that commits last never arrives behind a cursor', async (t) => {
  const service = await api(t)
  await mark(service)
  const { next } = await readUntil(service, marked)
  const older = await writing(t, service)
  await writeRecord(older, place, figures(1), [], { if: 'any' }, { actor: 'slow' })
  const { rows } = await older.query<{ xid: string }>('select pg_current_xact_id()::text as xid')
  await service.put('/v1/disputes/410421106/2025', figures(2))
  const held = await page(service, '', next)
  t.same(told(held.items), [], 'what was committed since waits for it')
  const { lag, settledUntil } = held.json
  if (!(lag instanceof Object && 'transaction' in lag && 'seconds' in lag)) return void t.fail('no lag is told')
  t.ok(BigInt(String(lag.transaction)) <= BigInt(rows[0]?.xid ?? 0), 'which transaction holds it back is told')
  t.ok(Number(lag.seconds) > 0)
  await older.query('commit')
  const { items } = await readUntil(service, ({ township }) => township === '410421106', '', held.next)
  t.same(told(items), ['disputes 410423209 2025 1 create', 'disputes 410421106 2025 1 create'])
  for (const { recordedAt } of items) t.ok(String(recordedAt) >= String(settledUntil), 'it was not settled before')
})

await test('of two writers of one record the one that began first writes last: the later revision still comes last', async (t) => {
  const service = await api(t)
  const older = await writing(t, service)
  await older.query('select pg_current_xact_id()')
  await service.put(record, figures(1))
  await writeRecord(older, place, figures(2), [], { if: 'any' }, { actor: 'slow' })
  await older.query('commit')
  await mark(service)
  const { items } = await readUntil(service, marked)
  t.same(told(items.slice(0, 2)), ['disputes 410423209 2025 1 create', 'disputes 410423209 2025 2 update'])
  const [first, second] = items.map(({ transaction }) => BigInt(transaction))
  t.ok(first !== undefined && second !== undefined && first > second, 'though its transaction is the older')
})

await test('a transaction that was rolled back is nothing to wait for', async (t) => {
  const service = await api(t)
  await service.database.pool.query(`begin; select pg_current_xact_id(); rollback`)
  await service.put(record, figures(1))
  await mark(service)
  t.same(told((await readUntil(service, marked)).items), ['disputes 410423209 2025 1 create', 'disputes 110101001 2020 1 create'])
})

await test('filters: a category, a region; a cursor belongs to its filter', async (t) => {
  const service = await api(t)
  const publicity = { figures: { activities: 1 } }
  await service.put(record, figures(1))
  await service.put('/v1/publicity/410423209/2025', publicity)
  await service.put('/v1/disputes/500229107/2025', figures(1))
  await service.put('/v1/publicity/500229107/2025', publicity)
  await mark(service)
  await service.put('/v1/publicity/110101001/2020', publicity)
  await readUntil(service, ({ category, township }) => category === 'publicity' && township === '110101001')
  const all = async (query: string) => told((await page(service, query)).items)
  t.same(await all('category=publicity&region=41'), ['publicity 410423209 2025 1 create'])
  t.same(await all('region=500229'), ['disputes 500229107 2025 1 create', 'publicity 500229107 2025 1 create'])
  t.equal((await all('category=disputes')).length, 3)
  const { next } = await page(service, 'region=500229')
  const other = await service.get(`/v1/changes?after=${next}`)
  t.same([other.status, other.json.code], [400, 'cursor-of-another-filter'])
  const bad = await service.get('/v1/changes?after=x')
  t.same([bad.status, bad.json.code], [400, 'invalid-cursor'])
  t.same(await all('township=500229107&category=disputes'), ['disputes 500229107 2025 1 create'])
  t.same((await page(service, 'township=500229107&region=41')).items, [], 'a township of another region has none')
  t.match((await service.get('/v1/changes?township=500229999')).json.errors, [
    { parameter: 'township', code: 'no-such-township' },
  ])
  t.match((await service.get('/v1/changes?region=99')).json.errors, [{ parameter: 'region', code: 'no-such-region' }])
  for (const query of ['wait=31', 'wait=-1', 'limit=0', 'category=x', 'cursor=x'])
    t.equal((await service.get(`/v1/changes?${query}`)).status, 400, query)
})

await test('a database restored elsewhere: older cursors are gone, a fresh start has it all', async (t) => {
  const service = await api(t)
  const { database } = service
  const prepare = () => prepareDatabase(database, { samples: false })
  const code = async (after: string) => {
    const { status, json } = await service.get(`/v1/changes?after=${after}`)
    return status === 200 ? 200 : [status, json.code]
  }
  const gone = [410, 'cursor-of-another-database']
  await service.put(record, figures(1))
  await mark(service)
  const { next: first } = await readUntil(service, marked)
  t.equal(await code(first), 200)
  await prepare()
  t.same(await code(first), gone, 'the test database is a copy of another')
  const { next: second } = await readUntil(service, marked)
  await prepare()
  t.equal(await code(second), 200, 'a start on the same database changes nothing')
  await database.pool.query(`update change_epoch set system_identifier = '1'`)
  await Promise.all([prepare(), prepare()])
  t.same(await code(second), gone)
  const { detail } = (await service.get(`/v1/changes?after=${second}`, { 'accept-language': 'zh' })).json
  t.match(detail, /去掉 after/)

  await service.put(record, figures(2))
  await mark(service, 2)
  const { items, next: third } = await readUntil(service, ({ township, revision }) => marked({ township }) && revision === 2)
  t.same(told(items), [
    'disputes 410423209 2025 1 create',
    'disputes 110101001 2020 1 create',
    'disputes 410423209 2025 2 update',
    'disputes 110101001 2020 2 update',
  ])
  t.same(
    items.map(({ epoch }) => epoch),
    [1, 1, 3, 3],
  )
  // As after a dump into a cluster that has given fewer transaction ids: what comes now still comes after.
  await database.pool.query(`update record_revisions set position = (position::text::bigint + 1000000000)::text::xid8`)
  await prepare()
  t.same(await code(third), gone)
  await service.put(record, figures(3))
  const { items: all } = await readUntil(service, ({ township, revision }) => township === '410423209' && revision === 3)
  t.same(told(all), [...told(items), 'disputes 410423209 2025 3 update'])
})

await test('a place that this history does not have is of another: an older dump restored in the same database', async (t) => {
  const service = await api(t)
  await service.put(record, figures(1))
  await mark(service)
  const { next } = await readUntil(service, marked)
  await service.database.pool.query(`delete from record_revisions where township_code = '110101001'`)
  t.equal((await service.get(`/v1/changes?after=${next}`)).status, 410)
})
