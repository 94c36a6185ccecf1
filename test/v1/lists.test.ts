/** Lists: filters, pages that neither skip nor repeat, and cursors that belong to their filter. */
import { test } from 'tap'
import { writeCursor } from '../../src/http/paging.ts'
import { recordsOf, samples } from '../../src/samples/index.ts'
import { type Api, api } from '../support/api.ts'

const townships = ['110101001', '110101002', '410423209', '410421106', '500229107', '500114108', '511402113']

async function filled(service: Api): Promise<string[]> {
  const places = townships.flatMap((township) => ['2023', '2024'].map((period) => ({ township, period })))
  for (const [index, { township, period }] of places.entries())
    await service.put(`/v1/publicity/${township}/${period}`, { figures: { lectures: index } })
  return places.map(({ township, period }) => `${period} ${township}`).sort()
}

async function pages(service: Api, query: string): Promise<string[]> {
  const seen: string[] = []
  for (let next: string | undefined = `/v1/publicity?${query}`; next; ) {
    const { json, headers } = await service.get(next)
    seen.push(...json.items.map(({ period, township }) => `${period} ${township}`))
    t_link(headers.link, json.next)
    next = headers.link?.match(/<(.*)>; rel="next"/)?.[1]
  }
  return seen
}
function t_link(link: string | undefined, next: string | undefined) {
  if ((link === undefined) !== (next === undefined)) throw new Error('Link and next disagree')
}

await test('pages of any size give every record once, in the order of period and township', async (t) => {
  const service = await api(t)
  const all = await filled(service)
  for (const limit of [1, 2, 3, 7, 14, 1000]) {
    t.same(await pages(service, `limit=${limit}`), all, `limit ${limit}`)
    t.same(
      await pages(service, `limit=${limit}&period=2024`),
      all.filter((key) => key.startsWith('2024')),
    )
    t.same(
      await pages(service, `limit=${limit}&region=41`),
      all.filter((key) => key.includes(' 41')),
    )
    t.same(await pages(service, `limit=${limit}&region=4104&period=2023`), ['2023 410421106', '2023 410423209'])
    t.same(await pages(service, `limit=${limit}&township=500229107`), ['2023 500229107', '2024 500229107'])
    t.same(await pages(service, `limit=${limit}&township=500229107&region=41`), [], 'both filters count')
  }
})

await test('a deleted record leaves the list', async (t) => {
  const service = await api(t)
  await filled(service)
  await service.del('/v1/publicity/500229107/2024')
  t.same(await pages(service, 'township=500229107'), ['2023 500229107'])
})

await test('updatedAfter takes what changed later, and not what changed at that very instant', async (t) => {
  const service = await api(t)
  const [before, after] = ['/v1/publicity/500229107/2023', '/v1/publicity/500229107/2024']
  const first = (await service.put(before, { figures: { lectures: 1 } })).json.updatedAt
  await service.put(after, { figures: { lectures: 1 } })
  let last = first
  for (let lectures = 2; last <= first; lectures++) last = (await service.put(after, { figures: { lectures } })).json.updatedAt
  const earlier = new Date(Date.parse(first) - 1).toISOString()
  const inChina = `${new Date(Date.parse(first) + 8 * 3_600_000).toISOString().slice(0, -1)}%2B08:00`
  const expected: [instant: string, periods: string[]][] = [
    [earlier, ['2023', '2024']],
    [first, ['2024']],
    [inChina, ['2024']],
    [last, []],
  ]
  for (const [instant, periods] of expected) {
    const query = `/v1/publicity?updatedAfter=${instant}`
    t.same(
      (await service.get(query)).json.items.map(({ period }) => period),
      periods,
      instant,
    )
    const lines = (await service.get(`${query}&format=ndjson`)).text.split('\n').filter((line) => line !== '')
    t.same(
      lines.map((line) => JSON.parse(line).period),
      periods,
      `${instant}, as a stream`,
    )
    t.equal((await service.get(`${query}&count=true`)).json.count, periods.length)
  }
})

await test('a cursor belongs to its filter', async (t) => {
  const service = await api(t)
  await filled(service)
  const { json } = await service.get('/v1/publicity?period=2024&limit=2')
  t.equal(
    (await service.get(`/v1/publicity?period=2024&limit=5&cursor=${json.next}`)).json.items.length,
    5,
    'the limit may change',
  )
  t.equal((await service.get(`/v1/publicity?period=2023&cursor=${json.next}`)).json.code, 'cursor-of-another-filter')
  t.equal((await service.get(`/v1/disputes?period=2024&cursor=${json.next}`)).json.code, 'cursor-of-another-filter')
  for (let index = 0; index < (json.next?.length ?? 0); index++) {
    const damaged = `${json.next?.slice(0, index)}${json.next?.[index] === 'A' ? 'B' : 'A'}${json.next?.slice(index + 1)}`
    t.equal((await service.get(`/v1/publicity?period=2024&cursor=${damaged}`)).status, 400, `damaged at ${index}`)
  }
})

await test('an empty list is a list', async (t) => {
  const service = await api(t)
  t.same((await service.get('/v1/enforcement?region=500229&period=2019')).json, { items: [] })
  const [sample] = samples.flatMap(recordsOf)
  await service.put(`/v1/disputes/${sample?.township}/${sample?.period}`, sample?.content)
  t.equal((await service.get(`/v1/disputes?region=500229`)).json.items.length, 1)
})

await test('an instant whose offset no clock has is told', async (t) => {
  const service = await api(t)
  const asked = (instant: string) => service.get(`/v1/disputes?updatedAfter=${encodeURIComponent(instant)}`)
  t.equal((await asked('2025-01-01T00:00:00+15:59')).status, 200)
  t.match((await asked('2025-01-01T00:00:00+23:00')).json, {
    status: 400,
    errors: [{ parameter: 'updatedAfter', code: 'bad-format' }],
  })
})

await test('a cursor that someone has made is refused, whatever it holds', async (t) => {
  const service = await api(t)
  const forged: [path: string, filter: object, key: (string | number)[]][] = [
    ['/v1/findings?period=2024', { list: 'findings', period: '2024' }, ['a', 'x', 'b']],
    ['/v1/findings?period=2024', { list: 'findings', period: '2024' }, ['\0', 0, 'b']],
    ['/v1/disputes', { list: 'disputes' }, [3_000_000_000, '410423209']],
    ['/v1/disputes', { list: 'disputes' }, [20240100, 'a\0']],
    ['/v1/townships', { list: 'townships' }, []],
    ['/v1/imports', { list: 'imports', region: '' }, ['x']],
    ['/v1/audit', { list: 'audit', region: '' }, [1.5]],
  ]
  for (const [path, filter, key] of forged) {
    const { json } = await service.get(`${path}${path.includes('?') ? '&' : '?'}cursor=${writeCursor(filter, key)}`)
    t.equal(json.code, 'invalid-cursor', `${path} ${JSON.stringify(key)}`)
  }
  const after = writeCursor({ list: 'changes' }, [0, 'x', 0, 'x', '1'])
  t.equal((await service.get(`/v1/changes?after=${after}`)).status, 400)
})
