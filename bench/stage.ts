/** What a section of the bench runs on: the embedded PostgreSQL as in production (fsync on), in a folder that is removed afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '../src/storage/database.ts'
import { startEmbedded } from '../src/storage/embedded.ts'
import { migrateDatabase } from '../src/storage/migrations.ts'
import { prepareDatabase } from '../src/storage/prepare.ts'
import { key } from './client.ts'

export type Stage = { url: string; database: Database; postgres: string }

/** Runs `work` on a new database that holds the schema and the registry. */
export async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'register-bench-'))
  try {
    const embedded = await startEmbedded(folder)
    try {
      await migrateDatabase(embedded.url)
      const database = openDatabase(embedded.url, { pool: 4 })
      try {
        await prepareDatabase(database, { samples: false, firstKey: key })
        const { rows } = await database.pool.query<{ server_version: string }>('show server_version')
        return await work({ url: embedded.url, database, postgres: rows[0]?.server_version ?? '' })
      } finally {
        await database.close()
      }
    } finally {
      await embedded.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Townships of the registry, spread evenly over the country. */
export async function someTownships({ database }: Stage, count: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ code: string }>(
    `select code from (select code, row_number() over (order by code) - 1 as n, count(*) over () as total from townships) t
     where n % greatest(total / $1, 1) = 0 order by code limit $1`,
    [count],
  )
  return rows.map(({ code }) => code)
}
