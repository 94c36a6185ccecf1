/** Copies of the stage's database, for those who would write over each other's rows or change what another is measured on. */
import pg from 'pg'
import type { Stage } from './stage.ts'

/** Connects, works and leaves. */
export async function onClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The address of another database of the same server. */
function addressOf(url: string, name: string): string {
  const to = new URL(url)
  to.pathname = `/${name}`
  return to.href
}

/** Copies the database as it is now. A template must have no visitors: their connections are ended. */
export async function copyOf({ url }: Stage, name: string): Promise<string> {
  const source = new URL(url).pathname.slice(1)
  await onClient(addressOf(url, 'postgres'), async (client) => {
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [source])
    await client.query(`create database ${name} template ${source}`)
  })
  return addressOf(url, name)
}
