/** `asOf`: what the register held at an instant, in every form in which it can be read. */
import fc from 'fast-check'
import pg from 'pg'
import { type Test, test } from 'tap'
import { type CategoryName, catalogue, categories } from '../../src/catalogue/index.ts'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { writeRecord } from '../../src/storage/records.ts'
import { type Api, api, type Response } from '../support/api.ts'
import { anyRecord } from '../support/arbitraries.ts'

const township = '410423209'
const record = `/v1/disputes/${township}/2025`
const figures = (identified: number) => ({ figures: { identified } })

/** As if the revisions of that record had been recorded on the first days of March. */
async function backdate({ database }: Api, code = township): Promise<void> {
  await database.pool.query(`update record_revisions set recorded_at = '2026-03-01T08:00:00Z'::timestamptz + (revision - 1) * interval '1 day'
    where township_code = '${code}'`)
  for (const table of ['disputes', 'publicity'])
    await database.pool.query(`update ${table} set updated_at = '2026-03-01T08:00:00Z'::timestamptz + (revision - 1) * interval '1 day'
      where township_code = '${code}'`)
}
const day = (number: number, time = '08:00:00.000Z') => `2026-03-0${number}T${time}`
const at = (path: string, instant: string) => `${path}${path.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(instant)}`

/** The database's clock, once it has gone on: what is written from now on is recorded later. */
async function instantOf({ database }: Api): Promise<string> {
  const read = async () => {
    const { rows } = await database.pool.query<{ now: string }>('select clock_timestamp()::timestamptz(3)::text as now')
    return new Date(rows[0]?.now ?? '').toISOString()
  }
  const first = await read()
  while ((await read()) <= first);
  return first
}

/** A connection of its own inside a transaction, which keeps later instants provisional. */
async function beginning(t: Test, { url }: Api): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('begin')
  return client
}

await test('a record at every instant of its history, deletions included', async (t) => {
  const service = await api(t)
  const { get } = service
  const created = await service.put(record, figures(1))
  const updated = await service.patch(record, figures(2))
  await service.del(record)
  const reborn = await service.put(record, figures(4))
  await backdate(service)
  const then = async (instant: string) => {
    const { status, json } = await get(at(record, instant))
    return status === 200 ? json : [status, json.code]
  }
  t.same(await then(day(1, '07:59:59.999Z')), [404, 'absent-then'])
  t.same(await then(day(1)), created.json, 'the instant itself is included')
  t.same(await then(day(1, '23:00:00+08:00')), created.json, 'offsets')
  t.same(await then(day(2, '07:59:59.9999Z')), created.json)
  t.same(await then(day(2)), updated.json)
  t.same(await then(day(3)), [404, 'absent-then'], 'deleted')
  t.same(await then(day(4)), reborn.json)
  t.same((await get(record)).json, reborn.json)
  const { detail } = (await get(at(record, day(3)), { 'accept-language': 'zh' })).json
  t.match(detail, /截至 2026-03-03/)
  for (const [path, code] of [
    [`/v1/disputes/999999999/2025`, 'unknown-township'],
    [`/v1/disputes/${township}/2025-Q1`, 'unknown-period'],
  ] as const)
    t.same((await get(at(path, day(1)))).json.code, code)
})

await test('the tag of a record of then is of that revision, and no precondition of now', async (t) => {
  const service = await api(t)
  const { get } = service
  const now = await service.put(record, figures(1))
  await backdate(service)
  const then = await get(at(record, day(1)))
  t.same(then.json, now.json)
  t.not(then.headers.etag, now.headers.etag, 'its findings stay those of then whatever becomes of the rules')
  const same = await get(at(record, day(5)), { 'if-none-match': then.headers.etag ?? '' })
  t.equal(same.status, 304)
  t.ok(same.headers['settled-until'])
  t.equal((await service.put(record, figures(2), { 'if-match': then.headers.etag ?? '' })).status, 412)
  await service.put(record, figures(2))
  t.not((await get(at(record, new Date().toISOString()))).headers.etag, then.headers.etag)
})

await test('an answer says until when the register is settled', async (t) => {
  const service = await api(t)
  const { get } = service
  const told = ({ headers }: Response) => headers.provisional
  await service.put(record, figures(1))
  await backdate(service)
  const past = await get(at(record, day(1)))
  t.match(past.headers['settled-until'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.equal(told(past), undefined)
  t.equal((await get(record)).headers['settled-until'], undefined, 'now is now')
  const running = await beginning(t, service)
  const now = await instantOf(service)
  for (const path of [
    record,
    '/v1/disputes',
    '/v1/disputes?format=csv',
    '/v1/disputes?count=true',
    `/v1/reports/${township}/2025`,
  ]) {
    t.equal(told(await get(at(path, now))), 'true', path)
    t.equal(told(await get(at(path, day(1)))), undefined, path)
  }
  const rollUp = '/v1/statistics/disputes?period=2025'
  t.equal(told(await get(at(rollUp, now))), 'true')
  for (const path of ['/v1/disputes', rollUp]) {
    const { json, headers } = await get(at(path, now))
    t.same([json.settledUntil, json.provisional], [headers['settled-until'], true], 'what is more than a record says so itself')
    t.equal((await get(at(path, day(1)))).json.provisional, undefined)
    t.equal((await get(path)).json.settledUntil, undefined)
  }
  t.equal(told(await get(at(`/v1/disputes/410421106/2025`, now))), 'true', 'absence is provisional too')
  await running.query('commit')
})

await test('what a running transaction writes is recorded when it began: later instants are provisional until it ends', async (t) => {
  const service = await api(t)
  const period = parsePeriod('2025')
  if (!period) throw new Error('no period')
  const older = await beginning(t, service)
  await writeRecord(older, { category: 'disputes', period, township }, figures(1), [], { if: 'any' }, { actor: 'slow' })
  const { rows } = await older.query<{ began: Date }>('select now() as began')
  const began = rows[0]?.began.toISOString() ?? ''
  const instant = await instantOf(service)
  const before = await service.get(at(record, instant))
  t.same([before.status, before.headers.provisional], [404, 'true'])
  t.ok((before.headers['settled-until'] ?? '') <= began)
  await older.query('commit')
  t.same((await service.get(at(record, instant))).json.figures, { identified: 1 })
})

await test('lists, pages and exports of then', async (t) => {
  const service = await api(t)
  const { get } = service
  const others = ['410421106', '500229107', '511402113']
  for (const code of [township, ...others]) await service.put(`/v1/disputes/${code}/2025`, figures(1))
  await service.put(`/v1/disputes/${township}/2024`, figures(9))
  const first = (await get('/v1/disputes')).json.items
  const sheet = (await get('/v1/disputes?format=csv')).text
  for (const code of [township, ...others]) await backdate(service, code)
  for (const code of others) await service.put(`/v1/disputes/${code}/2025`, figures(2))
  await service.del(record)
  await service.put('/v1/disputes/500114108/2025', figures(3))

  const list = async (query: string) => (await get(at(`/v1/disputes?${query}`, day(2)))).json.items
  t.same(await list(''), first)
  t.same(
    await list('period=2025'),
    first.filter(({ period }) => period === '2025'),
  )
  t.same(
    await list('region=41'),
    first.filter((one) => one.township.startsWith('41')),
  )
  t.same(
    await list(`township=${township}`),
    first.filter((one) => one.township === township),
  )
  t.same(await list(`updatedAfter=${day(1)}`), [])
  t.equal((await list(`updatedAfter=${day(1, '07:00:00Z')}`)).length, first.length)
  t.same((await get(at('/v1/disputes', day(1, '07:00:00Z')))).json.items, [])

  const page = await get(at('/v1/disputes?limit=2', day(2)))
  const rest = await get(at(`/v1/disputes?limit=1000&cursor=${page.json.next}`, day(2)))
  t.same([...page.json.items, ...rest.json.items], first)
  t.match(page.headers.link, /asOf=2026-03-02/)
  for (const path of [`/v1/disputes?cursor=${page.json.next}`, at(`/v1/disputes?cursor=${page.json.next}`, day(3))])
    t.equal((await get(path)).json.code, 'cursor-of-another-filter')

  const lines = (await get(at('/v1/disputes?format=ndjson', day(2)))).text.trim().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    first,
  )
  t.equal((await get(at('/v1/disputes?format=csv', day(2)))).text, sheet)
  t.same((await get(at('/v1/disputes?count=true', day(2)))).json, { count: first.length })
})

await test('a report of then', async (t) => {
  const service = await api(t)
  const path = `/v1/reports/${township}/2025`
  const source = { title: '2025年法治政府建设年度报告' }
  await service.put(path, { source, disputes: figures(1), publicity: { figures: { activities: 2 } } })
  const whole = await service.get(path)
  await backdate(service)
  await service.put(path, { disputes: figures(2) }, { 'if-match': whole.headers.etag ?? '' })
  const then = await service.get(at(path, day(1)))
  t.same(then.json, whole.json)
  t.equal((await service.put(path, { disputes: figures(3) }, { 'if-match': then.headers.etag ?? '' })).status, 412)
  t.equal((await service.get(at(path, day(1)), { 'if-none-match': then.headers.etag ?? '' })).status, 304)
  t.equal((await service.get(at(path, day(1, '01:00:00Z')))).json.code, 'absent-then')
})

await test('instants that are none are told', async (t) => {
  const { get } = await api(t)
  const code = async (instant: string) => (await get(at(record, instant))).json.errors[0]?.code
  t.equal(await code('2999-01-01T00:00:00Z'), 'in-the-future')
  t.equal(await code('9999-12-31T23:59:59-12:00'), 'in-the-future')
  t.equal(await code('2025-01-01'), 'bad-format')
  t.equal(await code('2016-12-31T23:59:60Z'), 'bad-format')
  t.equal(await code('2025-01-01T00:00:00+23:00'), 'bad-format')
  for (const early of [
    '0001-01-01T00:00:00+14:00',
    '1969-12-31T23:59:59Z',
    '2025-01-01T00:00:00+15:59',
    '2025-01-01T00:00:00.123456789Z',
  ])
    t.equal((await get(at(record, early))).json.code, 'absent-then', early)
  for (const path of ['/v1/disputes', `/v1/reports/${township}/2025`, '/v1/statistics/disputes?period=2025'])
    t.match((await get(at(path, '2999-01-01T00:00:00Z'))).json.errors, [{ parameter: 'asOf', code: 'in-the-future' }])
})

// So few that most records are written again.
const places = ['410423209', '500229107']
const periods = ['2024']
type Step = { place: string; period: string; content: { name: CategoryName; content: object } | undefined; name: CategoryName }
const step: fc.Arbitrary<Step> = fc.record({
  place: fc.constantFrom(...places),
  period: fc.constantFrom(...periods),
  name: fc.constantFrom(...categories.map(({ name }) => name)),
  content: fc.option(anyRecord, { nil: undefined, freq: 5 }),
})

async function take(t: Test, service: Api, { place, period, name, content }: Step): Promise<void> {
  const path = `/v1/${catalogue[content?.name ?? name].path}/${place}/${period}`
  const { status, text } = content ? await service.put(path, content.content) : await service.del(path)
  if (![200, 201, 204, 404].includes(status)) t.fail(text)
}

/** All that can be read of the register, as text. */
async function whole({ get }: Api, asOf?: string): Promise<Map<string, string>> {
  const paths = categories.flatMap(({ path }) => [
    `/v1/${path}?format=ndjson`,
    `/v1/${path}?format=csv`,
    `/v1/statistics/${path}?period=${periods}`,
    `/v1/statistics/${path}?period=${periods}&by=prefecture&region=41&boundaries=current`,
  ])
  const text = async (path: string) => (await get(asOf ? at(path, asOf) : path)).text.replace(/,"settledUntil":"[^}]*/, '')
  return new Map(await Promise.all(paths.map(async (path) => [path, await text(path)] as const)))
}

await test('whatever was written, every instant is read again as it was', async (t) => {
  const service = await api(t)
  const moments: { instant: string; held: Map<string, string> }[] = []
  const property = fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), async (steps) => {
    for (const one of steps) await take(t, service, one)
    const instant = await instantOf(service)
    moments.push({ instant, held: await whole(service) })
  })
  await fc.assert(property, { numRuns: 4, endOnFailure: true })
  for (const { instant, held } of moments) {
    for (const [path, text] of await whole(service, instant))
      if (text !== held.get(path)) t.equal(text, held.get(path), at(path, instant))
  }
  t.equal(moments.length, 4)
  const now = await instantOf(service)
  t.same(await whole(service, now), await whole(service), 'now is as without an instant')
})
