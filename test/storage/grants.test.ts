/** Where another role owns the tables, the service works as ever, and can add to history and audit but not change them. */
import pg from 'pg'
import { test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { grantService } from '../../src/storage/grants.ts'
import { migrateDatabase } from '../../src/storage/migrations.ts'
import { prepareDatabase } from '../../src/storage/prepare.ts'
import { cloneTemplate, execute } from '../support/cluster.ts'
import { asAdmin } from '../support/keys.ts'

const role = `service_${process.pid}`
function as(url: string, user: string): string {
  const other = new URL(url)
  other.username = user
  return other.href
}

await test('the service with a role of its own', async (t) => {
  const { url: owner, drop } = await cloneTemplate()
  const service = as(owner, role)
  await execute(owner, `create role ${role} login`)
  t.teardown(async () => {
    await execute(owner, `drop owned by ${role}`)
    await execute(owner, `drop role ${role}`)
    await drop()
  })
  await migrateDatabase(owner)
  await t.rejects(grantService(owner, owner), /a role of its own/, 'two URLs of one role protect nothing')
  for (const _again of [1, 2]) await grantService(owner, service)

  for (const [more, undo] of [
    [`alter role ${role} superuser`, `alter role ${role} nosuperuser`],
    [
      `grant ${decodeURIComponent(new URL(owner).username)} to ${role}`,
      `revoke ${decodeURIComponent(new URL(owner).username)} from ${role}`,
    ],
  ] as const) {
    await execute(owner, more)
    await t.rejects(grantService(owner, service), /can change record_revisions, period_changes, audit/, more)
    await execute(owner, undo)
  }

  const database = openDatabase(service, { pool: 4 })
  await prepareDatabase(database, { samples: false, ownerUrl: owner })
  const app = await buildApp({ bodyLimit: 1_048_576, logLevel: 'silent', trustProxy: false }, database)
  t.teardown(async () => {
    await app.close()
    await database.close()
  })
  const send = async (method: 'PUT' | 'POST' | 'DELETE', url: string, payload: string, type = 'application/json') =>
    (await app.inject({ method, url, payload, headers: { ...asAdmin, 'content-type': type } })).statusCode
  t.equal(await send('PUT', '/v1/disputes/410423209/2024', '{"figures":{"identified":1}}'), 201)
  t.equal(await send('PUT', '/v1/disputes/410423209/2024', '{"figures":{"identified":2}}'), 200)
  const sheet = 'township,period,identified\n410423209,2024,3\n410423210,2024,4\n'
  t.equal(await send('POST', '/v1/imports?category=disputes', sheet, 'text/csv'), 200)
  t.equal(await send('POST', '/v1/periods/2024/close', '{"reason":"年度汇总完成"}'), 200)
  t.equal(await send('POST', '/v1/api-keys', '{"name":"某县","role":"reader"}'), 201)
  const exported = await app.inject({ url: '/v1/disputes?format=csv', headers: asAdmin })
  t.equal(exported.body.trim().split('\n').length, 3)

  const other = new pg.Client({ connectionString: owner })
  await other.connect()
  await other.query("begin; update disputes set rules_version = rules_version where township_code = '410423210'")
  const { rows } = await database.pool.query<{ now: Date }>('select clock_timestamp() as now')
  const then = () => app.inject({ url: `/v1/disputes?asOf=${rows[0]?.now.toISOString()}`, headers: asAdmin })
  t.equal((await then()).headers.provisional, 'true', 'what another role has begun is not settled')
  await execute(owner, `revoke pg_read_all_stats from ${role}`)
  t.equal((await then()).headers['settled-until'], '1970-01-01T00:00:00.000Z', 'unseen, nothing is known to be settled')
  await other.query('rollback')
  await other.end()

  for (const table of ['record_revisions', 'audit', 'period_changes'])
    for (const statement of [`update ${table} set actor = 'x'`, `delete from ${table}`, `truncate ${table}`])
      await t.rejects(database.pool.query(statement), /permission denied/, statement)
})
