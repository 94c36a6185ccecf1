/** A reader that waits is answered as soon as something comes, when its time is over, and when the service stops; one that leaves is forgotten. */
import { subscribe } from 'node:diagnostics_channel'
import { test } from 'tap'
import { type Api, api } from '../support/api.ts'
import { page, readUntil, told } from '../support/feed.ts'
import { asAdmin } from '../support/keys.ts'

const figures = (identified: number) => ({ figures: { identified } })
const put = (service: Api, township: string, identified: number) =>
  service.put(`/v1/disputes/${township}/2025`, figures(identified))

/** Gives a function that returns when the feed was looked at once more, which is only done while somebody waits. */
function looks({ reader }: Api['database']): () => Promise<void> {
  const { read } = reader
  let count = 0
  reader.read = (statement, values) => {
    if (statement.name === 'feed-tail') count += 1
    return read(statement, values)
  }
  return async () => {
    const before = count
    while (count === before) await new Promise(setImmediate)
  }
}

await test('a wait ends when something comes, for all who wait at once', async (t) => {
  const service = await api(t)
  await put(service, '410423209', 1)
  const { next } = await readUntil(service, () => true)
  const another = looks(service.database)
  const waiting = Array.from({ length: 20 }, () => page(service, 'wait=30', next))
  await another()
  await put(service, '410421106', 1)
  for (const { items } of await Promise.all(waiting)) t.same(told(items), ['disputes 410421106 2025 1 create'])
})

await test('a wait goes on when what comes is not what was asked for', async (t) => {
  const service = await api(t)
  const { next } = await page(service, 'region=50')
  const another = looks(service.database)
  const waiting = page(service, 'wait=30&region=50', next)
  await another()
  await put(service, '410423209', 1)
  await readUntil(service, () => true)
  await another()
  await put(service, '500229107', 1)
  t.same(told((await waiting).items), ['disputes 500229107 2025 1 create'])
})

await test('a wait ends at its time with the same place', async (t) => {
  const service = await api(t)
  await put(service, '410423209', 1)
  const { next } = await readUntil(service, () => true)
  const from = performance.now()
  const { items, next: after } = await page(service, 'wait=1', next)
  t.same([items, after], [[], next])
  t.ok(performance.now() - from >= 990, 'not before')
})

await test('a stop answers those who wait at once', async (t) => {
  const service = await api(t)
  const another = looks(service.database)
  const waiting = [page(service, 'wait=30'), page(service, 'wait=30&region=50')]
  await another()
  await service.app.close()
  for (const { items, next } of await Promise.all(waiting)) t.match([items, next], [[], /./])
})

await test('a client that leaves is forgotten', async (t) => {
  const service = await api(t)
  const another = looks(service.database)
  const address = await service.app.listen({ port: 0 })
  const ended = new Promise<void>((resolve) => subscribe('tracing:fastify.request.handler:asyncStart', () => resolve()))
  const leaving = new AbortController()
  const left = fetch(`${address}/v1/changes?wait=30`, { signal: leaving.signal, headers: asAdmin }).catch(() => 'left')
  await another()
  const from = performance.now()
  leaving.abort()
  t.equal(await left, 'left')
  await ended
  t.ok(performance.now() - from < 10_000, 'its request does not wait on')
})
