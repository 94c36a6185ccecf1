/** `changedSince`: a copy kept by exports alone. Each export says how far it reaches; the next holds what has changed since. */
import pg from 'pg'
import { type Test, test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { prepareDatabase } from '../../src/storage/prepare.ts'
import { writeRecord } from '../../src/storage/records.ts'
import { type Api, api, type Body } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'

const townships = ['410423209', '410421106', '500229107', '511402113', '500114108']
const [one, two, three] = townships
const record = (township: string | undefined, period = '2025') => `/v1/disputes/${township}/${period}`
const figures = (identified: number) => ({ figures: { identified } })

/** An export, and the token of where it ends. */
async function exported(service: Api, query: string, since?: string) {
  const { status, text, headers } = await service.get(
    `/v1/disputes?${query}${since === undefined ? '' : `&changedSince=${since}`}`,
  )
  if (status !== 200) throw new Error(text)
  const token = headers['export-token']
  if (token === undefined) throw new Error('no token')
  return { text, token }
}

/** Exports until the feed has gone past all that was written: other tests in the cluster may hold it back for a moment. */
async function settledToken(service: Api): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const { token } = await exported(service, 'format=ndjson')
    if ((await exported(service, 'format=ndjson', token)).text === '') return token
  }
  throw new Error('the feed does not settle')
}

const linesOf = (text: string): (Body & { delete?: boolean })[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const contents = async ({ get }: Api) =>
  (await get('/v1/disputes?limit=1000')).json.items.map(({ township, period, figures: values, remarks }) => ({
    township,
    period,
    values,
    remarks,
  }))

async function changed(t: Test): Promise<{ service: Api; token: string }> {
  const service = await api(t)
  await service.post('/v1/periods', { period: '2025-06', dueOn: '2025-07-10' })
  for (const township of [one, two, three]) await service.put(record(township), figures(1))
  await service.put(record(one, '2025-06'), figures(7))
  const token = await settledToken(service)
  await service.put(record(two), { figures: { identified: 20 }, remarks: { identified: { qualifier: 'atLeast' } } })
  await service.del(record(three))
  await service.del(record(one, '2025-06'))
  await service.put(record('511402113'), figures(4))
  return { service, token }
}

await test('only what has changed since, deletions included', async (t) => {
  const { service, token } = await changed(t)
  const { text, token: next } = await exported(service, 'format=ndjson', token)
  t.match(linesOf(text), [
    { township: two, period: '2025', revision: 2, figures: { identified: 20 } },
    { category: 'disputes', township: three, period: '2025', revision: 2, delete: true },
    { township: '511402113', period: '2025', revision: 1 },
    { category: 'disputes', township: one, period: '2025-06', revision: 2, delete: true },
  ])
  t.match((await service.get(`/v1/disputes?count=true&changedSince=${token}`)).json, { count: 4, exportToken: /./ })
  await service.put(record(one), figures(5))
  const after = linesOf((await exported(service, 'format=ndjson', next)).text)
  t.match(
    after.filter(({ township }) => township === one),
    [figures(5)],
  )
  t.match((await service.get('/v1/disputes?count=true')).json, { count: 3, exportToken: /./ })
  t.ok((await service.app.inject({ method: 'HEAD', url: '/v1/disputes?format=csv', headers: asAdmin })).headers['export-token'])
  t.equal((await service.get('/v1/disputes')).headers['export-token'], undefined, 'a page is no export')
})

await test('it imports elsewhere in every form, and there the registers are equal', async (t) => {
  const { service, token } = await changed(t)
  const now = await contents(service)
  const types: Record<string, string> = { ndjson: 'application/x-ndjson', csv: 'text/csv' }
  for (const form of ['ndjson', 'csv', 'csv&labels=zh', 'csv&qualifiers=printed']) {
    const copy = await api(t)
    await copy.post('/v1/periods', { period: '2025-06', dueOn: '2025-07-10' })
    for (const township of [one, two, three]) await copy.put(record(township), figures(1))
    const { text } = await exported(service, `format=${form}`, token)
    const answer = await copy.post('/v1/imports?category=disputes&revisions=ignore', text, {
      'content-type': types[form.split('&')[0] ?? ''] ?? '',
    })
    t.match(
      answer.json,
      { created: 1, updated: 1, deleted: 1, unchanged: 1, rejected: 0 },
      `${form}: what is not there is deleted already`,
    )
    t.same(await contents(copy), now, form)
  }
})

await test('a sheet that deletes', async (t) => {
  const service = await api(t)
  await service.put(record(one), figures(1))
  const sheet = async (cells: string, query = '') => {
    const text = `township,period,identified,deleted\n${one},2025,${cells}\n`
    const { json } = await service.post(`/v1/imports?category=disputes&mode=partial${query}`, text, {
      'content-type': 'text/csv',
    })
    return json.errors.length > 0 ? json.errors[0]?.code : [json.created, json.updated, json.deleted, json.unchanged]
  }
  t.equal(await sheet(',也许'), 'row-deleted')
  t.equal(await sheet('5,true'), 'row-delete-with-body')
  t.same(await sheet('1,'), [0, 0, 0, 1])
  t.same(await sheet('2,否'), [0, 1, 0, 0])
  t.same(await sheet(',TRUE', '&dryRun=true'), [0, 0, 1, 0])
  t.same(await sheet(',是'), [0, 0, 1, 0])
  t.equal(await sheet(',1'), 'record-absent')
  t.same(await sheet(',1', '&revisions=ignore&dryRun=true'), [0, 0, 0, 1])
  t.same(await sheet(',1', '&revisions=ignore'), [0, 0, 0, 1])
})

await test('a transaction that commits after the export is in the next one', async (t) => {
  const service = await api(t)
  const period = parsePeriod('2025')
  if (!period) throw new Error('no period')
  const late = new pg.Client({ connectionString: service.url })
  await late.connect()
  t.teardown(() => late.end())
  await late.query('begin')
  await writeRecord(
    late,
    { category: 'disputes', period, township: townships[3] ?? '' },
    { figures: { identified: 9 } },
    [],
    { if: 'any' },
    { actor: 'slow' },
  )
  await service.put(record(one), figures(1))
  const { text, token } = await exported(service, 'format=ndjson')
  t.same(
    linesOf(text).map(({ township }) => township),
    [one],
  )
  await late.query('commit')
  const { text: next } = await exported(service, 'format=ndjson', token)
  t.ok(linesOf(next).some(({ township }) => township === townships[3]))
})

/** Numbers that come again with the same seed. */
function lots(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

async function write(service: Api, seed: number): Promise<void> {
  const lot = lots(seed)
  const place = () => ({ township: townships[lot(townships.length)] ?? '', period: ['2024', '2025'][lot(2)] ?? '' })
  for (let done = 0; done < 40; done++) {
    const { township, period } = place()
    const kind = lot(10)
    if (kind < 6) await service.put(record(township, period), figures(lot(1000)))
    else if (kind < 9) await service.del(record(township, period))
    else {
      const rows = [place(), place(), place()].map((at) => ({
        category: 'disputes',
        ...at,
        ...(lot(3) === 0 ? { delete: true } : figures(lot(1000))),
      }))
      await service.post('/v1/imports?mode=partial', rows)
    }
  }
}

await test('a copy that is kept by exports ends equal, whatever is written meanwhile', async (t) => {
  const service = await api(t)
  const seed = Math.floor(Math.random() * 2 ** 31)
  t.comment(`seed ${seed}`)
  const copy = new Map<string, Body>()
  let token: string | undefined
  const step = async () => {
    const read = await exported(service, 'format=ndjson', token)
    for (const { delete: gone, ...line } of linesOf(read.text)) {
      const key = `${line.period} ${line.township}`
      if (gone) copy.delete(key)
      else copy.set(key, line)
    }
    token = read.token
  }
  let writing = true
  const writers = Promise.all([1, 2, 3, 4].map((n) => write(service, seed + n))).then(() => {
    writing = false
  })
  let steps = 0
  for (; writing; steps++) await step()
  await writers
  await step()
  t.ok(steps > 3, `${steps} exports`)
  const items = (await service.get('/v1/disputes?limit=1000')).json.items
  t.same(
    [...copy].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line),
    items,
  )
})

await test('a token is of its filter and its database', async (t) => {
  const service = await api(t)
  await service.put(record(one), figures(1))
  const { token } = await exported(service, 'format=ndjson&region=41')
  const code = async (query: string) => {
    const { status, json } = await service.get(`/v1/disputes?changedSince=${token}&${query}`)
    return status === 200
      ? status
      : [status, json.code, ...(json.errors ?? []).map(({ parameter, code: fault }) => `${parameter} ${fault}`)]
  }
  t.equal(await code('format=csv&region=41'), 200, 'whatever the form')
  t.same(await code('format=ndjson&region=50'), [400, 'cursor-of-another-filter'])
  t.same(await code('format=ndjson'), [400, 'cursor-of-another-filter'])
  t.same((await service.get('/v1/disputes?changedSince=x&format=ndjson')).json.code, 'invalid-cursor')
  t.same(await code('region=41'), [400, 'invalid-request', 'changedSince not-with-format'])
  t.same(await code(`region=41&format=ndjson&asOf=2025-01-01T00:00:00Z`), [
    400,
    'invalid-request',
    'changedSince not-with-format',
  ])
  t.equal((await service.get('/v1/disputes?format=ndjson&asOf=2025-01-01T00:00:00Z')).headers['export-token'], undefined)
  await prepareDatabase(service.database, { samples: false })
  t.same(await code('format=ndjson&region=41'), [410, 'cursor-of-another-database'], 'the test database is a copy of another')
  const { detail } = (
    await service.get(`/v1/disputes?changedSince=${token}&format=ndjson&region=41`, { 'accept-language': 'zh' })
  ).json
  t.match(detail, /去掉 changedSince/)
})
