/** `npm run migrate`: brings the database of DATABASE_URL to the newest schema, for operators who migrate apart from the start. */
import { readConfig } from '../config.ts'
import { migrateDatabase } from '../storage/migrations.ts'

const { databaseUrl } = readConfig()
if (databaseUrl === undefined) throw new Error('DATABASE_URL names the database to migrate')
await migrateDatabase(databaseUrl)
process.stdout.write('The schema is up to date.\n')
