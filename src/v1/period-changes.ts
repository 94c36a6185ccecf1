/** Periods close and reopen: `POST /v1/periods/{period}/close` and `/reopen`. Both may be repeated; the first says why. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { ref } from '../catalogue/schema.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { bodyProblems, json, responses, worked } from '../http/responses.ts'
import { faultsOf } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { changeState } from '../storage/period-changes.ts'
import { authorOf } from './author.ts'
import { closedPeriod, closing, examplePeriod, PeriodChange, periodView, reopening } from './period-schemas.ts'
import { storedPeriod } from './periods.ts'
import { assertSound } from './record-check.ts'
import { formErrors } from './records.ts'
import { PeriodCode } from './schemas.ts'

const closed = { additionalProperties: false } as const

const changes = [
  {
    action: 'close',
    state: 'closed',
    operationId: 'closePeriod',
    summary: '关闭报告期 / Close a period',
    description:
      '关闭后不再接收数据（409）。应答之后不会再有写入：先开始的写入或已完成，或被拒绝。已关闭的再次关闭不作改变。 / A closed period takes no more writes (409). None slips in after the answer: what began before is either done or refused. Closing a closed one changes nothing.',
    example: closing,
    answer: closedPeriod,
  },
  {
    action: 'reopen',
    state: 'open',
    operationId: 'reopenPeriod',
    summary: '重新开放报告期 / Reopen a period',
    description: '重新接收数据；已开放的不作改变。 / It takes writes again. Reopening an open one changes nothing.',
    example: reopening,
    answer: { ...examplePeriod, ...reopening },
  },
] as const

/** The two routes. Takes the database; an unknown period is a 404. */
export const periodChangeRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    for (const { action, state, operationId, summary, description, example, answer } of changes) {
      app.post(
        `/periods/:period/${action}`,
        {
          attachValidation: true,
          preParsing: requireMediaType('application/json'),
          schema: {
            operationId,
            summary,
            description,
            tags: ['periods'],
            params: Type.Object({ period: PeriodCode }, closed),
            querystring: Type.Object({}, closed),
            body: ref(PeriodChange),
            response: responses(
              { 200: json('报告期 / The period', { $ref: 'Period#' }, { examples: { year: worked('一年', 'A year', answer) } }) },
              'invalid-request',
              'invalid-body',
              ...bodyProblems,
              'unknown-period',
              'write-conflict',
            ),
            ...documented({ examples: { year: worked('说明理由', 'With a reason', example) } }),
          },
        },
        async (request) => {
          assertSound(faultsOf(formErrors(request), 'body'))
          const { id, code } = await storedPeriod(database, request.params.period)
          await changeState(database, id, state, { ...authorOf(request), reason: request.body.reason })
          return periodView(await storedPeriod(database, code))
        },
      )
    }
  }
