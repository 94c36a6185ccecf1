// The service as an operator meets it: starts, stops and everything that may go wrong with them, in real processes. The tests share
// a folder, since a new database takes its time; each leaves it stopped.
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Test, test } from 'tap'
import { categories } from '../src/catalogue/index.ts'
import { startEmbedded } from '../src/storage/embedded.ts'
import { findServer } from '../src/storage/postgres-folder.ts'
import { execute, scratch, withDatabase } from './support/cluster.ts'
import { adminKey, asAdmin } from './support/keys.ts'
import { type Path, type Program, run, until } from './support/process.ts'

// Where the tests are root's, a folder that only root can enter; PostgreSQL itself refuses to run as root.
const home = await mkdtemp(join(process.getuid?.() === 0 ? homedir() : tmpdir(), 'register-'))
const dataDir = join(home, '.data')
const postgres = () => findServer(join(dataDir, 'postgres'))

/** The service in the shared folder, on a free port. */
function start(t: Test, settings: Record<string, string> = {}, program: Path = 'dist/server.js'): Program {
  return run(t, program, { PORT: '0', LOG_LEVEL: 'warn', ...settings }, home)
}

/** How many there are in a list of the API, up to 1000. */
async function count(list: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`${list}${list.includes('?') ? '&' : '?'}limit=1000`, { headers })
  return JSON.parse(await response.text()).items.length
}

async function countRecords(address: string, headers: Record<string, string> = {}): Promise<number> {
  const counts = await Promise.all(categories.map(({ path }) => count(`${address}/v1/${path}`, headers)))
  return counts.reduce((sum, one) => sum + one, 0)
}

const keyFile = join(dataDir, 'admin-key')
/** The key of the administrator, as the shell puts it in the place of `$(cat '…')`. */
const keyOf = async (file: string) => (await readFile(resolve(home, file), 'utf8')).trim()

/** The request of a curl line, made without curl. */
async function curl(line: string): Promise<{ status: number; json: unknown }> {
  const [substitution, file] = /\$\(cat '([^']+)'\)/.exec(line) ?? []
  const filled = substitution && file ? line.replace(substitution, await keyOf(file)) : line
  const words = (filled.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll(/^['"]|['"]$/g, ''))
  const after = (flag: string) => words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []))
  const headers = Object.fromEntries(after('-H').map((header) => header.split(': ')))
  const url = words.find((word) => word.startsWith('http')) ?? ''
  const response = await fetch(url, { method: after('-X')[0] ?? 'GET', headers, body: after('-d')[0] ?? null })
  return { status: response.status, json: await response.json() }
}

function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', (response) => resolve(response.resume())).once('error', reject)
  })
}

/** It has ended by itself, said why in one line, and left no PostgreSQL that it started. */
async function isRefused(t: Test, service: Program, line: RegExp): Promise<void> {
  t.strictSame(await service.ended, [1, null])
  t.match(service.stderr(), line)
  t.match(service.stderr(), /^[^\n]+\n$/, 'one line')
}

await test('a first start in an empty folder says what to try, and it works; a second start keeps what was written', async (t) => {
  const first = start(t)
  const address = await first.address()
  await until('both lines are told', () => first.stdout().match(/curl .*\n/g)?.length === 2)
  t.match(first.stdout(), `creating a PostgreSQL database in ${dataDir}`)
  const docs = await fetch(`${address}/docs`)
  t.equal(docs.status, 200)
  t.match(await docs.text(), 'swagger-ui')
  t.equal(await countRecords(address), 19)
  t.ok((await count(`${address}/v1/townships?region=500229`)) > 20, 'the registry is loaded')

  const [get = '', put = ''] = first.stdout().match(/curl .*/g) ?? []
  t.match(await curl(get), { status: 200, json: { township: '500229107', period: '2024', revision: 1 } })
  t.match(await curl(put), { status: 201, json: { figures: { identified: 382, resolved: 360 }, revision: 1 } })
  t.match(await curl(put), { status: 200, json: { revision: 1 } }, 'and once more')
  const key = await keyOf(keyFile)
  t.match(first.stdout(), key, 'the key of the administrator is told')
  t.equal((await stat(keyFile)).mode & 0o777, 0o600, 'and kept where only its owner reads it')
  const remove = (headers = {}) => fetch(`${address}/v1/governance/500229107/2024`, { method: 'DELETE', headers })
  t.equal((await remove()).status, 401, 'anyone may read here, and nobody write without a key')
  t.equal((await remove({ authorization: `Bearer ${key}` })).status, 204)
  t.strictSame(await first.stop('SIGTERM'), [0, null])
  t.equal(first.stderr(), '')
  t.equal(await postgres(), undefined)

  const second = start(t)
  const again = await second.address()
  t.equal(await countRecords(again), 19, 'one more, one less: samples do not come back')
  t.match(await curl(put.replace(address, again)), { status: 200, json: { revision: 1 } })
  t.notMatch(second.stdout(), key, 'the key is told once')

  const third = start(t)
  await isRefused(t, third, new RegExp(`another live service \\(process ${second.child.pid}\\) holds ${dataDir}.*DATA_DIR`))
  t.equal(await countRecords(again), 19, 'the service that holds the folder goes on')

  // A Ctrl-C reaches everything in the terminal at once, and npm passes it on.
  const terminal = -Number(second.child.pid)
  process.kill(terminal, 'SIGINT')
  process.kill(terminal, 'SIGINT')
  t.strictSame(await second.ended, [0, null])
  t.equal(second.stderr(), '')
  t.equal(await postgres(), undefined)
})

await test('a client that breaks off its body is no failure that an operator need hear of', async (t) => {
  const service = start(t)
  const { hostname, port } = new URL(await service.address())
  const authorization = `Bearer ${await keyOf(keyFile)}`
  const socket = connect(Number(port), hostname)
  socket.write(
    `PUT /v1/disputes/410423209/2020 HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"figures"`,
  )
  // By its answer it is known that the request before it, of another connection, was begun.
  await fetch(`http://${hostname}:${port}/v1/periods`, { headers: { authorization } })
  socket.resetAndDestroy()
  t.strictSame(await service.stop('SIGTERM'), [0, null])
  t.notMatch(service.stdout(), /"level":50|unavailable/)
})

await test('Ctrl-C in the middle of a first start leaves nothing running', async (t) => {
  const folder = await mkdtemp(join(scratch, 'register-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const service = start(t, { DATA_DIR: folder })
  await until('the database is being created', () => service.stdout().includes('creating'))
  process.kill(-Number(service.child.pid), 'SIGINT')
  t.strictSame(await service.ended, [0, null])
  t.equal(service.stderr(), '')
  t.equal(await findServer(join(folder, 'postgres')), undefined)
})

await test('after kill -9 of the service, and of its PostgreSQL, the next start recovers', async (t) => {
  const first = start(t)
  const records = await countRecords(await first.address())
  const orphan = await postgres()
  t.strictSame(await first.stop('SIGKILL'), [null, 'SIGKILL'])

  const second = start(t)
  t.equal(await countRecords(await second.address()), records)
  t.match(second.stdout(), `adopting the PostgreSQL that is already running (process ${orphan?.pid})`)
  process.kill(orphan?.pid ?? 0, 'SIGKILL')
  await isRefused(t, second, /^PostgreSQL went away: .*postgres\.log/)

  const third = start(t)
  t.equal(await countRecords(await third.address()), records)
  t.strictSame(await third.stop('SIGTERM'), [0, null])
  t.equal(await postgres(), undefined)
})

await test('a stop answers the request that is under way, and waits for no connection that nobody uses', async (t) => {
  const service = start(t, {}, '.tests/src/server.js')
  const { port, origin } = new URL(await service.address())
  const idle = connect(Number(port), '127.0.0.1')
  const unused = connect(Number(port), '127.0.0.1').resume()
  const halves = ['GET /livez HTT', 'POST /v1/imports HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab'].map(
    (text) => {
      const socket = connect(Number(port), '127.0.0.1').resume()
      socket.write(text)
      return socket
    },
  )
  const closed = Promise.all([idle, unused, ...halves].map((socket) => once(socket, 'close')))
  idle.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await Promise.all([once(idle, 'data'), once(unused, 'connect')])

  const body = '{"figures":{"identified":7}}'
  const authorization = `Bearer ${await keyOf(keyFile)}`
  const headers = { authorization, 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' }
  const slow = request(`${origin}/v1/disputes/500229107/2023`, { method: 'PUT', headers, agent: new Agent({ keepAlive: true }) })
  slow.flushHeaders()
  await once(slow, 'continue')
  slow.write(body.slice(0, 10))
  service.child.kill('SIGTERM')
  await closed
  t.equal(service.child.exitCode, null, 'it waits for the rest of the request')
  slow.end(body.slice(10))
  const begun = Date.now()
  const answer = await responseTo(slow)
  t.match(answer.statusCode, /20[01]/)
  t.equal(answer.headers.connection, 'close')
  t.strictSame(await service.ended, [0, null])
  t.ok(Date.now() - begun < 5000, 'no connection holds it up')
})

await test('the log of every request holds no key, no query and no body', async (t) => {
  const service = start(t, { LOG_LEVEL: 'debug' })
  const address = await service.address()
  const secret = 'trlr_SECRET'
  const sent: [method: string, path: string, body?: string][] = [
    ['GET', `/v1/townships?name=${secret}`],
    ['GET', `/v1/disputes?unknown=${secret}`],
    ['GET', `/v1/nothing?${secret}`],
    ['PUT', `/v1/disputes/500229107/2022?reason=${secret}`, `{"figures":{},"others":[{"label":"${secret}","unit":"件"}]}`],
    ['PUT', '/v1/disputes/500229107/2022', `{"${secret}":`],
  ]
  for (const [method, path, body = null] of sent)
    await fetch(address + path, {
      method,
      body,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    })
  await until('all requests are in the log', () => service.stdout().match(/request completed/g)?.length === sent.length)
  t.match(service.stdout(), /"method":"PUT","path":"\/v1\/disputes\/500229107\/2022"/)
  t.notMatch(service.stdout() + service.stderr(), secret)
  t.strictSame(await service.stop('SIGTERM'), [0, null])
})

await test('a port in use is told in one line', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  const port = address instanceof Object ? address.port : 0
  await isRefused(
    t,
    start(t, { PORT: `${port}` }),
    new RegExp(`^Cannot listen: .*address already in use 127.0.0.1:${port}; set PORT`),
  )
  t.equal(await postgres(), undefined)
})

await test('a data folder that cannot be made is told in one line', async (t) => {
  const name = process.platform === 'linux' ? '/proc/nope' : '/dev/null/nope'
  await isRefused(
    t,
    start(t, { DATA_DIR: name }),
    /^cannot use the data folder .*nope \(.*\); set DATA_DIR to a folder that can be written/,
  )
  await isRefused(t, start(t, { DATA_DIR: join(name, 'deeper') }), /deeper \(.*\); set DATA_DIR/)
})

await test('all bad settings are told in one line', async (t) => {
  await isRefused(
    t,
    start(t, { PORT: 'x', LOG_LEVEL: 'loud' }),
    /^Settings: PORT must be integer, not "x"; LOG_LEVEL must be .*"loud"/,
  )
})

await test('a DATABASE_URL that cannot be used is named with the reason; with one that can, no PostgreSQL is started', async (t) => {
  const elsewhere = await startEmbedded(dataDir, { ephemeral: true })
  t.teardown(() => elsewhere.stop())
  const access = join(dataDir, 'postgres', 'pg_hba.conf')
  const rules = await readFile(access, 'utf8')
  await writeFile(access, `local all guest scram-sha-256\n${rules}`)
  await execute(elsewhere.url, `drop role if exists guest`)
  await execute(elsewhere.url, `create role guest login password 'right'`)
  await execute(elsewhere.url, 'select pg_reload_conf()')
  await execute(elsewhere.url, 'drop database if exists other')
  await execute(elsewhere.url, 'create database other')
  await execute(elsewhere.url, 'drop database if exists strict')
  await execute(elsewhere.url, 'create database strict')
  await execute(elsewhere.url, `alter database strict set default_transaction_isolation = 'serializable'`)
  const guest = new URL(elsewhere.url)
  guest.username = 'guest'
  guest.password = 'secret'
  const broken: [url: string, reason: RegExp][] = [
    ['postgresql://127.0.0.1:1/register', /^DATABASE_URL cannot be used: connect ECONNREFUSED 127\.0\.0\.1:1/],
    [withDatabase(elsewhere.url, 'nowhere'), /^DATABASE_URL cannot be used: database "nowhere" does not exist/],
    [guest.href, /^DATABASE_URL cannot be used: password authentication failed for user "guest"/],
    [
      withDatabase(elsewhere.url, 'strict'),
      /^The database cannot be used: default_transaction_isolation is 'serializable' .*: alter role/,
    ],
    ['register at home', /^Settings: DATABASE_URL must be a URL like/],
  ]
  const begun = Date.now()
  await Promise.all(broken.map(([url, reason]) => isRefused(t, start(t, { DATABASE_URL: url }), reason)))
  t.comment(`${broken.length} refusals in ${Date.now() - begun} ms`)

  const unused = join(home, 'unused')
  const settings = { DATABASE_URL: withDatabase(elsewhere.url, 'other'), DATA_DIR: unused, ADMIN_API_KEY: adminKey }
  const service = start(t, settings)
  const address = await service.address()
  t.equal((await fetch(`${address}/v1/disputes`)).status, 401, 'nobody reads without a key')
  t.equal(await countRecords(address, asAdmin), 0, 'samples are not written into a database of others')
  t.ok((await count(`${address}/v1/townships?region=500229`, asAdmin)) > 20)
  t.notMatch(service.stdout(), adminKey)
  await execute(elsewhere.url, `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'other'`)
  await until('the broken connection is told', () => /an idle connection broke.*\n/.test(service.stdout()))
  const told = service.stdout().match(/.*an idle connection broke.*/)?.[0]
  t.match(told, /"reason":"terminating connection due to administrator command","code":"57P01"/)
  t.notMatch(service.stdout() + service.stderr(), /secretKey|processID|password/i)
  t.strictSame(await service.stop('SIGHUP'), [0, null])
  t.notMatch(service.stdout(), 'curl')
  t.equal(await findServer(join(unused, 'postgres')), undefined)
  t.ok(await postgres(), 'the PostgreSQL of others goes on')
  await writeFile(access, rules)
})

await rm(home, { recursive: true })
