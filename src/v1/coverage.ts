/**
 * Coverage: who has reported, who is late, who has not, and what is missing, by region; with the list of townships that a county needs for
 * its round of phone calls, as JSON or as a sheet.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { stringify } from 'csv-stringify/sync'
import Type from 'typebox'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { parsePeriod } from '../catalogue/period.ts'
import { about, literals } from '../catalogue/schema.ts'
import { formatOf, sheetFormats } from '../http/formats.ts'
import { invalid } from '../http/problems.ts'
import { responses, worked } from '../http/responses.ts'
import { type Reporting, readCoverage, regionNames } from '../storage/coverage.ts'
import type { Database } from '../storage/database.ts'
import { ensureYears, findPeriod } from '../storage/periods.ts'
import { type Level, levels } from '../storage/statistics-statement.ts'
import { assertPlaced } from './exports.ts'
import { notFiner, unknownPlaces } from './filters.ts'
import { chineseLabels, type Labels } from './list-file.ts'
import { Day, PeriodCode, RegionCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const statuses = ['missing', 'partial', 'complete', 'unexpected'] as const
type Status = (typeof statuses)[number]
/** Townships that one JSON answer lists; the sheet has them all. */
const listed = 1000

const count = (zh: string, en: string, example: number) => Type.Integer(about(zh, en, example))
const countsExample = { expected: 25, reported: 2, complete: 1, partial: 1, missing: 23, late: 1, unexpected: 0 }
const byCategory = { disputes: 2, enforcement: 1, legalAdvisers: 1, publicity: 2, governance: 1 }
const groupExample = { region: { code: '500229', name: '城口县' }, ...countsExample, categories: byCategory }
const townshipExample = {
  township: '500229107',
  name: '高观镇',
  county: '城口县',
  status: 'partial',
  late: true,
  reportedOn: '2025-03-02',
  dueOn: '2025-03-01',
  missing: ['enforcement', 'legalAdvisers'],
}
const example = { period: '2024', dueOn: '2025-03-01', items: [groupExample], townships: [townshipExample], townshipCount: 24 }

const Group = Type.Object(
  {
    region: Type.Object(
      {
        code: Type.String(about('区划代码，全国为空', 'Code of the region; empty for the country', '500229')),
        name: Type.String(about('名称', 'Name', '城口县')),
      },
      { ...closed, ...about('地区', 'Region', groupExample.region) },
    ),
    expected: count('应报送的乡镇数', 'Townships that are expected to report', 25),
    reported: count('其中已报送', 'Of these, reported anything', 2),
    complete: count('五类齐全', 'Reported all five categories', 1),
    partial: count('部分类别', 'Reported some categories', 1),
    missing: count('未报送', 'Reported nothing', 23),
    late: count('已报送但迟报；未报送的见 missing', 'Reported after the due day; who has not reported at all is missing', 1),
    unexpected: count('不应报送而报送的', 'Reported although not expected: closed, not yet founded, or no township', 0),
    categories: Type.Object(
      Object.fromEntries(
        categories.map(({ name, labels }) => [name, count(`已报送${labels.zh}`, `Reported ${labels.en.toLowerCase()}`, 2)]),
      ),
      { ...closed, ...about('各类已报送数', 'Expected townships that reported each category', byCategory) },
    ),
  },
  { ...closed, $id: 'CoverageGroup', ...about('一个地区的报送情况', 'Coverage of one region', groupExample) },
)
const category = literals(
  categories.map(({ name }) => name),
  about('类别', 'Category', 'enforcement'),
)
const Township = Type.Object(
  {
    township: TownshipCode,
    name: Type.String(about('名称', 'Name', '高观镇')),
    county: Type.String(about('县级区划', 'County', '城口县')),
    status: literals(
      statuses,
      about('missing 未报送；partial 不全；complete 齐全；unexpected 不应报送', 'What it has reported', 'partial'),
    ),
    late: Type.Boolean(about('是否迟报', 'Whether it reported after the due day', true)),
    reportedOn: Type.Optional(Day('报送日：公开日期，否则首次填报日', 'Day of publication, else of the first revision')),
    dueOn: Day('该乡镇的截止日，含地区延期', 'Day by which it was due, with the extension of its region'),
    missing: Type.Array(category, about('缺少的类别', 'Categories without a record', ['enforcement', 'legalAdvisers'])),
  },
  { ...closed, $id: 'CoverageTownship', ...about('一个乡镇的报送情况', 'Coverage of one township', townshipExample) },
)
const Coverage = Type.Object(
  {
    period: PeriodCode,
    dueOn: Day('报送截止日，不含地区延期', 'Day by which reports are due, extensions of regions aside'),
    items: Type.Array(Type.Unsafe<unknown>({ $ref: 'CoverageGroup#' }), about('各地区', 'The regions', [groupExample])),
    townships: Type.Array(
      Type.Unsafe<unknown>({ $ref: 'CoverageTownship#' }),
      about(
        `不齐全、迟报或不应报送的乡镇，至多 ${listed} 个`,
        `Townships that are not complete, late or unexpected; at most ${listed}`,
        [townshipExample],
      ),
    ),
    townshipCount: count('此类乡镇总数', 'How many such townships there are', 24),
  },
  { ...closed, $id: 'Coverage', ...about('报送情况', 'Who has reported', example) },
)
export const coverageSchemas = [Group, Township, Coverage]

const Query = Type.Object(
  {
    period: PeriodCode,
    region: Type.Optional(RegionCode),
    by: Type.Optional(
      literals(
        ['province', 'prefecture', 'county', 'township'],
        about(
          '按哪一级分组；不给则合计。CSV 只列乡镇，不分组',
          'Level of the groups; one total without it. A CSV lists townships and has no groups',
          'county',
        ),
      ),
    ),
    status: Type.Optional(literals([...statuses, 'late'], about('只列此类乡镇', 'List only townships of this state', 'missing'))),
    format: Type.Optional(literals(['json', 'csv'], about('格式；优先于 Accept', 'Format; goes before Accept', 'csv'))),
    labels: chineseLabels,
  },
  closed,
)

type Judged = Reporting & { status: Status; late: boolean; missing: CategoryName[] }

function judged(one: Reporting): Judged {
  const missing = categories.map(({ name }) => name).filter((name) => !one.reported.includes(name))
  const late = one.reportedOn !== null && one.reportedOn > one.dueOn
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
    late: expected.filter((one) => one.late).length,
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
          querystring: Query,
          response: responses(
            {
              200: {
                description: '报送情况 / Coverage',
                content: {
                  'application/json': {
                    schema: { $ref: 'Coverage#' },
                    examples: { county: worked('一个县', 'A county', example) },
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
        if (format === 'csv') return reply.type('text/csv; charset=utf-8').send(sheetOf(townships, code, labels))
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
