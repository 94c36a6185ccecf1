// The PostgreSQL that the service brings along, for when no DATABASE_URL is given.
//
// A server may outlive a service that was killed, and the next service adopts it. So a start asks the socket
// first, and starts a server only when none of this folder is alive. To lose a race against another start is
// normal: the server that comes second exits by itself, and the loop finds the first. postgres-claim.ts says
// who owns the server then, postgres-folder.ts which process is it, postgres-process.ts how it is run.
import { setTimeout as pause } from 'node:timers/promises'
import { type Claim, claim, urlOf, value, willPass } from './postgres-claim.ts'
import { EmbeddedError, findServer, isCluster, isPostgresOf, type Place, prepare, releaseLocks } from './postgres-folder.ts'
import { createCluster, explain, requirePrograms, type Started, startPostgres, sweepScratch } from './postgres-process.ts'

export { EmbeddedError } from './postgres-folder.ts'

/**
 * A running PostgreSQL that is ours alone. `adopted`: it was running already. `stop` ends it and may be called
 * again. `exited` gives an error when it goes away by itself (call `stop` then, too), and undefined after `stop`.
 */
export type Embedded = { url: string; adopted: boolean; stop: () => Promise<void>; exited: Promise<Error | undefined> }

/** `log` is told what happens. `ephemeral` gives up safety against crashes of the machine for speed: for tests only. */
export type EmbeddedOptions = { log?: (line: string) => void; ephemeral?: true }

const retryAfter = 25
const answerWithin = 60_000
const leftoversWithin = 10_000
const stopWithin = 10_000

/**
 * Starts PostgreSQL with its data in `<dataDir>/postgres`, or adopts the one that a killed service left there, and
 * gives the URL of its database `register`. The server's own messages go to `<dataDir>/postgres.log`.
 * @throws EmbeddedError, one line for the operator: another live service holds the folder; no programs for this
 * machine; root without user namespaces; a folder that cannot be written or is another user's; initdb or postgres failed
 */
export async function startEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  const { log = () => {}, ephemeral = false } = options
  try {
    // Before any folder is made: without programs no other folder would help.
    requirePrograms()
    const place = await prepare(dataDir)
    await sweepScratch(place.folder)
    if (!(await isCluster(place.folder))) {
      log(`creating a PostgreSQL database in ${place.folder}`)
      await createCluster(place.folder, ephemeral)
    }
    return await open(place, ephemeral, log)
  } catch (error) {
    if (error instanceof EmbeddedError) throw error
    throw new EmbeddedError(`PostgreSQL in ${dataDir} cannot be used: ${reasonOf(error)}`, error)
  }
}

async function open(place: Place, ephemeral: boolean, log: (line: string) => void): Promise<Embedded> {
  const begun = Date.now()
  let started: Started | undefined
  for (;;) {
    const server = await findServer(place.folder)
    const socketFolder = server?.socketFolder ?? place.socketFolder
    try {
      const claimed = await claim(place, socketFolder)
      const adopted = claimed.pid !== started?.child.pid
      if (adopted) log(`adopting the PostgreSQL that is already running (process ${claimed.pid})`)
      return await own(claimed, place, { url: urlOf(socketFolder, 'register'), adopted })
    } catch (error) {
      if (!willPass(error)) {
        if (!(error instanceof EmbeddedError)) started?.child.kill('SIGINT')
        throw error
      }
      if (Date.now() - begun > answerWithin) {
        throw new EmbeddedError(
          `PostgreSQL does not answer yet (${reasonOf(error)}); see ${place.log} and start again later`,
          error,
        )
      }
    }
    if (started?.running === false) {
      const said = await started.said()
      const inTheWay = /lock file ".*" (already exists|is empty)|pre-existing shared memory block/.test(said)
      if (!inTheWay || Date.now() - begun > leftoversWithin) {
        throw new EmbeddedError(`PostgreSQL does not start: ${explain(said)} (see ${place.log})`)
      }
      started = undefined
    }
    if (!started && !server) {
      await releaseLocks(place)
      started = await startPostgres(place, ephemeral)
    }
    await pause(retryAfter)
  }
}

async function own(claimed: Claim, place: Place, seen: Pick<Embedded, 'url' | 'adopted'>): Promise<Embedded> {
  const { client, pid, lost } = claimed
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= endServer(pid, place).then(() => client.end())
    return stopped
  }
  const exited = lost.then((reason) =>
    stopped ? undefined : new EmbeddedError(`PostgreSQL went away: ${reason.message} (see ${place.log})`, reason),
  )
  try {
    if (!(await value(client, `select datname as value from pg_database where datname = 'register'`))) {
      await client.query('create database register')
    }
    return { ...seen, stop, exited }
  } catch (error) {
    await stop()
    throw error
  }
}

async function endServer(pid: number, place: Place): Promise<void> {
  // The lock is kept until the server is gone: nobody else may adopt it while it shuts down.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const begun = Date.now()
    try {
      if (await isPostgresOf(pid, place.folder)) process.kill(pid, signal)
    } catch {
      return // It ended by itself in between.
    }
    while (Date.now() - begun < stopWithin) {
      if (!(await isPostgresOf(pid, place.folder))) return
      await pause(retryAfter)
    }
  }
  throw new EmbeddedError(`PostgreSQL (process ${pid}) does not stop; see ${place.log}`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
