/** Keys: issued, listed, replaced, revoked. An administrator of a region sees and makes keys of that region alone. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, preValidationHookHandler } from 'fastify'
import { assertCovers } from '../http/access.ts'
import { requireMediaType } from '../http/media.ts'
import { nextLink, readCursor, writeCursor } from '../http/paging.ts'
import { type Fault, ProblemError } from '../http/problems.ts'
import { faultsOf } from '../http/validation.ts'
import { onceCommitted } from '../storage/ambient.ts'
import type { Database } from '../storage/database.ts'
import { getKey, issueKey, listKeys, revokeKey, rotateKey, type StoredKey } from '../storage/keys.ts'
import { regionExists, townshipExists } from '../storage/places.ts'
import { keyOperations, keySheet } from './api-key-operations.ts'
import type { ApiKeyView } from './api-key-schemas.ts'
import { authorOf } from './author.ts'
import { fileFormOf, filePage, sendList } from './list-file.ts'
import { assertSound } from './record-check.ts'
import { formErrors } from './records.ts'

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

/** The last instant that RFC 3339 can tell, whatever offset it is written with. */
const lastInstant = '9999-12-31T23:59:59.999Z'

function future(pointer: string, day: string | undefined): Fault[] {
  if (day === undefined) return []
  // A leap second is one of RFC 3339, and none of JavaScript.
  const leap = /:60(?=[.z+-])/i.test(day)
  const instant = leap ? Date.parse(day.replace(/:60(?=[.z+-])/i, ':59')) + 1000 : Date.parse(day)
  if (instant <= Date.now()) return [{ pointer, code: 'too-early', params: { day: new Date().toISOString() } }]
  return instant <= Date.parse(lastInstant) ? [] : [{ pointer, code: 'too-late', params: { day: lastInstant } }]
}

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

    app.post('/api-keys', { ...writes, schema: keyOperations.issue }, async (request, reply) => {
      assertSound(faultsOf(formErrors(request), 'body'))
      const { name, role, region = '', expiresAt } = request.body
      assertCovers(request.caller, [region])
      const faults = future('/expiresAt', expiresAt)
      if (region !== '' && !(await isPlace(region)))
        faults.push({ pointer: '/region', code: 'not-a-place', params: { code: region } })
      assertSound(faults)
      return sendIssued(reply, await issueKey(database, { name, role, region, expiresAt }, authorOf(request)))
    })

    app.get('/api-keys', { schema: keyOperations.list }, async (request, reply) => {
      const { limit, cursor, format, labels } = request.query
      const form = fileFormOf(request, { format, labels })
      const { region } = request.caller
      if (form)
        return sendList(database, request, reply, form, keySheet, async (on, after) => {
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

    app.get('/api-keys/:id', { schema: keyOperations.get }, async (request) => view(await find(request, request.params.id)))

    app.post(
      '/api-keys/:id/rotate',
      { ...writes, preValidation: withBody, schema: keyOperations.rotate },
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

    app.delete('/api-keys/:id', { schema: keyOperations.revoke }, async (request, reply) => {
      const { id } = await find(request, request.params.id)
      await revokeKey(database, id, authorOf(request))
      onceCommitted(() => forget(id))
      return reply.status(204).send()
    })
  }
