import { type Test, test } from 'tap'
import { openDatabase, transaction } from '../../src/storage/database.ts'
import { side } from '../../src/storage/snapshot.ts'
import { cloneTemplate } from '../support/cluster.ts'

async function open(t: Test, pool: number) {
  const { url, drop } = await cloneTemplate()
  const database = openDatabase(url, { pool })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  return database
}
const counted = async (on: { query: (text: string) => Promise<{ rows: { n: number; pid: number }[] }> }) => {
  const { rows } = await on.query('select count(*)::int as n, pg_backend_pid() as pid from regions')
  return rows[0] ?? { n: 0, pid: 0 }
}

await test('both connections see one state, whatever is written meanwhile', async (t) => {
  const database = await open(t, 8)
  const [one, two] = await transaction(database, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only')
    await client.query('select')
    await database.connections.query(`insert into regions values ('99', '新省', null, 'province')`)
    return side(database, client, counted, counted)
  })
  t.equal(one.n, two.n)
  t.not(one.pid, two.pid)
  t.equal((await counted(database.pool)).n, one.n + 1)
})

await test('with few connections all goes over one, and what is broken is told', async (t) => {
  const database = await open(t, 1)
  const work = (second: typeof counted) =>
    transaction(database, async (client) => {
      await client.query('set transaction isolation level repeatable read, read only')
      return side(database, client, counted, second)
    })
  const [one, two] = await work(counted)
  t.strictSame(one, two)
  await t.rejects(
    work(() => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.strictSame(await work(counted), [one, two], 'and the next one is served')
})

await test('a second connection that breaks is done without', async (t) => {
  const database = await open(t, 8)
  const pids: number[] = []
  const [one, two] = await transaction(database, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only')
    const { pid } = await counted(client)
    return side(database, client, counted, async (on) => {
      const own = await counted(on)
      pids.push(own.pid)
      if (own.pid !== pid) await database.connections.query('select pg_terminate_backend($1)', [own.pid])
      return counted(on)
    })
  })
  t.equal(pids.length, 2)
  t.strictSame(two, one)
})
