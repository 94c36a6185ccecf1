/** Whoever keeps a copy by the feed alone ends with what the lists hold, whatever is written meanwhile and by how many. */
import { test } from 'tap'
import { lots } from '../http/fuzz.ts'
import { type Api, api, type Body } from '../support/api.ts'
import { page, type Seen } from '../support/feed.ts'

const townships = ['410423209', '410421106', '500229107', '511402113', '500114108']
const kinds = { disputes: 'identified', publicity: 'activities' } as const
const marker = '110101001'
const writerCount = 8
/** SOAK_OPERATIONS makes it longer. */
const operations = Number(process.env.SOAK_OPERATIONS ?? 30)

/** Writes, imports and deletes here and there; what is refused because of others is as good as any. */
async function write(service: Api, seed: number, operations: number): Promise<void> {
  const lot = lots(seed)
  const place = () => {
    const category = lot(2) === 0 ? 'disputes' : 'publicity'
    return { category, township: townships[lot(townships.length)] ?? '', period: ['2024', '2025'][lot(2)] ?? '' } as const
  }
  const body = (category: keyof typeof kinds) => ({ figures: { [kinds[category]]: lot(1000) } })
  for (let done = 0; done < operations; done++) {
    const at = place()
    const url = `/v1/${at.category}/${at.township}/${at.period}`
    const kind = lot(10)
    if (kind < 5) await service.put(url, body(at.category))
    else if (kind < 7) await service.patch(url, body(at.category))
    else if (kind < 9) await service.del(url)
    else {
      const rows = [place(), place(), place(), place()].map((row) =>
        lot(4) === 0 ? { ...row, delete: true } : { ...row, ...body(row.category) },
      )
      await service.post('/v1/imports?mode=partial', rows)
    }
  }
}

type Copy = Map<string, Body>

/** A reader with a copy of its own. It trusts the feed, and says where the feed contradicts itself. */
function reader(service: Api, query: string, copy: Copy, revisions: Map<string, number>, from?: string) {
  const wrong: string[] = []
  const state = { copy, revisions, next: from, wrong, changes: 0, ended: false }
  function apply({ category, township, period, revision, action, document }: Seen) {
    const key = `${category} ${township} ${period}`
    if (revision !== (revisions.get(key) ?? 0) + 1) wrong.push(`${key}: ${revision} after ${revisions.get(key)}`)
    if ((action === 'create') === copy.has(key)) wrong.push(`${key} ${revision}: ${action}`)
    revisions.set(key, revision)
    if (document === null) copy.delete(key)
    else copy.set(key, document)
    state.changes += 1
  }
  return {
    state,
    async step() {
      const { items, next } = await page(service, query, state.next)
      state.next = next
      for (const item of items) {
        if (item.township === marker) state.ended = true
        else apply(item)
      }
    },
  }
}

async function held(service: Api): Promise<Copy> {
  const copy: Copy = new Map()
  for (const category of Object.keys(kinds)) {
    for (const record of (await service.get(`/v1/${category}?limit=1000`)).json.items)
      if (record.township !== marker) copy.set(`${category} ${record.township} ${record.period}`, record)
  }
  return copy
}

const sorted = (copy: Copy) => [...copy].sort(([a], [b]) => (a < b ? -1 : 1))

await test('two readers, one from the start and one from the middle, end equal to the lists', async (t) => {
  const service = await api(t)
  const seed = Math.floor(Math.random() * 2 ** 31)
  const from = performance.now()
  t.comment(`seed ${seed}`)
  const first = reader(service, 'limit=7&wait=30', new Map(), new Map())
  const writers = Promise.all(Array.from({ length: writerCount }, (_, index) => write(service, seed + index, operations)))
  while (first.state.changes < 60) await first.step()
  const middle = reader(service, 'limit=50&wait=30', new Map(first.state.copy), new Map(first.state.revisions), first.state.next)
  const follow = async (one: typeof first) => {
    while (!one.state.ended) await one.step()
  }
  const readers = Promise.all([follow(first), follow(middle)])
  await writers
  await service.put(`/v1/disputes/${marker}/2020`, { figures: { identified: 1 } })
  await readers
  const late = reader(service, 'limit=1000&wait=30', new Map(), new Map())
  await follow(late)

  const lists = sorted(await held(service))
  t.ok(lists.length > 0)
  for (const { state } of [first, middle, late]) {
    t.same(state.wrong, [])
    t.same(sorted(state.copy), lists)
  }
  const differences = [first, middle, late].flatMap(({ state }) => state.wrong).length
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  t.comment(
    `${writerCount} writers, ${writerCount * operations} operations, ${seconds} s, ${first.state.changes} changes, ${lists.length} records, ${differences} differences`,
  )
  const { rows } = await service.database.pool.query<{ n: number }>('select count(*)::int as n from record_revisions')
  t.same([first.state.changes + 1, late.state.changes + 1], [rows[0]?.n, rows[0]?.n], 'each change once')
  t.equal(middle.state.changes < first.state.changes, true)
})
