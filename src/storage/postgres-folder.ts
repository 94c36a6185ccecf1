// The data folder of the embedded PostgreSQL: where its parts lie, and which running process it belongs to.
//
// A pid in a file is only a hint, since it may be another process's by now. PostgreSQL takes any living process
// for a running server and then refuses to start, so the question is answered here, by looking at the process.
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  access,
  chmod,
  constants,
  link,
  lstat,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { makeFolder } from '../folder.ts'

/** Why the embedded PostgreSQL cannot be used; the message is one line for the operator. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError'
  constructor(message: string, cause?: unknown) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), { cause })
  }
}

/** The parts of a data folder: the cluster, the folder of its socket, the server's log. */
export type Place = { folder: string; socketFolder: string; log: string }

/** The port number only names the socket file: there is no TCP. */
export const socketPort = 5432

// The address of a socket holds 108 bytes on Linux and 104 on macOS, with a closing zero.
const longestSocket = 103

/**
 * Makes the data folder when there is none, and gives its parts.
 * @throws EmbeddedError when it cannot be written, or is another user's
 */
export async function prepare(dataDir: string): Promise<Place> {
  const path = resolve(dataDir)
  try {
    await makeFolder(path)
    const real = await realpath(path)
    await access(real, constants.W_OK | constants.X_OK)
    const folder = join(real, 'postgres')
    const owner = (await stat(folder).catch(() => undefined))?.uid ?? process.getuid?.()
    if (owner !== process.getuid?.())
      throw new EmbeddedError(`${folder} belongs to another user (uid ${owner}); run as that user`)
    return { folder, socketFolder: await makeSocketFolder(real), log: join(real, 'postgres.log') }
  } catch (error) {
    if (error instanceof EmbeddedError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new EmbeddedError(`cannot use the data folder ${path} (${reason}); set DATA_DIR to a folder that can be written`, error)
  }
}

// Whoever can enter the folder of the socket is the database's superuser: it is this user's alone.
async function makeSocketFolder(dataDir: string): Promise<string> {
  const user = process.getuid?.()
  const near = join(dataDir, 'run')
  const fits = Buffer.byteLength(join(near, `.s.PGSQL.${socketPort}`)) <= longestSocket
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const path = fits ? near : join(tmpdir(), `register-${user}-${hash}`)
  await makeFolder(path)
  const made = await lstat(path)
  if (!made.isDirectory() || made.uid !== user) throw new EmbeddedError(`${path} must be a folder of this user; remove it`)
  await chmod(path, 0o700)
  return path
}

/** Whether a complete cluster is in this folder. */
export async function isCluster(folder: string): Promise<boolean> {
  return (await stat(join(folder, 'PG_VERSION')).catch(() => undefined)) !== undefined
}

/** Whether any process has this pid. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether this process is a postgres at work on `folder`; a zombie is not. */
export async function isPostgresOf(pid: number, folder: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      const program = await readFile(`/proc/${pid}/comm`, 'utf8')
      return program === 'postgres\n' && (await readlink(`/proc/${pid}/cwd`)) === folder
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
    return stdout.includes(`postgres -D ${folder} `)
  } catch {
    return false
  }
}

/** The server at work on `folder`, as its postmaster.pid tells; undefined when there is none. */
export async function findServer(folder: string): Promise<{ pid: number; socketFolder: string | undefined } | undefined> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number.parseInt(lines[0] ?? '', 10)
  return pid > 0 && (await isPostgresOf(pid, folder)) ? { pid, socketFolder: lines[4] || undefined } : undefined
}

/**
 * Clears lock files out of PostgreSQL's way whose pid has gone to some other process, or that a crash left empty.
 * It takes the pid of its parent for a stale one, so ours is written in: the rest of the file stays, and with it
 * PostgreSQL's own check that no backend of the dead server is left.
 */
export async function releaseLocks(place: Place): Promise<void> {
  for (const file of [join(place.folder, 'postmaster.pid'), join(place.socketFolder, `.s.PGSQL.${socketPort}.lock`)]) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const pid = Number.parseInt(text, 10)
    const justMade = text === '' && Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now()) < 1_000
    if (justMade || (pid > 0 && (!isAlive(pid) || pid === process.pid || (await isPostgresOf(pid, place.folder))))) continue
    // Moved before it is changed: another start may have replaced it since, and then it goes back.
    const aside = `${file}.${randomUUID()}`
    await rename(file, aside).catch(() => {})
    const moved = await readFile(aside, 'utf8').catch(() => undefined)
    if (moved === undefined) continue
    if (moved !== text) await link(aside, file).catch(() => {})
    else if (pid > 0)
      await writeFile(file, text.replace(/^\d+/, String(process.pid)), { flag: 'wx', mode: 0o600 }).catch(() => {})
    await rm(aside, { force: true })
  }
}
