/** What browsers are told, by every answer and to pages of other origins. */
import { test } from 'tap'
import { api } from '../support/api.ts'

const record = '/v1/disputes/410423209/2024'

await test('answers are no pages, are not sniffed, and are kept by nobody in between', async (t) => {
  const service = await api(t)
  await service.put(record, { figures: { identified: 1 } })
  for (const path of [record, '/v1/disputes', '/v1/nothing', '/v1/disputes?limit=x', '/livez']) {
    t.match((await service.get(path)).headers, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'private, no-cache',
      'strict-transport-security': undefined,
      'access-control-allow-origin': undefined,
    })
  }
  const etag = (await service.get(record)).headers.etag ?? ''
  t.match(await service.get(record, { 'if-none-match': etag }), {
    status: 304,
    headers: { 'cache-control': 'private, no-cache' },
  })
})

await test('the page of the documentation may load from its own server alone', async (t) => {
  const { app } = await api(t)
  const page = await app.inject({ url: '/docs' })
  const policy = String(page.headers['content-security-policy'])
  const allowed = new Map(policy.split(/; */).map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1)]))
  t.same(allowed.get('default-src'), ["'none'"])
  t.same(allowed.get('script-src'), ["'self'"])
  t.same(allowed.get('connect-src'), ["'self'"], 'which is where “Try it out” asks')
  t.notMatch(policy, /https?:/)
  t.notMatch(page.body, /<script(?![^>]*\bsrc=)[^>]*>|<[^>]*\son\w+=/, 'no script stands in the page itself')
  const kinds: [RegExp, string][] = [
    [/<script[^>]+src="([^"]+)"/g, 'script-src'],
    [/<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"|<link[^>]+href="([^"]+\.css)"/g, 'style-src'],
    [/<link[^>]+rel="icon"[^>]+href="([^"]+)"/g, 'img-src'],
  ]
  for (const [tag, kind] of kinds) {
    const addresses = [...page.body.matchAll(tag)].map((match) => match[1] ?? match[2] ?? '')
    t.ok(addresses.length > 0, kind)
    t.ok(allowed.get(kind)?.includes("'self'"))
    for (const address of addresses) t.notMatch(address, /^(https?:)?\/\//)
  }
  const css = (await app.inject({ url: '/docs/static/swagger-ui.css' })).body
  for (const [, address = ''] of css.matchAll(/url\(["']?([^"')]+)/g))
    t.match(address, /^data:image/, 'icons stand in the style sheet')
  t.equal((await app.inject({ url: '/docs/static/swagger-ui-bundle.js' })).headers['content-security-policy'], policy)
})

await test('pages of origins that are listed may call, others may not', async (t) => {
  const service = await api(t, { corsOrigins: ['https://data.example.gov.cn', 'http://localhost:8080'] })
  const from = async (origin: string, headers = {}) => (await service.get('/v1/disputes', { origin, ...headers })).headers
  for (const origin of ['https://data.example.gov.cn', 'http://localhost:8080']) {
    const headers = await from(origin)
    t.equal(headers['access-control-allow-origin'], origin)
    t.equal(headers['access-control-allow-credentials'], undefined)
    const exposed = headers['access-control-expose-headers']?.split(/, */) ?? []
    for (const name of ['ETag', 'Link', 'Location', 'RateLimit', 'Retry-After', 'X-Request-Id', 'Export-Token', 'Settled-Until'])
      t.ok(exposed.includes(name), name)
    t.match(headers.vary, /Accept, Origin/, 'a cache keeps the answers of origins apart')
  }
  t.equal((await from('https://evil.example'))['access-control-allow-origin'], undefined)
  const problem = await service.get('/v1/nothing', { origin: 'http://localhost:8080' })
  t.match(problem, { status: 404, headers: { 'access-control-allow-origin': 'http://localhost:8080', vary: /Origin/ } })

  const preflight = await service.app.inject({
    method: 'OPTIONS',
    url: record,
    headers: {
      origin: 'http://localhost:8080',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization,content-type,if-match',
    },
  })
  t.equal(preflight.statusCode, 204)
  t.match(preflight.headers['access-control-allow-methods'], /PUT/)
  t.match(preflight.headers['access-control-allow-headers'], /authorization.*if-match/)
})

await test('without the setting a preflight is an OPTIONS as any other', async (t) => {
  const { app } = await api(t)
  const headers = { origin: 'https://data.example.gov.cn', 'access-control-request-method': 'PUT' }
  const answer = await app.inject({ method: 'OPTIONS', url: record, headers })
  t.match(answer, { statusCode: 405, headers: { 'access-control-allow-origin': undefined } })
})
