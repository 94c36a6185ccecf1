/**
 * The process: settings, database, listen, signals. The only file that exits. Whatever ends it (a signal, a failed start, the end of
 * the embedded PostgreSQL, a defect), what was opened is closed in reverse order; the first reason is told and decides the exit code.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { buildApp } from './app.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { samples } from './samples/index.ts'
import { adminKeyPath, readAdminKey } from './storage/admin-key.ts'
import { openDatabase } from './storage/database.ts'
import { EmbeddedError, startEmbedded } from './storage/embedded.ts'
import { failureOf, reasonOf, UnusableDatabase } from './storage/failures.ts'
import { grantService } from './storage/grants.ts'
import { listKeys } from './storage/keys.ts'
import { migrateDatabase } from './storage/migrations.ts'
import { prepareDatabase } from './storage/prepare.ts'

/** How long a stop waits for the requests that are under way. */
const grace = 30_000
/** npm passes on the Ctrl-C that the terminal has sent already: only a later signal means a hurry. */
const sameSignal = 1000

// Left alone, the heap of an import grows to four times what lives in it before V8 collects: memory is what a small server lacks.
setFlagsFromString('--heap-growing-percent=10')

/** A start that failed for a reason that an operator can mend; the message is one line. */
class StartError extends Error {}

const closers: (() => Promise<unknown>)[] = []
let stopping: Promise<void> | undefined
let hurryFrom = Number.POSITIVE_INFINITY

/** Ends the process. Only the first call counts: what fails because of the stop is no news. */
function stop(code: 0 | 1, reason?: string): Promise<void> {
  stopping ??= end(code, reason)
  return stopping
}

async function end(code: 0 | 1, reason?: string): Promise<void> {
  hurryFrom = Date.now() + sameSignal
  if (reason !== undefined) process.stderr.write(`${reason}\n`)
  for (const close of closers.toReversed()) await close().catch((error) => process.stderr.write(`${reasonOf(error)}\n`))
  process.exit(code)
}

const say = (line: string) => void process.stdout.write(`${line}\n`)
const atMost = (time: number, work: Promise<unknown>) => Promise.race([work, pause(time)])

/** The URL of the migrated database: the one that was given, or the embedded PostgreSQL's. */
async function startDatabase({ databaseUrl, migrationUrl, dataDir }: Config): Promise<string> {
  let url = databaseUrl
  if (url === undefined) {
    const starting = startEmbedded(dataDir, { log: say })
    // A stop may come while it starts: it can only be stopped once it has.
    closers.push(() =>
      starting.then(
        (embedded) => embedded.stop(),
        () => {},
      ),
    )
    const embedded = await starting
    void embedded.exited.then((reason) => reason && stop(1, reason.message))
    url = embedded.url
  }
  const named = migrationUrl ? 'MIGRATION_DATABASE_URL' : databaseUrl ? 'DATABASE_URL' : `The database in ${dataDir}`
  try {
    await migrateDatabase(migrationUrl ?? url)
    if (migrationUrl) await grantService(migrationUrl, url)
  } catch (error) {
    if (!(error instanceof UnusableDatabase)) throw error
    throw new StartError(`${named} cannot be used: ${error.message}`)
  }
  return url
}

async function start(): Promise<void> {
  const config = readConfig()
  const url = await startDatabase(config)
  let log: (error: Error) => void = () => {}
  const database = openDatabase(url, { pool: config.databasePool, exports: config.exportPool, log: (error) => log(error) })
  closers.push(() => atMost(1000, database.close()))
  const embedded = config.databaseUrl === undefined
  const firstKey = config.adminKey ?? (embedded ? await readAdminKey(config.dataDir) : undefined)
  const first = await prepareDatabase(database, { samples: embedded, ownerUrl: config.migrationUrl, firstKey })
  const app = await buildApp(config, database)
  // Not the error itself: pg hangs the client on it, with the key that cancels its queries.
  log = (error) =>
    app.log.warn({ reason: reasonOf(error), ...('code' in error && { code: error.code }) }, 'an idle connection broke')
  closers.push(() => atMost(grace, app.close()))
  const address = await app.listen({ port: config.port, host: config.host }).catch((error: unknown) => {
    throw new StartError(`Cannot listen: ${reasonOf(error)}; set PORT or HOST to another`)
  })
  if (!embedded && (await listKeys(database, '', 1)).items.length === 0)
    say('There is no key yet, so nobody can write: set ADMIN_API_KEY, or issue one with `npm run keys`')
  greet(address.replace('[::]', 'localhost'), config)
  if (first && config.adminKey === undefined)
    say(`The key of the administrator, kept in ${adminKeyPath(config.dataDir)}:\n  ${firstKey}\n`)
}

/** Where to look, and on a database of our own what to try: nobody is led to write into another. */
function greet(address: string, { databaseUrl, adminKey, dataDir }: Config): void {
  say(`\nSwagger UI  ${address}/docs\n`)
  if (databaseUrl !== undefined) return
  const [sample] = samples
  const body = '{"figures":{"identified":382,"resolved":360}}'
  say('Try:')
  say(`  curl ${address}/v1/disputes/${sample?.township}/${sample?.period}`)
  const key = adminKey === undefined ? `$(cat '${adminKeyPath(dataDir)}')` : '$ADMIN_API_KEY'
  const headers = `-H "authorization: Bearer ${key}" -H 'content-type: application/json'`
  say(`  curl -X PUT ${address}/v1/disputes/410421106/2025 ${headers} -d '${body}'\n`)
}

/** One line where the reason is one that an operator can mend; for a defect, where it is in the code. */
function lineOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof EmbeddedError || error instanceof StartError) return error.message
  if (error instanceof UnusableDatabase) return `The database cannot be used: ${error.message}`
  if (failureOf(error)) return `The database does not answer: ${reasonOf(error)}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

process.on('uncaughtException', (error) => void stop(1, lineOf(error)))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => (Date.now() > hurryFrom ? process.exit(1) : void stop(0)))

try {
  await start()
} catch (error) {
  await stop(1, lineOf(error))
}
