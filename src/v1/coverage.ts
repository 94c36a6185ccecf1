/**
 * Coverage: who has reported, who is late, who has not, and what is missing, by region; with the list of townships that a county needs for
 * its round of phone calls, as JSON or as a sheet.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { stringify } from 'csv-stringify/sync'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { parsePeriod } from '../catalogue/period.ts'
import { attachment, formatOf, sheetFormats } from '../http/formats.ts'
import { invalid } from '../http/problems.ts'
import { headersOf, responses, worked } from '../http/responses.ts'
import { type Reporting, readCoverage, regionNames } from '../storage/coverage.ts'
import type { Database } from '../storage/database.ts'
import { ensureYears, findPeriod } from '../storage/periods.ts'
import { type Level, levels } from '../storage/statistics-statement.ts'
import { CoverageQuery, exampleCoverage, listed, type Status } from './coverage-schemas.ts'
import { assertPlaced } from './exports.ts'
import { notFiner, unknownPlaces } from './filters.ts'
import type { Labels } from './list-file.ts'

type Judged = Reporting & { status: Status; late: boolean; missing: CategoryName[] }

function judged(one: Reporting): Judged {
  const missing = categories.map(({ name }) => name).filter((name) => !one.reported.includes(name))
  const late = one.expected && one.reportedOn !== null && one.reportedOn > one.dueOn
  const status = !one.expected
    ? 'unexpected'
    : missing.length === 0
      ? 'complete'
      : one.reported.length > 0
        ? 'partial'
        : 'missing'
  return { ...one, status, late, missing }
}

function groupOf(code: string, name: string, members: readonly Judged[]) {
  const expected = members.filter((one) => one.expected)
  const number = (status: Status) => members.filter((one) => one.status === status).length
  return {
    region: { code, name },
    expected: expected.length,
    reported: number('complete') + number('partial'),
    complete: number('complete'),
    partial: number('partial'),
    missing: number('missing'),
    late: members.filter((one) => one.late).length,
    unexpected: number('unexpected'),
    categories: Object.fromEntries(
      categories.map(({ name: one }) => [one, expected.filter(({ reported }) => reported.includes(one)).length]),
    ),
  }
}

/** `GET /v1/coverage`. A `by` that is not below the region is a 400. */
export const coverageRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/coverage',
      {
        schema: {
          operationId: 'getCoverage',
          summary: '报送情况 / Who has reported',
          description:
            '应报送：该期最后一日有效且类型不是 other 的乡镇。迟报：公开日期（没有则为首次填报日，北京时间）在截止日之后，地区有延期的以延期为准。CSV 列出全部所选乡镇，便于逐个催报。 / Expected are the townships valid on the last day of the period whose kind is not other. Late: published, else first reported, after the due day in Asia/Shanghai, or after that of the smallest region with an extension. The sheet lists every township asked for.',
          tags: ['coverage'],
          querystring: CoverageQuery,
          response: responses(
            {
              200: {
                description: '报送情况 / Coverage',
                headers: headersOf(['Content-Disposition']),
                content: {
                  'application/json': {
                    schema: { $ref: 'Coverage#' },
                    examples: { county: worked('一个县', 'A county', exampleCoverage) },
                  },
                  'text/csv': {
                    schema: { type: 'string' },
                    examples: { county: worked('一个县', 'A county', sheetOf([], '2024', 'zh')) },
                  },
                },
              },
            },
            'invalid-request',
            'not-acceptable',
          ),
        },
      },
      async (request, reply) => {
        const { period: code, region, by, status, format: asked, labels = 'zh' } = request.query
        const format = formatOf(request.headers, asked, sheetFormats)
        assertPlaced(request.url, { format, count: undefined })
        const period = parsePeriod(code)
        let stored = period && (await findPeriod(database, period.id))
        if (period && !stored && (await ensureYears(database.pool))) stored = await findPeriod(database, period.id)
        const faults = await unknownPlaces(database, { period: code, ...(region !== undefined && { region }) })
        const deep = by === undefined || levels[by] > (region?.length ?? 0)
        if (!deep) faults.push(notFiner(by, region ?? ''))
        if (!period || !stored || faults.length > 0) throw invalid('invalid-request', faults)
        const { dueOn } = stored
        const all = (await readCoverage(database, stored, region)).map(judged)
        const names = await regionNames(database)
        const chosen = all.filter((one) =>
          status === undefined ? one.status !== 'complete' || one.late : status === 'late' ? one.late : one.status === status,
        )
        const townships = chosen.map(({ code: township, name, late, reportedOn, dueOn: due, missing, status: own }) => ({
          township,
          name,
          county: names.get(township.slice(0, 6)) ?? '',
          status: own,
          late,
          ...(reportedOn !== null && { reportedOn }),
          dueOn: due,
          missing,
        }))
        reply.header('vary', 'Accept')
        if (format === 'csv') {
          const place = region === undefined ? '' : `-${region}`
          const file = attachment(`coverage${place}-${code}.csv`, `报送情况-${names.get(region ?? '') ?? ''}-${code}.csv`)
          return reply
            .type('text/csv; charset=utf-8')
            .header('content-disposition', file)
            .send(sheetOf(townships, code, labels))
        }
        return {
          period: code,
          dueOn,
          items: grouped(all, names, by, region),
          townships: townships.slice(0, listed),
          townshipCount: townships.length,
        }
      },
    )
  }

function grouped(all: readonly Judged[], names: ReadonlyMap<string, string>, by: Level | undefined, region = '') {
  if (by === undefined) return [groupOf(region, names.get(region) ?? '', all)]
  const groups = new Map<string, Judged[]>()
  for (const one of all) {
    const code = one.code.slice(0, levels[by])
    const members = groups.get(code)
    if (members) members.push(one)
    else groups.set(code, [one])
  }
  return [...groups].map(([code, members]) =>
    groupOf(code, (by === 'township' ? members[0]?.name : names.get(code)) ?? '', members),
  )
}

type Row = {
  township: string
  name: string
  county: string
  status: Status
  late: boolean
  reportedOn?: string
  missing: CategoryName[]
}
const words: Record<Status, string> = { missing: '未报送', partial: '不全', complete: '齐全', unexpected: '不应报送' }

/** A sheet in Chinese, for people who telephone, or in codes. */
function sheetOf(rows: readonly Row[], period: string, labels: Labels): string {
  const inChinese = labels === 'zh'
  const categoryLabels = new Map(categories.map(({ name, labels: { zh } }) => [name, zh]))
  const header = inChinese
    ? ['报告期', '县区', '乡镇代码', '乡镇名称', '状态', '迟报', '报送日', '缺少的类别']
    : ['period', 'county', 'township', 'name', 'status', 'late', 'reportedOn', 'missing']
  const lines = rows.map((row) => [
    period,
    row.county,
    row.township,
    row.name,
    inChinese ? words[row.status] : row.status,
    inChinese ? (row.late ? '是' : '') : String(row.late),
    row.reportedOn ?? '',
    inChinese ? row.missing.map((name) => categoryLabels.get(name)).join('、') : row.missing.join(' '),
  ])
  return stringify([header, ...lines], { bom: true, escape_formulas: true, record_delimiter: 'windows' })
}
