/**
 * `npm run keys -- issue|list|rotate|revoke`: keys for operators who have the database and no key yet. Works on DATABASE_URL, or on the
 * embedded PostgreSQL of DATA_DIR, whether the service is running or not.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigError, readConfig } from '../config.ts'
import { roles } from '../http/caller.ts'
import { isKeyName } from '../key.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { EmbeddedError, startEmbedded } from '../storage/embedded.ts'
import { UnusableDatabase } from '../storage/failures.ts'
import { getKey, issueKey, type KeyRole, listKeys, revokeKey, rotateKey } from '../storage/keys.ts'
import { migrateDatabase } from '../storage/migrations.ts'
import { regionExists, townshipExists } from '../storage/places.ts'
import { urlOf } from '../storage/postgres-claim.ts'
import { findServer } from '../storage/postgres-folder.ts'

/** A mistake of whoever typed the command; the message is one line. */
class Mistake extends Error {}

const by = (operation: string) => ({
  actor: `${userInfo().username} (npm run keys)`,
  origin: { role: 'admin', keyId: undefined, address: 'local', requestId: randomUUID(), operation },
})

async function onDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const { databaseUrl, dataDir } = readConfig()
  const folder = resolve(dataDir, 'postgres')
  const running = databaseUrl === undefined ? await findServer(folder) : undefined
  // A key of a database that nobody serves would never be taken.
  if (databaseUrl === undefined && !existsSync(resolve(folder, 'PG_VERSION')))
    throw new Mistake(
      `there is no database in ${folder}: give DATA_DIR or DATABASE_URL as the service has it, or start the service first`,
    )
  const own = databaseUrl === undefined && !running ? await startEmbedded(dataDir) : undefined
  try {
    if (own) await migrateDatabase(own.url)
    const url = databaseUrl ?? own?.url ?? urlOf(running?.socketFolder ?? '', 'register')
    const database = openDatabase(url, { pool: 1 })
    try {
      await work(database)
    } finally {
      await database.close()
    }
  } finally {
    await own?.stop()
  }
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

async function place(database: Database, code: string | undefined): Promise<string> {
  if (code === undefined) return ''
  const known = code.length === 9 ? await townshipExists(database, code) : await regionExists(database, code)
  if (!known) throw new Mistake(`${code} is neither a region nor a township`)
  return code
}

function instantOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (!(time > Date.now())) throw new Mistake(`${text} is not an instant to come, such as 2027-03-31T16:00:00Z`)
  return new Date(time).toISOString()
}

async function existing(database: Database, text: string): Promise<number> {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (!(await getKey(database, id))) throw new Mistake(`no key has the id ${text}`)
  return id
}

const program = new Command('npm run keys --').description('Keys of the register')

program
  .command('issue')
  .description('issues a key and prints it, this once')
  .requiredOption('--name <name>', 'whose key it is')
  .addOption(new Option('--role <role>').choices(roles).makeOptionMandatory())
  .option('--region <code>', 'a province, prefecture, county or township; the whole country without it')
  .option('--expires <instant>', 'until when it is valid; without it, for good')
  .action(({ name, role, region, expires }: { name: string; role: KeyRole; region?: string; expires?: string }) =>
    onDatabase(async (database) => {
      if (!isKeyName(name)) throw new Mistake('a name is one line of at most 100 characters, not blank, without < and >')
      const asked = { name, role, region: await place(database, region), expiresAt: instantOf(expires) }
      const { id, key } = await issueKey(database, asked, by('issueKey'))
      say(`${id}\t${key}`)
    }),
  )

program
  .command('list')
  .description('lists all keys, the newest first')
  .action(() =>
    onDatabase(async (database) => {
      // Whoever reads may have seen enough, as `head` has; of a key that was issued nobody has.
      process.stdout.on('error', (error) => {
        if (!('code' in error && error.code === 'EPIPE')) throw error
      })
      say(['id', 'key', 'role', 'region', 'name', 'expires', 'last used'].join('\t'))
      for (let before: number | undefined, more = true; more; ) {
        const { items, next } = await listKeys(database, '', 100, before)
        for (const { id, hint, role, region, name, expiresAt, revokedAt, lastUsedAt } of items)
          say(
            [id, `${hint}…`, role, region || '-', name, revokedAt ? 'revoked' : (expiresAt ?? '-'), lastUsedAt ?? '-'].join('\t'),
          )
        before = next
        more = next !== undefined
      }
    }),
  )

program
  .command('rotate <id>')
  .description('issues the successor of a key; the old one ends')
  .option('--old-valid-until <instant>', 'until when the old one stays valid as well')
  .option('--expires <instant>', 'until when the new one is valid; as long as the old one was to be without it')
  .action((text: string, { oldValidUntil, expires }: { oldValidUntil?: string; expires?: string }) =>
    onDatabase(async (database) => {
      const id = await existing(database, text)
      const times = { oldValidUntil: instantOf(oldValidUntil), expiresAt: instantOf(expires) }
      const rotated = await rotateKey(database, id, times, by('rotateKey'))
      if (!rotated) throw new Mistake(`key ${id} is not in use any more, or was replaced before`)
      say(`${rotated.id}\t${rotated.key}`)
    }),
  )

program
  .command('revoke <id>')
  .description('ends a key now')
  .option('--reason <text>', 'why; kept in the audit')
  .action((text: string, { reason }: { reason?: string }) =>
    onDatabase(async (database) => {
      await revokeKey(database, await existing(database, text), { ...by('revokeKey'), ...(reason !== undefined && { reason }) })
    }),
  )

try {
  await program.parseAsync()
} catch (error) {
  const told = [Mistake, ConfigError, EmbeddedError, UnusableDatabase].some((kind) => error instanceof kind)
  if (!told || !(error instanceof Error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
