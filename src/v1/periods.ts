/** Reporting periods: list, one, create. Years exist by themselves; halves, quarters and months are created where they are used. */

import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { parsePeriod } from '../catalogue/period.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { bodyProblems, json, responses, worked } from '../http/responses.ts'
import { badFormat, faultsOf } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { createPeriod, ensureYears, findPeriod, listPeriods, type StoredPeriod } from '../storage/periods.ts'
import { authorOf } from './author.ts'
import { fileFormOf, listAnswer, listParameters, sendItems } from './list-file.ts'
import { examplePeriod, half, periodSheet, periodView } from './period-schemas.ts'
import { formErrors } from './records.ts'
import { PeriodCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const madeHalf = { ...half, kind: 'half', startsOn: '2026-01-01', endsOn: '2026-06-30', state: 'open' }

const mistaken = invalid('invalid-body', [
  { pointer: '/period', code: 'bad-period', params: { received: '2026-H3' } },
  { pointer: '/dueOn', ...badFormat('date') },
])

/** The period of that code; throws `unknown-period` where it has not been created. */
export async function storedPeriod(database: Database, code: string): Promise<StoredPeriod> {
  const found = await findPeriod(database, parsePeriod(code)?.id ?? 0)
  if (!found) throw new ProblemError('unknown-period', { code })
  return found
}

/** `GET /v1/periods`, `GET /v1/periods/{period}`, `POST /v1/periods`. 409 `period-exists` where it was created before. */
export const periodRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    const NoQuery = Type.Object({}, closed)
    app.get(
      '/periods',
      {
        schema: {
          operationId: 'listPeriods',
          summary: '全部报告期 / All periods',
          tags: ['periods'],
          querystring: Type.Object(listParameters, closed),
          response: responses(
            {
              200: listAnswer(
                '全部报告期 / All periods',
                { $ref: 'PeriodList#' },
                { page: { items: [examplePeriod] }, sheet: periodSheet },
              ),
            },
            'invalid-request',
            'not-acceptable',
          ),
        },
      },
      async (request, reply) => {
        const form = fileFormOf(request, request.query)
        await ensureYears(database.pool)
        const items = (await listPeriods(database)).map(periodView)
        return form ? sendItems(reply, form, periodSheet, items) : { items }
      },
    )
    app.get(
      '/periods/:period',
      {
        schema: {
          operationId: 'getPeriod',
          summary: '一个报告期 / One period',
          tags: ['periods'],
          params: Type.Object({ period: PeriodCode }, closed),
          querystring: NoQuery,
          response: responses(
            {
              200: json(
                '一个报告期 / One period',
                { $ref: 'Period#' },
                { examples: { year: worked('一年', 'A year', examplePeriod) } },
              ),
            },
            'invalid-request',
            'unknown-period',
          ),
        },
      },
      async (request) => periodView(await storedPeriod(database, request.params.period)),
    )
    app.post(
      '/periods',
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: {
          operationId: 'createPeriod',
          summary: '新建报告期 / Create a period',
          tags: ['periods'],
          querystring: NoQuery,
          body: { $ref: 'PeriodCreate#' },
          response: responses(
            {
              201: json(
                '已新建 / Created',
                { $ref: 'Period#' },
                { headers: ['Location'], examples: { half: worked('半年', 'A half year', madeHalf) } },
              ),
            },
            'invalid-request',
            mistaken,
            ...bodyProblems,
            'period-exists',
          ),
          ...documented({
            examples: {
              half: worked('半年，须给出截止日', 'A half year, which needs a due day', half),
              year: worked('尚未开始的年度', 'A year that has not begun', { period: '2031' }),
            },
          }),
        },
      },
      async (request, reply) => {
        const faults = faultsOf(formErrors(request), 'body')
        const { period: code = '', dueOn }: { period?: string; dueOn?: string } =
          request.body instanceof Object ? request.body : {}
        const period = faults.length === 0 ? parsePeriod(code) : undefined
        const due = dueOn ?? period?.dueOn
        if (period && due === undefined) faults.push({ pointer: '/dueOn', code: 'required', params: { name: 'dueOn' } })
        if (!period || due === undefined) throw invalid('invalid-body', faults)
        const created = await createPeriod(database, period, due, authorOf(request))
        if (!created) throw new ProblemError('period-exists', { period: period.code })
        return reply.status(201).header('location', `${request.url}/${period.code}`).send(periodView(created))
      },
    )
  }
