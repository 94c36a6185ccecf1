/** Idempotency-Key: a request that is repeated because its answer was not heard takes effect once and is answered as before. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'tap'
import { documentOf, operationsOf, parametersOf } from '../http/document.ts'
import { workedExamples } from '../http/worked.ts'
import { type Api, api, type Headers } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'
import { until } from '../support/process.ts'

const record = '/v1/disputes/410423209/2024'
const figures = (identified: number) => ({ figures: { identified } })
const keyed = (key: string, more: Headers = {}) => ({ 'idempotency-key': key, ...more })
const revisions = async ({ database }: Api) => {
  const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from record_revisions')
  return rows[0]?.n
}
/** How much there is of all that a write can leave. */
async function effectsOf({ database }: Api) {
  const tables = ['record_revisions', 'imports', 'period_changes', 'successions', 'api_keys']
  const counts = [
    ...tables.map((table) => `(select count(*) from ${table})`),
    `(select count(*) from audit where outcome = 'done')`,
  ]
  return (await database.pool.query({ text: `select ${counts.join(', ')}`, rowMode: 'array' })).rows[0]
}

await test('the same again gets the same answer, and has no second effect', async (t) => {
  const service = await api(t)
  const first = await service.put(record, figures(1), keyed('"a-1"'))
  t.equal(first.status, 201)
  t.equal(first.headers['idempotency-replayed'], undefined)
  await service.put(record, figures(2))
  const again = await service.put(record, figures(1), keyed('a-1'))
  t.equal(again.status, 201, 'quoted or bare')
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(again.text, first.text, 'byte for byte')
  for (const name of ['etag', 'location', 'content-type', 'vary']) t.equal(again.headers[name], first.headers[name], name)
  t.match((await service.get(record)).json, { revision: 2, ...figures(2) }, 'what was written since stays')
  t.equal(await revisions(service), 2)
})

await test('of PATCHes at once with keys of their own all succeed', async (t) => {
  const service = await api(t)
  await service.put(record, figures(1))
  const names = ['screenings', 'resolved', 'identified', 'screenings', 'resolved', 'identified']
  const all = names.map((name, at) => service.patch(record, { figures: { [name]: at + 2 } }, keyed(`k${at}`)))
  t.same(new Set((await Promise.all(all)).map(({ status }) => status)), new Set([200]))
})

await test('a revoked key is in use until the answer is kept, and not after it', async (t) => {
  const service = await api(t)
  const { connections } = service.database
  const { json } = await service.post('/v1/api-keys', { name: 'x', role: 'reader' })
  const old = { authorization: `Bearer ${json.key}` }
  const other = await connections.connect()
  await other.query('begin; lock table idempotency_keys in share mode')
  const revoking = service.del(`/v1/api-keys/${json.id}`, keyed('r'))
  const blocked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('it waits', async () => (await other.query(blocked)).rowCount === 1)
  t.equal((await service.get('/v1/periods', old)).status, 200)
  await other.query('commit')
  other.release()
  t.equal((await revoking).status, 204)
  t.equal((await service.get('/v1/periods', old)).status, 401)
})

await test('a key stands for one request of one caller', async (t) => {
  const service = await api(t)
  const county = await service.as('reporter', '410423')
  t.equal((await service.put(record, figures(1), keyed('k'))).status, 201)
  t.match((await service.put(record, figures(2), keyed('k'))).json, { status: 422, code: 'idempotency-key-reused' })
  t.match((await service.put('/v1/disputes/410423210/2024', figures(1), keyed('k'))).json, { status: 422 })
  t.match((await service.put(`${record}?reason=x`, figures(1), keyed('k'))).json, { status: 422 }, 'another query')
  t.equal((await service.put(record, figures(3), keyed('k', county))).status, 200, 'another caller has keys of its own')
  t.match((await service.patch(record, figures(1), keyed('k'))).json, { status: 422 }, 'another method')
  for (const key of ['', '"', 'x'.repeat(256), 'a b', '键']) {
    const { json } = await service.app
      .inject({
        method: 'PUT',
        url: record,
        headers: { ...asAdmin, 'content-type': 'application/json', 'idempotency-key': key },
        payload: figures(9),
      })
      .then(({ body }) => ({ json: JSON.parse(body) }))
    t.match(json, { status: 400, errors: [{ parameter: 'Idempotency-Key', code: 'bad-idempotency-key' }] }, key)
  }
})

await test('a PATCH and a DELETE that are repeated undo nothing that came between', async (t) => {
  const service = await api(t)
  await service.put(record, figures(1))
  const patch = () => service.patch(record, figures(2), keyed('patch'))
  const first = await patch()
  await service.put(record, figures(3))
  const again = await patch()
  t.same([again.status, again.text, again.headers.etag], [200, first.text, first.headers.etag])
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.match((await service.get(record)).json, { revision: 3, ...figures(3) })
  const remove = () => service.del(record, keyed('delete'))
  t.equal((await remove()).status, 204)
  await service.put(record, figures(4))
  t.same([(await remove()).status, (await service.get(record)).json.figures], [204, { identified: 4 }])
  t.match((await service.patch(record, figures(5), keyed('patch'))).json, { code: 'idempotency-key-reused' })
  const kept = async () => (await service.get('/v1/audit?outcome=refused')).json.items
  await until('it is kept', async () => (await kept()).length > 0)
  t.match(await kept(), [{ operation: 'patchDisputes', problem: 'idempotency-key-reused' }])
})

await test('refusals are kept, but not those that may go away by themselves', async (t) => {
  const service = await api(t)
  const reader = await service.as('reader')
  const stale = { 'if-match': '"7-1"' }
  const refused = await service.put(record, figures(1), keyed('r', stale))
  t.equal(refused.status, 412)
  const again = await service.put(record, figures(1), keyed('r', stale))
  t.same([again.status, again.headers['idempotency-replayed'], again.text], [412, 'true', refused.text])
  const wrong = await service.put(record, { figures: { identified: '1' } }, keyed('w', { 'accept-language': 'zh' }))
  const wrongAgain = await service.put(record, { figures: { identified: '1' } }, keyed('w', { 'accept-language': 'zh' }))
  t.same([wrongAgain.status, wrongAgain.text], [400, wrong.text])
  t.equal((await service.put(record, figures(1), keyed('f', reader))).status, 403)
  t.equal((await service.put(record, figures(1), keyed('f', { authorization: '' }))).status, 401)
  const { rows } = await service.database.pool.query('select key from idempotency_keys order by key')
  t.same(rows, [{ key: 'r' }, { key: 'w' }])
  t.equal(await revisions(service), 0)
})

await test('of many at once with one key one has the effect, the others wait or get its answer', async (t) => {
  const service = await api(t)
  const answers = await Promise.all(Array.from({ length: 12 }, () => service.post('/v1/periods', { period: '2031' }, keyed('p'))))
  const statuses = answers.map(({ status, headers }) => `${status} ${headers['retry-after'] ?? ''}`.trim())
  t.ok(statuses.includes('201'))
  t.same(
    statuses.filter((one) => one !== '201' && one !== '409 1'),
    [],
  )
  t.equal((await service.post('/v1/periods', { period: '2031' }, keyed('p'))).status, 201, 'and later its answer')
  t.equal((await service.post('/v1/periods', { period: '2031' })).json.code, 'period-exists', 'where another request is refused')
})

await test('a connection that dies after the commit: the client repeats, and there is one effect', async (t) => {
  const service = await api(t)
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const address = service.app.addresses()[0]
  const body = JSON.stringify(figures(5))
  const socket = connect(address instanceof Object ? address.port : 0, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `PUT ${record} HTTP/1.1\r\nhost: x\r\nauthorization: ${asAdmin.authorization}\r\ncontent-type: application/json\r\nidempotency-key: lost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  // The client is gone before it has read a byte of the answer.
  socket.pause()
  await until('the lost request was written', async () => (await revisions(service)) === 1)
  socket.destroy()
  const again = await service.put(record, figures(5), keyed('lost'))
  t.same([again.status, again.json.revision, again.headers['idempotency-replayed']], [201, 1, 'true'])
  t.equal(await revisions(service), 1)
})

await test('a connection to the database that dies fails the request alone, and the key is free', async (t) => {
  const service = await api(t)
  const { pool, connections } = service.database
  await service.put(record, figures(1))
  const report = '/v1/reports/410423209/2024'
  const requests = {
    keyed: () => service.put(record, figures(2), keyed('d')),
    'without a key': () => service.put(report, { disputes: figures(3) }),
  }
  for (const [story, send] of Object.entries(requests)) {
    const other = await connections.connect()
    await other.query('begin; select from disputes for update')
    const sent = send()
    const blocked = `datname = current_database() and wait_event_type = 'Lock'`
    await until('it waits', async () => (await pool.query(`select from pg_stat_activity where ${blocked}`)).rowCount === 1)
    await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${blocked}`)
    t.equal((await sent).status, 503, story)
    await other.query('rollback')
    other.release()
    t.match((await service.get(record)).json, figures(story === 'keyed' ? 1 : 2), 'nothing of it is there')
    t.equal((await send()).status, 200, 'and the service goes on')
  }
})

await test('what fails before the commit leaves nothing, and the key is free', async (t) => {
  const service = await api(t)
  await service.database.pool.query(
    `create function fail() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`,
  )
  await service.database.pool.query('create trigger fails before insert on idempotency_keys for each row execute function fail()')
  t.equal((await service.put(record, figures(1), keyed('c'))).status, 500)
  t.equal(await revisions(service), 0, 'the effect is not there without the answer')
  const refused = await service.put(record, figures(1), { ...keyed('r'), 'if-match': '"7-1"' })
  t.match([refused.status, refused.json], [500, { status: 500, code: 'internal' }], 'a refusal that cannot be kept is none')
  await service.database.pool.query('drop trigger fails on idempotency_keys')
  t.equal((await service.put(record, figures(1), keyed('c'))).status, 201)
})

await test('whole reports, imports and what takes them back', async (t) => {
  const service = await api(t)
  const report = { disputes: figures(1), publicity: { figures: {} } }
  const put = () => service.put('/v1/reports/410423209/2023', report, keyed('report'))
  const [first, second] = [await put(), await put()]
  t.same([second.status, second.text, await revisions(service)], [201, first.text, 2])

  const sheet = 'township,period,identified\n410423209,2024,1\n410423210,2024,x\n'
  const send = (mode: string) =>
    service.request('POST', `/v1/imports?category=disputes&mode=${mode}`, sheet, keyed(mode, { 'content-type': 'text/csv' }))
  for (const [mode, status] of [
    ['partial', 207],
    ['atomic', 400],
  ] as const) {
    const [one, two] = [await send(mode), await send(mode)]
    t.same([one.status, two.status, two.headers['idempotency-replayed']], [status, status, 'true'], mode)
    t.strictSame(two.text, one.text)
  }
  const atOnce = await Promise.all(
    [1, 2, 3].map(() =>
      service.request(
        'POST',
        '/v1/imports?category=disputes',
        'township,period,identified\n410423211,2024,1\n',
        keyed('three', { 'content-type': 'text/csv' }),
      ),
    ),
  )
  t.same(
    atOnce.map(({ status }) => status).filter((status) => status !== 200 && status !== 409),
    [],
  )
  t.equal((await service.get('/v1/imports')).json.items.length, 3, 'each was done once')

  const revert = () => service.post('/v1/imports/1/revert?reason=x', undefined, keyed('back'))
  const [back, backAgain] = [await revert(), await revert()]
  t.same([back.status, backAgain.text], [200, back.text])
  t.equal((await service.get('/v1/imports')).json.items.length, 4)
})

await test('an answer is kept for as long as it is said, and swept by those who come after', async (t) => {
  const service = await api(t, { idempotencyHours: 1 })
  await service.put(record, figures(1), keyed('old'))
  await service.database.pool.query(`update idempotency_keys set created_at = now() - interval '2 hours'`)
  t.equal((await service.put(record, figures(2), keyed('old'))).json.revision, 2, 'an expired key is a new one')
  await service.database.pool.query(`update idempotency_keys set created_at = now() - interval '2 hours'`)
  await service.put(record, figures(3), keyed('new'))
  t.same((await service.database.pool.query('select key from idempotency_keys')).rows, [{ key: 'new' }])
})

await test('nobody waits for another who sweeps', async (t) => {
  const service = await api(t)
  const { pool, connections } = service.database
  await service.put(record, figures(1), keyed('old'))
  await pool.query(`update idempotency_keys set created_at = now() - interval '2 days'`)
  const other = await connections.connect()
  await other.query('begin; delete from idempotency_keys')
  t.equal((await service.put(record, figures(2), keyed('new'))).status, 200, 'answered while the other has not committed')
  await other.query('rollback')
  other.release()
})

await test('a key that was issued is shown again to its maker, and is nowhere in plain text', async (t) => {
  const service = await api(t)
  const issue = () => service.post('/v1/api-keys', { name: 'x', role: 'reader' }, keyed('issue'))
  const first = await issue()
  const rotate = () => service.post(`/v1/api-keys/${first.json.id}/rotate`, {}, keyed('rotate'))
  const second = await rotate()
  for (const [story, before, again] of [
    ['issued', first, await issue()],
    ['rotated', second, await rotate()],
  ] as const) {
    t.same([again.status, again.text, again.headers['idempotency-replayed']], [201, before.text, 'true'], story)
    t.equal(again.headers['cache-control'], 'no-store', story)
  }
  const { rows } = await service.database.pool.query<{ text: string }>('select k::text as text from idempotency_keys k')
  t.equal(rows.length, 2)
  for (const { text } of rows) t.notMatch(text, /trlr_/)
  // As a token would meet it that was renewed meanwhile: sealed for another credential.
  await service.database.pool.query(`update idempotency_keys set body = repeat('A', 80)`)
  const sealed = await issue()
  t.match(sealed.json, { status: 409, code: 'answer-sealed' })
  t.match(sealed.json.detail, `/v1/api-keys/${first.json.id}`)
})

await test('a rotated key ends with the answer, whoever used it before the commit', async (t) => {
  const service = await api(t)
  const { connections } = service.database
  const { json } = await service.post('/v1/api-keys', { name: 'x', role: 'reader' })
  const old = { authorization: `Bearer ${json.key}` }
  const other = await connections.connect()
  // The answer cannot be kept yet: the old key is in use until it is.
  await other.query('begin; lock table idempotency_keys in share mode')
  const rotating = service.post(`/v1/api-keys/${json.id}/rotate`, {}, keyed('r'))
  const blocked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('it waits', async () => (await other.query(blocked)).rowCount === 1)
  t.equal((await service.get('/v1/periods', old)).status, 200)
  await other.query('commit')
  other.release()
  t.equal((await rotating).status, 201)
  t.equal((await service.get('/v1/periods', old)).status, 401)
})

await test('a close that has to wait for writes of before does so with a key as well', async (t) => {
  const service = await api(t)
  const { pool, connections } = service.database
  const other = await connections.connect()
  await other.query(`begin; select from periods where code = '2024' for share`)
  const close = () => service.post('/v1/periods/2024/close', { reason: '汇总' }, keyed('close'))
  const closing = close()
  const queued = `select from pg_locks where mode = 'ExclusiveLock' and relation = 'periods'::regclass and not granted`
  await until('it asks for the table', async () => (await pool.query(queued)).rowCount === 1)
  await other.query('commit')
  other.release()
  const closed = await closing
  t.match(closed.json, { state: 'closed', reason: '汇总' })
  const again = await close()
  t.same([again.status, again.text], [200, closed.text])
  t.equal((await pool.query('select from period_changes')).rowCount, 1)
})

await test('every write takes a key, says so, and answers its examples again without a second effect', async (t) => {
  const service = await api(t)
  const document = documentOf(service.app)
  const examples = workedExamples(service)
  // The file of one example is the import that another takes back.
  await service.database.pool.query(`select setval(pg_get_serial_sequence('imports', 'id'), 41)`)
  const told: string[] = []
  for (const { method, operation } of operationsOf(document)) {
    const { operationId } = operation
    const parameters = parametersOf(document, operation)
    const takes = parameters.some(({ name }) => name === 'Idempotency-Key')
    t.equal(takes, method !== 'get', operationId)
    t.equal(operation.responses[422] !== undefined, takes, operationId)
    if (!takes) continue
    const [body] = examples.bodies(operationId)
    const reasoned = parameters.some(({ name, required }) => name === 'reason' && required)
    const send = (key: string) => examples.ask(operationId, body, reasoned ? { reason: '试' } : {}, keyed(key))
    const first = await send(operationId)
    const effects = await effectsOf(service)
    const again = await send(operationId)
    told.push(`${operationId} ${first.status}`)
    t.same([again.status, again.headers['idempotency-replayed'], again.text], [first.status, 'true', first.text], operationId)
    t.same(await effectsOf(service), effects, operationId)
    t.match((await send('a b')).json, { status: 400, errors: [{ code: 'bad-idempotency-key' }] }, operationId)
  }
  t.comment(told.join(', '))
})

await test('a key that was issued is shown again to who asked for it, and stands nowhere in plain text', async (t) => {
  const service = await api(t)
  const issue = () => service.post('/v1/api-keys', { name: '某县', role: 'reader' }, keyed('issue'))
  const [first, again] = [await issue(), await issue()]
  t.same([again.status, again.headers['idempotency-replayed'], again.headers['cache-control']], [201, 'true', 'no-store'])
  t.equal(again.json.key, first.json.key, 'one key, and the same')
  t.equal((await service.get('/v1/api-keys')).json.items.length, 2)
  const { rows } = await service.database.pool.query('select * from idempotency_keys')
  t.equal(rows.length, 1)
  t.notMatch(JSON.stringify(rows), String(first.json.key))
})
