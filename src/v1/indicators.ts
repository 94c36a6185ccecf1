/** The catalogue as data: every figure with its labels, unit, rules and aggregation, so that no client need copy it by hand. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { breakdownOf } from '../catalogue/figure.ts'
import { type CategoryName, findFigure, rulesVersion } from '../catalogue/index.ts'
import { about, literals } from '../catalogue/schema.ts'
import { ProblemError } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import { indicatorCategories } from './indicator-schemas.ts'
import { allIndicators, indicatorSheet, indicatorView, shownIndicators } from './indicator-views.ts'
import { fileFormOf, listAnswer, listParameters, sendItems } from './list-file.ts'
import { nearest } from './record-check.ts'

const closed = { additionalProperties: false } as const

/** `GET /v1/indicators` and `/v1/indicators/{code}`; needs no database. 404 `unknown-indicator` names the nearest code. */
export const indicatorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/indicators',
    {
      schema: {
        operationId: 'listIndicators',
        summary: '指标目录 / The catalogue of figures',
        tags: ['indicators'],
        querystring: Type.Object(
          {
            category: Type.Optional(
              literals<readonly CategoryName[]>(indicatorCategories, about('类别', 'Category', 'disputes')),
            ),
            ...listParameters,
          },
          closed,
        ),
        response: responses(
          {
            200: listAnswer(
              '指标目录 / The catalogue',
              { $ref: 'IndicatorList#' },
              { page: { rulesVersion, items: shownIndicators }, sheet: indicatorSheet },
            ),
          },
          'invalid-request',
          'not-acceptable',
        ),
      },
    },
    async (request, reply) => {
      const { category } = request.query
      const form = fileFormOf(request, request.query)
      const items = category === undefined ? allIndicators : allIndicators.filter((indicator) => indicator.category === category)
      return form ? sendItems(reply, form, indicatorSheet, items) : { rulesVersion, items }
    },
  )
  app.get(
    '/indicators/:code',
    {
      schema: {
        operationId: 'getIndicator',
        summary: '一项指标 / One figure',
        tags: ['indicators'],
        params: Type.Object(
          { code: Type.String({ minLength: 1, maxLength: 100, ...about('指标代码', 'Figure code', 'resolvedByAgreement') }) },
          closed,
        ),
        querystring: Type.Object({}, closed),
        response: responses(
          {
            200: json(
              '一项指标 / One figure',
              { $ref: 'Indicator#' },
              { examples: { breakdown: worked('一项分项数据', 'A breakdown', shownIndicators[2]) } },
            ),
          },
          'invalid-request',
          'unknown-indicator',
        ),
      },
    },
    async (request) => {
      const { code } = request.params
      const found = findFigure(code.split('.')[0] ?? '')
      const member = code.split('.')[1]
      const known = found && (member === undefined || member in (breakdownOf(found.figure)?.codelist.members ?? {}))
      if (!known)
        throw new ProblemError('unknown-indicator', {
          code,
          ...nearest(
            code,
            allIndicators.map((indicator) => indicator.code),
          ),
        })
      return indicatorView(found.category, found.code, found.figure)
    },
  )
}
