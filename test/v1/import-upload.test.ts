/** What may go wrong while a file is on its way: a client that vanishes, more bytes than are taken, gzip that grows. Over a real socket. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { type Test, test } from 'tap'
import { api } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'
import { until } from '../support/process.ts'

const row = (township: string, note: string) =>
  `${JSON.stringify({ category: 'disputes', township, period: '2024', figures: { identified: 1 }, remarks: { identified: { note } } })}\n`
const limit = 100_000

async function listening(t: Test, importLimit = limit) {
  const service = await api(t, { importLimit })
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const address = service.app.addresses()[0]
  const port = address instanceof Object ? address.port : 0
  const empty = async () => (await service.get('/v1/disputes')).json.items.length === 0
  const connections = () => new Promise<number>((done) => service.app.server.getConnections((_error, count) => done(count)))
  return { ...service, port, empty, connections }
}

/** Uploads pieces without saying how many bytes they are. */
async function upload(port: number, pieces: Iterable<Buffer | string>, headers: Record<string, string> = {}) {
  const sent = request({
    port,
    path: '/v1/imports',
    method: 'POST',
    headers: { ...asAdmin, 'content-type': 'application/x-ndjson', ...headers },
  })
  const answered = once(sent, 'response')
  // The service answers and closes before it has everything: that writing fails then is no news.
  await pipeline(Readable.from(pieces), sent).catch(() => {})
  const [response] = await answered
  let body = ''
  for await (const piece of response) body += piece
  return { status: response.statusCode, json: JSON.parse(body) }
}

await test('a client that vanishes half-way has sent nothing', async (t) => {
  const { port, empty, connections } = await listening(t)
  for (const head of ['content-length: 90000', 'transfer-encoding: chunked']) {
    const socket = connect({ port, host: '127.0.0.1' })
    const first = row('410423209', 'whole')
    const piece = head.startsWith('content') ? first : `${first.length.toString(16)}\r\n${first}\r\n`
    socket.write(`POST /v1/imports HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n${head}\r\n\r\n${piece}`)
    await until('the service has the connection', async () => (await connections()) === 1)
    socket.destroy()
    await until('it has noticed', async () => (await connections()) === 0)
    t.ok(await empty(), head)
  }
  t.match(await upload(port, [row('410423209', 'whole')]), { status: 200, json: { created: 1 } }, 'and the next is taken')
})

await test('a file over the limit is refused, told or not, inflated or not', async (t) => {
  const { port, empty } = await listening(t)
  const large = row('410423209', 'n'.repeat(1900)).repeat(60)
  const tooLarge = { status: 413, json: { code: 'body-too-large' } }
  t.match(await upload(port, [large], { 'content-length': String(large.length) }), tooLarge)
  t.match(await upload(port, [large.slice(0, 70_000), large.slice(70_000)]), tooLarge)
  t.match(await upload(port, [gzipSync(large)], { 'content-encoding': 'gzip' }), tooLarge)
  t.ok(await empty())
})

await test('a client that leaves while the rest of a refused file is on its way is noticed at once', async (t) => {
  const { port, empty, connections } = await listening(t)
  const chunk = (bytes: Buffer) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  const large = Buffer.from(row('410423209', 'n'.repeat(1900)).repeat(60))
  const noise = randomBytes(200_000)
  const refused: [story: string, status: number, encoding: string, first: Buffer][] = [
    ['over the limit', 413, 'identity', large],
    ['over the limit when inflated', 413, 'gzip', gzipSync(large.toString().repeat(100))],
    ['no gzip', 400, 'gzip', noise],
  ]
  for (const [story, status, encoding, first] of refused) {
    const socket = connect({ port, host: '127.0.0.1' })
    const said = once(socket, 'data')
    socket.write(
      `POST /v1/imports HTTP/1.1\r\nhost: x\r\nauthorization: ${asAdmin.authorization}\r\ncontent-type: application/x-ndjson\r\ncontent-encoding: ${encoding}\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    for (const bytes of [first, noise, noise, noise]) socket.write(chunk(bytes))
    t.match(String(await said), new RegExp(`^HTTP/1.1 ${status} `), story)
    socket.destroy()
    await until(`${story}: it is noticed`, async () => (await connections()) === 0)
  }
  t.ok(await empty())
})

await test('the hash and the size are those of the file, however it travels', async (t) => {
  const { port, get } = await listening(t)
  const file = row('410423209', '含上年结转')
  const told = { sha256: createHash('sha256').update(file).digest('hex'), bytes: Buffer.byteLength(file) }
  for (const [body, headers] of [
    [file, {}],
    [gzipSync(file), { 'content-encoding': 'gzip' }],
  ] as const) {
    const { json } = await upload(port, [body], headers)
    t.match((await get(`/v1/imports/${json.id}`)).json, told)
  }
})

await test('what is spooled does not stay in memory', async (t) => {
  const { port } = await listening(t, 200_000_000)
  const before = process.memoryUsage().rss
  let most = before
  const blank = Buffer.alloc(1_000_000, ' ')
  blank.write('\n', blank.length - 1)
  function* pieces() {
    for (let sent = 0; sent < 150; sent++) {
      most = Math.max(most, process.memoryUsage().rss)
      yield blank
    }
  }
  t.match(await upload(port, pieces()), { status: 400, json: { code: 'import-empty' } })
  const grown = (most - before) / 1_048_576
  t.ok(grown < 120, `${grown.toFixed(1)} MB more for a file of 150 MB`)
})
