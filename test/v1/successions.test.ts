import { type Test, test } from 'tap'
import { currentPlaces } from '../../src/storage/successions.ts'
import { bodies, merged } from '../../src/v1/succession-schemas.ts'
import { type Api, api } from '../support/api.ts'

const [longtian, beiping, longping] = ['500229201', '500229202', '500229113']
const merge = {
  kind: 'merge',
  effectiveOn: '2024-01-01',
  predecessors: [longtian, beiping],
  successors: [{ code: longping, name: '龙屏镇' }],
}
const at = (code: string) => `/v1/townships/${code}/successions`
const one = (kind: string, code: string, name?: string) => ({
  kind,
  effectiveOn: '2024-01-01',
  successors: [{ code, ...(name && { name }) }],
})
async function rows({ database }: Api): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    'select (select count(*) from successions)::int + (select count(*) from townships)::int as n',
  )
  return rows[0]?.n ?? 0
}

await test('two townships merge into a new one', async (t) => {
  const service = await api(t)
  const { get, post, put } = service
  const file = (township: string, resolved: number) => put(`/v1/disputes/${township}/2023`, { figures: { resolved } })
  await file(longtian, 50)
  await file(beiping, 70)

  const done = await post(at(longtian), merge)
  t.equal(done.status, 201)
  t.equal(done.headers.location, at(longtian))
  t.match(done.json.items, [
    {
      kind: 'merge',
      effectiveOn: '2024-01-01',
      predecessor: { code: longtian, name: '龙田乡' },
      successor: { code: longping, name: '龙屏镇' },
    },
    { predecessor: { code: beiping }, successor: { code: longping }, recordedBy: 'admin' },
  ])
  t.match((await get(`/v1/townships/${longping}`)).json, {
    name: '龙屏镇',
    kind: 'town',
    validFrom: '2024-01-01',
    predecessors: [{ code: longtian, name: '龙田乡', kind: 'merge', effectiveOn: '2024-01-01' }, { code: beiping }],
  })
  const closed = await get(`/v1/townships/${longtian}`)
  t.equal(closed.status, 200, 'a closed code answers')
  t.match(closed.json, { validTo: '2023-12-31', successors: [{ code: longping, name: '龙屏镇' }] })
  t.match((await get('/v1/regions/500229')).json, { townships: 24, expected: 24 })

  const again = await post(at(longtian), merge)
  t.equal(again.status, 200, 'recorded again: nothing changes')
  t.strictSame(again.json, done.json)
  t.strictSame((await get(at(beiping))).json.items, done.json.items.slice(1))
  t.strictSame((await get(at(longping))).json, done.json)

  const places = new Map((await currentPlaces(service.database.pool)).map(({ code, place }) => [code, place]))
  const figures = (await get('/v1/disputes?period=2023')).json.items
  t.strictSame(
    figures.map(({ township, figures }) => [township, figures.resolved]),
    [
      [longtian, 50],
      [beiping, 70],
    ],
    'as reported',
  )
  const sum = figures
    .filter(({ township }) => (places.get(township) ?? township) === longping)
    .reduce((total, { figures }) => total + Number(figures.resolved), 0)
  t.equal(sum, 120, 'in the successor')
  t.equal((await file(longtian, 51)).status, 200, 'a late correction stays on the code that reported')
  t.equal((await get(`/v1/disputes/${longping}/2023`)).status, 404)
})

await test('a merge is told on any of its townships', async (t) => {
  const { get, post } = await api(t)
  const { kind, effectiveOn } = merge
  const onSuccessor = await post(at('500229107'), { kind, effectiveOn, predecessors: [longtian, '500229107'] })
  t.equal(onSuccessor.status, 201, 'on the one that takes the other in')
  t.strictSame(onSuccessor.json.items.length, 1)
  t.notOk((await get('/v1/townships/500229107')).json.validTo)
  t.equal((await post(at(beiping), { kind, effectiveOn, successors: [{ code: '500229107' }] })).status, 201, 'on one that ends')
  t.equal(
    (
      await post(at('500229205'), {
        kind,
        effectiveOn,
        predecessors: ['500229208'],
        successors: [{ code: '500229107', name: '高观镇' }],
      })
    ).status,
    201,
  )
  const { predecessors } = (await get('/v1/townships/500229107')).json
  t.match(predecessors, [{ code: longtian }, { code: beiping }, { code: '500229205' }, { code: '500229208' }])
  const created = await post(at('500229116'), {
    kind,
    effectiveOn,
    predecessors: ['500229210', '500229211'],
    successors: [{ code: '500229116', name: '双蓼镇' }],
  })
  t.equal(created.status, 201, 'on the new one itself')
})

await test('the other kinds', async (t) => {
  const { get, post, put } = await api(t)

  await t.test('split: it ends, or stays in use where it is among its successors', async (t) => {
    const body = {
      ...one('split', '500229231', '上田乡'),
      successors: [
        { code: '500229231', name: '上田乡' },
        { code: '500229232', name: '下田乡' },
      ],
    }
    t.equal((await post(at(longtian), body)).status, 201)
    t.match((await get(`/v1/townships/${longtian}`)).json, {
      validTo: '2023-12-31',
      successors: [{ code: '500229231' }, { code: '500229232' }],
    })
    const part = { ...body, successors: [{ code: beiping }, { code: '500229233', name: '屏下乡' }] }
    t.equal((await post(at(beiping), part)).status, 201)
    const kept = (await get(`/v1/townships/${beiping}`)).json
    t.notOk(kept.validTo)
    t.match(kept.successors, [{ code: '500229233', kind: 'split' }])
    t.equal((await post(at(beiping), part)).status, 200)
    t.equal(
      (await post(at(beiping), { ...part, successors: [...part.successors, { code: '500229234', name: '屏上乡' }] })).status,
      201,
      'another part, told later',
    )
    const ends = await post(at(beiping), { ...body, successors: [{ code: '500229231' }, { code: '500229232' }] })
    t.equal(ends.json.code, 'succession-conflict', 'it cannot stay and end on one day')
  })

  await t.test('rename: the old name is kept with its last day, the kind follows the name', async (t) => {
    const renamed = await post(at('500229205'), one('rename', '500229205', '左岚土家族乡'))
    t.equal(renamed.status, 201)
    const now = (await get('/v1/townships/500229205')).json
    t.match(now, { name: '左岚土家族乡', kind: 'ethnicTownship', formerNames: [{ name: '左岚乡', validTo: '2023-12-31' }] })
    t.notOk(now.validTo ?? now.successors)
    t.equal((await post(at('500229205'), one('rename', '500229205', '左岚土家族乡'))).status, 200)
    t.equal((await post(at('500229205'), one('rename', '500229205', '右岚乡'))).json.code, 'succession-conflict')
    const later = { kind: 'rename', effectiveOn: '2025-03-01', successors: [{ code: '500229205', name: '岚乡' }] }
    t.equal((await post(at('500229205'), later)).status, 201)
    t.equal(
      (await post(at('500229205'), one('rename', '500229205', '左岚土家族乡'))).status,
      200,
      'the first is still what it was',
    )
    t.match((await get('/v1/townships/500229205')).json.formerNames, [
      { name: '左岚乡' },
      { name: '左岚土家族乡', validTo: '2025-02-28' },
    ])
    t.equal(
      (await post(at('500229205'), { ...later, effectiveOn: '2024-06-01' })).json.code,
      'succession-conflict',
      'a name between two',
    )
    await put('/v1/townships/500229217', { name: '治安乡' })
    t.equal((await post(at('500229217'), one('rename', '500229217', '治安乡'))).status, 201, 'its day, told after the name')
    t.match((await get('/v1/townships/500229217')).json, {
      name: '治安乡',
      formerNames: [{ name: '治平乡', validTo: '2023-12-31' }],
    })
  })

  await t.test('recode and transfer: the same place under another code, by the same name where none is given', async (t) => {
    t.equal((await post(at('500229208'), one('recode', '500229117'))).status, 201)
    t.match((await get('/v1/townships/500229117')).json, {
      name: '沿河乡',
      kind: 'town',
      validFrom: '2024-01-01',
      predecessors: [{ kind: 'recode' }],
    })
    t.equal((await post(at('500229210'), one('transfer', '500230220'))).status, 201)
    t.match((await get('/v1/townships/500230220')).json, { fullName: '重庆市丰都县双河乡' })
    t.match(
      (await post(at('500229211'), one('recode', '500229117', '沿河乡'))).json,
      { code: 'township-exists' },
      'two are no one place',
    )
    t.match((await post(at('500229211'), one('recode', '500229107'))).json, { code: 'township-exists', detail: /高观镇/ })
    const same = await post(at('500229211'), one('transfer', '500229235', '鸡鸣乡'))
    t.match(same.json, { code: 'invalid-body', errors: [{ pointer: '/successors/0/code', code: 'same-county' }] })
    t.equal(
      (await post(at('500229208'), one('merge', '500229107'))).json.code,
      'succession-conflict',
      'all of it has another code',
    )
  })

  await t.test('many to many: several with one day', async (t) => {
    const { kind, effectiveOn } = one('merge', '')
    await post(at('500229212'), {
      kind: 'split',
      effectiveOn,
      successors: [
        { code: '500229118', name: '甲镇' },
        { code: '500229119', name: '乙镇' },
      ],
    })
    t.equal((await post(at('500229214'), { kind, effectiveOn, successors: [{ code: '500229118' }] })).status, 201)
    t.equal((await post(at('500229216'), { kind, effectiveOn, successors: [{ code: '500229119' }] })).status, 201)
    t.match((await get('/v1/townships/500229119')).json.predecessors, [
      { code: '500229212', kind: 'split' },
      { code: '500229216', kind: 'merge' },
    ])
  })
})

await test('what cannot have been is refused, and nothing is written', async (t) => {
  const service = await api(t)
  const { post, get } = service
  await post(at(longtian), merge)
  const before = await rows(service)
  const code = async (path: string, body: object) => {
    const { status, json } = await post(path, body)
    return `${status} ${json.code}`
  }
  t.equal(await code(at(longping), { ...one('merge', longtian), effectiveOn: '2025-01-01' }), '409 succession-cycle')
  t.equal(await code(at('500229107'), one('merge', longtian)), '409 code-used-before', 'a code that ended is not used again')
  t.equal(await code(at('500229107'), one('merge', longtian, '龙田镇')), '409 code-used-before')
  t.equal(
    await code(at(longping), { ...one('merge', '500229107'), effectiveOn: '2024-01-01' }),
    '409 township-not-in-use',
    'it began that day',
  )
  t.equal(
    await code(at(longtian), { ...one('merge', '500229107'), effectiveOn: '2025-01-01' }),
    '409 township-not-in-use',
    'it had ended',
  )
  t.equal(
    await code(at(longtian), { ...one('merge', '500229107'), effectiveOn: '2023-01-01' }),
    '409 succession-conflict',
    'it ended on another day',
  )
  t.equal(
    await code(at('500229107'), { ...one('merge', longping), effectiveOn: '2023-01-01' }),
    '409 township-not-in-use',
    'before there was one',
  )
  t.equal(
    await code(at(longtian), { ...one('split', ''), successors: merge.successors.concat({ code: '500229107', name: '高观镇' }) }),
    '409 succession-conflict',
  )
  t.equal(
    await code(at(longtian), { ...one('merge', '500229107'), effectiveOn: '2024-01-01' }),
    '409 succession-conflict',
    'all of it became another that day',
  )
  t.equal(await code(at('500229107'), one('merge', '500229108', '另一镇')), '409 township-exists')
  t.equal(await code(at('999999999'), one('merge', '500229107')), '404 unknown-township')
  t.equal((await get(at('999999999'))).status, 404)
  t.equal(await rows(service), before)
})

await test('a mistaken body is told all of its mistakes', async (t) => {
  const { post } = await api(t)
  const told = async (path: string, body: unknown) => {
    const { status, json } = await post(path, body)
    t.equal(status, 400)
    return json.errors.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  t.strictSame(
    await told(at(longtian), { kind: 'fusion', effectiveOn: '24-01-01', successors: [{ code: '12', nom: 'x' }], x: 1 }),
    [
      '/x unknown-property',
      '/kind not-allowed',
      '/effectiveOn bad-format',
      '/successors/0/nom unknown-property',
      '/successors/0/code bad-township',
    ],
  )
  t.strictSame(await told(at(longtian), { kind: 'merge', effectiveOn: '2024-01-01' }), ['/predecessors wrong-number'])
  t.strictSame(await told(at(longtian), { ...merge, successors: [...merge.successors, { code: '500229107' }] }), [
    '/successors wrong-number',
  ])
  t.strictSame(await told(at(longtian), one('split', longtian)), ['/successors wrong-number'])
  t.strictSame(await told(at(longtian), one('recode', longtian)), ['/successors/0/code same-code'])
  t.strictSame(await told(at(longtian), one('rename', beiping, '新乡')), ['/successors/0/code not-the-path'])
  t.strictSame(await told(at(longtian), one('rename', longtian)), ['/successors/0/name required'])
  t.strictSame(await told(at(longtian), { ...one('rename', longtian, '新乡'), effectiveOn: '2199-01-01' }), [
    '/effectiveOn too-late',
  ])
  t.strictSame(
    await told(at(longtian), {
      ...merge,
      predecessors: ['999999998', '999999999'],
      successors: [{ code: '500299100', name: '镇' }],
    }),
    ['/predecessors/0 no-such-township', '/predecessors/1 no-such-township', '/successors/0/code no-such-region'],
  )
  t.strictSame(await told(at(longtian), one('merge', '500229113')), ['/successors/0/name required'])
  t.strictSame(await told(at(longtian), one('merge', '500229113', ' 镇')), ['/successors/0/name bad-format'])
  const zh = await post(at(longtian), one('split', longtian), { 'accept-language': 'zh' })
  t.match(zh.json.errors, [{ detail: '“拆分”应有至少两个后继，可含其自身' }])
})

await test('a county under a new code takes all its townships with it', async (t: Test) => {
  const service = await api(t)
  const { get, post } = service
  await post(at(longtian), { ...merge, effectiveOn: '2022-01-01' })
  await service.put('/v1/disputes/500229107/2023', { figures: { resolved: 50 } })
  const recoding = { newCode: '500258', name: '城口区', effectiveOn: '2024-01-01' }
  const path = '/v1/regions/500229/successions'

  const before = await rows(service)
  const refused = await post(path, { ...recoding, effectiveOn: '2021-01-01' })
  t.equal(refused.status, 409, 'one township cannot, so none does')
  t.equal(await rows(service), before)
  t.equal((await get('/v1/regions/500258')).status, 404)

  const done = await post(path, recoding)
  t.equal(done.status, 201)
  t.equal(done.headers.location, '/v1/regions/500258')
  t.equal(done.json.items.length, 24)
  t.match(done.json.items[0], {
    kind: 'recode',
    predecessor: { code: '500229001' },
    successor: { code: '500258001', name: '葛城街道' },
  })
  t.match((await get('/v1/regions/500258')).json, { name: '城口区', kind: 'county', parent: '5002', townships: 24, expected: 24 })
  t.match((await get('/v1/regions/500229')).json, { name: '城口县', townships: 0, expected: 0 })
  t.match((await get('/v1/townships/500258107')).json, { fullName: '重庆市城口区高观镇', validFrom: '2024-01-01' })
  t.match((await get('/v1/townships/500229107')).json, { validTo: '2023-12-31', successors: [{ code: '500258107' }] })
  t.equal((await get('/v1/disputes/500229107/2023')).status, 200, 'figures stay on the code that reported them')
  const places = await currentPlaces(service.database.pool)
  t.strictSame(
    places.find(({ code }) => code === longtian),
    { code: longtian, place: '500258113' },
    'chains are followed',
  )

  const again = await post(path, recoding)
  t.equal(again.status, 200)
  t.strictSame(again.json, done.json)
  t.equal((await post(path, { ...recoding, name: '别名区' })).json.code, 'region-exists')
  t.equal(
    (await post('/v1/regions/500258/successions', { newCode: '500229', effectiveOn: '2025-01-01' })).json.code,
    'succession-cycle',
    'and not back again',
  )

  const told = (path: string, body: object) =>
    post(path, body).then(({ status, json }) => [status, json.code, json.errors?.[0]?.code])
  t.strictSame(await told('/v1/regions/999999/successions', recoding), [404, 'unknown-region', undefined])
  t.strictSame(await told('/v1/regions/5002/successions', recoding), [400, 'invalid-request', 'bad-format'])
  t.strictSame(await told(path, { ...recoding, newCode: '500229' }), [400, 'invalid-body', 'same-code'])
  t.strictSame(await told(path, { ...recoding, newCode: '509901' }), [400, 'invalid-body', 'no-such-region'])
})

await test('a county that the registry knows already is taken over', async (t) => {
  const { get, post, database } = await api(t)
  await database.pool.query(`insert into regions values ('500258', '城口区', '5002', 'county')`)
  await database.pool.query(`insert into townships (code, name, kind) values ('500258107', '高观镇', 'town')`)
  const done = await post('/v1/regions/500229/successions', { newCode: '500258', effectiveOn: '2024-01-01' })
  t.equal(done.status, 201)
  t.equal(done.json.items.length, 25)
  t.equal((await get('/v1/townships/500258107')).json.validFrom, '2024-01-01')
})

await test('the examples of the document work as they are', async (t) => {
  const { post, put, database } = await api(t)
  const sent = {
    merge: () => post(at(longtian), bodies.merge),
    absorb: () => post(at(longtian), bodies.absorb),
    split: () => post(at(longtian), bodies.split),
    rename: () => post(at(longtian), bodies.rename),
    recode: () => post(at(longtian), bodies.recode),
    county: () => post('/v1/regions/500229/successions', bodies.county),
    create: () => post('/v1/townships', bodies.create),
  }
  for (const [name, send] of Object.entries(sent)) {
    const { status, json } = await send()
    t.equal(status, 201, name)
    const told = json.items?.map((item) => ({ ...item, recordedAt: merged.items[0]?.recordedAt }))
    if (name === 'merge') t.strictSame(told, merged.items)
    await database.pool.query(`truncate successions, township_names;
      delete from townships where valid_from is not null;
      update townships set valid_to = null where code like '500229%'; update townships set name = '龙田乡' where code = '${longtian}'`)
  }
  t.equal((await put('/v1/townships/500229107', bodies.replace)).status, 200)
})

await test('many to many: who goes to several is split, the others merge on the same day', async (t) => {
  const service = await api(t)
  const { post, get } = service
  const split = {
    kind: 'split',
    effectiveOn: '2024-01-01',
    successors: [
      { code: '500229118', name: '新一镇' },
      { code: '500229119', name: '新二镇' },
    ],
  }
  t.equal((await post(at(longtian), split)).status, 201)
  t.equal(
    (await post(at(beiping), { kind: 'merge', effectiveOn: '2024-01-01', successors: [{ code: '500229118' }] })).status,
    201,
  )
  t.match((await get(at('500229118'))).json.items, [{ kind: 'split' }, { kind: 'merge' }])
})
