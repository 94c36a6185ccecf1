import { type Test, test } from 'tap'
import { api } from '../support/api.ts'

const gaoguan = {
  code: '500229107',
  name: '高观镇',
  kind: 'town',
  fullName: '重庆市城口县高观镇',
  county: { code: '500229', name: '城口县' },
  prefecture: { code: '5002', name: '县' },
  province: { code: '50', name: '重庆市' },
}
const codes = (items: { code: string }[]) => items.map(({ code }) => code)
const named = (name: string) => `/v1/townships?name=${encodeURIComponent(name)}`

await test('townships', async (t: Test) => {
  const { get, database } = await api(t)

  await t.test('of a region are found', async (t) => {
    const county = await get('/v1/townships?region=500229')
    t.equal(county.status, 200)
    t.equal(county.json.items.length, 25)
    t.notOk(county.json.next)
    t.strictSame(
      county.json.items.find(({ code }) => code === '500229107'),
      gaoguan,
    )
    t.strictSame((await get(`${named('高观')}&region=500229`)).json, { items: [gaoguan] })
  })

  await t.test('are listed in the order of their codes, a page at a time', async (t) => {
    const seen: string[] = []
    let path = '/v1/townships?region=50&limit=1000'
    for (;;) {
      const { json, headers } = await get(path)
      seen.push(...codes(json.items))
      if (json.next === undefined) break
      t.equal(headers.link, `</v1/townships?region=50&limit=1000&cursor=${json.next}>; rel="next"`)
      path = `/v1/townships?region=50&limit=1000&cursor=${json.next}`
    }
    t.equal(seen.length, 1031)
    t.strictSame(seen, [...new Set(seen)].sort())
    t.equal((await get('/v1/townships')).json.items.length, 50)
    t.equal((await get('/v1/townships?limit=1')).json.items[0]?.code, '110101001')
  })

  await t.test('a region is the prefix of its codes, headings included', async (t) => {
    t.equal((await get('/v1/townships?region=5002&limit=1000')).json.items.length, 381)
    t.equal((await get('/v1/townships?region=4690&limit=1000')).json.items.length, 168)
    t.strictSame((await get('/v1/townships?region=71')).json, { items: [] }, 'a province of which no townships are known')
  })

  await t.test('name is any part of the name, taken literally', async (t) => {
    const towns = (await get(`${named('城关镇')}&limit=1000`)).json.items
    t.equal(towns.filter(({ name }) => name === '城关镇').length, 88)
    t.strictSame((await get(named('%'))).json.items, [])
    t.strictSame((await get(named('_'))).json.items, [])
    t.strictSame(codes((await get(named('㵲水'))).json.items), ['522626001'])
    t.strictSame(codes((await get(named('八五〇'))).json.items), ['230381500'])
  })

  await t.test('variants of a character are found by the usual one and shown as they are', async (t) => {
    for (const name of ['祁丰藏族乡', '祁丰蔵族乡']) {
      const { items } = (await get(named(name))).json
      t.match(items, [{ code: '620721205', name: '祁丰蔵族乡', kind: 'ethnicTownship' }])
    }
    for (const name of ['（工业园区）城南', '(工业园区)城南'])
      t.match((await get(named(name))).json.items, [{ code: '220802006', name: '（工业园区）城南街道' }])
  })

  await t.test('are filtered by kind', async (t) => {
    const sumu = (await get('/v1/townships?kind=sumu&limit=1000')).json.items
    t.equal(sumu.length, 153)
    const [ethnic] = (await get('/v1/townships?kind=ethnicSumu')).json.items
    t.match(ethnic, { code: '150725201', name: '鄂温克民族苏木', kind: 'ethnicSumu' })
  })

  await t.test('one is read by its code, its name composed without headings', async (t) => {
    t.strictSame((await get('/v1/townships/500229107')).json, gaoguan)
    const cangtou = (await get('/v1/townships/410423209')).json
    t.match(cangtou, { name: '仓头乡', kind: 'township', fullName: '河南省平顶山市鲁山县仓头乡' })
    t.equal((await get('/v1/townships/441900110')).json.fullName, '广东省东莞市常平镇')
  })

  await t.test('a closed one answers, and validOn says when it was in use', async (t) => {
    await database.pool.query(`update townships set valid_from = '2001-01-01', valid_to = '2024-06-30' where code = '500229106'`)
    t.match((await get('/v1/townships/500229106')).json, { validFrom: '2001-01-01', validTo: '2024-06-30' })
    const on = async (day: string) => codes((await get(`/v1/townships?region=500229&validOn=${day}`)).json.items)
    t.ok((await on('2024-06-30')).includes('500229106'), 'its last day')
    t.notOk((await on('2024-07-01')).includes('500229106'))
    t.ok((await on('2001-01-01')).includes('500229106'), 'its first day')
    t.notOk((await on('2000-12-31')).includes('500229106'))
    t.equal((await on('2024-07-01')).length, 24)
    t.equal((await get('/v1/townships?region=500229')).json.items.length, 25)
    t.match((await get('/v1/regions/500229')).json, { townships: 24, expected: 24 })
  })

  await t.test('unknown and malformed codes', async (t) => {
    const unknown = await get('/v1/townships/500229999')
    t.equal(unknown.status, 404)
    t.match(unknown.json, { code: 'unknown-township', detail: 'No township has the code 500229999' })
    const eight = await get('/v1/townships/50022910')
    t.equal(eight.status, 400)
    t.match(eight.json.errors, [{ parameter: 'code', code: 'bad-township' }])
    const twelve = await get('/v1/townships/500229107000')
    t.match(twelve.json.errors, [{ parameter: 'code', code: 'bad-township', detail: /use the first 9: 500229107$/ }])
    const chinese = await get('/v1/townships/500229107000', { 'accept-language': 'zh' })
    t.match(chinese.json.errors, [{ detail: /请取前 9 位：500229107$/ }])
    const region = await get('/v1/townships?region=500299')
    t.equal(region.status, 400)
    t.match(region.json.errors, [{ parameter: 'region', code: 'no-such-region', detail: 'no region has the code 500299' }])
  })

  await t.test('every mistake of a query is told', async (t) => {
    const many = await get('/v1/townships?region=5&kind=village&validOn=2024-02-30&limit=1001&size=2')
    t.equal(many.status, 400)
    const told = many.json.errors.map(({ parameter, code }) => `${parameter} ${code}`)
    t.strictSame(told.sort(), [
      'kind not-allowed',
      'limit out-of-range',
      'region bad-region',
      'size unknown-parameter',
      'validOn bad-format',
    ])
    t.match((await get('/v1/townships?validOn=0000-01-01')).json.errors, [{ parameter: 'validOn', code: 'bad-format' }])
    t.match((await get(named('\0'))).json.errors, [{ parameter: 'name', code: 'bad-text' }])
    t.match((await get(named('镇'.repeat(51)))).json.errors, [{ parameter: 'name', code: 'too-long' }])
    t.match((await get('/v1/townships?limit=x')).json.errors, [{ parameter: 'limit' }])
    t.match((await get('/v1/townships/500229107?x=1')).json.errors, [{ parameter: 'x', code: 'unknown-parameter' }])
    t.equal((await get('/v1/townships?cursor=abc')).json.code, 'invalid-cursor')
    const { next } = (await get('/v1/townships?region=50&limit=1')).json
    t.equal((await get(`/v1/townships?region=51&limit=1&cursor=${next}`)).json.code, 'cursor-of-another-filter')
  })
})
