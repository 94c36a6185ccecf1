/** Keys: issued, listed, replaced, revoked. An administrator of a region sees and makes keys of that region alone. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, preValidationHookHandler } from 'fastify'
import Type from 'typebox'
import { about, ref } from '../catalogue/schema.ts'
import { assertCovers } from '../http/access.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { type Fault, ProblemError } from '../http/problems.ts'
import { bodyProblems, empty, json, responses, worked } from '../http/responses.ts'
import { faultsOf } from '../http/validation.ts'
import { onceCommitted } from '../storage/ambient.ts'
import type { Database } from '../storage/database.ts'
import { getKey, issueKey, listKeys, revokeKey, rotateKey, type StoredKey } from '../storage/keys.ts'
import { regionExists, townshipExists } from '../storage/places.ts'
import { ApiKeyCreate, ApiKeyRotation, type ApiKeyView, asking, exampleKey, exampleSecret, rotating } from './api-key-schemas.ts'
import { authorOf } from './author.ts'
import { fileFormOf, filePage, listAnswer, listParameters, type Sheet, sendList } from './list-file.ts'
import { assertSound } from './record-check.ts'
import { formErrors } from './records.ts'
import { WriteQuery } from './schemas.ts'

const closed = { additionalProperties: false } as const
const NoQuery = Type.Object({}, closed)
const tags = ['api-keys']
const params = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: 2 ** 53 - 1, ...about('编号', 'Id', exampleKey.id) }) },
  closed,
)
const issued = (zh: string, en: string) =>
  json(
    `${zh} / ${en}`,
    { $ref: 'IssuedApiKey#' },
    {
      headers: ['Location'],
      examples: { county: worked('一个县', 'A county', { ...exampleKey, key: exampleSecret }) },
    },
  )

const sheet: Sheet<Omit<ApiKeyView, 'role' | 'state'> & { role: string; state: string }> = {
  names: ['api-keys', '密钥'],
  columns: [
    ['id', '编号', ({ id }) => id],
    ['name', '名称', ({ name }) => name],
    ['role', '权限', ({ role }) => role],
    ['region', '区划代码', ({ region }) => region],
    ['state', '状态', ({ state }) => state],
    ['hint', '密钥开头', ({ hint }) => hint],
    ['createdAt', '签发时间', ({ createdAt }) => createdAt],
    ['createdBy', '签发人', ({ createdBy }) => createdBy],
    ['expiresAt', '有效期至', ({ expiresAt }) => expiresAt],
    ['lastUsedAt', '最近使用', ({ lastUsedAt }) => lastUsedAt],
    ['revokedAt', '吊销时间', ({ revokedAt }) => revokedAt],
    ['revokedBy', '吊销人', ({ revokedBy }) => revokedBy],
    ['replacedBy', '更换后的密钥编号', ({ replacedBy }) => replacedBy],
  ],
}

const operations = {
  issue: {
    operationId: 'issueKey',
    summary: '签发密钥 / Issue a key',
    description: '密钥只在应答中显示一次，请当面或经安全渠道转交。 / The key is shown in this answer alone; hand it over safely.',
    tags,
    querystring: NoQuery,
    body: ref(ApiKeyCreate),
    response: responses({ 201: issued('已签发', 'Issued') }, 'invalid-request', 'invalid-body', ...bodyProblems, 'answer-sealed'),
    ...documented({ examples: { county: worked('一个县的填报密钥', 'A county that reports', asking) } }),
  },
  list: {
    operationId: 'listKeys',
    summary: '密钥列表 / List keys',
    tags,
    querystring: Type.Object({ ...paging, ...listParameters }, closed),
    response: responses(
      {
        200: listAnswer(
          '密钥，新的在前 / Keys, the newest first',
          { $ref: 'ApiKeyList#' },
          { page: { items: [exampleKey] }, sheet },
          ['Link'],
        ),
      },
      'invalid-request',
      'not-acceptable',
      'exports-busy',
      'invalid-cursor',
      'cursor-of-another-filter',
    ),
  },
  get: {
    operationId: 'getKey',
    summary: '一个密钥 / One key',
    tags,
    params,
    querystring: NoQuery,
    response: responses(
      { 200: json('密钥 / The key', { $ref: 'ApiKey#' }, { examples: { county: worked('一个县', 'A county', exampleKey) } }) },
      'invalid-request',
      'unknown-key',
    ),
  },
  rotate: {
    operationId: 'rotateKey',
    summary: '更换密钥 / Replace a key',
    description:
      '名称、权限和范围不变，未给出 expiresAt 则有效期也不变。给出 oldValidUntil 则旧密钥到时失效，便于逐步更换；否则立即吊销（密钥更换自身时，宜给出，以便未收到应答时可以重复请求）。每个密钥只能更换一次，之后更换其后继。 / Name, role and region stay, and the expiry unless `expiresAt` is given. With `oldValidUntil` the old key stays valid until then, so that systems can change over; without it, it ends now. A key that replaces itself had better name it: else it cannot repeat a request whose answer was lost. A key is replaced once; after that, its successor is.',
    tags,
    params,
    querystring: NoQuery,
    body: ref(ApiKeyRotation),
    response: responses(
      { 201: issued('新的密钥', 'The new key') },
      'invalid-request',
      'invalid-body',
      ...bodyProblems,
      'unknown-key',
      'key-not-active',
      'key-replaced',
      'answer-sealed',
    ),
    ...documented({
      examples: {
        overlap: worked('旧密钥保留一段时间', 'The old one stays for a while', rotating),
        now: worked('立即更换', 'At once', {}),
      },
    }),
  },
  revoke: {
    operationId: 'revokeKey',
    summary: '吊销密钥 / Revoke a key',
    description:
      '立即失效（其他进程 5 秒内）；记录保留，重复吊销不作改变。 / It ends at once (within 5 seconds in other processes of the service); its trace stays, and revoking it again changes nothing.',
    tags,
    params,
    querystring: WriteQuery,
    response: responses({ 204: empty('已吊销 / Revoked') }, 'invalid-request', 'unknown-key'),
  },
}

function stateOf({ revokedAt, expiresAt }: StoredKey): ApiKeyView['state'] {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active'
}

/** A key without what it does not have. */
function view(key: StoredKey): ApiKeyView {
  const { id, name, role, region, hint, createdAt, createdBy, expiresAt, lastUsedAt, revokedAt, revokedBy, replacedBy } = key
  return {
    ...{ id, name, role, ...(region !== '' && { region }), state: stateOf(key), hint, createdAt, createdBy },
    ...(expiresAt !== null && { expiresAt }),
    ...(lastUsedAt !== null && { lastUsedAt }),
    ...(revokedAt !== null && { revokedAt }),
    ...(revokedBy !== null && { revokedBy }),
    ...(replacedBy !== null && { replacedBy }),
  }
}

/** A new key with its secret, which no cache may keep. */
const sendIssued = (reply: FastifyReply, { key, ...stored }: StoredKey & { key: string }) =>
  reply
    .status(201)
    .header('location', `/v1/api-keys/${stored.id}`)
    .header('cache-control', 'no-store')
    .send({ ...view(stored), key })

const future = (pointer: string, day: string | undefined): Fault[] =>
  day !== undefined && Date.parse(day) <= Date.now()
    ? [{ pointer, code: 'too-early', params: { day: new Date().toISOString() } }]
    : []

/** Why a key has no successor now. */
const notRotated = ({ id, replacedBy }: StoredKey) =>
  replacedBy === null
    ? new ProblemError('key-not-active', { id })
    : new ProblemError('key-replaced', { id, successor: replacedBy })

/** Whoever wants the usual rotation need not say so. */
const withBody: preValidationHookHandler = (request, _reply, done) => {
  request.body ??= {}
  done()
}

/** The routes. `forget` is called with a key that was changed. */
export const apiKeyRoutes =
  (database: Database, forget: (keyId: number) => void): FastifyPluginAsyncTypebox =>
  async (app) => {
    /** The key of a path. To an administrator of a region one that does not exist is as foreign as that of another. */
    async function find({ caller }: FastifyRequest, id: number): Promise<StoredKey> {
      const found = await getKey(database, id)
      if (caller.region !== '' && !found?.region.startsWith(caller.region))
        throw new ProblemError('country-only', { region: caller.region })
      if (!found) throw new ProblemError('unknown-key', { id })
      return found
    }
    const isPlace = (code: string) => (code.length === 9 ? townshipExists(database, code) : regionExists(database, code))
    const writes = { attachValidation: true, preParsing: requireMediaType('application/json') }

    app.post('/api-keys', { ...writes, schema: operations.issue }, async (request, reply) => {
      assertSound(faultsOf(formErrors(request), 'body'))
      const { name, role, region = '', expiresAt } = request.body
      assertCovers(request.caller, [region])
      const faults = future('/expiresAt', expiresAt)
      if (region !== '' && !(await isPlace(region)))
        faults.push({ pointer: '/region', code: 'not-a-place', params: { code: region } })
      assertSound(faults)
      return sendIssued(reply, await issueKey(database, { name, role, region, expiresAt }, authorOf(request)))
    })

    app.get('/api-keys', { schema: operations.list }, async (request, reply) => {
      const { limit, cursor, format, labels } = request.query
      const form = fileFormOf(request, { format, labels })
      const { region } = request.caller
      if (form)
        return sendList(database, request, reply, form, sheet, async (on, after) => {
          const page = await listKeys(on, region, filePage, after === undefined ? undefined : Number(after))
          return { items: page.items.map(view), ...(page.next !== undefined && { next: String(page.next) }) }
        })
      const bound = { list: 'api-keys', region }
      const [before] = cursor === undefined ? [] : readCursor(bound, cursor, ['id'])
      const page = await listKeys(database, region, limit, before === undefined ? undefined : Number(before))
      const next = page.next === undefined ? undefined : writeCursor(bound, [page.next])
      reply.header('vary', 'Accept')
      if (next !== undefined) reply.header('link', nextLink(request.url, next))
      return { items: page.items.map(view), ...(next !== undefined && { next }) }
    })

    app.get('/api-keys/:id', { schema: operations.get }, async (request) => view(await find(request, request.params.id)))

    app.post(
      '/api-keys/:id/rotate',
      { ...writes, preValidation: withBody, schema: operations.rotate },
      async (request, reply) => {
        assertSound(faultsOf(formErrors(request), 'body'))
        const { expiresAt, oldValidUntil } = request.body
        const { id } = await find(request, request.params.id)
        assertSound([...future('/expiresAt', expiresAt), ...future('/oldValidUntil', oldValidUntil)])
        const rotated = await rotateKey(database, id, { expiresAt, oldValidUntil }, authorOf(request))
        // Whoever looked before the commit would find the old key in use, and believe it for seconds more.
        onceCommitted(() => forget(id))
        if (!rotated) throw notRotated(await find(request, id))
        return sendIssued(reply, rotated)
      },
    )

    app.delete('/api-keys/:id', { schema: operations.revoke }, async (request, reply) => {
      const { id } = await find(request, request.params.id)
      await revokeKey(database, id, authorOf(request))
      onceCommitted(() => forget(id))
      return reply.status(204).send()
    })
  }
