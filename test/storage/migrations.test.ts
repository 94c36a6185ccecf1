import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Test, test } from 'tap'
import { UnusableDatabase } from '../../src/storage/failures.ts'
import { migrateDatabase, migrationsFolder, readJournal } from '../../src/storage/migrations.ts'
import { cloneTemplate, execute, withDatabase } from '../support/cluster.ts'

const { entries } = await readJournal()

/** A database that nothing was migrated in. */
async function empty(t: Test, options = ''): Promise<string> {
  const { url, drop } = await cloneTemplate()
  const name = `${new URL(url).pathname.slice(1)}_empty`
  await execute(withDatabase(url, 'postgres'), `create database ${name} ${options}`)
  t.teardown(async () => {
    await execute(withDatabase(url, 'postgres'), `drop database ${name} with (force)`)
    await drop()
  })
  return withDatabase(url, name)
}

async function rows(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(query)).rows
  } finally {
    await client.end()
  }
}

/** A copy of the migrations with one more, of that time. */
async function withOneMore(t: Test, when: number, statement: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await cp(migrationsFolder, folder, { recursive: true })
  const more = { idx: entries.length, version: '7', when, tag: '9999_more', breakpoints: true }
  await writeFile(join(folder, '9999_more.sql'), statement)
  await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify({ entries: [...entries, more] }))
  return folder
}

async function reason(migrating: Promise<void>): Promise<string> {
  const error = await migrating.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  return error instanceof UnusableDatabase ? error.message : String(error)
}

await test('the journal is in order and names every file, so that drizzle skips none', async (t) => {
  t.strictSame(
    entries.map(({ idx }) => idx),
    entries.map((_, index) => index),
  )
  entries.slice(1).forEach(({ when, tag }, index) => {
    t.ok(when > (entries[index]?.when ?? Number.POSITIVE_INFINITY), `${tag} is newer than the one before`)
  })
  const files = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql'))
  t.strictSame(files.sort(), entries.map(({ tag }) => `${tag}.sql`).sort())
})

await test('two migrations of an empty database at once both succeed, and each entry is applied once', async (t) => {
  const url = await empty(t)
  await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)])
  const applied = await rows(url, 'select created_at::float8 as when from drizzle.__drizzle_migrations order by id')
  t.strictSame(
    applied,
    entries.map(({ when }) => ({ when })),
  )
  t.strictSame(await rows(url, 'select count(*)::int from disputes'), [{ count: 0 }])
})

await test('a newer migration is applied; one that drizzle skips because it is older is reported', async (t) => {
  const { url, drop } = await cloneTemplate()
  t.teardown(drop)
  const last = entries.at(-1)?.when ?? 0
  const older = await withOneMore(t, last - 1, 'create table more ()')
  t.match(await reason(migrateDatabase(url, older)), /^migrations were not applied: 9999_more; their timestamps are older/)
  const newer = await withOneMore(t, last + 1, 'create table more ()')
  await migrateDatabase(url, newer)
  t.strictSame(await rows(url, 'select from more'), [])
})

await test('why a database cannot be used is one line without the statement', async (t) => {
  const { url, drop } = await cloneTemplate()
  t.teardown(drop)
  const taken = await withOneMore(t, (entries.at(-1)?.when ?? 0) + 1, 'create table\n disputes (id int)')
  t.equal(await reason(migrateDatabase(url, taken)), 'relation "disputes" already exists')
  t.equal(await reason(migrateDatabase(withDatabase(url, 'nowhere'))), 'database "nowhere" does not exist')
  t.equal(await reason(migrateDatabase('postgresql://127.0.0.1:1/register')), 'connect ECONNREFUSED 127.0.0.1:1')
  t.match(await reason(migrateDatabase('postgresql://localhost:1/register')), /^connect ECONNREFUSED 127\.0\.0\.1:1|, connect/)
  t.equal(await reason(migrateDatabase('postgresql://nobody@127.0.0.1:port/register')), 'Invalid URL')
  const ascii = await empty(t, `encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'`)
  t.equal(await reason(migrateDatabase(ascii)), 'its encoding is SQL_ASCII, and UTF8 is needed')
})
