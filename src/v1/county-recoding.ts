/** A county that changes its code takes all its townships with it. */

import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { ref } from '../catalogue/schema.ts'
import { assertCovers } from '../http/access.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { bodyProblems, json, responses, worked } from '../http/responses.ts'
import { faultsOf } from '../http/validation.ts'
import { recodeCounty } from '../storage/county-recoding.ts'
import type { Database } from '../storage/database.ts'
import { authorOf } from './author.ts'
import { CountyCode } from './place-fields.ts'
import { placeProblem } from './place-refusals.ts'
import { assertSound } from './record-check.ts'
import { formErrors } from './records.ts'
import { bodies, CountyRecoding, Dry, recodedCounty } from './succession-schemas.ts'

const closed = { additionalProperties: false } as const
const County = Type.Object({ county: CountyCode }, closed)
const list = { $ref: 'SuccessionList#' }

/** `POST /v1/regions/{county}/successions`. */
export const countyRecodingRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/regions/:county/successions',
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: {
          operationId: 'recodeCounty',
          summary: '县级区划更换代码 / Give a county another code',
          description:
            '该县所有在用乡镇改用新代码（前 6 位更换，后 3 位不变），全部成功或全部不变；新区划不存在时随之新建，其地级区划须已存在。 / Every township of the county that is in use goes on under the new code (6 new digits, the last 3 stay), all of them or none. The new region is created where it is missing; its prefecture must exist.',
          tags: ['regions'],
          params: County,
          querystring: Type.Object(Dry, closed),
          body: ref(CountyRecoding),
          response: responses(
            {
              200: json('此前已登记，未变更；或试运行 / Recorded before, nothing changed; or a dry run', list, {
                examples: { county: worked('节选', 'An excerpt', recodedCounty) },
              }),
              201: json('已登记 / Recorded', list, {
                headers: ['Location'],
                examples: { county: worked('节选', 'An excerpt', recodedCounty) },
              }),
            },
            'invalid-request',
            'invalid-body',
            ...bodyProblems,
            'unknown-region',
            'region-exists',
            'township-exists',
            'succession-cycle',
            'code-used-before',
            'township-not-in-use',
            'succession-conflict',
          ),
          ...documented({ examples: { county: worked('更换代码', 'A new code', bodies.county) } }),
        },
      },
      async (request, reply) => {
        assertSound(faultsOf(formErrors(request), 'body'))
        const { county } = request.params
        const { newCode } = request.body
        const { dryRun } = request.query
        if (newCode === county) assertSound([{ pointer: '/newCode', code: 'same-code', params: { code: county } }])
        assertCovers(request.caller, [newCode])
        const result = await recodeCounty(database, { county, ...request.body }, authorOf(request), dryRun)
        if (result.outcome === 'refused')
          throw placeProblem(result.refusals, (code) => (newCode.startsWith(code) ? '/newCode' : undefined))
        if (dryRun) return { dryRun, items: result.items }
        if (result.outcome === 'recorded') reply.status(201).header('location', `/v1/regions/${newCode}`)
        return { items: result.items }
      },
    )
  }
