import { test } from 'tap'
import { api } from '../support/api.ts'

const longxia = { code: '500229115', name: '龙峡镇', validFrom: '2025-01-01' }
const gaoguan = '/v1/townships/500229107'

await test('a township is created, of the kind that its code and name tell', async (t) => {
  const { get, post, put } = await api(t)
  const created = await post('/v1/townships', longxia)
  t.equal(created.status, 201)
  t.equal(created.headers.location, '/v1/townships/500229115')
  t.match(created.json, { ...longxia, kind: 'town', fullName: '重庆市城口县龙峡镇' })
  const read = await get('/v1/townships/500229115')
  t.strictSame(read.json, created.json)
  t.equal(read.headers.etag, created.headers.etag)
  t.equal((await put('/v1/disputes/500229115/2025', { figures: {} })).status, 201, 'and may report')

  const again = await post('/v1/townships', longxia)
  t.match([again.status, again.json.code], [409, 'township-exists'])
  await put('/v1/townships/500229115', { name: '龙峡镇', validFrom: '2025-01-01', validTo: '2025-06-30' })
  const used = await post('/v1/townships', { ...longxia, name: '另一镇' }, { 'accept-language': 'zh' })
  t.match([used.status, used.json.code], [409, 'code-used-before'])
  t.equal(used.json.detail, '500229115 使用至 2025-06-30，停用的代码不再启用')
})

await test('a township that cannot be is refused', async (t) => {
  const { post } = await api(t)
  const nowhere = await post('/v1/townships', { ...longxia, code: '500299115' })
  t.match(nowhere.json, {
    status: 400,
    errors: [{ pointer: '/code', code: 'no-such-region', detail: 'no region has the code 500299' }],
  })
  const many = await post('/v1/townships', { code: '500229115000', name: '', validFrom: '0204-01-01', kind: 'town' })
  t.strictSame(many.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(), [
    '/code bad-township',
    '/kind unknown-property',
    '/name bad-format',
    '/name too-short',
    '/validFrom bad-format',
  ])
  t.strictSame(
    (await post('/v1/townships', {})).json.errors.map(({ code }) => code),
    ['required', 'required', 'required'],
  )
})

await test('of two that create the same code at once one does', async (t) => {
  const { post } = await api(t)
  const results = await Promise.all([1, 2, 3].map(() => post('/v1/townships', longxia)))
  t.strictSame(
    results.map(({ status }) => status).sort((a, b) => a - b),
    [201, 409, 409],
  )
})

await test('a township is replaced', async (t) => {
  const { get, put, post } = await api(t)
  const before = await get(gaoguan)

  await t.test('what was read may be sent back and changes nothing', async (t) => {
    await post('/v1/townships/500229201/successions', {
      kind: 'merge',
      effectiveOn: '2020-01-01',
      successors: [{ code: '500229107' }],
    })
    for (const path of [gaoguan, '/v1/townships/500229201']) {
      const read = await get(path)
      const back = await put(path, read.json, { 'if-match': read.headers.etag ?? '' })
      t.equal(back.status, 200)
      t.strictSame(back.json, read.json)
      t.equal(back.headers.etag, read.headers.etag)
    }
  })

  await t.test('only where it is still what was seen', async (t) => {
    t.equal((await put(gaoguan, { name: '高观' }, { 'if-match': before.headers.etag ?? '' })).status, 412)
    t.equal((await put(gaoguan, { name: '高观' }, { 'if-none-match': '*' })).status, 412)
    t.equal((await put(gaoguan, { name: '高观镇' }, { 'if-match': '*' })).status, 200)
    const { etag = '' } = (await get(gaoguan)).headers
    const known = await get(gaoguan, { 'if-none-match': etag })
    t.match([known.status, known.text], [304, ''])
  })

  await t.test('a changed name is kept as a former one, and one that lasted no day is not', async (t) => {
    t.match((await put(gaoguan, { name: '高官镇' })).json, { name: '高官镇', formerNames: [{ name: '高观镇', validTo: /^20/ }] })
    t.match((await put(gaoguan, { name: '高冠镇' })).json.formerNames, [{ name: '高观镇' }])
    t.notOk((await put(gaoguan, { name: '高观镇' })).json.formerNames)
  })

  await t.test('it is closed, and opened again only as itself', async (t) => {
    const closed = await put('/v1/townships/500229110', { name: '咸宜镇', validTo: '2024-12-31' })
    t.equal(closed.json.validTo, '2024-12-31')
    t.match((await get('/v1/regions/500229')).json, { townships: 23 })
    t.equal((await put('/v1/townships/500229110', { name: '别的镇' })).json.code, 'code-used-before')
    t.notOk((await put('/v1/townships/500229110', { name: '咸宜镇' })).json.validTo)
  })

  await t.test('what its successions need stays', async (t) => {
    const conflict = async (path: string, body: object) => (await put(path, body)).json.code
    t.equal(await conflict('/v1/townships/500229201', { name: '龙田乡' }), 'succession-conflict', 'it became another')
    t.equal(await conflict('/v1/townships/500229201', { name: '龙田乡', validTo: '2020-12-31' }), 'succession-conflict')
    t.equal(await conflict(gaoguan, { name: '高观镇', validTo: '2019-06-30' }), 'succession-conflict', 'it took another in later')
    t.equal(await conflict(gaoguan, { name: '高观镇', validFrom: '2020-06-30' }), 'succession-conflict')
  })

  await t.test('mistakes are told', async (t) => {
    const { json } = await put(gaoguan, { code: '500229108', name: '高观镇', validFrom: '2024-01-01', validTo: '2023-12-30' })
    t.match(json.errors, [
      { pointer: '/code', code: 'not-the-path' },
      { pointer: '/validTo', code: 'too-early' },
    ])
    t.equal((await put('/v1/townships/500229999', { name: '镇' })).status, 404)
    t.equal((await put(gaoguan, '{', { 'content-type': 'text/plain' })).status, 415)
  })
})
