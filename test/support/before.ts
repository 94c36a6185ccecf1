/** Runs once before the suite: starts the cluster, which outlives this process, and makes the template. */
import { mkdir } from 'node:fs/promises'
import { openDatabase } from '../../src/storage/database.ts'
import { startEmbedded } from '../../src/storage/embedded.ts'
import { migrateDatabase } from '../../src/storage/migrations.ts'
import { prepareDatabase } from '../../src/storage/prepare.ts'
import { announce, clusterFolder, execute, templateName, withDatabase } from './cluster.ts'
import { adminKey } from './keys.ts'

await mkdir(clusterFolder, { recursive: true })
const given = process.env.TEST_DATABASE_URL
const url = given ?? (await startEmbedded(clusterFolder, { ephemeral: true })).url
await announce(url)
const server = withDatabase(url, 'postgres')
await execute(server, `drop database if exists ${templateName} with (force)`)
await execute(server, `create database ${templateName}`)
const template = withDatabase(server, templateName)
await migrateDatabase(template)
const database = openDatabase(template, { pool: 2 })
await prepareDatabase(database, { samples: false, firstKey: adminKey })
await database.close()
process.exit(0)
