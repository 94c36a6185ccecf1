import { type Test, test } from 'tap'
import { api } from '../support/api.ts'

const codes = (items: { code: string }[]) => items.map(({ code }) => code)

await test('regions', async (t: Test) => {
  const { get } = await api(t)

  await t.test('are listed in the order of their codes, a page at a time', async (t) => {
    const first = await get('/v1/regions')
    t.equal(first.status, 200)
    t.equal(first.json.items.length, 50)
    t.strictSame(first.json.items.slice(0, 3), [
      { code: '11', name: '北京市', kind: 'province' },
      { code: '1101', name: '市辖区', kind: 'prefectureVirtual', parent: '11' },
      { code: '110101', name: '东城区', kind: 'county', parent: '1101' },
    ])
    t.equal(first.headers.link, `</v1/regions?cursor=${first.json.next}>; rel="next"`)
    const seen: string[] = []
    let path = '/v1/regions?limit=1000'
    for (;;) {
      const { json } = await get(path)
      seen.push(...codes(json.items))
      if (json.next === undefined) break
      path = `/v1/regions?limit=1000&cursor=${json.next}`
    }
    t.equal(seen.length, 3354)
    t.strictSame(seen, [...new Set(seen)].sort())
  })

  await t.test('are filtered by parent, kind and name', async (t) => {
    const provinces = await get('/v1/regions?kind=province')
    t.equal(provinces.json.items.length, 34)
    t.notOk(provinces.json.next)
    t.strictSame(codes((await get('/v1/regions?parent=50')).json.items), ['5001', '5002'])
    t.equal((await get('/v1/regions?parent=5002')).json.items.length, 12)
    const named = await get(`/v1/regions?name=${encodeURIComponent('城口')}`)
    t.strictSame(named.json.items, [{ code: '500229', name: '城口县', kind: 'county', parent: '5002' }])
    t.strictSame(codes((await get('/v1/regions?kind=countyWholeCity')).json.items), ['441900', '442000', '460400', '620201'])
    t.strictSame((await get('/v1/regions?parent=500229')).json, { items: [] }, 'a county has no regions in it')
  })

  await t.test('a page ends exactly where the list does', async (t) => {
    const whole = await get('/v1/regions?parent=5002&limit=12')
    t.equal(whole.json.items.length, 12)
    t.notOk(whole.json.next)
    const { json } = await get('/v1/regions?parent=5002&limit=11')
    const rest = await get(`/v1/regions?parent=5002&limit=11&cursor=${json.next}`)
    t.equal(rest.json.items.length, 1)
  })

  await t.test('one tells what lies above and below it', async (t) => {
    const { status, json } = await get('/v1/regions/500229')
    t.equal(status, 200)
    t.strictSame(json, {
      code: '500229',
      name: '城口县',
      kind: 'county',
      parent: '5002',
      fullName: '重庆市城口县',
      ancestors: [
        { code: '50', name: '重庆市', kind: 'province' },
        { code: '5002', name: '县', kind: 'prefectureVirtual', parent: '50' },
      ],
      children: [],
      townships: 25,
      expected: 25,
    })
    const henan = (await get('/v1/regions/41')).json
    t.strictSame([henan.fullName, henan.ancestors, [henan.children].flat().length], ['河南省', [], 18])
    t.strictSame([henan.townships, henan.expected], [2586, 2467], 'parks and farms do not report')
    t.equal((await get('/v1/regions/441900')).json.fullName, '广东省东莞市')
    const taiwan = (await get('/v1/regions/71')).json
    t.strictSame([taiwan.children, taiwan.townships, taiwan.expected], [[], 0, 0])
  })

  await t.test('the expected townships of all provinces are those that are not other', async (t) => {
    const { json } = await get('/v1/regions?kind=province')
    let [all, reporting] = [0, 0]
    for (const code of codes(json.items)) {
      const { townships, expected } = (await get(`/v1/regions/${code}`)).json
      all += Number(townships)
      reporting += Number(expected)
    }
    t.strictSame([all, reporting], [41_329, 38_622])
  })

  await t.test('unknown and malformed codes', async (t) => {
    const unknown = await get('/v1/regions/99')
    t.equal(unknown.status, 404)
    t.match(unknown.json, { code: 'unknown-region', detail: 'No region has the code 99' })
    t.match((await get('/v1/regions/999999', { 'accept-language': 'zh' })).json, { detail: '没有代码为 999999 的行政区划' })
    const malformed = await get('/v1/regions/500')
    t.equal(malformed.status, 400)
    t.match(malformed.json.errors, [{ parameter: 'code', code: 'bad-region' }])
    const parent = await get('/v1/regions?parent=99')
    t.equal(parent.status, 400)
    t.match(parent.json.errors, [{ parameter: 'parent', code: 'no-such-region', detail: 'no region has the code 99' }])
  })

  await t.test('every mistake of a query is told', async (t) => {
    const many = await get('/v1/regions?parent=1&kind=village&name=&limit=0&colour=red')
    t.equal(many.status, 400)
    const told = many.json.errors.map(({ parameter, code }) => `${parameter} ${code}`)
    t.strictSame(told.sort(), [
      'colour unknown-parameter',
      'kind not-allowed',
      'limit out-of-range',
      'name too-short',
      'parent bad-region',
    ])
    t.match((await get('/v1/regions?name=%00')).json.errors, [{ parameter: 'name', code: 'bad-text' }])
    t.match((await get('/v1/regions/50?x=1')).json.errors, [{ parameter: 'x', code: 'unknown-parameter' }])
    t.equal((await get('/v1/regions?cursor=abc')).json.code, 'invalid-cursor')
    const { next } = (await get('/v1/regions?limit=1')).json
    t.equal((await get(`/v1/regions?kind=county&cursor=${next}`)).json.code, 'cursor-of-another-filter')
    t.equal((await get(`/v1/townships?cursor=${next}`)).json.code, 'cursor-of-another-filter')
  })
})
