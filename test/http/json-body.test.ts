/** Bodies of JSON: what cannot be read, what would be changed in silence, what is too much. */
import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { test } from 'tap'
import { api } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'

const path = '/v1/disputes/410423209/2025'

await test('JSON that cannot be read: the reason in English, the place in Chinese', async (t) => {
  const service = await api(t)
  const malformed: [text: string, words: RegExp, wordsZh: RegExp][] = [
    ['{"figures":', /Unexpected end of JSON input/, /内容不完整/],
    ['', /empty/, /内容为空/],
    ['{"figures":\n {a}}', /Expected property name/, /第 2 行第 3 个字符处有误/],
    ['{"figures":}', /Unexpected token/, /第 12 个字符处有误/],
  ]
  for (const [text, words, wordsZh] of malformed) {
    t.match((await service.put(path, text)).json.detail, words)
    const chinese = (await service.put(path, text, { 'accept-language': 'zh' })).json.detail
    t.match(chinese, wordsZh)
    t.notMatch(chinese, /[Uu]nexpected|Expected/)
  }
})

await test('a body deeper than any is refused for its form, whatever number is at its end', async (t) => {
  const service = await api(t)
  const deep = (depth: number) => `${'['.repeat(depth)}12345678901234567890${']'.repeat(depth)}`
  for (const body of [deep(20), deep(50_000), `{"figures":{},"others":${deep(50_000)}}`]) {
    const { status, json } = await service.put(path, body)
    t.equal(status, 400, json.detail)
  }
  const endless = await service.put(path, `{"figures":{"identified":1${'0'.repeat(500_000)}1e-${'9'.repeat(200_000)}}}`)
  t.match(endless.json.errors, [{ pointer: '/figures/identified', code: 'too-many-digits' }])
  t.match((await service.put(path, deep(50_000))).json.errors, [{ pointer: '', code: 'too-deep', detail: /32 levels/ }])
  const rows = `${deep(50_000)}\n{"category":"disputes","township":"410423209","period":"2024","figures":{},"others":${deep(500)}}\n`
  const headers = { 'content-type': 'application/x-ndjson' }
  const file = await service.request('POST', '/v1/imports', rows, headers)
  t.match(file.json.errors, [
    { row: 1, code: 'too-deep' },
    { row: 2, code: 'too-deep' },
  ])
  const sheet = `township,period,others\n410423209,2024,"${deep(5000)}"\n`
  const cell = await service.request('POST', '/v1/imports?category=disputes', sheet, { 'content-type': 'text/csv' })
  t.match(cell.json.errors, [{ row: 2, column: 'others', code: 'too-deep' }])
})

await test('texts that are none are refused wherever they stand', async (t) => {
  const service = await api(t)
  for (const path of [
    '/v1/audit?actor=%00',
    '/v1/audit?format=ndjson&actor=a%00',
    '/v1/townships?name=%00',
    '/v1/disputes?region=%00',
  ])
    t.match((await service.get(path)).json, { status: 400, code: 'invalid-request' }, path)
  const row = '{"category":"disputes","township":"410423209","period":"2024","figures":{}}\n'
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const named = await service.request('POST', '/v1/imports?fileName=%00', row, ndjson)
  t.match(named.json.errors, [{ parameter: 'fileName', code: 'bad-text' }])
  const disposed = { ...ndjson, 'content-disposition': "attachment; filename*=utf-8''a%00b.ndjson" }
  const { json } = await service.request('POST', '/v1/imports', row, disposed)
  t.equal((await service.get(`/v1/imports/${String(json.id)}`)).json.fileName, 'ab.ndjson')
  for (const [at, body] of [
    ['/v1/api-keys', '{"name":"\\ud800","role":"reader"}'],
    ['/v1/periods/2024/close', '{"reason":"a\\ud800b"}'],
    ['/v1/periods/2024/close', '{"reason":"a\\u0000b"}'],
  ] as const)
    t.match((await service.post(at, body)).json.errors, [{ code: 'bad-text' }], at)
  t.equal(
    (await service.post('/v1/periods/2024/close', '{"reason":"\\ud83d\\ude00 \\\\u0000"}')).status,
    200,
    'what only looks like one',
  )
})

await test('bytes of another encoding are refused, and never replaced', async (t) => {
  const service = await api(t)
  const payload = iconv.encode('{"figures":{},"others":[{"label":"镇","unit":"件","value":1}]}', 'gbk')
  const put = async (type: string) => {
    const { statusCode, body } = await service.app.inject({
      method: 'PUT',
      url: path,
      payload,
      headers: { ...asAdmin, 'content-type': type },
    })
    return [statusCode, JSON.parse(body).code]
  }
  t.same(await put('application/json'), [400, 'malformed-json'])
  t.same(await put('application/json; charset=gbk'), [415, 'unsupported-media-type'])
  t.equal((await service.get(path)).status, 404)
  const rare = await service.put(path, { figures: {}, others: [{ label: '𠮷䶮', unit: '件', value: 1 }] })
  t.equal(rare.status, 201, 'characters beyond the first plane are characters')
})

await test('a body as gzip is read as any other, and what it inflates to is limited', async (t) => {
  const service = await api(t)
  const send = async (method: 'PUT' | 'PATCH', payload: Buffer, encoding = 'gzip') => {
    const type = method === 'PUT' ? 'application/json' : 'application/merge-patch+json'
    const headers = { ...asAdmin, 'content-type': type, 'content-encoding': encoding }
    const answer = await service.app.inject({ method, url: path, payload, headers })
    return { status: answer.statusCode, headers: answer.headers, json: answer.body && JSON.parse(answer.body) }
  }
  const body = gzipSync(JSON.stringify({ figures: { identified: 7 } }))
  t.equal((await send('PUT', body)).status, 201)
  t.equal((await send('PUT', body, 'x-gzip')).status, 200)
  t.match(await send('PATCH', gzipSync('{"figures":{"accepted":6}}')), { status: 200, json: { revision: 2 } })
  t.match(await send('PUT', body.subarray(0, -9)), { status: 400, json: { code: 'malformed-gzip' } })
  t.match(await send('PUT', gzipSync('{"figures":')), { status: 400, json: { code: 'malformed-json' } })
  const bomb = gzipSync(`{"figures":{}${' '.repeat(1_048_576)}}`)
  t.match(await send('PUT', bomb), { status: 413, json: { code: 'body-too-large', detail: /1048576/ } })
  t.match(await send('PUT', body, 'deflate'), {
    status: 415,
    headers: { 'accept-encoding': 'gzip' },
    json: { code: 'unsupported-encoding', detail: /deflate/ },
  })
  t.same((await service.get(path)).json.figures, { identified: 7, accepted: 6 })
})
