/** Keys: issued once, listed without themselves, replaced and revoked; and how long one is believed. */
import { createHash } from 'node:crypto'
import { test } from 'tap'
import { api } from '../support/api.ts'
import { asAdmin, bearer } from '../support/keys.ts'

const record = '/v1/disputes/410423209/2024'
const figures = { figures: { identified: 1 } }

await test('a key is shown once, and only its hash is kept', async (t) => {
  const service = await api(t)
  const asked = { name: '鲁山县司法局', role: 'reporter', region: '410423', expiresAt: '2099-01-01T00:00:00.000Z' }
  const issued = await service.post('/v1/api-keys', asked)
  t.equal(issued.status, 201)
  t.equal(issued.headers['cache-control'], 'no-store')
  const key = String(issued.json.key)
  t.match(key, /^trlr_[\w-]{43}$/)
  t.match(issued.json, { ...asked, state: 'active', createdBy: 'admin', hint: key.slice(0, 9) })
  const found = await service.get(String(issued.headers.location))
  const { key: _, ...rest } = issued.json
  t.strictSame(found.json, rest)
  t.notMatch((await service.get('/v1/api-keys')).text, key)
  const { rows } = await service.database.pool.query('select * from api_keys where id = $1', [issued.json.id])
  t.equal(rows[0].hash.toString('hex'), createHash('sha256').update(key).digest('hex'))
  t.notMatch(JSON.stringify(rows), key, 'it is nowhere in the database')

  t.match((await service.put(record, figures, bearer(key))).json, { revision: 1, updatedBy: '鲁山县司法局' })
  t.match((await service.get(`/v1/api-keys/${issued.json.id}`)).json.lastUsedAt, /Z$/)
})

await test('what cannot be issued is told at once', async (t) => {
  const service = await api(t)
  const wrong = { name: ' ', role: 'owner', region: '41042', colour: 1 }
  t.same((await service.post('/v1/api-keys', wrong)).json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(), [
    '/colour unknown-property',
    '/name bad-key-name',
    '/region bad-place',
    '/role not-allowed',
  ])
  for (const name of ['王敏 <u-1>', '<u-1>', 'a\nb'])
    t.match((await service.post('/v1/api-keys', { name, role: 'reader' }, { 'accept-language': 'zh' })).json.errors, [
      { pointer: '/name', code: 'bad-key-name', detail: /不得含 < 或 >/ },
    ])
  const unreal = { name: '某县', role: 'reader', region: '419999', expiresAt: '2020-01-01T00:00:00Z' }
  t.same((await service.post('/v1/api-keys', unreal)).json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(), [
    '/expiresAt too-early',
    '/region not-a-place',
  ])
  // In UTC these have a year of five digits, which no instant of RFC 3339 has.
  for (const expiresAt of ['9999-12-31T23:59:60Z', '9999-12-31T23:59:59-14:00'])
    t.match((await service.post('/v1/api-keys', { name: '某县', role: 'reader', expiresAt })).json.errors, [
      { pointer: '/expiresAt', code: 'too-late' },
    ])
  const leap = { name: '某县', role: 'reader', expiresAt: '2098-12-31T23:59:60Z' }
  t.match((await service.post('/v1/api-keys', leap)).json, { expiresAt: '2099-01-01T00:00:00.000Z' })
  const regional = await service.as('admin', '41')
  t.match((await service.post('/v1/api-keys', { name: '全国', role: 'reader' }, regional)).json, {
    status: 403,
    code: 'country-only',
  })
  t.equal((await service.post('/v1/api-keys', { name: '某县', role: 'admin', region: '410423' }, regional)).status, 201)
})

await test('a revoked key ends at once; revoking it again changes nothing', async (t) => {
  const service = await api(t)
  const { json } = await service.post('/v1/api-keys', { name: '某县', role: 'reporter', region: '410423' })
  const headers = bearer(String(json.key))
  t.equal((await service.put(record, figures, headers)).status, 201)
  for (const reason of ['离职', '再次'])
    t.equal((await service.del(`/v1/api-keys/${json.id}?reason=${encodeURIComponent(reason)}`)).status, 204)
  const refused = await service.put(record, { figures: { identified: 2 } }, headers)
  t.match(refused.json, { status: 401, code: 'key-revoked' })
  t.equal(refused.headers['www-authenticate'], 'Bearer realm="register", error="invalid_token"')
  t.match((await service.get(`/v1/api-keys/${json.id}`)).json, { state: 'revoked', revokedBy: 'admin' })
  const entries = (await service.get('/v1/audit?operation=revokeKey')).json.items
  t.match(entries, [{ reason: '离职', target: `api-keys/${json.id}` }])
  t.equal(entries.length, 1)
})

await test('a key is replaced: at once, or while the old one stays for some time', async (t) => {
  const service = await api(t)
  const old = (await service.post('/v1/api-keys', { name: '某县', role: 'reporter', region: '410423' })).json
  const until = '2098-01-01T00:00:00.000Z'
  const second = (await service.post(`/v1/api-keys/${old.id}/rotate`, { oldValidUntil: until })).json
  t.match(second, { name: '某县', role: 'reporter', region: '410423', state: 'active' })
  for (const key of [old.key, second.key]) t.equal((await service.get(record, bearer(String(key)))).json.code, 'record-absent')
  t.equal((await service.get(`/v1/api-keys/${old.id}`)).json.expiresAt, until)
  const third = (await service.post(`/v1/api-keys/${second.id}/rotate`, {})).json
  t.equal((await service.get(record, bearer(String(second.key)))).json.code, 'key-revoked')
  t.equal((await service.get(record, bearer(String(third.key)))).json.code, 'record-absent')
  const again = (id: unknown) => service.post(`/v1/api-keys/${id}/rotate`, { oldValidUntil: until })
  t.match(
    (await again(old.id)).json,
    { status: 409, code: 'key-replaced', detail: new RegExp(`by ${second.id};`) },
    'still valid',
  )
  t.match((await again(second.id)).json, { status: 409, code: 'key-replaced', detail: new RegExp(`by ${third.id};`) })
  t.equal((await service.get(`/v1/api-keys/${old.id}`)).json.replacedBy, second.id)
  const gone = (await service.post('/v1/api-keys', { name: '某县', role: 'reader' })).json
  await service.del(`/v1/api-keys/${gone.id}`)
  t.match((await again(gone.id)).json, { status: 409, code: 'key-not-active' })
  const both = await Promise.all([1, 2].map(() => service.post(`/v1/api-keys/${third.id}/rotate`, {})))
  t.same(both.map(({ status }) => status).sort(), [201, 409], 'of two at once one does')
  const targets = (await service.get('/v1/audit?operation=rotateKey')).json.items.map(({ target }) => target)
  t.same(
    targets.slice(-2),
    [second, old].map(({ id }) => `api-keys/${id}`),
    'the audit tells of both keys',
  )
})

await test('a successor ends when the old key was to end, unless another time is given', async (t) => {
  const service = await api(t)
  const [ends, sooner, later] = ['2099-01-01', '2098-01-01', '2100-01-01'].map((day) => `${day}T00:00:00.000Z`)
  const asked = { name: '某县', role: 'reporter', region: '410423', expiresAt: ends }
  const old = (await service.post('/v1/api-keys', asked)).json
  const second = (await service.post(`/v1/api-keys/${old.id}/rotate`, { oldValidUntil: sooner })).json
  t.equal(second.expiresAt, ends)
  t.equal((await service.post(`/v1/api-keys/${second.id}/rotate`, { expiresAt: later })).json.expiresAt, later)
  const other = (await service.post('/v1/api-keys', asked)).json
  const bare = await service.app.inject({ method: 'POST', url: `/v1/api-keys/${other.id}/rotate`, headers: asAdmin })
  t.match([bare.statusCode, bare.json()], [201, { name: '某县', expiresAt: ends }], 'without a body')
  const empty = { ...asAdmin, 'content-length': '0' }
  const third = (await service.post('/v1/api-keys', asked)).json
  const sent = await service.app.inject({ method: 'POST', url: `/v1/api-keys/${third.id}/rotate`, headers: empty })
  t.equal(sent.statusCode, 201, 'as clients send none')
  const wrong = await service.post('/v1/api-keys', { ...asked, expiresAt: '2099-12-31' }, { 'accept-language': 'zh' })
  t.same(
    wrong.json.errors.map(({ detail }) => detail),
    ['不是有效的时间（含时区，如 2025-03-01T16:00:00+08:00）'],
    'one mistake, told once and in words',
  )
})

await test('keys are listed in pages; an administrator of a region sees those of the region', async (t) => {
  const service = await api(t)
  const regional = await service.as('admin', '41')
  for (const region of ['410423', '410423209', '500229']) await service.as('reader', region)
  const names = async (headers = {}) => {
    const found: string[] = []
    for (let path = '/v1/api-keys?limit=2'; path !== ''; ) {
      const { json, headers: answered } = await service.get(path, headers)
      found.push(...json.items.map(({ name }) => name))
      path = /<([^>]+)>/.exec(answered.link ?? '')?.[1] ?? ''
    }
    return found
  }
  t.same(await names(), ['reader 500229', 'reader 410423209', 'reader 410423', 'admin 41', 'admin'])
  t.same(await names(regional), ['reader 410423209', 'reader 410423', 'admin 41'])
})

await test('anyone may read where reads are public, and a wrong key is wrong all the same', async (t) => {
  const service = await api(t, { publicReads: true })
  await service.put(record, figures)
  const none = { authorization: '' }
  t.equal((await service.get(record, none)).status, 200)
  t.equal((await service.get('/v1/disputes?format=csv', none)).status, 200)
  t.equal((await service.put(record, figures, none)).json.code, 'credentials-required')
  t.equal((await service.get('/v1/audit', none)).json.code, 'credentials-required')
  t.equal((await service.get(record, { authorization: 'Bearer x' })).json.code, 'credentials-invalid')
})
