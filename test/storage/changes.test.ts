/** The end of the feed is the last place by number, whatever the number of its digits. */
import { test } from 'tap'
import { readTail } from '../../src/storage/changes.ts'
import { api } from '../support/api.ts'

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
