/** Roll-ups: the figures of townships as totals of a county, prefecture, province or the country, beside what they stand on. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { categoryOf } from '../catalogue/record.ts'
import { attachment, formatOf, sheetFormats } from '../http/formats.ts'
import { invalid } from '../http/problems.ts'
import { headersOf, responses, worked } from '../http/responses.ts'
import type { Database } from '../storage/database.ts'
import { ensureYears } from '../storage/periods.ts'
import { countGroups, type RollUp, rollUp } from '../storage/statistics.ts'
import { settle, settledHeaders, settledText } from './as-of.ts'
import { unknownPlaces } from './filters.ts'
import { categoryWords } from './record-check.ts'
import { mostTotals, readStatisticsQuery, StatisticsParams, StatisticsQuery } from './statistics-query.ts'
import { csvExample, statisticsExample, statisticsSchemas } from './statistics-schemas.ts'
import { csvOf } from './statistics-sheet.ts'
import { jsonOf } from './statistics-text.ts'

export { statisticsSchemas }

/** The places and periods of a request that nobody knows. A year that has begun since the service did is made known. */
async function unknownOf(database: Database, { periods, region }: RollUp) {
  const unknown = async () => {
    const places = region === undefined ? [] : await unknownPlaces(database, { region })
    const times = await Promise.all(periods.map(({ code }) => unknownPlaces(database, { period: code })))
    return [...places, ...times.flat()]
  }
  const faults = await unknown()
  const missing = faults.some(({ code }) => code === 'no-such-period')
  return missing && (await ensureYears(database.pool)) ? unknown() : faults
}

const mistaken = invalid('invalid-request', [
  { parameter: 'period', code: 'mixed-periods', params: { first: '2024', other: '2024-H1' } },
  {
    parameter: 'figures',
    code: 'figure-of-another-category',
    params: { name: 'officers', ...categoryWords(categoryOf('enforcement')) },
  },
])

/** `GET /v1/statistics/{category}`. 400 lists every mistake of the query; an answer that would be too large is one of them. */
export const statisticsRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/statistics/:category',
      {
        schema: {
          operationId: 'getStatistics',
          summary: '汇总 / Roll-up of a category',
          description: `计数、金额相加；率由同时有分子和分母的记录重新计算，不取平均；评分、没有分子分母的率不汇总。没有填报不等于 0。计划数、目标数不计入，另计个数。缺少合计而各分项齐全的，以分项之和计入，并计为推算。一次最多 ${mostTotals} 个汇总数。 / Counts and money are added. A rate is recomputed from the records that have its numerator and a denominator, never averaged; scores, and rates without parts, are not rolled up. Not reported is not 0. Plans and aims are left out and counted. A whole that is missing beside a complete exhaustive breakdown is the sum of it, and counted as derived. At most ${mostTotals} totals an answer.`,
          tags: ['statistics'],
          params: StatisticsParams,
          querystring: StatisticsQuery,
          response: responses(
            {
              200: {
                description:
                  '各组各期的汇总数；CSV 一组一行，多期时各期分列 / The totals of each group and period; in CSV a row a group, and of several periods each has its columns, such as resolved:2024:change',
                headers: headersOf([...settledHeaders, 'Content-Disposition']),
                content: {
                  'application/json': {
                    schema: { $ref: 'Statistics#' },
                    examples: { county: worked('一个县两年', 'A county, two years', statisticsExample) },
                  },
                  'text/csv': {
                    schema: { type: 'string' },
                    examples: { county: worked('一个县一年', 'A county, one year', csvExample) },
                  },
                },
              },
            },
            mistaken,
            'not-acceptable',
          ),
        },
      },
      async (request, reply) => {
        const { query, params, headers } = request
        const { request: asked, faults } = readStatisticsQuery(params.category, query)
        const unknown = await unknownOf(database, asked)
        if (faults.length + unknown.length > 0) throw invalid('invalid-request', [...faults, ...unknown])
        const count = (await countGroups(database, asked.by, asked.region)) * asked.periods.length * asked.figures.length
        if (count > mostTotals)
          throw invalid('invalid-request', [{ parameter: 'by', code: 'too-many-totals', params: { count, limit: mostTotals } }])
        const csv = formatOf(headers, query.format, sheetFormats) === 'csv'
        const then = await settle(database, query.asOf, reply)
        const groups = await rollUp(database, { ...asked, ...(then && { asOf: then.asOf }) })
        const pieces = csv ? csvOf(asked, groups, query.labels ?? 'codes') : jsonOf(asked, groups, settledText(then))
        if (csv) {
          const { path, labels } = categoryOf(asked.category)
          const [place, codes] = [asked.region ? `-${asked.region}` : '', asked.periods.map(({ code }) => code).join('-')]
          reply.header(
            'content-disposition',
            attachment(`statistics-${path}${place}-${codes}.csv`, `${labels.zh}汇总${place}-${codes}.csv`),
          )
        }
        return reply
          .header('vary', 'Accept')
          .type(`${csv ? 'text/csv' : 'application/json'}; charset=utf-8`)
          .send(Readable.from(pieces, { objectMode: false }))
      },
    )
  }
