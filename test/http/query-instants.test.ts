/** Beijing time in a query, with its plus as it is typed. */
import { test } from 'tap'
import { api } from '../support/api.ts'

await test('an offset may be written with a bare plus, and nothing else is read otherwise for it', async (t) => {
  const service = await api(t)
  await service.put('/v1/disputes/410423209/2024', { figures: { identified: 1 } })
  const items = async (path: string) => (await service.get(path)).json.items.length
  for (const plus of ['+', '%2B']) {
    t.equal(await items(`/v1/disputes?updatedAfter=2020-01-01T08:00:00${plus}08:00`), 1)
    t.equal(await items(`/v1/audit?until=2020-01-01T08:00:00.123${plus}08:00`), 0)
    t.equal((await service.get(`/v1/disputes?asOf=2020-01-01T08:00:00${plus}08:00`)).status, 200)
  }
  t.match((await service.get('/v1/disputes?updatedAfter=2020-01-01+08:00')).json.errors, [
    { parameter: 'updatedAfter', code: 'bad-format' },
  ])
  t.equal(await items('/v1/townships?name=仓头+乡'), 0, 'a plus is a space')
})
