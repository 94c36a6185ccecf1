// What clients see while connections break and the database is away; and that the service is well again afterwards by itself.
import { type Test, test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { failureOf } from '../../src/storage/failures.ts'
import { cloneTemplate, execute, withDatabase } from '../support/cluster.ts'
import { asAdmin } from '../support/keys.ts'
import { wayTo } from '../support/proxy.ts'

const record = '/v1/disputes/410423209/2024'

/** The service on a database that a test may mistreat; `broken` collects the idle connections that the service was told of. */
async function service(t: Test, through: (url: string) => Promise<string> = async (url) => url) {
  const { url, drop } = await cloneTemplate()
  const broken: Error[] = []
  const database = openDatabase(await through(url), { pool: 3, log: (error) => broken.push(error) })
  const app = await buildApp({ bodyLimit: 1_048_576, logLevel: 'silent', trustProxy: false }, database)
  t.teardown(async () => {
    await app.close()
    await database.close()
    await drop()
  })
  const headers = { ...asAdmin, 'content-type': 'application/json' }
  const put = () => app.inject({ method: 'PUT', url: record, headers, payload: '{"figures":{"identified":382}}' })
  const get = (path = record) => app.inject({ method: 'GET', url: path, headers: asAdmin })
  return { url, database, broken, put, get }
}

/** Ends the connections of that name to that database, as an operator or a server that restarts does. */
async function terminate(url: string, name: string): Promise<void> {
  const these = `application_name = '${name}' and datname = '${new URL(url).pathname.slice(1)}'`
  await execute(withDatabase(url, 'postgres'), `select pg_terminate_backend(pid) from pg_stat_activity where ${these}`)
}

await test('reads go on when the connections of the readers are ended', async (t) => {
  const { url, put, get } = await service(t)
  t.equal((await put()).statusCode, 201)
  for (let round = 0; round < 3; round++) {
    t.strictSame(await Promise.all([get(), get(), get()]).then((all) => all.map((one) => one.statusCode)), [200, 200, 200])
    await terminate(url, 'register-reader')
    t.equal((await get()).statusCode, 200)
  }
  const under = Array.from({ length: 200 }, () => get())
  await Promise.all([terminate(url, 'register-reader'), ...under])
  const statuses = await Promise.all(under)
  t.strictSame([...new Set(statuses.map((one) => one.statusCode))], [200], 'also for those under way')
})

await test('idle connections for writes that break are told, and replaced', async (t) => {
  const { url, database, broken, put } = await service(t)
  t.equal((await put()).statusCode, 201)
  const idle = database.connections.totalCount
  await terminate(url, 'register')
  while (broken.length < idle) await new Promise(setImmediate)
  t.match(broken[0]?.message, /terminating connection|Connection terminated/)
  t.equal((await put()).statusCode, 200)
})

await test('while the database is away it is 503 with Retry-After, the process is alive, and all is well when it is back', async (t) => {
  const ways: { cut: () => Promise<void>; mend: () => Promise<void> }[] = []
  const { put, get } = await service(t, async (url) => {
    const way = await wayTo(t, url)
    ways.push(way)
    return way.url
  })
  t.equal((await put()).statusCode, 201)
  t.equal((await get()).statusCode, 200)
  for (const way of ways) await way.cut()
  for (const response of [await get(), await get(), await get('/v1/disputes'), await get('/readyz'), await put()]) {
    t.equal(response.statusCode, 503)
    t.match(response.headers, { 'retry-after': /^\d+$/, 'content-type': /^application\/problem\+json/ })
    t.match(response.json(), { code: 'unavailable', status: 503 })
    t.notMatch(response.body, /ECONN|terminated|127\.0\.0\.1/)
  }
  t.equal((await get('/livez')).statusCode, 200)
  for (const way of ways) await way.mend()
  t.equal((await get('/readyz')).statusCode, 200)
  t.equal((await get()).statusCode, 200)
  t.equal((await put()).statusCode, 200)
})

await test('a database that was dropped is unavailable, no defect', async (t) => {
  const { url, put, get } = await service(t)
  t.equal((await put()).statusCode, 201)
  t.equal((await get()).statusCode, 200)
  await execute(withDatabase(url, 'postgres'), `drop database ${new URL(url).pathname.slice(1)} with (force)`)
  t.equal((await get()).statusCode, 503)
  t.equal((await get('/readyz')).statusCode, 503)
})

await test('a reader that was closed fails as one that has no database', async (t) => {
  const { database } = await service(t)
  await database.reader.close()
  const failure = await database.reader.read({ name: 'one', text: 'select 1' }, []).catch(failureOf)
  t.match(failure, { kind: 'unavailable' })
})

await test('what others may cause is told from defects, wherever it stands in the chain of causes', async (t) => {
  const coded = (code: string) => new Error('query failed', { cause: Object.assign(new Error('it'), { code }) })
  for (const code of ['40001', '40P01', '55P03']) t.equal(failureOf(coded(code))?.kind, 'contention', code)
  for (const code of ['08006', '25006', '28P01', '3D000', '53300', '57014', '57P01', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT'])
    t.equal(failureOf(coded(code))?.kind, 'unavailable', code)
  for (const message of ['Connection terminated unexpectedly', 'timeout expired', 'Query read timeout'])
    t.equal(failureOf(new Error(message))?.kind, 'unavailable', message)
  for (const code of ['42P01', '23505', '22003', 'ERR_INVALID_ARG_TYPE']) t.equal(failureOf(coded(code)), undefined, code)
  t.equal(failureOf(new TypeError('undefined is not a function')), undefined)
})
