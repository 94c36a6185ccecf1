import { type Test, test } from 'tap'
import { type Registry, readRegistry } from '../../src/registry/registry.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { regionExists, townshipExists } from '../../src/storage/places.ts'
import { loadRegistry } from '../../src/storage/registry.ts'
import { cloneTemplate } from '../support/cluster.ts'

async function open(t: Test): Promise<Database> {
  const { url, drop } = await cloneTemplate()
  const database = openDatabase(url, { pool: 4 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  return database
}
async function withoutRegistry(t: Test): Promise<Database> {
  const database = await open(t)
  await database.pool.query('truncate regions, townships, registry_vintages')
  return database
}
async function counts({ pool }: Database): Promise<string> {
  const { rows } = await pool.query<{ counts: string }>(`select concat_ws(' ', (select count(*) from regions),
    (select count(*) from townships), (select count(*) from registry_vintages)) as counts`)
  return rows[0]?.counts ?? ''
}

await test('the registry is loaded whole, in under three seconds, and once', async (t) => {
  const database = await withoutRegistry(t)
  const begun = performance.now()
  t.equal(await loadRegistry(database), true)
  const took = performance.now() - begun
  t.comment(`loaded in ${Math.round(took)} ms`)
  t.ok(took < 3000)
  t.equal(await counts(database), '3354 41329 1')
  t.equal(await loadRegistry(database), false)
  const { regions, townships } = await readRegistry()
  const stored = (query: string) => database.pool.query(query).then(({ rows }) => rows)
  t.strictSame(await stored('select code, name, parent, kind from regions order by code'), regions)
  t.strictSame(await stored('select code, name, kind from townships order by code'), townships)
})

await test('of two starts at once one loads it and both go on', async (t) => {
  const database = await withoutRegistry(t)
  const loaded = await Promise.all([loadRegistry(database), loadRegistry(database), loadRegistry(database)])
  t.strictSame(loaded.sort(), [false, false, true])
  t.equal(await counts(database), '3354 41329 1')
})

await test('a newer vintage adds and renames, and deletes nothing', async (t) => {
  const database = await open(t)
  await database.pool.query(`update townships set valid_to = '2024-06-30' where code = '500229107'`)
  const newer: Registry = {
    vintage: '2030-06-30',
    regions: [{ code: '653229', name: '和安县', parent: '6532', kind: 'county' }],
    townships: [
      { code: '653229100', name: '新镇', kind: 'town' },
      { code: '500229107', name: '高观街道', kind: 'subdistrict' },
    ],
  }
  t.equal(await loadRegistry(database, newer), true)
  t.equal(await loadRegistry(database, newer), false)
  t.equal(await loadRegistry(database), false, 'an older service does not bring its names back')
  t.equal(await counts(database), '3355 41330 2')
  const { rows } = await database.pool.query(`select name, kind, valid_to::text from townships where code = '500229107'`)
  t.strictSame(rows, [{ name: '高观街道', kind: 'subdistrict', valid_to: '2024-06-30' }])
})

await test('a township that never was is in use where a newer vintage has it', async (t) => {
  const database = await open(t)
  await database.pool.query(`insert into townships values ('500229298', '龙北镇', 'town', '2025-01-01', '2024-12-31')`)
  const newer: Registry = {
    vintage: '2030-06-30',
    regions: [],
    townships: [{ code: '500229298', name: '龙北镇', kind: 'town' }],
  }
  t.equal(await loadRegistry(database, newer), true)
  const { rows } = await database.pool.query(`select name, valid_from, valid_to from townships where code = '500229298'`)
  t.strictSame(rows, [{ name: '龙北镇', valid_from: null, valid_to: null }])
})

await test('a load that fails leaves nothing', async (t) => {
  const database = await withoutRegistry(t)
  const { vintage, regions, townships } = await readRegistry()
  await t.rejects(loadRegistry(database, { vintage, regions, townships: [...townships, ...townships.slice(0, 1)] }))
  t.equal(await counts(database), '0 0 0')
})

await test('places exist or do not', async (t) => {
  const database = await open(t)
  t.equal(await regionExists(database, '5002'), true)
  t.equal(await regionExists(database, '99'), false)
  t.equal(await townshipExists(database, '500229107'), true)
  t.equal(await townshipExists(database, '500229999'), false)
})
