/** How often one may ask: what every answer says of it, who is refused for how long, and that nobody is kept waiting for another. */

import { drizzle } from 'drizzle-orm/node-postgres'
import fc from 'fast-check'
import Fastify from 'fastify'
import { type Test, test } from 'tap'
import answers from '../../src/http/answers.ts'
import { networkOf, rateLimitOf, throttleOf } from '../../src/http/throttle.ts'
import { identities } from '../../src/v1/identities.ts'
import { api } from '../support/api.ts'
import { issuer } from '../support/issuer.ts'
import { bearer } from '../support/keys.ts'
import { until } from '../support/process.ts'
import { holds } from '../support/properties.ts'

await test('every answer says what is left; over the limit it is a 429 that says how long to wait', async (t) => {
  const service = await api(t, { rateLimit: 3 })
  for (const left of [2, 1, 0]) {
    const { status, headers } = await service.get('/v1/periods')
    t.equal(status, 200)
    t.match(headers, { 'ratelimit-policy': '"minute";q=3;w=60', ratelimit: `"minute";r=${left};t=60` })
  }
  const [english, chinese] = [await service.get('/v1/periods'), await service.get('/v1/periods', { 'accept-language': 'zh' })]
  for (const { status, headers, json } of [english, chinese]) {
    t.equal(status, 429)
    t.match(headers, {
      'retry-after': /^(59|60)$/,
      ratelimit: /^"minute";r=0;t=(59|60)$/,
      'content-type': /^application\/problem\+json/,
    })
    t.equal(json.code, 'too-many-requests')
  }
  t.match(english.json.detail, /At most 3 requests a minute; try again in (59|60) s/)
  t.match(chinese.json.detail, /每分钟最多 3 次请求/)
  const put = await service.put('/v1/disputes/410423209/2024', { figures: {} })
  t.equal(put.status, 429)
  const { rows } = await service.database.pool.query('select from record_revisions')
  t.equal(rows.length, 0, 'nothing was written')
  // Nobody is asked for a key there, so it is the address that is counted.
  for (let request = 0; request < 3; request++) await service.get('/v1/nothing')
  t.equal((await service.get('/v1/nothing')).status, 429, 'addresses without a route are counted as well')
  for (const probe of ['/livez', '/readyz']) {
    const { status, headers } = await service.get(probe)
    t.same([status, headers.ratelimit], [200, undefined], 'a probe is never refused')
  }
})

await test('what is refused counts as well: as its caller’s, or its address’s where there is none; of 429 the first is kept', async (t) => {
  const service = await api(t, { rateLimit: 3 })
  const county = await service.as('reporter', '410423')
  const told = async (headers: Record<string, string>, path = '/v1/audit') => {
    const { status, headers: answered } = await service.get(path, headers)
    return `${status} ${/r=\d+/.exec(answered.ratelimit ?? '')?.[0]}`
  }
  const [none, basic, wrong] = ['', 'Basic eDp5', `Bearer trlr_${'x'.repeat(43)}`].map((authorization) => ({ authorization }))
  for (const expected of ['403 r=2', '403 r=1', '403 r=0', '429 r=0', '429 r=0']) t.equal(await told(county), expected)
  for (const [headers, expected] of [
    [none, '401 r=2'],
    [basic, '401 r=1'],
    [wrong, '401 r=0'],
    [wrong, '429 r=0'],
    [basic, '429 r=0'],
  ] as const)
    t.equal(await told(headers ?? {}), expected)
  const kept = async () => (await service.database.pool.query(`select problem from audit where outcome = 'refused'`)).rows.length
  await until('what was refused before the limit is kept', async () => (await kept()) >= 7)
  await service.get('/livez')
  t.equal(await kept(), 7, 'three of the key, two of the address, and the first too many of each')
})

const unknown = (number: number) => bearer(`trlr_${String(number).padStart(43, 'x')}`)

await test('many guesses at once are no more than one after another', async (t) => {
  const service = await api(t, { authFailures: 5 })
  const sent = async (headers: Record<string, string>[]) => {
    const answers = await Promise.all(headers.map((each) => service.get('/v1/periods', each)))
    return [200, 401, 429].map((status) => answers.filter((answer) => answer.status === status).length)
  }
  const keys = await Promise.all(Array.from({ length: 12 }, () => service.as('reader')))
  t.same(await sent(keys), [12, 0, 0], 'right keys that nobody knows yet wait for one another')
  t.same(await sent(Array.from({ length: 100 }, (_, number) => unknown(number))), [0, 5, 95])
  const other = await api(t, { authFailures: 5 })
  const same = await Promise.all(Array.from({ length: 20 }, () => other.get('/v1/periods', unknown(1))))
  t.equal(same.filter(({ status }) => status === 401).length, 5, 'one guess sent many times counts as often')
})

await test('who is right is let in while another of the same address guesses, keys being revoked or not', async (t) => {
  const provider = await issuer(t)
  const identityProvider = {
    issuer: provider.origin(),
    audience: 'register',
    roleClaim: 'role',
    regionClaim: 'region',
    skew: 30,
  }
  const service = await api(t, { authFailures: 2, identityProvider })
  const token = bearer(await provider.token({ role: 'reader' }))
  const status = async (headers: Record<string, string>) => (await service.get('/v1/periods', headers)).status
  const [reader, unseen] = [await service.as('reader'), await service.as('reader')]
  const { json } = await service.post('/v1/api-keys', { name: '某县', role: 'reader' })
  const revoked = bearer(String(json.key))
  for (const headers of [token, reader, revoked]) t.equal(await status(headers), 200)
  for (const number of [1, 2]) t.equal(await status(unknown(number)), 401)
  t.equal((await service.del(`/v1/api-keys/${json.id}`)).status, 204)
  for (const headers of [token, reader]) t.equal(await status(headers), 200)
  t.equal((await service.get('/v1/periods')).status, 200, 'he who revokes as well')
  t.same([await status(revoked), await status(revoked)], [401, 429], 'what was revoked is a stranger’s')
  t.same(
    [await status(unseen), await status(bearer(await provider.token({ role: 'admin' })))],
    [200, 200],
    'right, if never seen',
  )
  t.same([await status(unknown(3)), await status({ authorization: 'Basic eDp5' })], [429, 429])
})

await test('what is looked up while a key is revoked is not believed afterwards', async (t) => {
  const { database, ...service } = await api(t)
  const { json } = await service.post('/v1/api-keys', { name: '某县', role: 'reader' })
  const key = String(json.key)
  // The answer of the first lookup is held back until the key was revoked.
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let lookups = 0
  const pool = new Proxy(database.pool, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'query' || typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        const answer: unknown = await Reflect.apply(value, target, args)
        if (JSON.stringify(args).includes('from \\"api_keys\\"') && lookups++ === 0) await held
        return answer
      }
    },
  })
  const { identify, forget } = identities({ ...database, pool, orm: drizzle(pool) }, throttleOf(0))
  const first = Promise.resolve(identify(key, '192.0.2.1'))
  await until('the key was read', async () => lookups === 1)
  t.equal((await service.del(`/v1/api-keys/${json.id}`)).status, 204)
  forget(Number(json.id))
  release()
  t.match(await first, { actor: '某县' }, 'it was asked before')
  await t.rejects(async () => identify(key, '192.0.2.1'), { code: 'key-revoked' })
})

await test('a credential of no known form is a failed one', async (t) => {
  const service = await api(t, { authFailures: 2 })
  const codes: string[] = []
  for (const authorization of ['Basic eDp5', 'Token x', 'Bearer a b'])
    codes.push((await service.get('/v1/periods', { authorization })).json.code)
  t.same(codes, ['credentials-invalid', 'credentials-invalid', 'too-many-failures'])
})

await test('without a limit nothing is said and nothing refused', async (t) => {
  const service = await api(t, { rateLimit: 0 })
  const { status, headers } = await service.get('/v1/periods')
  t.same([status, headers.ratelimit, headers['ratelimit-policy']], [200, undefined, undefined])
})

/** A server with nothing but the limit, whose clock the test turns. */
async function counted(t: Test, limit: number) {
  let now = 0
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(answers, { failureOf: () => undefined })
  const rateLimit = rateLimitOf(limit, () => now)
  app.addHook('onRequest', (request, reply, done) => done(rateLimit(request, reply, String(request.headers.caller))))
  app.get('/', () => 'ok')
  return {
    ask: async (caller: string, at: number): Promise<[status: number, left: string | undefined, retry: string | undefined]> => {
      now = at * 1000
      const { statusCode, headers } = await app.inject({ url: '/', headers: { caller } })
      return [statusCode, headers.ratelimit?.toString(), headers['retry-after']?.toString()]
    },
  }
}

await test('a minute begins with the first request of each caller, and ends', async (t) => {
  const { ask } = await counted(t, 2)
  t.same(await ask('a', 0), [200, '"minute";r=1;t=60', undefined])
  t.same(await ask('a', 30.5), [200, '"minute";r=0;t=30', undefined])
  const [status, , retry] = await ask('a', 59.5)
  t.same([status, retry], [429, '1'], 'the last half second is told as one')
  t.same(await ask('b', 59.5), [200, '"minute";r=1;t=60', undefined], 'one caller does not use up what is another’s')
  t.same(await ask('a', 60), [200, '"minute";r=1;t=60', undefined], 'then it is counted anew')
  t.same((await ask('b', 61))[1], '"minute";r=0;t=59', 'and a sweep of what is over drops nothing else')
})

await test('a minute never has more answers than the limit for a caller, whatever the order of requests', async (t) => {
  const events = fc.array(fc.record({ caller: fc.constantFrom('a', 'b'), after: fc.integer({ min: 0, max: 40 }) }), {
    maxLength: 30,
  })
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 4 }), async (asked, limit) => {
      const { ask } = await counted(t, limit)
      const windows = new Map<string, { from: number; count: number }>()
      let now = 0
      for (const { caller, after } of asked) {
        now += after
        const open = windows.get(caller)
        const window = open && now < open.from + 60 ? open : { from: now, count: 0 }
        windows.set(caller, { ...window, count: window.count + 1 })
        const [, left] = await ask(caller, now)
        const expected = `"minute";r=${Math.max(0, limit - window.count - 1)};t=${window.from + 60 - now}`
        if (left !== expected) throw new Error(`${caller} at ${now}: ${left}, not ${expected}`)
      }
    }),
    { numRuns: 20 },
  )
})

await test('an address that fails too often waits; others do not, and success costs nothing', async (t) => {
  let now = 0
  const throttle = throttleOf(3, () => now)
  for (let attempt = 0; attempt < 3; attempt++) {
    t.equal(throttle.blocked('192.0.2.1'), undefined)
    throttle.failed('192.0.2.1')
  }
  now = 20_000
  const refusal = throttle.blocked('192.0.2.1')
  t.match(refusal, { code: 'too-many-failures', params: { seconds: 40 }, headers: { 'retry-after': '40' } })
  t.ok(throttle.blocked('::ffff:192.0.2.1'), 'the same address in another form')
  t.equal(throttle.blocked('192.0.2.2'), undefined)
  now = 60_000
  t.equal(throttle.blocked('192.0.2.1'), undefined, 'after the minute it may try again')
  throttle.failed('192.0.2.1')
  t.equal(throttle.blocked('192.0.2.1'), undefined)

  for (const host of ['1', '2', 'ffff:1']) throttle.failed(`2001:db8:0:7::${host}`)
  t.ok(throttle.blocked('2001:db8:0:7:1:2:3:4'), 'who has a network has all of its addresses')
  t.equal(throttle.blocked('2001:db8:0:8::1'), undefined)

  const open = throttleOf(0)
  for (let attempt = 0; attempt < 100; attempt++) open.failed('192.0.2.1')
  t.equal(open.blocked('192.0.2.1'), undefined, '0 sets no limit')
})

await test('a flood of addresses does not fill the memory, and pushes nobody out who came late', async (t) => {
  const throttle = throttleOf(1, () => 0)
  for (let address = 0; address < 100_050; address++)
    throttle.failed(`10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`)
  t.equal(throttle.blocked('10.0.0.0'), undefined, 'the oldest was forgotten')
  t.ok(throttle.blocked('10.1.134.209'), 'the newest is known')
})

await test('the network of an address', async (t) => {
  const known: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0:0:1::', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['not an address', 'not an address'],
  ]
  for (const [address, network] of known) t.equal(networkOf(address), network)
  holds(
    t,
    'only the first half of IPv6 counts, however it is written',
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
      const text = groups.map((group) => group.toString(16)).join(':')
      const short = text.replace(/(^|:)0(:0)+(:|$)/, '::')
      const half = groups.slice(0, 4).map((group) => group.toString(16))
      return networkOf(text) === `${half.join(':')}::/64` && networkOf(short) === networkOf(text)
    }),
  )
})
