/** Townships are created and replaced; none is deleted, and a code that was used is not used again. */

import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { ref } from '../catalogue/schema.ts'
import { assertCovers } from '../http/access.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { createOnly, ifMatch } from '../http/preconditions.ts'
import { type Fault, ProblemError } from '../http/problems.ts'
import { bodyProblems, json, responses, worked } from '../http/responses.ts'
import { faultsOf } from '../http/validation.ts'
import { dayBefore } from '../storage/calendar.ts'
import type { Database } from '../storage/database.ts'
import { createTownship, replaceTownship } from '../storage/township-writes.ts'
import { authorOf } from './author.ts'
import { placeProblem } from './place-refusals.ts'
import { assertSound } from './record-check.ts'
import { formErrors } from './records.ts'
import { like, TownshipCode } from './schemas.ts'
import { bodies, created, TownshipCreate, TownshipWrite } from './succession-schemas.ts'
import { detailView, townshipExample } from './township-schemas.ts'

const closed = { additionalProperties: false } as const
const NoQuery = Type.Object({}, closed)
const detail = { $ref: 'TownshipDetail#' }
const replaced = { ...townshipExample, validFrom: bodies.replace.validFrom }

/** What a replacement says that cannot be, whatever is recorded. */
function meaningFaults(
  path: string,
  { code = path, validFrom, validTo }: { code?: string; validFrom?: string; validTo?: string },
): Fault[] {
  const faults: Fault[] = []
  if (code !== path) faults.push({ pointer: '/code', code: 'not-the-path', params: { received: code, expected: path } })
  // The day before the first says that it never was.
  if (validFrom !== undefined && validTo !== undefined && validTo < dayBefore(validFrom))
    faults.push({ pointer: '/validTo', code: 'too-early', params: { day: validFrom } })
  return faults
}

/** `POST /v1/townships` and `PUT /v1/townships/{code}`. 409 where the code was ever used, or where successions say otherwise. */
export const townshipWriteRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/townships',
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: {
          operationId: 'createTownship',
          summary: '新建乡镇（街道） / Create a township',
          description:
            '县级区划须已存在；用过的代码不能再用。由其他乡镇而来的，请登记沿革，随之新建。 / Its county must exist, and a code that was ever used is refused. One that others became is created by recording their succession.',
          tags: ['townships'],
          querystring: NoQuery,
          body: ref(TownshipCreate),
          response: responses(
            {
              201: json('已新建 / Created', detail, {
                headers: ['Location', 'ETag'],
                examples: { town: worked('一个镇', 'A town', created) },
              }),
            },
            'invalid-request',
            'invalid-body',
            ...bodyProblems,
            'township-exists',
            'code-used-before',
          ),
          ...documented({ examples: { town: worked('一个镇', 'A town', bodies.create) } }),
        },
      },
      async (request, reply) => {
        assertSound(faultsOf(formErrors(request), 'body'))
        assertCovers(request.caller, [request.body.code])
        const result = await createTownship(database, request.body, authorOf(request))
        if ('refused' in result) throw placeProblem([result.refused], () => '/code')
        const { body, etag } = detailView(result)
        return reply
          .status(201)
          .headers({ location: `${request.url}/${body.code}`, etag })
          .send(body)
      },
    )

    app.put(
      '/townships/:code',
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: {
          operationId: 'putTownship',
          summary: '替换乡镇（街道） / Replace a township',
          description:
            '名称变更时原名转入曾用名（有生效日的更名请登记沿革）；给出 validTo 即停用；validTo 为 validFrom 的前一日，表示误建，从未有过。读到的内容可原样写回。 / A changed name moves the old one to the former names (record a succession where the day matters); `validTo` closes the township; that of the day before `validFrom` says that it was created by mistake and never was. What was read may be sent back as it is.',
          tags: ['townships'],
          params: Type.Object({ code: like(TownshipCode, townshipExample.code) }, closed),
          querystring: NoQuery,
          body: ref(TownshipWrite),
          response: responses(
            {
              200: json('已替换 / Replaced', detail, {
                headers: ['ETag'],
                examples: { town: worked('补登启用日', 'With its first day', replaced) },
              }),
            },
            'invalid-request',
            'invalid-body',
            ...bodyProblems,
            'unknown-township',
            'code-used-before',
            'succession-conflict',
            'precondition-failed',
          ),
          ...documented({
            headers: ['If-Match'],
            examples: {
              town: worked('补登启用日', 'With its first day', bodies.replace),
              closed: worked('停用', 'Closed', { ...bodies.replace, validTo: '2024-12-31' }),
            },
          }),
        },
      },
      async (request, reply) => {
        assertSound(faultsOf(formErrors(request), 'body'))
        const { code } = request.params
        const { name, validFrom, validTo } = request.body
        assertSound(meaningFaults(code, request.body))
        if (createOnly(request.headers)) throw new ProblemError('precondition-failed')
        const tags = ifMatch(request.headers)
        const replacement = { name, validFrom: validFrom ?? null, validTo: validTo ?? null }
        const result = await replaceTownship(
          database,
          code,
          replacement,
          (current) => tags === undefined || tags === '*' || tags.includes(detailView(current).etag),
          authorOf(request),
        )
        if ('refused' in result) throw placeProblem([result.refused], () => undefined)
        const { body, etag } = detailView(result)
        return reply.header('etag', etag).send(body)
      },
    )
  }
