/** The order of the feed as the database keeps it. */
import { test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { canonical } from '../../src/catalogue/record.ts'
import { beginning, readChanges, readTail } from '../../src/storage/changes.ts'
import { transaction } from '../../src/storage/database.ts'
import { writeRecord } from '../../src/storage/records.ts'
import { api } from '../support/api.ts'
import { until } from '../support/process.ts'

await test('the end of the feed is its greatest position, not the one that sorts last as text', async (t) => {
  const { database, put } = await api(t)
  for (const period of ['2022', '2023', '2024']) await put(`/v1/disputes/410423209/${period}`, { figures: { identified: 1 } })
  const positions = ['9', '10', '8']
  for (const [index, position] of positions.entries()) {
    const which = `period_id = (select id from periods where code = '${2022 + index}')`
    await database.pool.query(`update record_revisions set position = '${position}' where ${which}`)
  }
  t.match(await readTail(database.pool), { at: '10' })
})

await test('what was written last is shown though nobody writes after it, in whatever order the transactions began', async (t) => {
  const { database } = await api(t)
  const period = parsePeriod('2024')
  if (!period) throw new Error('no period')
  const place = { category: 'disputes' as const, period, township: '410423209' }
  const write = (on: Parameters<typeof writeRecord>[0], identified: number) =>
    writeRecord(on, place, canonical('disputes', { figures: { identified } }), [], { if: 'any' }, { actor: 'test' })
  await transaction(database, async (client) => {
    // It has its id before the other one begins, and its lock after that one has ended.
    await client.query('select pg_current_xact_id()')
    await write(database.connections, 1)
    await write(client, 2)
  })
  const { rows } = await database.pool.query(
    'select bool_and(position < pg_snapshot_xmax(pg_current_snapshot())) as given from record_revisions',
  )
  t.same(rows, [{ given: true }], 'no place waits for an id that nobody has')
  // Transactions of other tests, which share the server, may still be running.
  const shown = async () => (await readChanges(database.pool, 1, beginning, {}, 10)).items
  await until('the others are over', async () => (await shown()).length > 0)
  const items = await shown()
  t.match(
    items.map(({ revision, document = '' }) => `${revision} ${JSON.parse(document).figures.identified}`),
    ['1 1', '2 2'],
  )
})
