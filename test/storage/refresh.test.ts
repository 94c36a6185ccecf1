// After the rules have changed: stored findings are those of the current rules, and nothing else is touched.
import { type Test, test } from 'tap'
import { rulesVersion } from '../../src/catalogue/index.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { refreshFindings } from '../../src/storage/refresh.ts'
import { api } from '../support/api.ts'

const record = '/v1/disputes/410423209/2024'
const doubtful = { figures: { identified: 5, resolved: 9 }, others: [{ label: '劝阻无事酒', value: 9, unit: '起' }] }

/** Makes all records of a table look as if older rules had judged them: with nothing found, or with what is no finding now. */
async function age({ pool }: Awaited<ReturnType<typeof api>>['database'], table: string): Promise<void> {
  const emptied = `regexp_replace(document::text, '"findings":\\[.*\\],"createdAt"', '"findings":[],"createdAt"')::json`
  await pool.query(`update ${table} set rules_version = 0, findings = null, document = ${emptied} where document is not null`)
}

async function history(t: Test, { pool }: Awaited<ReturnType<typeof api>>['database']): Promise<unknown> {
  const { rows } = await pool.query('select * from record_revisions order by category, period_id, township_code, revision')
  t.ok(rows.length > 0)
  return rows
}

await test('findings are right again; revision, times, columns and history are as they were', async (t) => {
  const { database, get, put, del } = await api(t)
  await put(record, doubtful)
  await put('/v1/disputes/500229107/2024', { figures: { identified: 9 } })
  await put('/v1/publicity/410423209/2024', { figures: {} })
  await put('/v1/disputes/500229107/2023', doubtful)
  await del('/v1/disputes/500229107/2023')
  const before = await get(record)
  t.ok(before.json.findings.length > 0)
  t.equal(before.headers.etag, `"1-${rulesVersion}"`)
  const columns = () => database.pool.query('select to_jsonb(d) - $1::text as row from disputes d order by 1', ['document'])
  const [stored, revisions] = [(await columns()).rows, await history(t, database)]

  await age(database, 'disputes')
  const aged = await get(record)
  t.strictSame(aged.json.findings, [])
  t.equal(aged.headers.etag, '"1-0"')
  t.equal((await put(record, doubtful, { 'if-none-match': '*' })).status, 412)

  t.equal(await refreshFindings(database), 2, 'neither tombstones nor what is current')
  const after = await get(record)
  t.equal(after.text, before.text)
  t.equal(after.headers.etag, before.headers.etag)
  t.strictSame((await columns()).rows, stored)
  t.strictSame(await history(t, database), revisions)
  t.equal(await refreshFindings(database), 0)
  t.equal((await put(record, doubtful, { 'if-match': `"1-${rulesVersion}"` })).json.revision, 1, 'and can be written as before')
})

await test('more than one batch, two services at once: each record once', async (t) => {
  const { database, url, get, put } = await api(t)
  await put(record, doubtful)
  const others = `select code from townships where code <> '410423209' order by code desc limit 2300`
  await database.pool.query(
    `insert into disputes select (jsonb_populate_record(d, jsonb_build_object('township_code', t.code))).*
     from disputes d cross join (${others}) t`,
  )
  await age(database, 'disputes')
  const second = openDatabase(url, { pool: 2 })
  t.teardown(() => second.close())
  const counts = await Promise.all([refreshFindings(database), refreshFindings(second)])
  t.equal(counts[0] + counts[1], 2301)
  const { rows } = await database.pool.query(
    'select distinct rules_version, jsonb_array_length(findings) as findings from disputes',
  )
  t.strictSame(rows, [{ rules_version: rulesVersion, findings: (await get(record)).json.findings.length }])
})
