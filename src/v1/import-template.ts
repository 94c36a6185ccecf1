/** `GET /v1/imports/template`: a sheet for a region's townships to fill in, which imports as it is. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { categories } from '../catalogue/index.ts'
import { parsePeriod, periodBefore } from '../catalogue/period.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about, literals } from '../catalogue/schema.ts'
import { prefills, templateLabels, templateSheet } from '../exchange/template.ts'
import type { ReadScope } from '../http/access.ts'
import { attachment } from '../http/formats.ts'
import { invalid } from '../http/problems.ts'
import { responses, worked } from '../http/responses.ts'
import type { Database } from '../storage/database.ts'
import { ensureYears } from '../storage/periods.ts'
import { regionName, templateTownships } from '../storage/templates.ts'
import { unknownPlaces } from './filters.ts'
import { like, PeriodCode, RegionCode } from './schemas.ts'

const names = categories.map(({ name }) => name)
const Query = Type.Object(
  {
    category: literals(names, about('数据类别', 'Category', 'legalAdvisers')),
    region: like(RegionCode, '410423'),
    period: PeriodCode,
    labels: Type.Optional(
      literals(
        templateLabels,
        about('表头：zh 中文名称（默认），codes 指标代码', 'Headers: Chinese labels (default) or codes', 'zh'),
      ),
    ),
    prefill: Type.Optional(
      literals(
        prefills,
        about(
          '预填上一同类报告期的数据：none 不填（默认），stocks 存量，all 全部；须附说明才能填报的数据留空',
          'Filled in from the period before of the same kind: nothing (default), stocks, or all; what only a note can explain stays empty',
          'stocks',
        ),
      ),
    ),
  },
  { additionalProperties: false },
)
const year = parsePeriod('2024')
const townships = [{ code: '410423209', name: '仓头乡' }]
const example = year && templateSheet({ category: 'legalAdvisers', period: year, labels: 'zh', prefill: 'none', townships })
const mistaken = invalid('invalid-request', [{ parameter: 'region', code: 'no-such-region', params: { code: '410499' } }])

/** The route of the template. 400 names a region or period that nobody knows. */
export const importTemplateRoutes =
  (database: Database, { readScope }: { readScope: ReadScope }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/imports/template',
      {
        schema: {
          operationId: 'getImportTemplate',
          summary: '填报模板 / A sheet to fill in',
          description: `CSV（UTF-8 带 BOM），每个应报乡镇一行、每项数据一列，填好后原样提交 POST /v1/imports。整行未填的乡镇不导入；已填的行中，空单元格表示没有该项数据，会清除已存的值，可先用 dryRun=true 查看。 / CSV (UTF-8 with BOM): a row for every township that is expected to report, a column a figure; filled in, it goes to POST /v1/imports as it is. A row in which nothing is filled in is skipped. In one that is, an empty cell says that there is no such figure and clears a stored one; dryRun=true shows it first.`,
          tags: ['imports'],
          querystring: Query,
          response: responses(
            {
              200: {
                description: '模板 / The sheet',
                headers: { 'Content-Disposition': { type: 'string' } },
                content: {
                  'text/csv': { schema: { type: 'string' }, examples: { sheet: worked('一个镇', 'One town', example) } },
                },
              },
            },
            mistaken,
          ),
        },
      },
      async (request, reply) => {
        const { category, region, period: code, labels = 'zh', prefill = 'none' } = request.query
        let unknown = await unknownPlaces(database, { region, period: code })
        if (unknown.some((fault) => fault.code === 'no-such-period') && (await ensureYears(database.pool)))
          unknown = await unknownPlaces(database, { region, period: code })
        const period = parsePeriod(code)
        if (!period || unknown.length > 0) throw invalid('invalid-request', unknown)
        const earlier = prefill === 'none' ? undefined : periodBefore(period)
        const seen = readScope === 'own' ? request.caller.region : ''
        const townships = await templateTownships(database, category, region, period, seen, earlier)
        const { path, labels: title } = categoryOf(category)
        const place = await regionName(database, region)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', attachment(`template-${path}-${region}-${code}.csv`, `${title.zh}-${place}-${code}.csv`))
          .send(templateSheet({ category, period, labels, prefill, townships }))
      },
    )
  }
