/** A period closes and reopens. Of a close and a write at the same time each comes before the other, and none slips in after the answer. */
import pg from 'pg'
import { type Test, test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { applyState } from '../../src/storage/period-changes.ts'
import { writeRecord } from '../../src/storage/records.ts'
import { type Api, api } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'

const record = '/v1/disputes/410423209/2024'
const report = '/v1/reports/410421106/2024'
const figures = (identified: number) => ({ figures: { identified } })
const close = (service: Api, reason = '数据已汇总') => service.post('/v1/periods/2024/close', { reason })
const reopen = (service: Api, reason = '两县补报') => service.post('/v1/periods/2024/reopen', { reason })
async function count(service: Api, table: 'record_revisions' | 'period_changes'): Promise<number> {
  const { rows } = await service.database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)
  return rows[0]?.n ?? -1
}

/** A second connection, inside a transaction. */
async function holding(t: Test, { url }: Api): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('begin')
  return client
}

/** Returns when that many statements wait for a lock; fails where they do not within 20 seconds. */
async function waiting({ database }: Api, statements = 1): Promise<void> {
  const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const until = Date.now() + 20_000
  while (((await database.pool.query(waits)).rowCount ?? 0) < statements) {
    if (Date.now() > until) throw new Error(`not ${statements} wait for a lock`)
    await new Promise(setImmediate)
  }
}

/** The writes of someone who may not correct what is closed. */
async function reporting(service: Api): Promise<Pick<Api, 'put' | 'patch' | 'del'>> {
  const headers = await service.as('reporter')
  return {
    put: (path, body) => service.put(path, body, headers),
    patch: (path, body) => service.patch(path, body, headers),
    del: (path) => service.del(path, headers),
  }
}

await test('a period is closed, refuses every kind of write, and is reopened', async (t) => {
  const service = await api(t)
  const reporter = await reporting(service)
  const before = (await service.get('/v1/periods/2024')).json
  t.match(before, { state: 'open', closedAt: undefined, reason: undefined })
  await reporter.put(record, figures(1))
  await reporter.put(report, { disputes: figures(1) })
  const written = await count(service, 'record_revisions')

  const closed = await close(service)
  t.equal(closed.status, 200)
  t.match(closed.json, { period: '2024', state: 'closed', closedAt: /^\d{4}-.*Z$/, reason: '数据已汇总' })
  t.same((await service.get('/v1/periods/2024')).json, closed.json)
  t.match(
    (await service.get('/v1/periods')).json.items.filter(({ period }) => period === '2024'),
    [closed.json],
  )

  const writes = {
    put: await reporter.put(record, figures(2)),
    'put of the same': await reporter.put(record, figures(1)),
    create: await reporter.put('/v1/publicity/410423209/2024', { figures: { activities: 1 } }),
    patch: await reporter.patch(record, figures(2)),
    delete: await reporter.del(record),
    'report put': await reporter.put(report, { disputes: figures(2) }),
    'report delete': await reporter.del(report),
  }
  for (const [story, { status, json }] of Object.entries(writes)) t.same([status, json.code], [409, 'period-closed'], story)
  const rows = [
    { category: 'disputes', township: '410423209', period: '2024', ...figures(2) },
    { category: 'disputes', township: '410423209', period: '2025', ...figures(2) },
  ]
  const imported = await service.app.inject({
    method: 'POST',
    url: '/v1/imports?mode=partial',
    payload: rows,
    headers: asAdmin,
  })
  t.match(JSON.parse(imported.body), { created: 1, rejected: 1, errors: [{ row: 1, code: 'period-closed' }] })
  t.equal(await count(service, 'record_revisions'), written + 1, 'only the other period was written')
  t.equal((await service.get(record)).status, 200, 'reads go on')

  const reopened = await reopen(service)
  t.match(reopened.json, { state: 'open', closedAt: undefined, reason: '两县补报' })
  t.equal((await reporter.put(record, figures(2))).status, 200)
})

await test('closing may be repeated; the first reason and time stay, and every change is kept', async (t) => {
  const service = await api(t)
  t.match((await reopen(service)).json, { state: 'open', reason: undefined }, 'an open one is not opened again')
  const first = await close(service, '第一次')
  const again = await close(service, '第二次')
  t.same([again.status, again.json], [200, first.json])
  await reopen(service, '补报')
  const both = await Promise.all([close(service, '甲'), close(service, '乙')])
  t.same(both[0].json, both[1].json, 'of two at once one closes')
  const { rows } = await service.database.pool.query<{ action: string; actor: string; reason: string }>(
    'select action, actor, reason from period_changes order by id',
  )
  t.same(rows, [
    { action: 'close', actor: 'admin', reason: '第一次' },
    { action: 'reopen', actor: 'admin', reason: '补报' },
    { action: 'close', actor: 'admin', reason: both[0].json.reason },
  ])
})

await test('a reason is required, and the period must be there', async (t) => {
  const service = await api(t)
  for (const action of ['close', 'reopen']) {
    t.equal((await service.post(`/v1/periods/2099/${action}`, { reason: '试' })).json.code, 'unknown-period')
    t.equal((await service.post(`/v1/periods/20/${action}`, { reason: '试' })).status, 400)
    const path = `/v1/periods/2024/${action}`
    t.match((await service.post(path, {})).json.errors, [{ pointer: '/reason', code: 'required' }])
    for (const reason of ['', ' ', 'x'.repeat(501), 'a\u0000b', 7, null])
      t.match((await service.post(path, { reason })).json.errors, [{ pointer: '/reason' }], JSON.stringify(reason))
    t.equal((await service.post(path, { reason: '试', force: true })).status, 400)
    t.match((await service.post(path)).json, { status: 400, code: 'invalid-body' }, 'no body')
    t.equal((await service.get(path)).status, 405)
  }
  t.equal(await count(service, 'period_changes'), 0)
})

await test('a write that began before is waited for', async (t) => {
  const service = await api(t)
  const reporter = await reporting(service)
  const period = parsePeriod('2024')
  if (!period) throw new Error('2024 is a period')
  const writer = await holding(t, service)
  const place = { category: 'disputes', period, township: '410423209' } as const
  t.match(await writeRecord(writer, place, figures(7), [], { if: 'any' }, { actor: 'slow' }), { outcome: 'created' })

  let answered = false
  const closing = close(service).then((answer) => {
    answered = true
    return answer
  })
  await waiting(service)
  t.notOk(answered, 'the close does not answer while the write is open')
  await writer.query('commit')
  const { json } = await closing
  t.match(json, { state: 'closed' })
  const stored = await service.get(record)
  t.match(stored.json, { figures: { identified: 7 }, updatedBy: 'slow' }, 'it got in')
  t.ok(String(json.closedAt) >= stored.json.updatedAt, 'and is not later than the close')
  t.equal((await reporter.put(record, figures(8))).json.code, 'period-closed')
})

await test('writes that come while it closes are refused once it has', async (t) => {
  const service = await api(t)
  const reporter = await reporting(service)
  await reporter.put(record, figures(1))
  const closer = await holding(t, service)
  t.ok(await applyState(closer, 20_240_100, 'closed', { actor: 'steward', reason: '汇总' }))
  const rows = [{ category: 'disputes', township: '500229107', period: '2024', ...figures(3) }]
  const pending = Promise.all([
    reporter.put(record, figures(2)),
    reporter.patch(record, figures(2)),
    reporter.del(record),
    reporter.put(report, { disputes: figures(2) }),
    service.app.inject({ method: 'POST', url: '/v1/imports', payload: rows, headers: asAdmin }).then(({ statusCode, body }) => {
      const { code, errors }: { code: string; errors: { code: string }[] } = JSON.parse(body)
      return { status: statusCode, json: { code: errors[0]?.code ?? code } }
    }),
  ])
  await waiting(service, 5)
  await closer.query('commit')
  const answers = (await pending).map(({ status, json }) => [status, json.code])
  t.same(answers, [...Array(4).fill([409, 'period-closed']), [400, 'period-closed']])
  t.equal(await count(service, 'record_revisions'), 1)

  await closer.query('begin')
  await applyState(closer, 20_240_100, 'open', { actor: 'steward', reason: '补报' })
  const refused = reporter.put(record, figures(3))
  t.equal((await refused).json.code, 'period-closed', 'a reopening that is not committed opens nothing')
  await closer.query('rollback')
})

await test('under many writers none is answered with success that began after the close answered', async (t) => {
  const service = await api(t)
  const reporter = await reporting(service)
  const towns = (await service.get('/v1/townships?region=410423&limit=6')).json.items.map(({ code }) => code)
  let [taken, slipped] = [0, 0]
  const from = performance.now()
  for (let round = 0; round < 5; round++) {
    const before = await count(service, 'record_revisions')
    let [closed, successes, late] = [false, 0, 0]
    const underway = new Set<string>()
    const writer = async (town: string) => {
      for (let value = 1; ; value++) {
        const afterwards = closed
        const { status } = await reporter.put(`/v1/disputes/${town}/2024`, figures(round * 1_000_000 + value))
        if (status >= 300) return status
        successes++
        if (afterwards) late++
        underway.add(town)
      }
    }
    const writers = towns.map(writer)
    while (underway.size < writers.length) await new Promise(setImmediate)
    t.equal((await close(service)).status, 200, 'the close gets its turn')
    closed = true
    const atClose = await count(service, 'record_revisions')
    t.same(await Promise.all(writers), Array(6).fill(409))
    t.equal(late, 0)
    t.equal(await count(service, 'record_revisions'), atClose, 'nothing was written after the close answered')
    t.equal(atClose - before, successes, 'and nothing that was answered is missing')
    taken += successes
    slipped += late
    await reopen(service)
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  t.comment(`${towns.length} writers, ${taken} writes, 5 closes, ${seconds} s, ${slipped} after the close`)
})

await test('writes that overlap without a gap do not keep a period open', async (t) => {
  const service = await api(t)
  const clients = await Promise.all([1, 2, 3, 4, 5, 6].map(() => holding(t, service)))
  let closed = false
  const holders = clients.map(async (client, index) => {
    await client.query('select pg_sleep($1)', [index / 20])
    while (!closed) {
      await client.query('select from periods where id = 20240100 for share')
      await client.query('select pg_sleep(0.3)')
      await client.query('commit; begin')
    }
    await client.query('commit')
  })
  await service.database.pool.query('select pg_sleep(0.4)')
  const { status, json } = await close(service)
  closed = true
  await Promise.all(holders)
  t.same([status, json.state], [200, 'closed'])
})
