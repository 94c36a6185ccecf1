/** Writes that come at the same time are written together, and none of their senders can tell. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { canonical } from '../../src/catalogue/record.ts'
import { transaction } from '../../src/storage/database.ts'
import { openPool } from '../../src/storage/pool.ts'
import { eraseRecord, writeRecord } from '../../src/storage/records.ts'
import { openWriter } from '../../src/storage/writer.ts'
import { type Api, api } from '../support/api.ts'
import { until } from '../support/process.ts'

const of = (township: string, period = '2024') => `/v1/disputes/${township}/${period}`
const figures = (identified: number) => ({ figures: { identified } })

async function townships({ database }: Api, count: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ code: string }>('select code from townships order by code limit $1', [count])
  return rows.map(({ code }) => code)
}

/** How many transactions wrote how many revisions. */
async function transactions({ database }: Api) {
  const { rows } = await database.pool.query<{ transactions: number; revisions: number }>(
    'select count(distinct xid)::int as transactions, count(*)::int as revisions from record_revisions',
  )
  return rows[0] ?? { transactions: 0, revisions: 0 }
}

/** Makes the database refuse one value of a figure with that SQLSTATE, as it would something that nobody thought of. */
const refuse = ({ database }: Api, value: number, state: string) =>
  database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused' using errcode = '${state}'; end $$;
    create trigger refuse before insert or update on disputes for each row when (new.identified = ${value}) execute function refuse()`)

await test('each is answered as if it had come alone', async (t) => {
  const service = await api(t)
  const codes = await townships(service, 42)
  const [stored = '', same = '', guarded = '', stale = '', fresh = '', taken = ''] = codes
  for (const code of [stored, same, guarded, stale, taken]) await service.put(of(code), figures(1))
  await service.post('/v1/periods/2019/close', { reason: '归档' })
  const before = await transactions(service)

  const answers = await Promise.all([
    service.put(of(stored), figures(2)),
    service.put(of(same), figures(1)),
    service.put(of(guarded), figures(3), { 'if-match': String((await service.get(of(guarded))).headers.etag) }),
    service.put(of(stale), { ...figures(4), revision: 7 }),
    service.put(of(fresh), figures(5), { 'if-none-match': '*' }),
    service.put(of(taken), figures(6), { 'if-none-match': '*' }),
    service.put(of('999999999'), figures(7)),
    service.put(of(stored, '2019'), figures(8)),
    service.put(`${of(stored, '2019')}?reason=${encodeURIComponent('漏报')}`, figures(9), { 'if-none-match': '*' }),
    service.put(`/v1/governance/${stored}/2024`, { figures: { meetings: 10 } }),
    ...codes.slice(6).map((code, at) => service.put(of(code), figures(100 + at))),
  ])
  const told = answers.map(({ status, json }) => [status, json.revision ?? json.code])
  t.same(told.slice(0, 10), [
    [200, 2],
    [200, 1],
    [200, 2],
    [412, 'precondition-failed'],
    [201, 1],
    [412, 'precondition-failed'],
    [404, 'unknown-township'],
    [428, 'correction-needs-condition'],
    [201, 1],
    [201, 1],
  ])
  t.same(
    told.slice(10),
    codes.slice(6).map(() => [201, 1]),
  )
  for (const [at, code] of codes.slice(6).entries())
    t.match((await service.get(of(code))).json, { township: code, ...figures(100 + at) })
  t.match((await service.get(of(same))).json, { revision: 1, ...figures(1) })
  t.match((await service.get(of(stale))).json, { revision: 1, ...figures(1) })

  const after = await transactions(service)
  t.ok(after.transactions - before.transactions < after.revisions - before.revisions, 'several in a transaction')
  const { rows } = await service.database.pool.query<{ requests: number }>(
    `select count(distinct request_id)::int as requests from audit where outcome = 'done' and revision is not null`,
  )
  t.equal(rows[0]?.requests, after.revisions, 'each has its own entry')
})

await test('whoever holds a record holds up only those who write it', async (t) => {
  const service = await api(t)
  const [held = '', ...others] = await townships(service, 40)
  await service.put(of(held), figures(1))
  const holder = await service.database.connections.connect()
  await holder.query('begin')
  await holder.query('select from disputes where township_code = $1 for update', [held])
  // More of them than the pool has connections.
  const waits = Array.from({ length: 12 }, (_, at) => service.put(of(held), figures(2 + at)))
  const answers = await Promise.all(others.map((code) => service.put(of(code), figures(3))))
  t.same(new Set(answers.map(({ status }) => status)), new Set([201]))
  await holder.query('rollback')
  holder.release()
  for (const { status } of await Promise.all(waits)) t.equal(status, 200)
})

await test('what the database refuses fails alone', async (t) => {
  const service = await api(t)
  const codes = await townships(service, 40)
  await refuse(service, 13, '23514')
  const answers = await Promise.all(codes.map((code, at) => service.put(of(code), figures(at))))
  t.same(
    answers.map(({ status }) => status),
    codes.map((_, at) => (at === 13 ? 500 : 201)),
  )
})

await test('where the database goes away, who is not told of success was not written', async (t) => {
  const service = await api(t)
  const codes = await townships(service, 40)
  await refuse(service, 13, '57P01')
  const answers = await Promise.all(codes.map((code, at) => service.put(of(code), figures(at))))
  t.equal(answers[13]?.status, 503)
  for (const [at, { status }] of answers.entries()) {
    t.match(status, at === 13 ? 503 : /201|503/)
    t.equal((await service.get(of(codes[at] ?? ''))).status, status === 201 ? 200 : 404)
  }
})

await test('the times of a record never go back, whoever began first', async (t) => {
  const service = await api(t)
  const { pool, connections } = service.database
  const [first = '', second = ''] = await townships(service, 2)
  const period = parsePeriod('2024')
  if (!period) throw new Error('no period')
  const place = { category: 'disputes' as const, period, township: first }
  const by = { actor: 'test' }
  await transaction(service.database, async (client) => {
    // It has its instant before the others write, and its locks after they have.
    await client.query('select now()')
    const later = `select where date_trunc('milliseconds', clock_timestamp()) > date_trunc('milliseconds', now())`
    await until('the clock has gone on', async () => (await client.query(later)).rowCount === 1)
    await service.put(of(first), figures(1))
    await writeRecord(client, place, canonical('disputes', figures(2)), [], { if: 'any' }, by)
    await eraseRecord(client, place, { if: 'any' }, by)
    await writeRecord(client, place, canonical('disputes', figures(3)), [], { if: 'any' }, by)
  })

  await service.put(of(second), figures(1))
  const holder = await connections.connect()
  await holder.query('begin')
  await holder.query('select from disputes where township_code = $1 for update', [first])
  const rows = [first, second].map((township) => ({ category: 'disputes', township, period: '2024', ...figures(9) }))
  const imported = service.post('/v1/imports', rows)
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('the import waits', async () => (await pool.query(waiting)).rowCount === 1)
  await service.put(of(second), figures(5))
  await holder.query('rollback')
  holder.release()
  t.equal((await imported).status, 200)

  for (const [township, revisions] of [
    [first, 5],
    [second, 3],
  ] as const) {
    const { items } = (await service.get(`${of(township)}/revisions`)).json
    const times = items.map(({ recordedAt }) => String(recordedAt)).toReversed()
    t.equal(times.length, revisions)
    t.same(times, times.toSorted(), township)
    const { json } = await service.get(of(township))
    t.equal(json.updatedAt, times.at(-1))
    t.ok(String(json.createdAt) <= json.updatedAt)
  }
})

await test('where no database answers, nobody waits for the others to have found out', async (t) => {
  let asked = 0
  const silent = createServer(() => void asked++).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const url = `postgres://register@127.0.0.1:${address instanceof Object ? address.port : 0}/register`
  const pool = openPool({ connectionString: url })
  const writer = openWriter(url, pool)
  t.teardown(async () => {
    silent.close()
    await Promise.all([writer.close(), pool.end()])
  })
  const puts = Array.from({ length: 100 }, (_, at) => writer.put('disputes', [20240100, String(410423000 + at)]))
  const found = await Promise.allSettled(puts)
  t.same(new Set(found.map(({ status }) => status)), new Set(['rejected']))
  t.ok(asked <= 2, 'each of two asked once for all')
})
