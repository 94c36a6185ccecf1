/** A write that is in a deadlock with others begins again, and its client hears nothing of it. */
import pg from 'pg'
import { test } from 'tap'
import { api } from '../support/api.ts'

const path = '/v1/disputes/410423209/2024'

await test('a record whose write falls into a deadlock is written all the same', async (t) => {
  const service = await api(t)
  const { url } = service
  await service.put(path, { figures: { identified: 1 } })
  const patch = { 'content-type': 'application/merge-patch+json' }
  const writes = [
    () => service.put(path, { figures: { identified: 2 } }),
    () => service.put(path, { figures: { identified: 3 } }, { 'idempotency-key': 'deadlock' }),
    () => service.patch(path, { figures: { resolved: 1 } }, patch),
    () => service.del(path),
  ]
  for (const write of writes) {
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    // The service holds the period and waits for the record; the other holds the record and waits for the period. Who has waited longer loses.
    await other.query('begin')
    await other.query(`select from disputes where township_code = '410423209' for update`)
    const written = write()
    await waiting(other)
    await other
      .query(`update periods set state = state where code = '2024'`)
      .catch(async () => void (await other.query('rollback')))
    await other.query('commit')
    await other.end()
    t.ok((await written).status < 300)
  }
})

/** Until another session waits for a lock. */
async function waiting(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    )
    if (rows.length > 0) return
  }
}
