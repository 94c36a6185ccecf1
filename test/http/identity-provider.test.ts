/** Tokens of an organisation's own identity provider, from a real one on this machine. */
import { SignJWT, UnsecuredJWT } from 'jose'
import { type Test, test } from 'tap'
import { api } from '../support/api.ts'
import { issuer } from '../support/issuer.ts'
import { bearer } from '../support/keys.ts'
import { until } from '../support/process.ts'

const record = '/v1/disputes/410423209/2024'
const figures = { figures: { identified: 1 } }

async function provided(t: Test, claims: { roleClaim?: string; regionClaim?: string } = {}) {
  const provider = await issuer(t)
  const settings = {
    issuer: provider.origin(),
    audience: 'register',
    roleClaim: 'role',
    regionClaim: 'region',
    skew: 30,
    ...claims,
  }
  const service = await api(t, { identityProvider: settings })
  const told = async (token: string) => {
    const { status, json, headers } = await service.get(record, bearer(token))
    if (status === 401) t.match(headers['www-authenticate'], /error="invalid_token"/)
    t.notOk(JSON.stringify(json).includes(token), 'no token in an answer')
    return json.code ?? String(status)
  }
  return { ...provider, service, told }
}

await test('a token says who, with which role and where', async (t) => {
  const { service, token } = await provided(t)
  const send = async (claims: object, path = record) => service.put(path, figures, bearer(await token({ ...claims })))
  t.match((await send({ role: 'reporter', region: '410423', preferred_username: '王敏' })).json, {
    revision: 1,
    updatedBy: '王敏 <u-1>',
  })
  t.equal((await send({ role: 'reporter', region: '410423' }, '/v1/disputes/500229107/2024')).json.code, 'outside-region')
  t.equal((await send({ role: 'reader' })).json.code, 'role-too-low')
  t.equal((await send({ role: ['offline_access', 'reader', 'steward'], region: '41' })).status, 200, 'the strongest of several')
  t.equal((await send({ role: 'admin' })).status, 200)
  t.equal((await send({ role: 'reporter' })).json.code, 'token-without-role', 'who writes has to say where')
  for (const region of ['4', '41042', 'x', 41, '', ['41']])
    t.equal((await send({ role: 'admin', region })).json.code, 'token-without-role')
  for (const role of [undefined, 'root', 7, {}, []]) t.equal((await send({ role })).json.code, 'token-without-role')
  const entries = (await service.get('/v1/audit?operation=putDisputes&outcome=done')).json.items
  t.match(entries.at(-1), { actor: '王敏 <u-1>', role: 'reporter', keyId: undefined })
})

await test('claims further inside', async (t) => {
  const { service, token } = await provided(t, { roleClaim: 'realm_access.roles', regionClaim: 'org.region' })
  const claims = { realm_access: { roles: ['reporter'] }, org: { region: '410423209' } }
  t.equal((await service.put(record, figures, bearer(await token(claims)))).status, 201)
})

await test('a claim whose name is a URL', async (t) => {
  const { told, token } = await provided(t, { roleClaim: 'https://register.example/role' })
  t.equal(await told(await token({ 'https://register.example/role': 'reader' })), 'record-absent')
  t.equal(await told(await token({ role: 'reader' })), 'token-without-role')
})

await test('history keeps a name that it can keep, and the subject', async (t) => {
  const { service, token } = await provided(t)
  const long = '敏'.repeat(101)
  const given: [claims: object, actor: string][] = [
    [{ preferred_username: 'wangmin', name: '王敏' }, 'wangmin <u-1>'],
    [{ preferred_username: ' ', name: '王敏' }, '王敏 <u-1>'],
    [{ preferred_username: 7, name: long }, '<u-1>'],
    [{ name: 'a\u0000b' }, '<u-1>'],
    [{ name: `${'x'.repeat(99)}𠀀` }, `${'x'.repeat(99)}𠀀 <u-1>`],
    [{ preferred_username: 'admin', sub: 'u-2' }, 'admin <u-2>'],
    [{ preferred_username: 'admin <u-2>', sub: 'admin' }, '<admin>'],
  ]
  for (const [index, [claims, actor]] of given.entries()) {
    const headers = bearer(await token({ role: 'admin', ...claims }))
    t.equal((await service.put(record, { figures: { identified: index } }, headers)).json.updatedBy, actor)
  }
  const long255 = 'x'.repeat(255)
  const headers = bearer(await token({ role: 'admin', name: '敏'.repeat(100), sub: long255 }))
  await service.put(record, { figures: { identified: 98 } }, headers)
  const who = `${'敏'.repeat(100)} <${long255}>`
  t.match((await service.get(`/v1/audit?actor=${encodeURIComponent(who)}`)).json.items, [
    { actor: who, operation: 'putDisputes' },
  ])
  for (const sub of [7, {}, '', 'a\u0000b', 'x'.repeat(256)]) {
    const headers = bearer(await token({ role: 'admin', sub }))
    t.equal((await service.put(record, { figures: { identified: 99 } }, headers)).json.code, 'credentials-invalid')
  }
})

await test('signed in any of the usual ways', async (t) => {
  const { told, token, makeKey, state } = await provided(t)
  for (const alg of ['RS256', 'PS256', 'ES384', 'EdDSA']) state.published.push(await makeKey(alg, alg))
  for (const key of state.published) t.equal(await told(await token({ role: 'reader' }, key)), 'record-absent', key.alg)
})

await test('what is not valid is refused', async (t) => {
  const { told, token, makeKey, first, state } = await provided(t)
  const now = Math.floor(Date.now() / 1000)
  const reader = { role: 'reader' }
  t.equal(await told(await token(reader)), 'record-absent', 'a good one')
  t.equal(await told(await token({ ...reader, exp: now - 20 })), 'record-absent', 'clocks differ a little')
  t.equal(await told(await token({ ...reader, exp: now - 40 })), 'token-expired')
  t.equal(await told(await token({ ...reader, nbf: now + 20 })), 'record-absent')
  t.equal(await told(await token({ ...reader, nbf: now + 60 })), 'credentials-invalid')
  t.equal(await told(await token({ ...reader, aud: 'another' })), 'credentials-invalid')
  t.equal(await told(await token({ ...reader, iss: 'https://another.example' })), 'credentials-invalid')
  t.equal(await told(await token({ ...reader, sub: undefined })), 'credentials-invalid')
  t.equal(await told(await token({ ...reader, exp: undefined })), 'credentials-invalid')
  t.equal(await told(await token(reader, await makeKey('unknown'))), 'credentials-invalid')
  t.equal(
    await told(await token(reader, { ...(await makeKey('x')), kid: 'first' })),
    'credentials-invalid',
    'signed by another key',
  )
  const claims = { iss: state.named, aud: 'register', sub: 'u', exp: now + 300, role: 'admin' }
  t.equal(await told(new UnsecuredJWT(claims).encode()), 'credentials-invalid', 'alg none')
  const secret = new TextEncoder().encode(JSON.stringify(first.public))
  const confused = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret)
  t.equal(await told(confused), 'credentials-invalid', 'a secret that everyone knows')
  t.equal(await told('a.b.c'), 'credentials-invalid')
})

await test('the audit names whose token has ended, where the provider had signed it', async (t) => {
  const { service, told, token, makeKey, first } = await provided(t)
  const ended = { role: 'reporter', region: '410423', name: '王敏', exp: Math.floor(Date.now() / 1000) - 40 }
  t.equal(await told(await token(ended)), 'token-expired')
  t.equal(await told(await token(ended, { ...(await makeKey('x')), kid: 'first' })), 'credentials-invalid')
  t.equal(await told(await token({ ...ended, aud: 'another' })), 'credentials-invalid')
  const kept = async () => (await service.get('/v1/audit?outcome=refused')).json.items
  await until('all are kept', async () => (await kept()).length >= 3)
  const who = (await kept()).map(({ actor, role, region, problem }) => [actor, role, region ?? '', problem].join(' '))
  t.same(who.sort(), [
    'anonymous reader 410423209 credentials-invalid',
    'anonymous reader 410423209 credentials-invalid',
    '王敏 <u-1> reporter 410423209 token-expired',
  ])
  t.equal(first.kid, 'first')
})

await test('keys are asked for once, and again when a token names a new one', async (t) => {
  const { told, token, makeKey, state } = await provided(t)
  for (const _again of [1, 2, 3]) t.equal(await told(await token({ role: 'reader' })), 'record-absent')
  t.equal(state.asked, 2, 'discovery and keys, once')
  const second = await makeKey('second')
  state.published = [second]
  // jose does not ask again within a second of the last time.
  const rotated = async () => (await told(await token({ role: 'reader' }, second))) === 'record-absent'
  const begun = Date.now()
  while (!(await rotated())) if (Date.now() - begun > 20_000) throw new Error('the new key is not taken')
  t.equal(await told(await token({ role: 'reader' })), 'credentials-invalid', 'the old key is gone')
  t.ok(state.asked <= 12, `asked ${state.asked} times, not for every token`)
})

await test('a provider that does not answer is a 503 and no 401, until it is back', async (t) => {
  const { service, token, state } = await provided(t)
  state.up = false
  const headers = bearer(await token({ role: 'reader' }))
  t.equal((await service.get(record, bearer('a.b.c'))).status, 401, 'rubbish is rubbish without asking')
  t.equal((await service.get(record, bearer(new UnsecuredJWT({ role: 'admin' }).encode()))).status, 401)
  const down = await service.get(record, headers)
  t.same([down.status, down.json.code, down.headers['retry-after']], [503, 'unavailable', '5'])
  state.up = true
  const at = state.keysAt
  for (state.keysAt of ['keys', 'ftp://127.0.0.1/keys', '', 'http://127.0.0.1:1/keys'])
    t.equal((await service.get(record, headers)).status, 503, 'no keys')
  state.keysAt = at
  state.named = 'https://another.example'
  t.equal((await service.get(record, headers)).status, 503, 'one that says it is another is none')
  state.named = new URL(JSON.parse(Buffer.from(headers.authorization.split('.')[1] ?? '', 'base64url').toString()).iss).origin
  t.equal((await service.get(record, headers)).json.code, 'record-absent')
})
