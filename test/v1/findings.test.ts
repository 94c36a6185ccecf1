/** What does not add up, listed by region and period. */
import { test } from 'tap'
import { type Api, api } from '../support/api.ts'

const at = (category: string, township: string, period: string) => `/v1/${category}/${township}/${period}`
const cangtou = '410423209'
const zhangbaqiao = '410421106'

async function filed(service: Api): Promise<void> {
  await service.put(at('disputes', cangtou, '2024'), {
    figures: { resolved: 60, identified: 90, accepted: 10, mediators: 5, parties: 3 },
  })
  await service.put(at('disputes', cangtou, '2025'), {
    figures: { resolved: 400, identified: 100, mediators: 24, parties: 23, prevented: 9 },
  })
  await service.put(at('enforcement', zhangbaqiao, '2025'), {
    figures: { officers: 5, certifiedOfficers: 6 },
    remarks: { certifiedOfficers: { note: '含派驻' } },
  })
}
const list = async (service: Api, query: string) =>
  (await service.get(`/v1/findings?${query}`)).json.items.map(({ township, rule, figures }) => [
    township,
    rule,
    Array.isArray(figures) ? figures : figures,
  ])

await test('stored findings and jumps, in the order of township and category', async (t) => {
  const service = await api(t)
  await filed(service)
  t.same(await list(service, 'period=2025'), [
    [zhangbaqiao, 'within', ['certifiedOfficers', 'officers']],
    [cangtou, 'within', ['resolved', 'identified']],
    [cangtou, 'jump', ['parties']],
    [cangtou, 'jump', ['resolved']],
  ])
  t.same(
    await list(service, 'period=2024'),
    [[cangtou, 'within', ['resolved', 'accepted']]],
    'the first year has nothing to jump from',
  )
  const { json } = await service.get('/v1/findings?period=2025&rule=jump')
  t.match(json.items[1], { name: '仓头乡', category: 'disputes', expected: 60, actual: 400, message: { zh: /400.*60/ } })
})

await test('filters and pages', async (t) => {
  const service = await api(t)
  await filed(service)
  t.equal((await list(service, 'period=2025&region=410423')).length, 3)
  t.equal((await list(service, `period=2025&township=${zhangbaqiao}`)).length, 1)
  t.equal((await list(service, `period=2025&township=${zhangbaqiao}&region=50`)).length, 0)
  t.equal((await list(service, 'period=2025&category=enforcement')).length, 1)
  t.equal((await list(service, 'period=2025&severity=impossible')).length, 1)
  t.equal((await list(service, 'period=2025&severity=warning')).length, 3)
  t.equal((await list(service, 'period=2025&rule=balance')).length, 0)
  t.equal((await service.get('/v1/findings')).json.errors[0]?.parameter, 'period')
  t.equal((await service.get('/v1/findings?period=2025&region=99')).json.errors[0]?.code, 'no-such-region')
  const all = await list(service, 'period=2025')
  const paged: unknown[] = []
  for (let next: string | undefined = '/v1/findings?period=2025&limit=1'; next; ) {
    const { json, headers } = await service.get(next)
    paged.push(...json.items.map(({ township, rule, figures }) => [township, rule, figures]))
    next = headers.link?.match(/<(.*)>; rel="next"/)?.[1]
  }
  t.same(paged, all)
})

await test('plans do not jump, and the distance counts', async (t) => {
  const service = await api(t)
  await service.put(at('disputes', cangtou, '2024'), { figures: { resolved: 1, identified: 100, mediators: 4 } })
  await service.put(at('disputes', cangtou, '2025'), {
    figures: { resolved: 400, identified: 499, mediators: 20 },
    remarks: { resolved: { basis: 'planned' } },
  })
  t.same(await list(service, 'period=2025&rule=jump'), [], 'a plan; 4.99 times; 16 apart')
  await service.put(at('disputes', cangtou, '2025'), { figures: { identified: 20, mediators: 0 } })
  t.same(await list(service, 'period=2025&rule=jump'), [[cangtou, 'jump', ['identified']]], 'downwards too')
})

await test('a township and its successor that both report', async (t) => {
  const service = await api(t)
  await service.database.pool.query(
    `insert into successions (predecessor, successor, effective_on, kind, actor) values ($1, $2, '2025-06-01', 'merge', 'test')`,
    [cangtou, '410423001'],
  )
  await service.put(at('publicity', cangtou, '2025'), { figures: { lectures: 1 } })
  t.same(await list(service, 'period=2025'), [])
  await service.put(at('publicity', '410423001', '2025'), { figures: { lectures: 1 } })
  const { json } = await service.get('/v1/findings?period=2025')
  t.match(json.items, [{ township: cangtou, rule: 'double-report', category: 'publicity', other: '410423001', figures: [] }])
})

/** Records successions and reports of 2024 and 2025 for each of the townships. */
async function succeeded(service: Api, rows: [from: string, to: string, day: string, kind: string][], townships: string[]) {
  for (const row of rows)
    await service.database.pool.query(
      `insert into successions (predecessor, successor, effective_on, kind, actor) values ($1, $2, $3, $4, 'test')`,
      row,
    )
  for (const township of townships)
    for (const period of ['2024', '2025']) {
      const { status, text } = await service.put(at('publicity', township, period), { figures: { lectures: 1 } })
      if (status !== 201) throw new Error(text)
    }
}
const doubles = async (service: Api, query: string) =>
  (await service.get(`/v1/findings?rule=double-report&${query}`)).json.items.map(({ township, other }) => [township, other])

await test('where reads are narrowed, whether a foreign successor has reported is not told', async (t) => {
  const service = await api(t, { readScope: 'own' })
  const [inside, outside] = ['410423001', '410422001']
  await succeeded(
    service,
    [
      [cangtou, inside, '2024-06-01', 'split'],
      [cangtou, outside, '2024-06-01', 'split'],
    ],
    [cangtou, inside, outside],
  )
  const told = async (region?: string) => {
    const headers = await service.as('reader', region)
    return (await service.get('/v1/findings?period=2024&rule=double-report', headers)).json.items.map(({ other }) => other)
  }
  t.same(await told('410423'), [inside])
  t.same(await told('4104'), [outside, inside])
  t.same(await told(), [outside, inside])
})

await test('what a township reported before the merger, reported again by what came of it', async (t) => {
  const service = await api(t)
  const [merged, absorbing] = ['410423299', zhangbaqiao]
  const body = { kind: 'merge', effectiveOn: '2025-01-01', predecessors: [cangtou, '410423001'] }
  await service.post('/v1/townships', { code: merged, name: '仓城镇', validFrom: '2025-01-01' })
  t.equal((await service.post(`/v1/townships/${merged}/successions`, body)).status, 201)
  for (const township of [cangtou, '410423001', merged])
    t.equal((await service.put(at('publicity', township, '2024'), { figures: { lectures: 1 } })).status, 201)
  t.same(
    await doubles(service, 'period=2024'),
    [
      ['410423001', merged],
      [cangtou, merged],
    ],
    'it did not exist then',
  )
  await succeeded(service, [['410423208', absorbing, '2025-06-01', 'merge']], [absorbing, '410423208'])
  t.same((await doubles(service, 'period=2024')).length, 2, 'one that did reported for itself')
  const split = {
    kind: 'split',
    effectiveOn: '2025-01-01',
    successors: [{ code: '500229107' }, { code: '500229298', name: '龙湾镇' }],
  }
  t.equal((await service.post('/v1/townships/500229107/successions', split)).status, 201)
  for (const township of ['500229107', '500229298'])
    for (const period of ['2024', '2025']) await service.put(at('publicity', township, period), { figures: { lectures: 1 } })
  t.same(await doubles(service, 'period=2024&region=500229'), [['500229107', '500229298']], 'a part reports what the whole did')
  t.same(await doubles(service, 'period=2025&region=500229'), [], 'and from then on its own')
})

await test('a township that stays in use beside its successor reports for itself, and both are right', async (t) => {
  const service = await api(t)
  const [left, part, absorbing] = [cangtou, '410423001', zhangbaqiao]
  await succeeded(
    service,
    [
      [left, left, '2022-01-01', 'split'],
      [left, part, '2022-01-01', 'split'],
    ],
    [left, part],
  )
  t.same(await doubles(service, 'period=2024'), [])
  await succeeded(service, [[left, absorbing, '2025-12-31', 'merge']], [absorbing])
  t.same(await doubles(service, 'period=2024'), [])
  t.same(await doubles(service, 'period=2025'), [[left, absorbing]], 'until it goes after all, if on the last day')
})

await test('what was reported of a period before the succession is no double report', async (t) => {
  const service = await api(t)
  const [absorbed, absorbing] = [cangtou, '410423001']
  await succeeded(service, [[absorbed, absorbing, '2025-06-01', 'merge']], [absorbed, absorbing])
  t.same(await doubles(service, 'period=2024'), [])
  t.same(await doubles(service, 'period=2025'), [[absorbed, absorbing]])
})

await test('chains are followed, and a circle ends', async (t) => {
  const service = await api(t)
  const [first, middle, last] = ['500229104', '500229107', '500231101']
  await succeeded(
    service,
    [
      [first, middle, '2024-03-01', 'recode'],
      [middle, last, '2025-03-01', 'recode'],
    ],
    [first, last],
  )
  t.same(await doubles(service, 'period=2024'), [], 'the last is not there yet')
  for (const query of ['period=2025', `period=2025&township=${first}`, 'period=2025&region=500229&category=publicity'])
    t.same(await doubles(service, query), [[first, last]], query)
  await succeeded(service, [[last, first, '2025-04-01', 'recode']], [])
  t.same(await doubles(service, 'period=2025'), [
    [first, last],
    [last, first],
  ])
})

await test('the sheet', async (t) => {
  const service = await api(t)
  await filed(service)
  const { text } = await service.get('/v1/findings?period=2025&format=csv')
  t.equal(text.trim().split('\r\n').length, 5)
  t.match(text, /2025,鲁山县,410423209,仓头乡,矛盾纠纷化解,与上期突变,提示,调解（化解）成功,60,400,/)
  const codes = (await service.get('/v1/findings?period=2025&format=csv&labels=codes')).text
  t.match(codes, '\ufeffperiod,county,township,name,category,rule,severity,figures,expected,actual,message\r\n')
  t.match(codes, /2025,鲁山县,410423209,仓头乡,disputes,jump,warning,resolved,60,400,/)
  t.equal((await service.get('/v1/findings?period=2025&labels=zh')).json.errors[0]?.code, 'not-with-format')
})

await test('a sheet goes on to its end, however many rows', async (t) => {
  const service = await api(t)
  await filed(service)
  await service.put(at('enforcement', cangtou, '2025'), { figures: { officers: 5 } })
  for (const table of ['disputes', 'enforcement'])
    await service.database.pool.query(
      `update ${table} set findings = (select jsonb_agg(jsonb_build_object('rule', 'within', 'severity', 'warning', 'figures', json_build_array(n)))
       from generate_series(1, 55000) n) where period_id = 20250100 and township_code = $1`,
      [cangtou],
    )
  const { text } = await service.get(`/v1/findings?period=2025&township=${cangtou}&rule=within&format=csv`)
  const lines = text.trimEnd().split('\r\n')
  t.equal(lines.length, 110_001)
  t.equal(new Set(lines).size, 110_001, 'each once')
})

await test('what no finding can be is an empty list, whatever else is asked', async (t) => {
  const service = await api(t)
  for (const rule of ['jump', 'double-report'])
    for (const query of ['', '&region=410423', '&category=disputes', '&format=csv'])
      t.equal((await service.get(`/v1/findings?period=2024&rule=${rule}&severity=impossible${query}`)).status, 200, rule + query)
})

await test('how many there are can be asked first', async (t) => {
  const service = await api(t)
  await filed(service)
  for (const filter of [
    '',
    '&rule=jump',
    '&severity=impossible',
    '&region=410423',
    '&category=enforcement',
    `&township=${cangtou}`,
    '&region=50',
  ]) {
    const { text } = await service.get(`/v1/findings?period=2025${filter}&format=ndjson`)
    const { json } = await service.get(`/v1/findings?period=2025${filter}&count=true`)
    t.same(json, { count: text.split('\n').length - 1 }, filter)
  }
  t.same((await service.get(`/v1/findings?period=2025&region=50&township=${cangtou}&count=true`)).json, { count: 0 })
})

await test('a record of a year in which its township was not there is told', async (t) => {
  const service = await api(t)
  const merge = { kind: 'merge', effectiveOn: '2025-01-01', successors: [{ code: '410423198', name: '新合镇' }] }
  t.equal((await service.post(`/v1/townships/${cangtou}/successions`, merge)).status, 201)
  for (const [township, period] of [
    [cangtou, '2024'],
    [cangtou, '2025'],
    ['410423198', '2024'],
    ['410423198', '2025'],
  ] as const)
    await service.put(at('disputes', township, period), { figures: { identified: 7 } })
  const told = async (query: string) => {
    const { json } = await service.get(`/v1/findings?${query}`)
    return json.items.map(({ township, rule, severity }) => `${township} ${rule} ${severity}`)
  }
  t.same(await told('period=2025&rule=unexpected'), [`${cangtou} unexpected warning`], 'it had ended')
  t.same(await told('period=2024&rule=unexpected&region=4104'), ['410423198 unexpected warning'], 'it had not begun')
  t.same(await told('period=2024&rule=unexpected&category=governance'), [])
  t.same(await told('period=2024&severity=impossible'), [])
  t.ok((await told('period=2025')).includes(`${cangtou} unexpected warning`), 'among all')
  const { text } = await service.get('/v1/findings?period=2025&rule=unexpected&format=csv')
  t.match(text, /410423209,仓头乡,矛盾纠纷化解,不应报送,提示,,,,仓头乡在该期最后一日不是应报送的乡镇/)
})

await test('a township with another code jumps from what it reported under the old one', async (t) => {
  const service = await api(t)
  await filed(service)
  const successors = [{ code: '410423299' }]
  await service.post(`/v1/townships/${cangtou}/successions`, { kind: 'recode', effectiveOn: '2025-07-01', successors })
  await service.put(at('disputes', '410423299', '2025'), { figures: { parties: 300 } })
  const jumps = 'period=2025&rule=jump&township=410423299'
  const { items } = (await service.get(`/v1/findings?${jumps}`)).json
  t.match(items, [{ figures: ['parties'], expected: 3, actual: 300, other: cangtou, message: { zh: /原代码 410423209：3/ } }])
  t.equal(items.length, 1)
  t.match((await service.get(`/v1/findings?${jumps}&count=true`)).json, { count: 1 })
  await service.put(at('disputes', '410423299', '2024'), { figures: { parties: 290 } })
  t.same(await list(service, jumps), [], 'its own figures come first')
})
