/** Rows that are refused when they are written take nothing of the others with them. */
import fc from 'fast-check'
import { test } from 'tap'
import { type Api, api } from '../support/api.ts'

const townships = ['410423209', '410421106', '500229107', '500229201', '500229202', '511402113', '110101001', '110101002']
const categories = ['disputes', 'enforcement'] as const
const figure = { disputes: 'identified', enforcement: 'officers' }
type Row = {
  category: (typeof categories)[number]
  township: string
  say: 'put' | 'patch' | 'delete'
  value: number
  expects: 'nothing' | 'right' | 'wrong'
}
type Held = { revision: number; value: number | undefined }

const row: fc.Arbitrary<Row> = fc.record({
  category: fc.constantFrom(...categories),
  township: fc.constantFrom(...townships),
  say: fc.constantFrom('put', 'put', 'patch', 'delete'),
  value: fc.integer({ min: 1, max: 3 }),
  expects: fc.constantFrom('nothing', 'nothing', 'right', 'wrong'),
})
const file = fc.uniqueArray(row, { selector: ({ category, township }) => category + township, minLength: 1, maxLength: 8 })
const keyOf = ({ category, township }: Row) => `/v1/${category}/${township}/2024`

/** What a file of rows becomes, of records as they are held: written out again, row by row. */
function applied(rows: readonly Row[], held: Map<string, Held>) {
  const counts = { created: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 }
  const after = new Map(held)
  for (const one of rows) {
    const before = held.get(keyOf(one))
    const present = before?.value !== undefined
    const mismatch = one.expects === 'wrong' || (one.expects === 'right' && !present)
    const next = (value: number | undefined) => after.set(keyOf(one), { revision: (before?.revision ?? 0) + 1, value })
    if (mismatch || (one.say !== 'put' && !present)) counts.rejected++
    else if (one.say === 'delete') {
      counts.deleted++
      next(undefined)
    } else if (present && before.value === one.value) counts.unchanged++
    else {
      counts[present ? 'updated' : 'created']++
      next(one.value)
    }
  }
  return { counts, after }
}

function lineOf(one: Row, held: Map<string, Held>): object {
  const { revision = 0, value } = held.get(keyOf(one)) ?? {}
  const known = one.expects === 'wrong' ? revision + 5 : value === undefined ? 1 : revision
  return {
    category: one.category,
    township: one.township,
    period: '2024',
    ...(one.say === 'delete' ? { delete: true } : { figures: { [figure[one.category]]: one.value } }),
    ...(one.say === 'patch' && { mode: 'patch' }),
    ...(one.expects !== 'nothing' && { expectedRevision: known }),
  }
}

async function heldBy({ get }: Api): Promise<Map<string, Held>> {
  const all = categories.flatMap((category) => townships.map((township) => ({ category, township })))
  const found = await Promise.all(
    all.map(async ({ category, township }) => {
      const path = `/v1/${category}/${township}/2024`
      const { status, json } = await get(path)
      const value = json.figures?.[figure[category]]
      const history = await get(`${path}/revisions?limit=1`)
      const revision = history.status === 200 ? Number(history.json.items[0]?.revision) : 0
      return [path, { revision, value: status === 200 ? Number(value) : undefined }] as const
    }),
  )
  return new Map(found.filter(([, { revision }]) => revision > 0))
}

await test('a row that is refused leaves the new ones beside it alone', async (t) => {
  const { post, put, get } = await api(t)
  await put('/v1/disputes/410423209/2024', { figures: { identified: 1 } })
  const [place, other] = [
    { category: 'disputes', township: '410423209', period: '2024' },
    { category: 'disputes', period: '2024' },
  ]
  const refused = [
    { ...place, figures: { identified: 2 }, expectedRevision: 9 },
    { ...place, delete: true, revision: 9 },
  ]
  for (const [index, bad] of refused.entries()) {
    const township = townships[index + 1] ?? ''
    const done = await post('/v1/imports?mode=partial', [bad, { ...other, township, figures: { identified: 5 } }])
    t.match([done.status, done.json], [207, { created: 1, unchanged: 0, rejected: 1 }])
    t.match((await get(`/v1/disputes/${township}/2024`)).json.figures, { identified: 5 })
  }
})

await test('whatever is in a file, each of its rows is taken or refused by itself', async (t) => {
  const service = await api(t)
  const property = fc.asyncProperty(file, async (rows) => {
    const held = await heldBy(service)
    const { counts, after } = applied(rows, held)
    const text = rows.map((one) => `${JSON.stringify(lineOf(one, held))}\n`).join('')
    const send = (query: string) =>
      service.post(`/v1/imports?mode=partial${query}`, text, { 'content-type': 'application/x-ndjson' })
    for (const { json } of [await send('&dryRun=true'), await send('')]) {
      const told = Object.fromEntries(Object.keys(counts).map((name) => [name, Reflect.get(json, name)]))
      if (JSON.stringify(told) !== JSON.stringify(counts))
        throw new Error(`${JSON.stringify(told)}, not ${JSON.stringify(counts)}, for ${text} onto ${JSON.stringify([...held])}`)
    }
    const now = await heldBy(service)
    for (const [path, one] of after)
      if (JSON.stringify(now.get(path)) !== JSON.stringify(one))
        throw new Error(`${path} is ${JSON.stringify(now.get(path))} after ${text}`)
  })
  await t.resolves(fc.assert(property, { numRuns: 60 }))
})
