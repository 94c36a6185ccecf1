/** Large files that are sound are written while they are read; what comes of them is what comes of any file. */
import pg from 'pg'
import { type Test, test } from 'tap'
import { type Api, api } from '../support/api.ts'
import { lines, ndjson, revisions, send } from '../support/imports.ts'
import { until } from '../support/process.ts'

/** What makes a file large, though it says little: a note in its first category. */
const note = '含派驻机构'.repeat(50)
const large = 4_194_304

async function townshipsOf(service: Api, count: number): Promise<string[]> {
  const { rows } = await service.database.pool.query<{ code: string }>('select code from townships order by code limit $1', [
    count,
  ])
  return rows.map(({ code }) => code)
}
type Line = {
  category: string
  township: string
  period: string
  figures?: Record<string, unknown> | undefined
  [word: string]: unknown
}
const row = (category: string, township: string, figures: Record<string, unknown>, period = '2024'): Line => ({
  category,
  township,
  period,
  figures,
})

/** A file of two categories and two periods in the order in which all writers take records. */
function country(townships: readonly string[], value: number): Line[] {
  const disputes = townships.map((code) => ({
    ...row('disputes', code, { identified: value }),
    remarks: { identified: { note } },
  }))
  const enforcement = ['2023', '2024'].flatMap((period) =>
    townships.map((code) => row('enforcement', code, { officers: 5 }, period)),
  )
  return [...disputes, ...enforcement]
}
const counts = ({ report }: Awaited<ReturnType<typeof send>>) => {
  const { rows, created, updated, unchanged, deleted, rejected, notApplied } = report
  return { rows, created, updated, unchanged, deleted, rejected, notApplied }
}
const none = { created: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0, notApplied: 0 }

async function start(t: Test) {
  const service = await api(t)
  const townships = await townshipsOf(service, 6000)
  const file = (value: number) => country(townships, value)
  t.ok(Buffer.byteLength(lines(file(1))) > large, 'the file is large')
  return { service, townships, file }
}

await test('new, changed, unchanged: as of any file', async (t) => {
  const { service, townships, file } = await start(t)
  const rows = 3 * townships.length
  const [first = '', second = ''] = townships
  // One is there already, and one was there before.
  await service.put(`/v1/disputes/${first}/2024`, { figures: { identified: 7 } })
  await service.put(`/v1/disputes/${second}/2024`, { figures: { identified: 7 } })
  await service.del(`/v1/disputes/${second}/2024`)

  const made = await send(service, lines(file(1)), ndjson)
  t.same([made.status, counts(made)], [200, { ...none, rows, created: rows - 1, updated: 1 }])
  t.equal(await revisions(service), rows + 3)
  const { rows: histories } = await service.database.pool.query(
    `select township_code, count(*)::int as n, max(revision) as last, max(import_id)::int as import from record_revisions
      where category = 'disputes' group by 1 having count(*) <> max(revision) or max(import_id) <> $1`,
    [made.report.id],
  )
  t.same(histories, [], 'every revision is the next of its record, and the last names the import')
  const record = (await service.get(`/v1/disputes/${second}/2024`)).json
  t.match(record, { revision: 3, figures: { identified: 1 }, remarks: { identified: { note } }, updatedBy: 'admin' })

  const changed = await send(service, lines(file(2)), ndjson)
  t.same(counts(changed), { ...none, rows, updated: townships.length, unchanged: 2 * townships.length })
  const before = await revisions(service)
  const again = await send(service, lines(file(2)), ndjson)
  t.same([again.status, counts(again)], [200, { ...none, rows, unchanged: rows }])
  t.equal(await revisions(service), before, 'what changes nothing writes nothing')

  const sheet = (await service.get('/v1/disputes?period=2024&format=csv')).text
  t.ok(Buffer.byteLength(sheet) > large, 'an export that comes back is large as well')
  const back = await send(service, sheet, { 'content-type': 'text/csv' }, 'category=disputes')
  t.same([back.status, counts(back)], [200, { ...none, rows: townships.length, unchanged: townships.length }])
  t.equal(await revisions(service), before)
  const told = sheet.replaceAll(',2,,', ',3,,')
  const corrected = await send(service, told, { 'content-type': 'text/csv' }, 'category=disputes&revisions=ignore')
  t.same(counts(corrected), { ...none, rows: townships.length, updated: townships.length })
  const stale = await send(service, sheet, { 'content-type': 'text/csv' }, 'category=disputes')
  t.same([stale.status, stale.report.errorCount], [400, townships.length], 'its revisions are others now')
  t.equal(stale.report.errors[0]?.code, 'revision-mismatch')
})

await test('small years before a large one: an export of all years comes back', async (t) => {
  const { service, townships, file } = await start(t)
  const years = ['2020', '2021', '2022', '2023'].flatMap((period) =>
    townships.slice(0, 3).map((code) => row('disputes', code, { identified: 3 }, period)),
  )
  const all = [...years, ...file(1)]
  const made = await send(service, lines(all), ndjson)
  t.same([made.status, counts(made)], [200, { ...none, rows: all.length, created: all.length }])
  const sheet = (await service.get('/v1/disputes?format=csv')).text
  const back = await send(service, sheet, { 'content-type': 'text/csv' }, 'category=disputes')
  t.same([back.status, counts(back)], [200, { ...none, rows: 12 + townships.length, unchanged: 12 + townships.length }])
})

await test('a mistake anywhere is told with its row, and nothing is written', async (t) => {
  const { service, townships, file } = await start(t)
  const rows = 3 * townships.length
  const at = rows - 1
  const [first = '', last = ''] = [townships[0], townships[townships.length - 1]]
  const spoilt: [string, (file: Line[]) => Line[], { row: number; code: string }[]][] = [
    ['a figure', (file) => file.with(at, row('enforcement', last, { officers: -5 })), [{ row: rows, code: 'out-of-range' }]],
    [
      'a township',
      (file) => file.with(at, row('enforcement', '999999999', { officers: 5 })),
      [{ row: rows, code: 'no-such-township' }],
    ],
    [
      'a record twice',
      (file) => file.with(at, row('enforcement', first, { officers: 5 })),
      [
        { row: 2 * townships.length + 1, code: 'row-repeated' },
        { row: rows, code: 'row-repeated' },
      ],
    ],
    [
      'a revision',
      (file) => file.with(at, { ...row('enforcement', last, { officers: 5 }), expectedRevision: 4 }),
      [{ row: rows, code: 'record-absent' }],
    ],
  ]
  for (const [story, spoil, errors] of spoilt) {
    const text = lines(spoil(file(1)))
    const atomic = await send(service, text, ndjson)
    t.equal(atomic.status, 400, story)
    t.same(
      atomic.report.errors.map(({ row: number, code }) => ({ row: number, code })),
      errors,
    )
    t.equal(await revisions(service), 0, 'nothing is written')
  }
  const partial = await send(
    service,
    lines(file(1).with(at, row('enforcement', '999999999', { officers: 5 }))),
    ndjson,
    'mode=partial',
  )
  t.same([partial.status, counts(partial)], [207, { ...none, rows, created: rows - 1, rejected: 1 }])
  t.equal(await revisions(service), rows - 1, 'the others are')
  const { items } = (await service.get('/v1/imports')).json
  t.same(
    items.map(({ id }) => id),
    [5, 4, 3, 2, 1],
    'no number is left out',
  )
})

await test('in any order, and with rows that delete, it is the same file', async (t) => {
  const { service, townships, file } = await start(t)
  const rows = 3 * townships.length
  const backwards = await send(service, lines(file(1).reverse()), ndjson)
  t.same([backwards.status, counts(backwards)], [200, { ...none, rows, created: rows }])
  const [first = ''] = townships
  const erased = file(1).with(townships.length, { ...row('enforcement', first, {}, '2023'), figures: undefined, delete: true })
  const deleted = await send(service, lines(erased), ndjson)
  t.same(counts(deleted), { ...none, rows, unchanged: rows - 1, deleted: 1 })
  t.equal((await service.get(`/v1/enforcement/${first}/2023`)).status, 404)
})

await test('a period that is closed takes nothing, though what stands before it is in order', async (t) => {
  const { service, townships, file } = await start(t)
  const closed = await service.post('/v1/periods/2024/close', { reason: '年度汇总' })
  t.equal(closed.status, 200)
  const answer = await send(service, lines(file(1)), ndjson)
  t.same([answer.status, answer.report.errorCount], [400, 2 * townships.length])
  t.equal(await revisions(service), 0)
})

await test('its answer is kept by the transaction that writes it', async (t) => {
  const { service, file } = await start(t)
  const headers = { ...ndjson, 'idempotency-key': 'national-2024' }
  const text = lines(file(1))
  const [one, other] = await Promise.all([send(service, text, headers), send(service, text, headers)])
  const answers = [one, other].map(({ status }) => status).sort()
  t.ok(answers[0] === 200 && [200, 409].includes(answers[1] ?? 0), `${answers}`)
  const again = await send(service, text, headers)
  t.same([again.status, again.report.id], [200, [one, other].find(({ status }) => status === 200)?.report.id])
  const { rows } = await service.database.pool.query('select id from imports')
  t.equal(rows.length, 1)
})

await test('others who write the same records meanwhile lose nothing', async (t) => {
  const { service, townships, file } = await start(t)
  const text = [lines(file(1)), lines(file(2).reverse()), lines(file(3))]
  let done = false
  const write = async (writer: number) => {
    for (let step = writer; !done; step += 7) {
      const code = townships[(step * 31) % townships.length]
      const { status } = await service.put(`/v1/disputes/${code}/2024`, { figures: { identified: 100 + writer } })
      if (status > 201) t.fail(`a writer got ${status}`)
    }
  }
  const importing = Promise.all(text.map((one) => send(service, one, ndjson))).finally(() => {
    done = true
  })
  await Promise.all(Array.from({ length: 4 }, (_, writer) => write(writer)))
  const answers = await importing
  for (const answer of answers) {
    const { rows, created, updated, unchanged } = counts(answer)
    t.same([answer.status, created + updated + unchanged], [200, rows])
  }
  const { rows: broken } = await service.database.pool.query(
    `select township_code from record_revisions r group by category, period_id, township_code having count(*) <> max(revision)`,
  )
  t.same(broken, [], 'no revision is missing')
  const { rows: behind } = await service.database.pool.query(
    `select t.township_code from disputes t join record_revisions r using (period_id, township_code, revision)
      where r.category = 'disputes' and r.document::text <> t.document::text`,
  )
  t.same(behind, [], 'each record is its last revision')
  const { rows: late } = await service.database.pool.query(
    `select a.township_code from record_revisions a join record_revisions b using (category, period_id, township_code)
      where b.revision = a.revision + 1 and (b.position, b.seq) < (a.position, a.seq)`,
  )
  t.same(late, [], 'the feed has them in their order')
})

await test('a connection that breaks in the middle leaves nothing behind', async (t) => {
  const { service, file } = await start(t)
  let ended = false
  const importing = send(service, lines(file(1)), ndjson).finally(() => {
    ended = true
  })
  const busy = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'register' and pid <> pg_backend_pid() and query like '%staged_%'`
  let broken = 0
  while (!ended && broken === 0) broken = (await service.database.pool.query(busy)).rowCount ?? 0
  const { status } = await importing
  t.ok(broken > 0, 'it was broken')
  t.equal(status, 503)
  t.equal(await revisions(service), 0)
})

await test('those who wait for its records keep nobody from a connection, not even the import itself', async (t) => {
  const { service, townships, file } = await start(t)
  t.equal((await send(service, lines(file(1)), ndjson)).status, 200)
  const merged = lines(file(2).map((one) => ({ ...one, mode: 'patch' })))
  const [elsewhere, watcher] = [new pg.Client(service.url), new pg.Client(service.url)]
  await Promise.all([elsewhere.connect(), watcher.connect()])
  t.teardown(() => Promise.all([elsewhere.end(), watcher.end()]))
  const count = async (what: string) => {
    const { rows } = await watcher.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and ${what}`,
    )
    return rows[0]?.n ?? 0
  }
  // Another holds a record in the middle of the file, so that the import stands still with what it holds.
  await elsewhere.query('begin')
  await elsewhere.query('select from disputes where township_code = $1 for update', [townships[4000]])
  const importing = send(service, merged, ndjson)
  await until('the import waits', async () => (await count(`query like '%staged_disputes%'`)) === 1)
  const puts = townships.slice(0, 30).map((code) => service.put(`/v1/disputes/${code}/2024`, { figures: { identified: 9 } }))
  await until(
    'others wait for it',
    async () => (await count(`query like '%insert into disputes as t%' and application_name <> 'register-writer'`)) >= 4,
  )
  const others = ['/v1/coverage?period=2024&region=11', '/v1/disputes?period=2024&limit=1', '/v1/periods'].map((path) =>
    service.get(path),
  )
  t.same(
    (await Promise.all(others)).map((other) => other.status),
    [200, 200, 200],
  )
  await elsewhere.query('commit')
  const { status, report } = await importing
  t.same([status, report.rejected], [200, 0])
  t.same([...new Set((await Promise.all(puts)).map((put) => put.status))], [200])
})

await test('a record that another changes while the import waits for it is the later one in the feed', async (t) => {
  const { service, townships, file } = await start(t)
  t.equal((await send(service, lines(file(1)), ndjson)).status, 200)
  const [early, late] = [townships[10] ?? '', townships[5990] ?? '']
  const [first, second, watcher] = [new pg.Client(service.url), new pg.Client(service.url), new pg.Client(service.url)]
  await Promise.all([first.connect(), second.connect(), watcher.connect()])
  t.teardown(() => Promise.all([first.end(), second.end(), watcher.end()]))
  const waiting = async (what: string) => {
    const { rowCount } = await watcher.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and ${what}`,
    )
    return rowCount === 1
  }
  const ours = `query like '%update disputes t set%'`
  const hold = async (client: pg.Client, township: string) => {
    await client.query('begin')
    await client.query('select from disputes where township_code = $1 for update', [township])
  }
  // The import has begun, and so has the smaller number of the two, when the other comes; but the other has the record first.
  await hold(first, early)
  await hold(second, late)
  const { rows: pids } = await first.query<{ pid: number }>('select pg_backend_pid() as pid')
  const [same] = file(1)
  const importing = send(service, lines(same ? file(2).with(0, same) : []), ndjson)
  await until('the import waits', () => waiting(ours))
  const unchanged = await service.put(`/v1/disputes/${townships[0]}/2024`, { figures: { identified: 8 } })
  t.equal(unchanged.status, 200, "what the file leaves as it is, is nobody's")
  const put = service.put(`/v1/disputes/${late}/2024`, { figures: { identified: 9 } })
  await until('the other waits for the last record', () => waiting(`not ${ours}`))
  await first.query('commit')
  await until('the import has come to it', () => waiting(`${ours} and not ${pids[0]?.pid} = any(pg_blocking_pids(pid))`))
  await second.query('commit')
  t.same([(await put).status, (await importing).status], [200, 200])
  const { rows } = await service.database.pool.query(
    `select revision, document->'figures'->>'identified' as identified, lag(position) over w <= position as ordered
      from record_revisions where category = 'disputes' and township_code = $1 window w as (order by revision)`,
    [late],
  )
  t.same(rows, [
    { revision: 1, identified: '1', ordered: null },
    { revision: 2, identified: '9', ordered: true },
    { revision: 3, identified: '2', ordered: true },
  ])
})

await test('records are locked in the order of their keys, however they lie in the table', async (t) => {
  const { service, townships, file } = await start(t)
  t.equal((await send(service, lines(file(1)), ndjson)).status, 200)
  await service.database.pool.query(
    `create temporary table kept as select * from disputes; truncate disputes;
     insert into disputes select * from kept order by township_code desc; drop table kept; analyze disputes`,
  )
  const other = new pg.Client(service.url)
  await other.connect()
  t.teardown(() => other.end())
  const take = (at: number, how: string) =>
    other.query(`select from disputes where township_code = $1 for update ${how}`, [townships[at]])
  await other.query('begin')
  await take(4500, '')
  const importing = send(service, lines(file(2)), ndjson)
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('the import waits', async () => (await service.database.connections.query(waiting)).rowCount === 1)
  await t.resolves(take(4600, 'nowait'), "a later record is nobody's while it waits for an earlier one")
  await other.query('commit')
  t.equal((await importing).status, 200)
})
