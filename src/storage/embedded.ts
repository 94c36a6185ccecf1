// The PostgreSQL that the service brings along, for when no DATABASE_URL is given.
//
// Who owns a data folder is decided by one advisory lock in the running server, held on a connection of its
// own for as long as the service lives: it needs no file that could go stale, and vanishes with its holder.
// The server itself may outlive a killed service; the next one adopts it. So each start asks the socket first,
// and starts a server only when none of this folder is alive. Losing a race to another start is normal here:
// the server that loses exits by itself, and the loop finds the other one.
import { createHash } from 'node:crypto'
import { access, chmod, lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { disown, isPostgresOf, readLock } from './postgres-lock.ts'
import { createCluster, EmbeddedError, explain, port, type Started, startPostgres, sweepScratch } from './postgres-process.ts'

export { EmbeddedError } from './postgres-process.ts'

/** A running PostgreSQL of ours. `exited` gives an Error when it went away by itself, undefined after `stop()`. */
export type Embedded = { url: string; adopted: boolean; stop: () => Promise<void>; exited: Promise<Error | undefined> }

/** `log` is told what happens, a line at a time. `ephemeral` gives up crash safety for speed: for tests only. */
export type EmbeddedOptions = { log?: (line: string) => void; ephemeral?: true }

type Place = { dataDir: string; folder: string; socketFolder: string; log: string }
type Connection = { client: Client; lost: Promise<Error> }

const lockKey = 718_281_828
const answerWithin = 60_000
const lockWithin = 2_000
const leftoversWithin = 10_000
const stopWithin = 10_000

/**
 * Starts PostgreSQL with its data under `<dataDir>/postgres`, or adopts the one that a killed service left there,
 * and gives the URL of its database `register`. Messages of the server go to `<dataDir>/postgres.log`.
 * @throws EmbeddedError, with one line for the operator: another live service holds the folder, no binaries for
 * this machine, root without user namespaces, folder not writable or another user's, initdb or postgres failed
 */
export async function startEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  const { log = () => {}, ephemeral = false } = options
  try {
    const place = await prepare(dataDir)
    await sweepScratch(place.folder)
    if (!(await isCluster(place.folder))) {
      log(`creating a PostgreSQL database in ${place.folder}`)
      await createCluster(place.folder, ephemeral)
    }
    return await open(place, ephemeral, log)
  } catch (error) {
    if (error instanceof EmbeddedError) throw error
    throw new EmbeddedError(`the PostgreSQL in ${dataDir} cannot be used: ${String(error)}`, error)
  }
}

async function prepare(given: string): Promise<Place> {
  const absolute = resolve(given)
  try {
    await mkdir(absolute, { recursive: true, mode: 0o700 })
    const dataDir = await realpath(absolute)
    const folder = join(dataDir, 'postgres')
    const log = join(dataDir, 'postgres.log')
    ...
  }
}
