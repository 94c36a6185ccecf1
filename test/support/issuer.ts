/** An identity provider on this machine: discovery and keys over HTTP, tokens signed by keys that it makes and throws away. */
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { Test } from 'tap'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>
type Key = { kid: string; alg: string; private: Pair['privateKey']; public: JWK }

export async function issuer(t: Test) {
  const state = { up: true, published: [] as Key[], asked: 0, named: '', keysAt: '' }
  const server = createServer((request, response) => {
    if (!state.up) return void request.socket.destroy()
    const keys = { keys: state.published.map((key) => key.public) }
    const discovery = { issuer: state.named, jwks_uri: state.keysAt }
    state.asked++
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/keys' ? keys : discovery))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const address = server.address()
  const origin = () => `http://127.0.0.1:${address instanceof Object ? address.port : 0}`
  state.named = origin()
  state.keysAt = `${origin()}/keys`

  async function makeKey(kid: string, alg = 'ES256'): Promise<Key> {
    const pair = await generateKeyPair(alg, { extractable: true })
    return { kid, alg, private: pair.privateKey, public: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' } }
  }
  const first = await makeKey('first')
  state.published.push(first)

  /** A token as it should be, but for what is said otherwise. */
  function token(claims: object, key: Key = first): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const all = { iss: state.named, aud: 'register', sub: 'u-1', iat: now, exp: now + 300, ...claims }
    return new SignJWT(all).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.private)
  }
  return { state, origin, makeKey, first, token }
}
