/** Lists as files: every record of a filter as NDJSON or CSV, which read back as the records that they were made of. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import Fastify from 'fastify'
import { type Test, test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { printCell, printedMissing } from '../../src/catalogue/cell.ts'
import { kinds } from '../../src/catalogue/figure.ts'
import { type CategoryName, categories, columnOf, leaves } from '../../src/catalogue/index.ts'
import { type Content, canonical, categoryOf, missings, qualifiers, type Remark } from '../../src/catalogue/record.ts'
import { applySheet } from '../../src/exchange/apply-sheet.ts'
import { elementRow } from '../../src/exchange/json-row.ts'
import { openExporter } from '../../src/storage/exports.ts'
import { sendRows } from '../../src/v1/exports.ts'
import { type Api, api } from '../support/api.ts'
import { record } from '../support/arbitraries.ts'
import { asAdmin } from '../support/keys.ts'
import { anywhere, rowsOf } from '../support/sheets.ts'

const townships = ['110101001', '110101002', '410423209', '410421106', '500229107']

async function filled(service: Api): Promise<void> {
  await service.post('/v1/periods', { period: '2024-06', dueOn: '2024-07-10' })
  for (const [at, township] of townships.entries())
    for (const period of ['2024', '2024-06'])
      await service.put(`/v1/publicity/${township}/${period}`, { figures: { lectures: at } })
}
const lines = (text: string) => text.replace(/\n$/, '').split('\n')
const cellsOf = (text: string) => lines(text).map((line) => line.split(','))

await test('NDJSON holds the documents of the list, one a line, in its order', async (t) => {
  const service = await api(t)
  await filled(service)
  for (const filter of [
    '',
    'period=2024',
    'region=41',
    'township=500229107',
    'period=2024-06&region=4104',
    'updatedAfter=2020-01-01T00:00:00Z',
  ]) {
    const listed = await service.get(`/v1/publicity?${filter}&limit=1000`)
    const exported = await service.get(`/v1/publicity?${filter}`, { accept: 'application/x-ndjson' })
    t.equal(exported.headers['content-type'], 'application/x-ndjson')
    t.same(
      lines(exported.text).map((line) => JSON.parse(line)),
      listed.json.items,
      filter,
    )
    const counted = await service.get(`/v1/publicity?${filter}&count=true&format=ndjson`)
    t.equal(counted.json.count, listed.json.items.length)
    const sheet = await service.get(`/v1/publicity?${filter}&format=csv`)
    t.equal(lines(sheet.text).length, listed.json.items.length + 1, 'and a header')
  }
  t.equal((await service.get('/v1/publicity?format=ndjson&period=2019')).text, '', 'no record, no line')
  t.equal((await service.get('/v1/publicity?format=ndjson&region=11&township=410423209')).text, '', 'both filters count')
})

await test('a sheet has a byte order mark, a header by code or label, and cells that a spreadsheet leaves alone', async (t) => {
  const service = await api(t)
  await filled(service)
  const { text, headers } = await service.get('/v1/publicity?region=410423&format=csv')
  t.equal(headers['content-type'], 'text/csv; charset=utf-8')
  t.match(headers['content-disposition'], /^attachment; filename="publicity-410423\.csv"; filename\*=UTF-8''%E/)
  t.equal(headers.vary, 'Accept')
  const [head = [], year = [], month = []] = cellsOf(text)
  const [first] = leaves('publicity')
  t.same(head.slice(0, 6), ['\ufefftownship', 'name', 'period', 'revision', first?.path, `${first?.path}:qualifier`])
  t.same(head.slice(-3), ['remarks', 'others', 'source'])
  t.same(year.slice(0, 4), ['410423209', '仓头乡', '2024', '1'])
  t.equal(month[2], "'2024-06")
  t.equal(year[head.indexOf('lectures')], '2')
  const zh = cellsOf((await service.get('/v1/publicity?format=csv&labels=zh&qualifiers=printed')).text)
  t.same(zh[0]?.slice(0, 4), ['\ufeff乡镇代码', '乡镇名称', '报告期', '版本'])
  t.equal(zh[0]?.length, leaves('publicity').length + 7, 'no columns of qualifiers')
  await service.database.pool.query("update townships set name = '=HYPERLINK(1)' where code = '410423209'")
  t.equal(cellsOf((await service.get('/v1/publicity?township=410423209&format=csv')).text)[1]?.[1], "'=HYPERLINK(1)")
})

await test('which form is sent, and what is refused before a byte is', async (t) => {
  const service = await api(t)
  await filled(service)
  const type = async (query: string, accept?: string) => {
    const { status, headers } = await service.get(`/v1/publicity?${query}`, accept === undefined ? {} : { accept })
    return status === 200 ? headers['content-type']?.split(';')[0] : status
  }
  t.equal(await type(''), 'application/json')
  t.equal(await type('', '*/*'), 'application/json')
  t.equal(await type('', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'), 'application/json')
  t.equal(await type('', 'text/*'), 'text/csv')
  t.equal(await type('', 'text/csv;q=0.5, application/x-ndjson'), 'application/x-ndjson')
  t.equal(await type('format=csv', 'application/json'), 'text/csv', 'format goes before Accept')
  t.equal(await type('', 'application/xml'), 406)
  t.equal((await service.get('/v1/publicity', { accept: 'image/png' })).json.code, 'not-acceptable')
  const refused = async (query: string) => {
    const { status, json } = await service.get(`/v1/publicity?${query}`)
    return [status, ...json.errors.map(({ parameter, code }) => `${parameter} ${code}`)]
  }
  t.same(await refused('format=csv&limit=5&cursor=x'), [400, 'limit not-with-format', 'cursor not-with-format'])
  t.same(await refused('count=true&limit=50'), [400, 'limit not-with-format'])
  t.same(await refused('labels=zh'), [400, 'labels not-with-format'])
  t.same(await refused('format=ndjson&qualifiers=printed'), [400, 'qualifiers not-with-format'])
  for (const format of ['csv', 'ndjson', 'json&count=true'])
    t.same(await refused(`format=${format}&region=99&period=2014`), [400, 'period no-such-period', 'region no-such-region'])
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/publicity?format=csv', headers: asAdmin })
  t.equal(head.headers['content-type'], 'text/csv; charset=utf-8')
})

/** Every figure of a category with every qualifier, and every reason for a missing value. */
function everyMark(name: CategoryName): Content[] {
  return [...qualifiers, ...missings, undefined].map((mark): Content => {
    const missing = missings.find((one) => one === mark)
    const qualifier = qualifiers.find((one) => one === mark)
    const figures: Content['figures'] = {}
    const remarks: Record<string, Remark> = {}
    for (const { path, code, member, figure } of leaves(name)) {
      const value = kinds[figure.kind].decimals === 0 ? 20 : 19.5
      const nested = figures[code]
      if (missing) remarks[path] = { missing }
      else figures[code] = member === undefined ? value : { ...(typeof nested === 'object' && nested), [member]: value }
      if (!missing) remarks[path] = { ...(qualifier && { qualifier }), basis: 'target', note: 'n' }
    }
    return canonical(name, { figures, remarks })
  })
}

await test('printed cells are those of printCell, for every kind, qualifier and reason', async (t) => {
  const service = await api(t)
  const periods = ['2018', '2019', '2020', '2021', '2022', '2023', '2024', '2025']
  const marks = [...qualifiers, ...missings, undefined]
  for (const { name, path } of categories) {
    for (const [at, content] of everyMark(name).entries()) {
      const { status, text } = await service.put(`/v1/${path}/410423209/${periods[at]}`, content)
      t.equal(status, 201, text)
    }
    const [, ...rows] = cellsOf((await service.get(`/v1/${path}?format=csv&qualifiers=printed`)).text)
    for (const [at, mark] of marks.entries()) {
      const qualifier = qualifiers.find((one) => one === mark)
      const missing = missings.find((one) => one === mark)
      const expected = leaves(name).map(({ figure }) =>
        missing ? printedMissing[missing] : printCell(kinds[figure.kind].decimals === 0 ? 20 : 19.5, qualifier, figure),
      )
      t.same(rows[at]?.slice(4, 4 + expected.length), expected, `${name} ${mark}`)
    }
  }
})

const table = fc
  .constantFrom(...categories.map(({ name }) => name))
  .chain((name) => fc.record({ name: fc.constant(name), contents: fc.array(record(name), { minLength: 1, maxLength: 3 }) }))

await test('what is exported reads back as the same records, in every form', async (t) => {
  const [from, to] = [await api(t), await api(t)]
  for (const service of [from, to]) await service.post('/v1/periods', { period: '2024-06', dueOn: '2024-07-10' })
  await fc.assert(
    fc.asyncProperty(table, async ({ name, contents }) => {
      const { path } = categoryOf(name)
      for (const service of [from, to]) await service.database.pool.query(`truncate record_revisions, ${columnOf(name)}`)
      for (const [at, content] of contents.entries()) {
        const { status, text } = await from.put(`/v1/${path}/${townships[at]}/2024-06`, content)
        if (status >= 300) throw new Error(text)
      }
      for (const labels of ['codes', 'zh'])
        for (const form of ['columns', 'printed']) {
          const { text } = await from.get(`/v1/${path}?format=csv&labels=${labels}&qualifiers=${form}`)
          const rows = await rowsOf(text, { category: name, townships: anywhere })
          t.equal(rows.length, contents.length)
          for (const [at, row] of rows.entries()) {
            if (row.kind !== 'sheet') throw new Error(JSON.stringify(row))
            const at2 = contents[townships.indexOf(row.township)]
            t.same([row.period.code, row.expected], ['2024-06', 1])
            t.same(applySheet(name, undefined, row.sheet()).content, at2, `${labels} ${form} ${at}`)
          }
        }
      const { text } = await from.get(`/v1/${path}?format=ndjson`)
      for (const [at, line] of lines(text).entries()) {
        const row = elementRow({ row: at + 1, bytes: Buffer.from(line) }, { category: name })
        if (row.kind !== 'replace') throw new Error(line)
        const { status } = await to.put(`/v1/${path}/${row.township}/${row.period.code}`, {
          ...Object(row.body()),
          revision: undefined,
        })
        t.equal(status, 201)
      }
      const content = (text: string) =>
        lines(text).map((line) => {
          const { createdAt: _, updatedAt: _at, ...rest }: Record<string, unknown> = JSON.parse(line)
          return rest
        })
      t.same(content((await to.get(`/v1/${path}?format=ndjson`)).text), content(text))
    }),
    { numRuns: 12 },
  )
})

/** A country of large documents, so that no buffer on the way holds an export; served on a port, on so few connections. */
async function large(t: Test, connections: number) {
  const { database, url } = await api(t)
  await database.pool.query(`
    insert into publicity (period_id, township_code, revision, created_revision, rules_version, created_at, updated_at, document)
    select 20240100, code, 1, 1, 1, now(), now(), json_build_object('township', code, 'period', '2024', 'figures', '{}'::json,
      'source', json_build_object('title', repeat('题', 500))) from townships order by code limit 15000`)
  const exporter = openExporter(url, { connections, patience: 2000 })
  const app = await buildApp(
    { bodyLimit: 4096, logLevel: 'silent', trustProxy: false, publicReads: true },
    { ...database, exports: exporter },
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    await app.close()
    await exporter.close()
  })
  const address = app.addresses()[0]
  const port = address instanceof Object ? address.port : 0
  const backends = async () => {
    const { rows } = await database.pool.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and application_name = 'register-exports' and backend_type = 'client backend' and query like 'copy%' and state = 'active'",
    )
    return rows.map(({ pid }) => pid)
  }
  return { database, exporter, port, origin: `http://127.0.0.1:${port}`, backends }
}

/** A client that asks and takes only what comes first. */
async function reader(port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write('GET /v1/publicity?format=csv HTTP/1.1\r\nhost: x\r\n\r\n')
  const [first] = await once(socket, 'data')
  socket.pause()
  return { socket, first: String(first) }
}

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return true
    await pause(25)
  }
  return false
}

await test('an export goes back as it is, held to its revisions: quotes and explained impossibilities too', async (t) => {
  const service = await api(t)
  const note = { certifiedOfficers: { note: '含借调 2 人' } }
  const bodies: [township: string, body: object][] = [
    ['410423209', { figures: { officers: 5, certifiedOfficers: 6 }, remarks: note }],
    ['410423210', { figures: { officers: 7 }, remarks: { officers: { quote: '执法人员7名' } } }],
    ['410423211', { figures: { officers: 20 }, remarks: { officers: { qualifier: 'atLeast' } } }],
  ]
  for (const [township, body] of bodies) t.equal((await service.put(`/v1/enforcement/${township}/2024`, body)).status, 201)
  const send = (text: string, query = '') =>
    service.request('POST', `/v1/imports?category=enforcement${query}`, text, { 'content-type': 'text/csv' })
  const { text } = await service.get('/v1/enforcement?format=csv')
  t.match((await send(text)).json, { rows: 3, unchanged: 3, rejected: 0 })
  const next = text.replace('含借调 2 人', '含借调 3 人').replace('执法人员7名', '执法人员 7 名').replace('20,atLeast', '20,')
  t.match((await send(next.replaceAll('""qualifier"":""atLeast""', ''))).json, { rows: 3, updated: 3, rejected: 0 })
  const stale = await send(text)
  t.same(
    stale.json.errors.map(({ code }) => code),
    ['revision-mismatch', 'revision-mismatch', 'revision-mismatch'],
  )
  t.match((await send(text, '&revisions=ignore')).json, { rows: 3, updated: 3 })
})

await test('a client that vanishes frees its connection, and one that waits too long is told', async (t) => {
  const { port, origin, backends } = await large(t, 1)
  const { socket, first } = await reader(port)
  t.match(first, /^HTTP\/1\.1 200/)
  t.equal((await backends()).length, 1, 'the slow client holds it')
  const busy = await fetch(`${origin}/v1/publicity?format=ndjson`)
  t.equal(busy.status, 503)
  t.equal(busy.headers.get('retry-after'), '10')
  t.match(await busy.json(), { code: 'exports-busy' })
  const counted: { count?: number } = JSON.parse(await (await fetch(`${origin}/v1/publicity?count=true`)).text())
  t.equal(counted.count, 15_000, 'counting needs no turn')
  socket.destroy()
  t.ok(await until(async () => (await backends()).length === 0), 'the statement is gone')
  const all = await fetch(`${origin}/v1/publicity?format=ndjson`)
  t.equal(lines(await all.text()).length, counted.count, 'and the next is served, whole')
})

await test('a reader that stops or trickles is given up, one that keeps the pace or waits itself is not', async (t) => {
  const { exporter, backends } = await large(t, 1)
  const app = Fastify()
  t.teardown(() => app.close())
  let opened = 0
  const pace = { bytes: 1_048_576, within: 600 }
  const send = (path: string, query: string) =>
    app.get(path, async (_request, reply) => {
      const found = await exporter.lines(query)
      if (!found) throw new Error('busy')
      opened++
      return sendRows(reply, '', found, pace)
    })
  const filler = `select json_build_object('filler', repeat('x', 10000)) from generate_series(1, 3000) n`
  send('/large', filler)
  send(
    '/slow',
    `select json_build_object('n', n, 'filler', repeat('x', 10000), 'p', pg_sleep(0.05)) from generate_series(1, 30) n`,
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.addresses()[0]
  const port = address instanceof Object ? address.port : 0
  const ask = (path: string) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    return socket
  }
  /** Takes a piece of 64 KiB at most every so often. */
  async function take(path: string, every: number) {
    const socket = ask(path)
    let last = ''
    let bytes = 0
    for await (const piece of socket) {
      bytes += piece.length
      last = String(piece).slice(-10)
      if (every > 0) await pause(every, undefined, { ref: false })
    }
    return { bytes, whole: last.endsWith('0\r\n\r\n') }
  }
  for (const [path, every] of [
    ['/large', 2],
    ['/slow', 0],
  ] as const)
    t.match(await take(path, every), { whole: true }, `${path}: ${every} ms`)
  for (const every of [100, 100_000]) {
    const before = opened
    const reading = take('/large', every)
    void reading.catch(() => {})
    t.ok(await until(async () => opened > before && (await backends()).length === 0), `${every} ms: the connection is free`)
    if (every < 1000) t.match(await reading, { whole: false })
  }
})

await test('an export that fails midway is no complete answer', async (t) => {
  const { database, port, backends } = await large(t, 2)
  const { socket } = await reader(port)
  let last = ''
  socket.on('data', (piece) => {
    last = String(piece).slice(-100)
  })
  const closed = once(socket, 'close')
  for (const pid of await backends()) await database.pool.query('select pg_terminate_backend($1)', [pid])
  socket.resume()
  await closed
  t.notMatch(last, /0\r\n\r\n$/, 'without its end')
})

await test('memory stays flat while a slow client reads', async (t) => {
  const { port } = await large(t, 2)
  const before = process.memoryUsage().rss
  const clients = await Promise.all([reader(port), reader(port)])
  await pause(300)
  const grown = (process.memoryUsage().rss - before) / 1_048_576
  for (const { socket } of clients) socket.destroy()
  t.ok(grown < 25, `${grown.toFixed(1)} MB for two exports of 22 MB`)
})
