/** Connections that break while someone has them, and says nothing to them. */
import { test } from 'tap'
import { openPool } from '../../src/storage/pool.ts'
import { cloneTemplate } from '../support/cluster.ts'

await test('a connection that breaks in hand fails its next statement, not the process', async (t) => {
  const { url, drop } = await cloneTemplate()
  const idle: Error[] = []
  const pool = openPool({ connectionString: url, max: 2 }, (error) => idle.push(error))
  t.teardown(async () => {
    await pool.end()
    await drop()
  })
  const taken = await pool.connect()
  const { rows } = await taken.query<{ pid: number }>('select pg_backend_pid() as pid')
  const ended = new Promise((resolve) => taken.once('end', () => resolve(undefined)))
  await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
  await ended
  await t.rejects(taken.query('select 1'))
  taken.release(true)
  t.same(idle, [], 'only idle ones are told of')
  t.equal((await pool.query('select 1')).rowCount, 1)
})
