/** The log of requests has no keys, bodies or queries; errors keep their message and lose the values that were sent. */
import { test } from 'tap'
import { serializers } from '../../src/http/log.ts'

await test('of a request only method, path and address', async (t) => {
  const req = { method: 'GET', url: '/v1/townships?name=secret', ip: '192.0.2.1', headers: { authorization: 'Bearer secret' } }
  t.strictSame(serializers.req(req), { method: 'GET', path: '/v1/townships', address: '192.0.2.1' })
})

await test('of an error what helps, without the row and the parameters', async (t) => {
  const cause = Object.assign(new Error('null value in column "label"'), {
    code: '23502',
    detail: 'Failing row contains (secret).',
    where: 'COPY staged, line 1: "secret"',
  })
  const error = new Error('Failed query: insert into disputes values ($1)\nparams: secret,2', { cause })
  const logged = serializers.err(error)
  t.match(logged, {
    type: 'Error',
    message: 'Failed query: insert into disputes values ($1)',
    stack: /log\.test/,
    cause: { code: '23502', message: 'null value in column "label"' },
  })
  t.notMatch(JSON.stringify(logged), /secret/)
  t.match(serializers.err('x'), { type: 'string' })
})
