/** The audit: every write and every refusal, once, with who, from where and in which request. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { parse } from 'csv-parse/sync'
import { test } from 'tap'
import { api } from '../support/api.ts'
import { asAdmin, bearer } from '../support/keys.ts'
import { until } from '../support/process.ts'

const record = '/v1/disputes/410423209/2024'
const figures = (identified: number) => ({ figures: { identified } })

await test('each write has an entry of its own transaction; what changed nothing has none', async (t) => {
  const service = await api(t)
  const headers = await service.as('steward', '410423')
  const put = await service.put(`${record}?reason=%E8%A1%A5%E6%8A%A5`, figures(1), headers)
  await service.put(record, figures(1), headers)
  await service.patch(record, figures(2), headers)
  await service.put('/v1/reports/410423209/2023', { disputes: figures(3), publicity: { figures: {} } }, headers)
  await service.del(record, headers)
  await service.put('/v1/periods/2024/extensions/410423', { dueOn: '2025-04-01', reason: '汛期' }, headers)
  await service.request('POST', '/v1/imports?category=disputes', 'township,period,identified\n410423209,2022,7\n', {
    ...headers,
    'content-type': 'text/csv',
  })
  const { items } = (await service.get('/v1/audit?region=410423')).json
  t.same(
    items.map(({ operation, target, revision }) => [operation, target, revision].filter((part) => part !== undefined).join(' ')),
    [
      'createImport imports/1',
      'putExtension periods/2024/extensions/410423',
      'deleteDisputes disputes/410423209/2024 3',
      'putReport publicity/410423209/2023 1',
      'putReport disputes/410423209/2023 1',
      'patchDisputes disputes/410423209/2024 2',
      'putDisputes disputes/410423209/2024 1',
      'issueKey api-keys/2',
    ],
  )
  t.match(items.at(-2), {
    actor: 'steward 410423',
    role: 'steward',
    keyId: 2,
    address: '127.0.0.1',
    requestId: put.headers['x-request-id'],
    outcome: 'done',
    region: '410423209',
    reason: '补报',
    recordedAt: put.json.updatedAt,
  })
})

await test('refusals are kept with their reason', async (t) => {
  const service = await api(t)
  const county = await service.as('reporter', '410423')
  await service.put(record, figures(1), county)
  await service.put('/v1/disputes/500229107/2024', figures(1), county)
  await service.put(record, figures(2), { ...county, 'if-match': '"7-1"' })
  await service.get('/v1/audit', county)
  await service.put(record, figures(2), { authorization: 'Bearer trlr_none' })
  await service.put(record, figures(2), { authorization: '' })
  await service.get('/v1/periods', { authorization: '' })
  await service.get('/v1/disputes/410423209/2021', county)
  // A refusal is kept after it was answered, and two at once in either order.
  const kept = async () => (await service.get('/v1/audit?outcome=refused')).json.items
  await until('the refusals are kept', async () => (await kept()).length >= 5)
  const refused = await kept()
  t.same(
    refused.map(({ actor, operation, problem, target }) => `${actor}: ${operation} ${target} ${problem}`).sort(),
    [
      'anonymous: putDisputes disputes/410423209/2024 credentials-invalid',
      'anonymous: putDisputes disputes/410423209/2024 credentials-required',
      'reporter 410423: listAudit audit role-too-low',
      'reporter 410423: putDisputes disputes/410423209/2024 precondition-failed',
      'reporter 410423: putDisputes disputes/500229107/2024 outside-region',
    ],
    'not what is merely not there',
  )
})

await test('a file of which nothing was taken is kept as refused, whatever its size', async (t) => {
  const service = await api(t)
  const headers = { ...(await service.as('reporter', '410423')), 'content-type': 'text/csv' }
  const post = (query: string, rows: string) =>
    service.request('POST', `/v1/imports?category=disputes${query}`, `township,period,identified\n${rows}`, headers)
  const statuses = [
    (await post('', '410423209,2024,-1\n410423210,2024,2\n')).status,
    (await post('&mode=partial', '410423209,2024,-1\n410423210,2024,2\n')).status,
    (await post('', '410423210,2024,2\n')).status,
    (await post('', '')).status,
  ]
  t.same(statuses, [400, 207, 200, 400])
  const { items } = (await service.get('/v1/audit?operation=createImport')).json
  t.same(
    items
      .toReversed()
      .map(({ target, outcome, problem }) => [target, outcome, problem].filter((part) => part !== undefined).join(' ')),
    ['imports/1 refused import-rejected', 'imports/2 done', 'imports/3 done', 'imports/4 refused import-empty'],
  )
})

await test('rows for a foreign region stand in the audit of that region', async (t) => {
  const service = await api(t)
  const headers = { ...(await service.as('reporter', '410423')), 'content-type': 'text/csv' }
  const rows = ['410423209', '500229107', '500229102', '110101001'].map((code) => `${code},2024,1\n`)
  const file = `township,period,identified\n${rows.join('')}`
  t.equal((await service.request('POST', '/v1/imports?category=disputes&mode=partial', file, headers)).status, 207)
  const seen = async (region: string) => {
    const { items } = (await service.get('/v1/audit?operation=createImport', await service.as('steward', region))).json
    return items.map((entry) => [entry.actor, entry.target, entry.outcome, entry.problem, entry.region].join(' '))
  }
  t.same(await seen('500229'), ['reporter 410423 imports/1 refused row-outside-region 500229'], 'once for the county')
  t.same(await seen('11'), ['reporter 410423 imports/1 refused row-outside-region 110101'])
  t.same(await seen('410423'), ['reporter 410423 imports/1 done  410423'])
})

await test('a refusal is kept though the client resets its connection before it is answered', async (t) => {
  const service = await api(t)
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const address = service.app.addresses()[0]
  const { authorization } = await service.as('reporter', '500229')
  const { connections } = service.database
  // Holds the request back where it looks its key up, until its client is gone.
  const other = await connections.connect()
  await other.query('begin; lock table api_keys')
  const socket = connect(address instanceof Object ? address.port : 0, '127.0.0.1')
  const body = JSON.stringify(figures(1))
  socket.write(
    `PUT ${record} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('it waits', async () => (await connections.query(waiting)).rowCount === 1)
  const open = () => new Promise<number>((done) => service.app.server.getConnections((_error, count) => done(count)))
  socket.resetAndDestroy()
  await until('the service has noticed', async () => (await open()) === 0)
  await other.query('rollback')
  other.release()
  const kept = async () => (await service.get('/v1/audit?outcome=refused')).json.items
  await until('it is kept', async () => (await kept()).length > 0)
  t.match(await kept(), [{ actor: 'reporter 500229', problem: 'outside-region', address: '127.0.0.1', operation: 'putDisputes' }])
})

await test('where a write comes from is told though its client resets as soon as it has sent it', async (t) => {
  const service = await api(t)
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const address = service.app.addresses()[0]
  const body = JSON.stringify(figures(1))
  const head = `host: x\r\nauthorization: ${asAdmin.authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const years = Array.from({ length: 9 }, (_, at) => 2016 + at)
  for (const year of years) {
    const socket = connect(address instanceof Object ? address.port : 0, '127.0.0.1')
    socket.write(`PUT /v1/disputes/410423209/${year} HTTP/1.1\r\n${head}`, () => socket.resetAndDestroy())
    await once(socket, 'close')
  }
  const open = () => new Promise<number>((done) => service.app.server.getConnections((_error, count) => done(count)))
  await until('the service has noticed', async () => (await open()) === 0)
  await service.put(record, figures(1))
  const { items } = (await service.get('/v1/audit?operation=putDisputes')).json
  t.same(
    items.slice(1).filter((entry) => entry.address !== '127.0.0.1'),
    [],
  )
})

await test('use of a key that has ended is told of its holder', async (t) => {
  const service = await api(t)
  const { json } = await service.post('/v1/api-keys', { name: '某县', role: 'reporter', region: '410423' })
  await service.del(`/v1/api-keys/${json.id}`)
  const refused = await service.put(record, figures(1), bearer(String(json.key)))
  t.equal(refused.json.code, 'key-revoked')
  const kept = async () => (await service.get('/v1/audit?outcome=refused')).json.items
  await until('it is kept', async () => (await kept()).length > 0)
  t.match(await kept(), [{ actor: '某县', role: 'reporter', keyId: json.id, problem: 'key-revoked', operation: 'putDisputes' }])
})

await test('a steward sees the own region; filters, pages and the export', async (t) => {
  const service = await api(t)
  const steward = await service.as('steward', '410423')
  for (const place of ['410423209', '410423210', '500229107']) await service.put(`/v1/disputes/${place}/2024`, figures(1))
  const seen = (await service.get('/v1/audit', steward)).json.items
  t.same(
    seen.map(({ target }) => target),
    ['disputes/410423210/2024', 'disputes/410423209/2024', 'api-keys/2'],
  )
  t.equal((await service.get('/v1/audit?region=500229', steward)).json.code, 'outside-region')
  const first = (await service.get('/v1/audit?operation=putDisputes&limit=2')).json
  const second = (await service.get(`/v1/audit?operation=putDisputes&limit=2&cursor=${first.next}`)).json
  t.same(
    [...first.items, ...second.items].map(({ region }) => region),
    ['500229107', '410423210', '410423209'],
  )
  t.equal(second.next, undefined)
  t.equal((await service.get(`/v1/audit?limit=2&cursor=${first.next}`)).json.code, 'cursor-of-another-filter')
  const [{ recordedAt } = { recordedAt: '' }] = first.items.slice(1)
  const since = `since=${recordedAt}&until=${recordedAt}`
  t.same((await service.get(`/v1/audit?${since}`)).json.items, [], 'until is exclusive')
  t.ok((await service.get(`/v1/audit?since=${recordedAt}`)).json.items.length >= 2, 'since is inclusive')
  t.same((await service.get(`/v1/audit?actor=${encodeURIComponent("o'clock")}`)).json.items, [])
  const lines = (await service.get('/v1/audit?format=ndjson&operation=putDisputes')).text.trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    [...first.items, ...second.items].toReversed(),
    'the oldest first',
  )
  const byAccept = await service.get('/v1/audit?operation=putDisputes', { accept: 'application/x-ndjson' })
  t.same(byAccept.text.trimEnd().split('\n'), lines)
  t.match((await service.get('/v1/audit?format=ndjson&limit=2')).json.errors, [{ parameter: 'limit', code: 'not-with-format' }])
  t.same((await service.get('/v1/audit?operation=putDisputes&count=true')).json, { count: lines.length })
  const sheet: Record<string, string>[] = parse((await service.get('/v1/audit?operation=putDisputes&format=csv')).text, {
    bom: true,
    columns: true,
  })
  t.same(
    sheet.map((row) => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ''))),
    lines.map((line) => Object.fromEntries(Object.entries(JSON.parse(line)).map(([name, value]) => [name, String(value)]))),
  )
  const ofSteward = (await service.get('/v1/audit?labels=zh', { ...steward, accept: 'text/csv' })).text
  t.match(ofSteward, '\ufeff编号,时间,何人,')
  t.notMatch(ofSteward, '500229107')
  t.equal((await service.get(`/v1/audit?format=ndjson&actor=${encodeURIComponent("o'clock")}`)).text, '')
})
