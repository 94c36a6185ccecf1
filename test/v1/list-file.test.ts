/** Lists of places, imports, periods and figures as files: what all pages hold, in one answer. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { parse } from 'csv-parse/sync'
import { test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { openExporter } from '../../src/storage/exports.ts'
import { type Api, api } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'
import { until } from '../support/process.ts'

async function pagesOf(service: Api, path: string): Promise<object[]> {
  const found: object[] = []
  for (let next = path; next !== ''; ) {
    const { json, headers } = await service.get(next)
    found.push(...json.items)
    next = /<([^>]+)>/.exec(String(headers.link ?? ''))?.[1] ?? ''
  }
  return found
}
const linesOf = (text: string): object[] => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
const rowsOf = (text: string): Record<string, string>[] => parse(text, { bom: true, columns: true })

await test('a file holds what the pages hold', async (t) => {
  const service = await api(t)
  await service.request('POST', '/v1/imports?category=disputes', 'township,period,identified\n410423209,2024,1\n', {
    'content-type': 'text/csv',
  })
  for (const identified of [2, 3]) await service.put('/v1/disputes/410423209/2024', { figures: { identified } })
  await service.put('/v1/periods/2024/extensions/410423', { dueOn: '2025-04-30', reason: '汛期' })
  const rename = { kind: 'rename', effectiveOn: '2025-01-01', successors: [{ code: '410423209', name: '仓头镇' }] }
  t.equal((await service.post('/v1/townships/410423209/successions', rename)).status, 201)
  await service.as('reader', '410423')
  for (const path of [
    '/v1/townships?region=4104&limit=50',
    '/v1/townships?name=城关&kind=town',
    '/v1/townships?region=4104&validOn=2019-01-01',
    '/v1/regions?parent=41&limit=7',
    '/v1/regions?kind=province',
    '/v1/imports?limit=1',
    '/v1/periods',
    '/v1/indicators?category=publicity',
    '/v1/disputes/410423209/2024/revisions?limit=2',
    '/v1/periods/2024/extensions',
    '/v1/townships/410423209/successions',
    '/v1/api-keys?limit=1',
  ]) {
    const pages = await pagesOf(service, path)
    t.ok(pages.length > 0, path)
    const whole = path.replace(/[?&]limit=\d+/, '').replace(/^([^?&]+)&/, '$1?')
    const as = (format: string) => service.get(`${whole}${whole.includes('?') ? '&' : '?'}format=${format}`)
    const [lines, sheet] = [await as('ndjson'), await as('csv')]
    t.same(linesOf(lines.text), pages, `${path} as lines`)
    t.match(lines.headers, { 'content-type': 'application/x-ndjson', vary: /Accept/, 'content-disposition': /\.ndjson"/ })
    t.equal(rowsOf(sheet.text).length, pages.length, `${path} as a sheet`)
    t.equal(sheet.text.charCodeAt(0), 0xfeff, 'which Excel reads as UTF-8')
    t.match(sheet.headers, { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': /\.csv"/ })
    const asked = await service.get(whole, { accept: 'text/csv' })
    t.same([asked.status, asked.text], [200, sheet.text], 'or by Accept')
    if (/^\/v1\/(?:imports|townships|regions)\?/.test(path)) {
      const counted = await service.get(`${whole}${whole.includes('?') ? '&' : '?'}count=true`)
      t.same(counted.json, { count: pages.length }, path)
    }
  }
})

await test('all townships of the country, in one file', async (t) => {
  const service = await api(t)
  const { rows } = await service.database.pool.query<{ code: string }>('select code from townships order by code')
  const { text } = await service.get('/v1/townships?format=csv&labels=zh')
  const found = rowsOf(text)
  t.same(
    found.map((row) => row.代码),
    rows.map(({ code }) => code),
  )
  t.match(
    found.find((row) => row.代码 === '410423209'),
    {
      名称: '仓头乡',
      类型: 'township',
      全称: '河南省平顶山市鲁山县仓头乡',
      县级区划代码: '410423',
      县级区划: '鲁山县',
      停用前最后一日: '',
    },
  )
})

await test('a cell that a spreadsheet would run is text', async (t) => {
  const service = await api(t)
  const formula = encodeURIComponent('=cmd|1.csv')
  await service.request(
    'POST',
    `/v1/imports?category=disputes&fileName=${formula}`,
    'township,period,identified\n410423209,2024,1\n',
    {
      'content-type': 'text/csv',
    },
  )
  t.equal(rowsOf((await service.get('/v1/imports?format=csv')).text)[0]?.fileName, "'=cmd|1.csv")
})

await test('a file of imports holds what its reader may see', async (t) => {
  const service = await api(t, { readScope: 'own' })
  const send = async (region: string, township: string) => {
    const headers = await service.as('reporter', region)
    const sheet = `township,period,identified\n${township},2024,1\n`
    await service.request('POST', '/v1/imports?category=disputes', sheet, { ...headers, 'content-type': 'text/csv' })
    return headers
  }
  const [henan] = [await send('410423', '410423209'), await send('500229', '500229107')]
  t.same(
    rowsOf((await service.get('/v1/imports?format=csv', henan)).text).map((row) => row.importedBy),
    ['reporter 410423'],
  )
  t.same((await service.get('/v1/imports?count=true', henan)).json, { count: 1 })
  t.equal(linesOf((await service.get('/v1/imports?format=ndjson')).text).length, 2, 'the country sees both')
})

await test('what does not go with a file is told', async (t) => {
  const service = await api(t)
  const told = async (query: string, headers = {}) => {
    const { json } = await service.get(`/v1/townships?${query}`, headers)
    return json.errors?.map(({ parameter, code }) => `${parameter} ${code}`) ?? json.code
  }
  t.same(await told('format=csv&limit=5'), ['limit not-with-format'])
  t.same(await told('format=ndjson&labels=zh&cursor=x'), ['cursor not-with-format', 'labels not-with-format'])
  t.same(await told('count=true&limit=5'), ['limit not-with-format'])
  t.same(await told('labels=zh'), ['labels not-with-format'])
  t.same(await told('format=csv&region=99'), ['region no-such-region'])
  t.same(await told('format=xlsx'), ['format not-allowed'])
  t.equal(await told('', { accept: 'application/pdf' }), 'not-acceptable')
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/townships?format=csv', headers: asAdmin })
  t.match([head.statusCode, head.body, head.headers['content-type']], [200, '', 'text/csv; charset=utf-8'])
})

await test('files of lists wait for a turn of an export, and give it back', async (t) => {
  const service = await api(t)
  const exports = openExporter(service.url, { connections: 1, patience: 50 })
  const app = await buildApp({ bodyLimit: 1000, logLevel: 'silent', trustProxy: false }, { ...service.database, exports })
  t.teardown(async () => {
    await app.close()
    await exports.close()
  })
  const get = (url: string) => app.inject({ url, headers: asAdmin })
  const moment = await exports.moment()
  const busy = await get('/v1/townships?format=csv')
  t.match([busy.statusCode, busy.headers['retry-after'], busy.json()], [503, '10', { code: 'exports-busy' }])
  t.equal((await get('/v1/townships?limit=1')).statusCode, 200, 'pages need none')
  moment?.close()
  moment?.close()
  for (const _again of [1, 2, 3]) t.equal((await get('/v1/regions?format=csv')).statusCode, 200)
})

await test('a reader that vanishes frees its connection, and a list that fails midway is no complete answer', async (t) => {
  const { app, database } = await api(t)
  // Names so long that no buffer on the way holds the list.
  await database.pool.query("update townships set name = name || repeat('长', 300) where code < '4'")
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.addresses()[0]
  const port = address instanceof Object ? address.port : 0
  const held = async () => {
    const { rows } = await database.pool.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'register-exports' and xact_start is not null`,
    )
    return rows.map(({ pid }) => pid)
  }
  for (const format of ['csv', 'ndjson']) {
    const reader = async () => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.write(`GET /v1/townships?format=${format} HTTP/1.1\r\nhost: x\r\nauthorization: ${asAdmin.authorization}\r\n\r\n`)
      const [first] = await once(socket, 'data')
      socket.pause()
      t.match(String(first), /^HTTP\/1\.1 200/)
      t.equal((await held()).length, 1, 'it holds a connection')
      return socket
    }
    const vanishing = await reader()
    vanishing.destroy()
    await until('the connection is free', async () => (await held()).length === 0)
    const failing = await reader()
    let last = ''
    failing.on('data', (piece) => {
      last = String(piece).slice(-100)
    })
    const closed = once(failing, 'close')
    for (const pid of await held()) await database.pool.query('select pg_terminate_backend($1)', [pid])
    failing.resume()
    await closed
    t.notMatch(last, /0\r\n\r\n$/, 'without its end')
  }
})
