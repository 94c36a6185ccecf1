/** Many clients on the same records at once: what each of them may rely on. */
import fc from 'fast-check'
import { test } from 'tap'
import { leaves } from '../../src/catalogue/index.ts'
import { type Api, api } from '../support/api.ts'

const township = '410423209'
const record = `/v1/disputes/${township}/2024`
const report = `/v1/reports/${township}/2024`
const figures = (identified: number) => ({ figures: { identified } })

const within = (value: unknown, name: string): unknown => (value instanceof Object ? Reflect.get(value, name) : undefined)

async function history({ database }: Api, category = 'disputes') {
  const { rows } = await database.pool.query<{ revision: number; identified: number | null }>(
    `select revision, (document #>> '{figures,identified}')::int as identified from record_revisions where category = $1 order by revision`,
    [category],
  )
  return rows
}

await test('with If-Match no update is lost: every client that was answered with success is counted', async (t) => {
  const service = await api(t)
  let [operations, refused] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 8 }), async (clients) => {
      await service.put(record, figures(0))
      // Each adds one to what it read, so many times as it was told to.
      const add = async (times: number) => {
        for (let done = 0; done < times; ) {
          const read = await service.get(record)
          const put = await service.put(record, figures(Number(read.json.figures.identified) + 1), {
            'if-match': String(read.headers.etag),
          })
          operations++
          if (put.status === 200) done++
          else if (put.status === 412) refused++
          else throw new Error(`${put.status} ${put.text}`)
        }
      }
      await Promise.all(clients.map(add))
      const sum = clients.reduce((total, one) => total + one, 0)
      t.equal((await service.get(record)).json.figures.identified, sum)
    }),
    { numRuns: 6 },
  )
  const told = await history(service)
  t.same(
    told.map(({ revision }) => revision),
    told.map((_, at) => at + 1),
    'revisions count up by one',
  )
  t.comment(`${operations} writes, ${refused} refused, 0 lost`)
})

await test('without it the last write wins, and every version is in the history', async (t) => {
  const service = await api(t)
  const values = Array.from({ length: 40 }, (_, at) => at + 1)
  const answers = await Promise.all(values.map((value) => service.put(record, figures(value))))
  t.same(
    answers.filter(({ status }) => status >= 300),
    [],
  )
  const told = await history(service)
  t.same(
    told.map(({ identified }) => identified).sort((a, b) => Number(a) - Number(b)),
    values,
  )
  const last = told.at(-1)
  t.match((await service.get(record)).json, { revision: 40, ...figures(last?.identified ?? 0) })
  for (const { json } of answers)
    t.equal(told[json.revision - 1]?.identified, json.figures.identified, 'each was told its own revision')
})

await test('a PATCH is atomic: of many that change different figures none is lost', async (t) => {
  const service = await api(t)
  await service.put(record, { figures: {} })
  const all = leaves('disputes')
  // One is a part of one, and a rate: whichever comes first, nothing is impossible.
  const patches = all.map(({ code, member }) => ({ figures: { [code]: member === undefined ? 1 : { [member]: 1 } } }))
  const from = performance.now()
  const answers = await Promise.all(patches.map((patch) => service.patch(record, patch)))
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  t.same(
    answers.map(({ status }) => status).filter((status) => status !== 200),
    [],
  )
  const { json } = await service.get(record)
  const kept = all.filter(({ path }) => JSON.stringify(path.split('.').reduce<unknown>(within, json.figures)) === '1')
  t.equal(kept.length, all.length)
  t.same((await history(service)).length, all.length + 1)
  t.comment(`${patches.length} clients, ${patches.length} writes, ${seconds} s, ${all.length - kept.length} lost`)
})

await test('records, whole reports and files on the same places: nobody meets a deadlock', async (t) => {
  const service = await api(t)
  const places = [township, '410423210', '500229107']
  const counts = new Map<string, number>()
  const count = ({ status }: { status: number }) => counts.set(String(status), (counts.get(String(status)) ?? 0) + 1)
  const rows = (value: number) =>
    ['disputes', 'enforcement', 'publicity'].flatMap((category) =>
      places.map((place) => ({
        category,
        township: place,
        period: '2024',
        figures: {},
        others: [{ label: '次', unit: '次', value }],
      })),
    )
  const writers = [
    async (round: number) =>
      count(
        await service.put(
          report,
          { disputes: figures(round), publicity: { figures: {} }, enforcement: { figures: {} } },
          { 'if-match': '*' },
        ),
      ),
    async (round: number) => count(await service.post('/v1/imports', rows(round))),
    async (round: number) => count(await service.post('/v1/imports', rows(1000 + round).toReversed())),
    async (round: number) => count(await service.put(record, figures(2000 + round))),
    async (round: number) =>
      count(
        await service.put(`/v1/publicity/${township}/2024`, { figures: {}, others: [{ label: '场', unit: '场', value: round }] }),
      ),
    async (round: number) => count(await service.put(record, figures(3000 + round), { 'idempotency-key': `record-${round}` })),
    async (round: number) =>
      count(
        await service.put(
          report,
          { disputes: figures(4000 + round), publicity: { figures: {} }, enforcement: { figures: {} } },
          { 'if-match': '*', 'idempotency-key': `report-${round}` },
        ),
      ),
    async (round: number) => count(await service.patch(record, { figures: { screenings: round } })),
  ]
  await service.put(report, { disputes: figures(0), publicity: { figures: {} }, enforcement: { figures: {} } })
  const from = performance.now()
  await Promise.all(
    writers.map(async (write) => {
      for (let round = 1; round <= 12; round++) await write(round)
    }),
  )
  t.comment(
    `${writers.length} writers, ${12 * writers.length} operations, ${((performance.now() - from) / 1000).toFixed(1)} s, ${[...counts]}`,
  )
  t.same(
    [...counts.keys()].filter((status) => !['200', '201'].includes(status)),
    [],
    'all are answered with success',
  )
  for (const category of ['disputes', 'enforcement', 'publicity']) {
    const { rows: gaps } = await service.database.pool.query(
      `select from (select revision, row_number() over (partition by township_code, period_id order by revision) as place from record_revisions where category = $1) r where revision <> place`,
      [category],
    )
    t.equal(gaps.length, 0, `${category}: no revision is missing`)
  }
})
