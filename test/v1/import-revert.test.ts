/** An import is taken back: what stood before it stands again, but for what others have changed since. */
import fc from 'fast-check'
import { type Test, test } from 'tap'
import { type CategoryName, categories, columnOf, leaves } from '../../src/catalogue/index.ts'
import { type Content, flatten } from '../../src/catalogue/record.ts'
import { type Api, api, type Response } from '../support/api.ts'
import { anyRecord } from '../support/arbitraries.ts'
import { named } from '../support/columns.ts'
import { readUntil } from '../support/feed.ts'
import { until } from '../support/process.ts'

const at = { category: 'disputes', period: '2025' }
const [one, two, three, four] = ['410423209', '410421106', '500229107', '511402113']
const record = (township: string | undefined) => `/v1/disputes/${township}/2025`
const figures = (identified: number) => ({ figures: { identified } })
const revert = ({ post }: Api, id: unknown, reason = '文件用错了年份'): Promise<Response> =>
  post(`/v1/imports/${String(id)}/revert?reason=${encodeURIComponent(reason)}`)
const counts = ({ status, json }: Response) => {
  const { created, updated, deleted, unchanged, rejected, rows } = json
  return { status, rows, created, updated, deleted, unchanged, rejected }
}

/** One created, one changed, one deleted. */
async function imported(service: Api): Promise<number> {
  await service.put(record(two), figures(1))
  await service.put(record(three), figures(2))
  const rows = [
    { ...at, township: one, ...figures(10) },
    { ...at, township: two, ...figures(20) },
    { ...at, township: three, delete: true },
  ]
  const { json } = await service.post('/v1/imports', rows)
  return Number(json.id)
}

await test('created is deleted, changed is as before, deleted is there again', async (t) => {
  const service = await api(t)
  const id = await imported(service)
  const done = await revert(service, id)
  t.same(counts(done), { status: 200, rows: 3, created: 1, updated: 1, deleted: 1, unchanged: 0, rejected: 0 })
  t.match(done.json, { reverts: id, importedBy: 'admin', errors: [] })
  t.equal((await service.get(record(one))).status, 404)
  t.match((await service.get(record(two))).json, { ...figures(1), revision: 3 })
  t.match((await service.get(record(three))).json, { ...figures(2), revision: 3 })
  const [latest] = (await service.get(`${record(two)}/revisions`)).json.items
  t.match(latest, { revision: 3, importId: done.json.id, reason: '文件用错了年份' })

  const list = (await service.get('/v1/imports')).json.items
  t.match(list, [
    { id: done.json.id, reverts: id, rows: 3 },
    { id, revertedBy: [done.json.id], format: 'json' },
  ])
  t.equal(list[0]?.format, undefined, 'it had no file')
  t.match((await service.get(`/v1/imports/${String(done.json.id)}`)).json, { reverts: id, errors: [] })
  const kinds = (await readUntil(service, ({ action, importId }) => action === 'create' && importId === done.json.id)).items
  t.same(
    kinds
      .filter(({ importId }) => importId === done.json.id)
      .map(({ action }) => action)
      .sort(),
    ['create', 'delete', 'update'],
  )
})

await test('a second time nothing is left to do; a revert can itself be taken back', async (t) => {
  const service = await api(t)
  const id = await imported(service)
  const first = await revert(service, id)
  const again = await revert(service, id)
  t.same(counts(again), { status: 200, rows: 3, created: 0, updated: 0, deleted: 0, unchanged: 3, rejected: 0 })
  t.equal(again.json.id, undefined, 'nothing is kept')
  t.equal((await service.get(record(two))).json.revision, 3)
  t.equal((await service.get('/v1/imports')).json.items.length, 2)
  t.equal((await revert(service, first.json.id)).status, 200)
  t.match((await service.get(record(one))).json, figures(10))
  t.match((await service.get(record(two))).json, figures(20))
  t.equal((await service.get(record(three))).status, 404)
})

await test('imports upon imports are taken back one after the other', async (t) => {
  const service = await api(t)
  await service.put(record(two), figures(1))
  const ids: unknown[] = []
  for (const row of [figures(2), { delete: true }, figures(4)]) {
    const { json } = await service.post('/v1/imports', [
      { ...at, township: two, ...row },
      { ...at, township: one, ...figures(ids.length) },
    ])
    ids.push(json.id)
  }
  const [first, second, third] = ids
  const stands = async () =>
    [await service.get(record(one)), await service.get(record(two))].map(({ json }) => json.figures?.identified)
  t.match(await revert(service, second), { status: 207, json: { rejected: 2 } }, 'the third stands upon it')
  t.equal((await revert(service, third)).status, 200)
  t.same(await stands(), [1, undefined])
  t.match(await revert(service, first), { status: 207, json: { rejected: 2 } })
  const done = await revert(service, second)
  t.match(done, { status: 200, json: { created: 1, updated: 1, errors: [] } })
  t.same(await stands(), [0, 2])
  t.match(await revert(service, third), { status: 200, json: { unchanged: 2 } }, 'it was taken back long ago')
  t.equal((await revert(service, done.json.id)).status, 200)
  t.same(await stands(), [1, undefined], 'the second stands again')
  t.equal((await revert(service, second)).status, 200)
  t.equal((await revert(service, first)).status, 200)
  t.same(await stands(), [undefined, 1])
})

await test('what was changed since is left and listed', async (t) => {
  const service = await api(t)
  const id = await imported(service)
  await service.patch(record(two), figures(21))
  await service.put(record(three), figures(3))
  await service.del(record(three))
  const done = await revert(service, id)
  t.same(counts(done), { status: 207, rows: 3, created: 0, updated: 0, deleted: 1, unchanged: 0, rejected: 2 })
  t.match(done.json.errors, [
    { row: 2, category: 'disputes', township: two, period: '2025', code: 'changed-since', detail: /revision 3/ },
    { row: 3, township: three, code: 'changed-since', detail: /revision 4/ },
  ])
  t.match((await service.get(record(two))).json, figures(21))
  t.equal((await service.get(record(three))).status, 404, 'another deletion than that of the import')
  t.same((await service.get(`/v1/imports/${String(done.json.id)}`)).json.errors, done.json.errors)
  const all = await revert(service, id)
  t.same(counts(all), { status: 207, rows: 3, created: 0, updated: 0, deleted: 0, unchanged: 1, rejected: 2 })
})

await test('a revert of which nothing came is audited as refused, and its key keeps its answer', async (t) => {
  const service = await api(t)
  const id = await imported(service)
  for (const township of [one, two, three]) await service.put(record(township), figures(99))
  const keyed = () => service.request('POST', `/v1/imports/${id}/revert?reason=x`, undefined, { 'idempotency-key': 'r1' })
  const first = await keyed()
  t.match([first.status, first.json.id, first.json.rejected], [207, undefined, 3])
  const later = await service.post('/v1/imports', [{ ...at, township: four, ...figures(1) }])
  t.equal(later.status, 200)
  const again = await keyed()
  t.same([again.text, again.headers['idempotency-replayed']], [first.text, 'true'])
  const outcomes = async () => {
    const { items } = (await service.get('/v1/audit?operation=revertImport')).json
    return items.map(({ outcome, problem, target }) => `${outcome} ${problem} ${target}`)
  }
  t.same(await outcomes(), [`refused changed-since imports/${id}`])
})

/** Takes an import back while another changes records, between its reading and its lock. */
async function underway(service: Api, id: number, townships: readonly (string | undefined)[]): Promise<Response> {
  const other = await service.database.pool.connect()
  await other.query('begin')
  await other.query('update disputes set revision = revision + 1 where township_code = any($1)', [townships])
  const under = revert(service, id)
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('it waits', async () => (await service.database.pool.query(waiting)).rowCount !== 0)
  await other.query('commit')
  other.release()
  return under
}

await test('a record that changes between the reading and the lock is listed all the same', async (t) => {
  const service = await api(t)
  const done = await underway(service, await imported(service), [two])
  t.same(counts(done), { status: 207, rows: 3, created: 1, updated: 0, deleted: 1, unchanged: 0, rejected: 1 })
  t.match(done.json.errors, [{ row: 2, category: 'disputes', township: two, period: '2025', code: 'changed-since' }])
})

await test('a revert that changed nothing took nothing back', async (t) => {
  const service = await api(t)
  const id = await imported(service)
  t.match((await underway(service, id, [one, two, three])).json, { rejected: 3 })
  const { json } = await service.get(`/v1/imports/${id}`)
  t.equal(json.revertedBy, undefined)
})

await test('what an import brought into a period that has closed since is corrected, by a steward and with a reason', async (t) => {
  const service = await api(t)
  const id = await imported(service)
  await service.post('/v1/periods/2025/close', { reason: '核定' })
  const path = `/v1/imports/${id}/revert`
  t.equal((await service.post(`${path}?reason=x`, undefined, await service.as('reporter'))).json.code, 'role-too-low')
  t.equal((await service.post(path)).json.errors[0]?.code, 'required', 'it says why')
  const done = await service.post(`${path}?reason=x`, undefined, await service.as('steward'))
  t.same(counts(done), { status: 200, rows: 3, created: 1, updated: 1, deleted: 1, unchanged: 0, rejected: 0 })
  t.match((await service.get(record(two))).json, figures(1))
  t.match((await service.get(`${record(two)}/revisions`)).json.items[0], { revision: 3, reason: 'x', importId: done.json.id })
  const { json } = await service.post('/v1/imports', [{ ...at, township: four, ...figures(1) }])
  t.match(json.errors, [{ row: 1, code: 'period-closed' }], 'no file goes into it')
})

await test('what cannot be taken back is told', async (t) => {
  const service = await api(t)
  t.same((await revert(service, 99)).json.code, 'unknown-import')
  const id = await imported(service)
  t.match((await service.post(`/v1/imports/${id}/revert`)).json, { code: 'invalid-request', errors: [{ code: 'required' }] })
  const body = await service.post(`/v1/imports/${id}/revert?reason=x`, { reason: 'y' })
  t.match(body.json, { code: 'invalid-body', errors: [{ code: 'no-body' }] })
  const { json } = await service.post('/v1/imports?mode=partial', [{ ...at, township: '999999999', ...figures(1) }])
  t.equal(json.code, 'import-rejected')
  t.same(counts(await revert(service, json.id)), {
    status: 200,
    rows: 0,
    created: 0,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    rejected: 0,
  })
})

const places = [one, two, three, four].flatMap((township) => ['2024', '2025'].map((period) => ({ township, period })))
const change = fc.record({ place: fc.constantFrom(...places), record: anyRecord, erase: fc.boolean() })
const changes = fc.array(change, { minLength: 1, maxLength: 10 })
type Change = { place: { township: string; period: string }; record: { name: CategoryName; content: Content }; erase: boolean }

const withoutTimes = ({ figures: values, remarks, others, source, findings }: Content & { findings: unknown }) =>
  JSON.stringify({ figures: values, remarks, others, source, findings })

async function held({ get }: Api): Promise<string[]> {
  const lists = await Promise.all(categories.map(({ path }) => get(`/v1/${path}?limit=1000`)))
  return lists.flatMap(({ json }) => json.items.map((item) => `${item.township} ${item.period} ${withoutTimes(item)}`))
}

/** The columns of every record are those of its document, and the hash is that of a PUT of it, which changes nothing. */
async function agree(t: Test, service: Api): Promise<void> {
  for (const { name, path } of categories) {
    const { rows } = await service.database.pool.query<
      Record<string, unknown> & { document: Content & { township: string; period: string } }
    >(`select * from ${columnOf(name)} where document is not null`)
    for (const { document, ...row } of rows) {
      const { values, qualifiers, plans } = named(name, flatten(name, document))
      for (const { column } of leaves(name)) {
        const stored = row[column] === null ? undefined : Number(row[column])
        if (stored !== values[column]) t.equal(stored, values[column], column)
      }
      if (JSON.stringify([row.qualifiers, row.plans]).length !== JSON.stringify([qualifiers, plans]).length)
        t.same([row.qualifiers, row.plans], [qualifiers, plans])
      const same = await service.put(`/v1/${path}/${document.township}/${document.period}`, document)
      if (same.json.revision !== row.revision) t.equal(same.json.revision, row.revision, 'the hash is another')
    }
  }
}

await test('whatever was imported, a revert brings back what was there', async (t) => {
  const service = await api(t)
  const apply = async (all: readonly Change[]) => {
    const keyed = new Map(all.map((each) => [`${each.record.name} ${each.place.township} ${each.place.period}`, each]))
    const rows = [...keyed.values()].map(({ place, record: { name, content }, erase }) =>
      erase ? { category: name, ...place, delete: true } : { category: name, ...place, ...content },
    )
    return service.post('/v1/imports?mode=partial', rows)
  }
  const property = fc.asyncProperty(changes, changes, async (before, now) => {
    await apply(before)
    const was = await held(service)
    const { json } = await apply(now)
    const done = await revert(service, json.id)
    if (done.status !== 200) t.fail(done.text)
    const is = await held(service)
    if (JSON.stringify(is) !== JSON.stringify(was)) t.same(is, was)
    await agree(t, service)
  })
  await t.resolves(fc.assert(property, { numRuns: 8, endOnFailure: true }))
})
