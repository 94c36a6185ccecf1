/** `npm run migrate`: brings the database of DATABASE_URL to the newest schema, for operators who migrate apart from the start. */
import { ConfigError, readConfig } from '../config.ts'
import { UnusableDatabase } from '../storage/failures.ts'
import { grantService } from '../storage/grants.ts'
import { migrateDatabase } from '../storage/migrations.ts'

try {
  const { databaseUrl, migrationUrl } = readConfig()
  if (databaseUrl === undefined) throw new ConfigError('Settings: DATABASE_URL must name the database to migrate')
  await migrateDatabase(migrationUrl ?? databaseUrl)
  if (migrationUrl) await grantService(migrationUrl, databaseUrl)
  process.stdout.write('The schema is up to date.\n')
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof UnusableDatabase)) throw error
  const name = error instanceof UnusableDatabase ? 'DATABASE_URL cannot be used: ' : ''
  process.stderr.write(`${name}${error.message}\n`)
  process.exitCode = 1
}
