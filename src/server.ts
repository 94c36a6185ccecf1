/**
 * The process: settings, database, listen, signals. The only file that exits. What was opened is closed in reverse order, whether a
 * signal, a failed start or the end of the embedded PostgreSQL is the reason.
 */
import closeWithGrace from 'close-with-grace'
import { buildApp } from './app.ts'
import { ConfigError, readConfig } from './config.ts'
import { samples } from './samples/index.ts'
import { openDatabase } from './storage/database.ts'
import { EmbeddedError, startEmbedded } from './storage/embedded.ts'
import { failureOf } from './storage/failures.ts'
import { migrateDatabase } from './storage/migrations.ts'
import { prepareDatabase } from './storage/prepare.ts'

/** Longer than the slowest request, so that what is under way is answered. */
const grace = 30_000
const closers: (() => Promise<unknown>)[] = []

async function closeAll(): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One line for the operator instead of a stack, wherever the reason is one that an operator can mend. */
function reasonOf(error: unknown, databaseUrl: string | undefined): string {
  if (error instanceof ConfigError || error instanceof EmbeddedError) return error.message
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE')
    return `The address is in use: ${error.message.replace(/^listen EADDRINUSE: /, '')}; set PORT to another port`
  if ('code' in error && (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') && 'syscall' in error)
    return `Cannot listen: ${error.message}; check HOST and PORT`
  const refusedByServer = 'code' in error && typeof error.code === 'string' && /^(28|3D|42501)/.test(error.code)
  if (databaseUrl && (failureOf(error) || refusedByServer || error.message === 'Invalid URL'))
    return `DATABASE_URL cannot be used: ${error.message || error.name}`
  return error.stack ?? error.message
}

async function start(): Promise<void> {
  const config = readConfig()
  const embedded = config.databaseUrl === undefined ? await startEmbedded(config.dataDir) : undefined
  if (embedded) closers.push(() => embedded.stop())
  const url = embedded?.url ?? config.databaseUrl ?? ''
  try {
    await migrateDatabase(url)
    const database = openDatabase(url, {
      pool: config.databasePool,
      log: (error) => app?.log.warn({ err: error }, 'an idle connection broke'),
    })
    closers.push(() => database.close())
    await prepareDatabase(database, { samples: embedded !== undefined })
    const app = await buildApp(config, database)
    closers.push(() => app.close())
    const address = await app.listen({ port: config.port, host: config.host })
    void embedded?.exited.then((reason) => reason && fail(reason.message))
    greet(address)
  } catch (error) {
    throw new StartError(reasonOf(error, config.databaseUrl))
  }
}

class StartError extends Error {}

function greet(address: string): void {
  const [sample] = samples
  const record = `${address}/v1/disputes/${sample?.township}/${sample?.period}`
  say(`\nSwagger UI  ${address}/docs\n`)
  say('Try:')
  say(`  curl ${record}`)
  say(
    `  curl -X PUT ${address}/v1/disputes/410423209/2025 -H 'content-type: application/json' -d '{"figures":{"identified":382,"resolved":360}}'\n`,
  )
}

closeWithGrace({ delay: grace, logger: false }, async ({ err }) => {
  if (err) process.stderr.write(`${err instanceof EmbeddedError ? err.message : err.stack}\n`)
  await closeAll()
})

async function fail(reason: string): Promise<never> {
  process.stderr.write(`${reason}\n`)
  await closeAll().catch((error: unknown) => process.stderr.write(`${error}\n`))
  process.exit(1)
}

try {
  await start()
} catch (error) {
  await fail(error instanceof StartError ? error.message : reasonOf(error, undefined))
}
