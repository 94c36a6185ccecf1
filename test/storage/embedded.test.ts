// The embedded PostgreSQL as its operator meets it: first and later starts, kill -9 of either side, a second
// service, a folder in disorder. All real processes; one folder serves every test that needs no fresh one.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { type Test, test } from 'tap'
import { EmbeddedError, startEmbedded } from '../../src/storage/embedded.ts'
import { findServer } from '../../src/storage/postgres-folder.ts'
import { explain } from '../../src/storage/postgres-process.ts'
import { scratch } from '../support/cluster.ts'

const shared = await mkdtemp(join(scratch, 'embedded-'))
const module = new URL('../../src/storage/embedded.js', import.meta.url).href
const unusual = `a "b", 50% 'c'+数据`
const ephemeral = { ephemeral: true } as const

async function freshFolder(t: Test, parent = scratch): Promise<string> {
  const folder = await mkdtemp(join(parent, 'embedded-'))
  t.teardown(() => remove(folder))
  return folder
}

/** Also ends a server that a failed test left. */
async function remove(dataDir: string): Promise<void> {
  const server = await findServer(join(dataDir, 'postgres'))
  if (server) process.kill(server.pid, 'SIGQUIT')
  await until('the server has ended', async () => !(await findServer(join(dataDir, 'postgres'))))
  await rm(dataDir, { recursive: true, force: true })
}

async function until(what: string, holds: () => unknown): Promise<void> {
  for (const begun = Date.now(); !(await holds()); await pause(5)) {
    if (Date.now() - begun > 15_000) throw new Error(`not within 15 s: ${what}`)
  }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

const lockFile = (dataDir: string): string => join(dataDir, 'postgres', 'postmaster.pid')
const postmaster = async (dataDir: string): Promise<number> => Number.parseInt(await readFile(lockFile(dataDir), 'utf8'), 10)
const logOf = (dataDir: string): Promise<string> => readFile(join(dataDir, 'postgres.log'), 'utf8')

/** Another service in a process group of its own; on Ctrl-C it asks its database once more, stops and must end by itself. */
function spawnService(dataDir: string): { child: ChildProcess; said: () => string } {
  const script = `
    import pg from 'pg'
    const { startEmbedded } = await import(${JSON.stringify(module)})
    const { url, stop } = await startEmbedded(${JSON.stringify(dataDir)}, { ephemeral: true })
    process.once('SIGINT', async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query('select 1')
      await client.end()
      await stop()
      console.log('stopped')
    })
    console.log('ready')`
  const args = ['--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return { child, said: () => output }
}

function isLine(t: Test, error: unknown, pattern: RegExp): void {
  t.ok(error instanceof EmbeddedError, String(error))
  const message = error instanceof EmbeddedError ? error.message : ''
  t.match(message, pattern)
  t.notMatch(message, '\n')
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

await test('the first start makes a database, the second finds its data', async (t) => {
  const said: string[] = []
  const first = await startEmbedded(shared, { log: (line) => said.push(line) })
  t.equal(first.adopted, false)
  t.match(said.join(), 'creating')
  await query(first.url, `create table kept as select '高观镇' as name`)
  const settings = ['listen_addresses', 'fsync', 'max_connections', 'shared_buffers', 'timezone', 'server_encoding', 'jit']
  const shown = await query(first.url, settings.map((name) => `select current_setting('${name}')`).join(' union all '))
  t.same(shown, ['', 'on', '50', '256MB', 'UTC', 'UTF8', 'off'])
  t.equal((await stat(join(shared, 'run'))).mode & 0o777, 0o700)
  await first.stop()
  await first.stop()
  t.equal(await first.exited, undefined)

  const begun = Date.now()
  const second = await startEmbedded(shared)
  t.ok(Date.now() - begun < 1_000, `a warm start takes ${Date.now() - begun} ms`)
  t.same(await query(second.url, 'select name from kept'), ['高观镇'])
  await second.stop()
})

await test('after kill -9 of postgres the service is told, and the next start recovers', async (t) => {
  const first = await startEmbedded(shared)
  await query(first.url, `insert into kept values ('committed')`)
  process.kill(await postmaster(shared), 'SIGKILL')
  isLine(t, await first.exited, /went away.*postgres\.log/)
  await first.stop()
  const second = await startEmbedded(shared)
  t.equal(second.adopted, false)
  t.same(await query(second.url, 'select count(*)::int from kept'), [2])
  await second.stop()
})

await test('a backend of the dead server that is still there is waited for', async (t) => {
  const first = await startEmbedded(shared, ephemeral)
  const [backend] = await query(first.url, `select pid from pg_stat_activity where backend_type = 'checkpointer'`)
  process.kill(Number(backend), 'SIGSTOP')
  process.kill(await postmaster(shared), 'SIGKILL')
  await first.exited
  const starting = startEmbedded(shared, ephemeral)
  await until('the new server refuses', async () => /pre-existing shared memory block/.test(await logOf(shared)))
  process.kill(Number(backend), 'SIGCONT')
  await (await starting).stop()
  t.pass('started')
})

await test('after kill -9 of the service its postgres is adopted', async (t) => {
  const service = spawnService(shared)
  await until('the service is ready', () => service.said().includes('ready'))
  const pid = await postmaster(shared)
  service.child.kill('SIGKILL')
  await once(service.child, 'exit')
  const said: string[] = []
  const next = await startEmbedded(shared, { log: (line) => said.push(line) })
  t.equal(next.adopted, true)
  t.match(said.join(), String(pid))
  t.equal(await postmaster(shared), pid)
  t.same(await query(next.url, 'select count(*)::int from kept'), [2])
  await next.stop()
  t.equal(await findServer(join(shared, 'postgres')), undefined, 'an adopted server is stopped, too')
})

await test('after kill -9 of both the next start recovers', async (t) => {
  const service = spawnService(shared)
  await until('the service is ready', () => service.said().includes('ready'))
  service.child.kill('SIGKILL')
  // Nobody may reap the orphan: its pid can stay for long.
  process.kill(await postmaster(shared), 'SIGKILL')
  const next = await startEmbedded(shared, ephemeral)
  t.equal(next.adopted, false)
  t.same(await query(next.url, 'select count(*)::int from kept'), [2])
  await next.stop()
})

await test('a second live service is refused in one line, and Ctrl-C does not reach postgres before the service', async (t) => {
  const service = spawnService(shared)
  await until('the service is ready', () => service.said().includes('ready'))
  isLine(t, await failure(startEmbedded(shared)), new RegExp(`another live service \\(process ${service.child.pid}\\).*DATA_DIR`))
  process.kill(-Number(service.child.pid), 'SIGINT')
  const [code] = await once(service.child, 'exit')
  t.equal(code, 0)
  t.match(service.said(), 'stopped')
})

await test('of two first starts at the same instant exactly one wins', async (t) => {
  const folder = await freshFolder(t)
  const outcomes = await Promise.allSettled([startEmbedded(folder, ephemeral), startEmbedded(folder, ephemeral)])
  const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  t.equal(winners.length, 1)
  isLine(t, losers[0], /another live service/)
  for (const winner of winners) {
    t.same(await query(winner.url, 'select 1'), [1])
    await winner.stop()
  }
  t.same((await readdir(folder)).toSorted(), ['postgres', 'postgres.log', 'run'])
})

await test('an initdb that was killed half-way leaves no trace', async (t) => {
  const folder = await freshFolder(t)
  const service = spawnService(folder)
  await until('initdb is at work', async () => {
    const [scratch] = (await readdir(folder)).filter((name) => name.includes('.init-'))
    return scratch && (await readdir(join(folder, scratch))).includes('PG_VERSION')
  })
  process.kill(-Number(service.child.pid), 'SIGKILL')
  await once(service.child, 'exit')
  t.notOk((await readdir(folder)).includes('postgres'))
  const next = await startEmbedded(folder, ephemeral)
  t.same((await readdir(folder)).toSorted(), ['postgres', 'postgres.log', 'run'])
  await next.stop()
})

await test('lock files whose pid is another process now, or that are empty, do not stop a start', async (t) => {
  const socketLock = join(shared, 'run', '.s.PGSQL.5432.lock')
  const first = await startEmbedded(shared, ephemeral)
  const [lock, socket] = await Promise.all([lockFile(shared), socketLock].map((file) => readFile(file, 'utf8')))
  await first.stop()
  const stranger = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await writeFile(lockFile(shared), String(lock).replace(/^\d+/, String(stranger.pid)))
  await writeFile(socketLock, String(socket).replace(/^\d+/, String(stranger.pid)))
  const second = await startEmbedded(shared, ephemeral)
  t.equal(second.adopted, false)
  await second.stop()
  stranger.kill()

  await writeFile(lockFile(shared), '')
  await utimes(lockFile(shared), new Date(0), new Date(0))
  await (await startEmbedded(shared, ephemeral)).stop()
  t.same(await readdir(join(shared, 'run')), [])
})

await test('a log that has grown large is put aside', async (t) => {
  await truncate(join(shared, 'postgres.log'), 11_000_000)
  await (await startEmbedded(shared, ephemeral)).stop()
  t.ok((await stat(join(shared, 'postgres.log'))).size < 100_000)
  t.equal((await stat(join(shared, 'postgres.log.old'))).size, 11_000_000)
})

await test('a data folder may be copied, to a long and unusual path too', async (t) => {
  const folder = join(await freshFolder(t), `${unusual} ${'long '.repeat(20)}`)
  await cp(join(shared, 'postgres'), join(folder, 'postgres'), { recursive: true })
  const embedded = await startEmbedded(folder, ephemeral)
  t.same(await query(embedded.url, 'select count(*)::int from kept'), [2])
  const socketFolder = new URL(embedded.url).searchParams.get('host') ?? ''
  t.notMatch(socketFolder, folder)
  t.equal((await stat(socketFolder)).mode & 0o777, 0o700)
  await embedded.stop()
  await rm(socketFolder, { recursive: true })
})

await test('root uses a folder that only root can enter', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const parent = await freshFolder(t, homedir())
  await chmod(parent, 0o700)
  const embedded = await startEmbedded(join(parent, unusual), ephemeral)
  t.same(await query(embedded.url, 'select current_user::text'), ['register'])
  t.equal((await stat(join(parent, unusual, 'postgres'))).uid, 0)
  await embedded.stop()
})

await test('what cannot work is said in one line', async (t) => {
  const folder = await freshFolder(t)
  await writeFile(join(folder, 'file'), '')
  isLine(t, await failure(startEmbedded(join(folder, 'file'))), /cannot use the data folder.*EEXIST.*DATA_DIR/)

  await mkdir(join(folder, 'foreign', 'postgres', 'photos'), { recursive: true })
  isLine(t, await failure(startEmbedded(join(folder, 'foreign'))), /foreign.postgres is not a PostgreSQL database.*DATA_DIR/)

  const arch = process.arch
  Object.defineProperty(process, 'arch', { value: 'abacus' })
  isLine(t, await failure(startEmbedded(join(folder, 'new'))), /abacus is not installed.*DATABASE_URL/)
  t.notOk((await readdir(folder)).includes('new'), 'no folder was made')
  isLine(t, await failure(startEmbedded(join(folder, 'file'))), /abacus is not installed.*DATABASE_URL/)
  Object.defineProperty(process, 'arch', { value: arch })

  t.match(explain('unshare: unshare failed: Operation not permitted\n'), /as root.*not permitted.*DATABASE_URL/)

  await appendFile(join(shared, 'postgres', 'postgresql.conf'), 'max_connections = many\n')
  isLine(t, await failure(startEmbedded(shared)), /does not start: .*postgresql.conf.*errors/)
})

await remove(shared)
