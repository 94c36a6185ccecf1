/**
 * One PostgreSQL for a whole test run: the embedded one without fsync, or the server of TEST_DATABASE_URL. Each test file works in a
 * database of its own, cloned from a template that is migrated and filled once.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { root } from '../../src/root.ts'

const memory = '/dev/shm'
const enough = 2 ** 31
const inMemory = await statfs(memory).then(
  ({ bavail, bsize }) => bavail * bsize > enough,
  () => false,
)
/** Where tests make databases: in memory where there is some, since a clone there takes a tenth of the time. */
export const scratch = inMemory ? memory : tmpdir()

const checkout = createHash('sha256').update(root.href).digest('hex').slice(0, 8)
/** TEST_DATA_DIR lets two runs go on at once in one checkout. */
export const clusterFolder = process.env.TEST_DATA_DIR ?? join(scratch, `register-tests-${process.getuid?.() ?? 0}-${checkout}`)
const urlFile = `${clusterFolder}/url`
export const templateName = 'register_template'

/** Tells the test files, which are processes of their own, where the server is. */
export async function announce(url: string): Promise<void> {
  await writeFile(urlFile, url)
}

async function serverUrl(): Promise<string> {
  return process.env.TEST_DATABASE_URL ?? (await readFile(urlFile, 'utf8'))
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A fresh copy of the template; `drop` removes it. Cloning is retried while another clone holds the template (55006). */
export async function cloneTemplate(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = withDatabase(await serverUrl(), 'postgres')
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  for (let attempt = 1; ; attempt++) {
    try {
      await execute(server, `create database ${name} template ${templateName}`)
      break
    } catch (error) {
      if (attempt > 50 || !(error instanceof pg.DatabaseError) || error.code !== '55006') throw error
    }
  }
  return { url: withDatabase(server, name), drop: () => execute(server, `drop database if exists ${name} with (force)`) }
}
