/** What does not add up in a period, by region: the findings of the records, jumps against the period before, double reports. */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { stringify } from 'csv-stringify/sync'
import Negotiator from 'negotiator'
import Type from 'typebox'
import { type CategoryName, categories, findLeaf } from '../catalogue/index.ts'
import { type Period, parsePeriod, periodBefore } from '../catalogue/period.ts'
import { about, literals } from '../catalogue/schema.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { invalid } from '../http/problems.ts'
import { responses, worked } from '../http/responses.ts'
import { regionNames } from '../storage/coverage.ts'
import type { Database } from '../storage/database.ts'
import { type FindingKey, type ListedFinding, listFindings } from '../storage/findings.ts'
import { ensureYears } from '../storage/periods.ts'
import { unknownPlaces } from './filters.ts'
import { NextCursor, PeriodCode, RegionCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const ruleNames = [
  'within',
  'breakdown',
  'memberWithin',
  'rateOf',
  'balance',
  'perUnit',
  'rateRange',
  'jump',
  'doubleReport',
] as const
const categoryNames = categories.map(({ name }) => name)
/** Rows of a sheet that are read at a time: it holds no connection while its reader takes them. */
const sheetPage = 10_000

const message = {
  zh: '调解（化解）成功（400）与上期（60）相差悬殊',
  en: 'Disputes resolved (400) is far from the period before (60)',
}
const example = {
  township: '410423209',
  name: '仓头乡',
  period: '2025',
  category: 'disputes',
  rule: 'jump',
  severity: 'warning',
  figures: ['resolved'],
  expected: 60,
  actual: 400,
  message,
}
const Listed = Type.Object(
  {
    township: TownshipCode,
    name: Type.String(about('乡镇名称', 'Name of the township', '仓头乡')),
    period: PeriodCode,
    category: literals(categoryNames, about('类别', 'Category', 'disputes')),
    rule: literals(
      ruleNames,
      about(
        '规则；jump 与上期相差 5 倍且 20 以上；doubleReport 与其承接乡镇重复填报',
        'Rule; jump: five times and 20 or more from the period before; doubleReport: it and its successor have both reported',
        'jump',
      ),
    ),
    severity: literals(['warning', 'impossible'], about('严重程度', 'Severity', 'warning')),
    figures: Type.Array(
      Type.String(about('数据路径', 'Path of a figure', 'resolved')),
      about('涉及的数据', 'The figures concerned', ['resolved']),
    ),
    relation: Type.Optional(
      literals(['<=', '=', '>='], about('actual 与 expected 应有的关系', 'What should hold between actual and expected', '<=')),
    ),
    expected: Type.Optional(
      Type.Number(about('应有值、上下限或上期值', 'The value or bound of the rule, or the value before', 60)),
    ),
    actual: Type.Optional(Type.Number(about('填报值', 'What was reported', 400))),
    other: Type.Optional(TownshipCode),
    message: Type.Object(
      {
        zh: Type.String(about('中文说明', 'In Chinese', message.zh)),
        en: Type.String(about('英文说明', 'In English', message.en)),
      },
      { ...closed, ...about('说明', 'In plain words', message) },
    ),
  },
  { ...closed, $id: 'ListedFinding', ...about('一条校验提示及其出处', 'A finding and where it stands', example) },
)
const FindingList = Type.Object(
  {
    items: Type.Array(
      Type.Unsafe<unknown>({ $ref: 'ListedFinding#' }),
      about('按乡镇、类别排序', 'In the order of township and category', [example]),
    ),
    next: NextCursor,
  },
  { ...closed, $id: 'FindingList', ...about('一页校验提示', 'A page of findings', { items: [example] }) },
)
export const findingListSchemas = [Listed, FindingList]

const Query = Type.Object(
  {
    period: PeriodCode,
    region: Type.Optional(RegionCode),
    township: Type.Optional(TownshipCode),
    category: Type.Optional(literals(categoryNames, about('类别', 'Category', 'disputes'))),
    rule: Type.Optional(literals(ruleNames, about('规则', 'Rule', 'jump'))),
    severity: Type.Optional(literals(['warning', 'impossible'], about('严重程度', 'Severity', 'warning'))),
    format: Type.Optional(
      literals(
        ['json', 'csv'],
        about('格式；优先于 Accept；CSV 不分页', 'Format; goes before Accept; a sheet is not paged', 'csv'),
      ),
    ),
    ...paging,
  },
  closed,
)

type View = {
  [key: string]: unknown
  township: string
  name: string
  category: CategoryName
  rule: string
  severity: string
  figures: string[]
  message: { zh: string; en: string }
}

function viewOf(found: ListedFinding, period: Period): View {
  const { township, name, category, rule, severity } = found
  const head = { township, name, period: period.code, category, rule, severity }
  const { detail }: { detail: { [key: string]: unknown; figure?: string; other?: string; actual?: number; expected?: number } } =
    { detail: found.detail instanceof Object ? { ...found.detail } : {} }
  if (rule === 'jump') {
    const { figure = '', actual = 0, expected = 0 } = detail
    const labels = findLeaf(figure)?.leaf.labels ?? { zh: figure, en: figure }
    const message = {
      zh: `${labels.zh}（${actual}）与上期（${expected}）相差悬殊`,
      en: `${labels.en} (${actual}) is far from the period before (${expected})`,
    }
    return { ...head, figures: [figure], expected, actual, message }
  }
  if (rule === 'doubleReport') {
    const other = detail.other ?? ''
    return {
      ...head,
      figures: [],
      other,
      message: { zh: `与承接它的 ${other} 重复填报`, en: `Both it and its successor ${other} have reported` },
    }
  }
  const figures = Array.isArray(detail.figures) ? detail.figures.map(String) : []
  const { zh = '', en = '' }: { zh?: string; en?: string } = detail.message instanceof Object ? detail.message : {}
  return { ...head, figures, relation: detail.relation, expected: detail.expected, actual: detail.actual, message: { zh, en } }
}

const sheetHead = ['报告期', '县区', '乡镇代码', '乡镇名称', '类别', '规则', '严重程度', '数据', '应有', '填报', '说明']

const cellsOf = (row: View, names: ReadonlyMap<string, string>) => [
  row.period,
  names.get(row.township.slice(0, 6)) ?? '',
  row.township,
  row.name,
  categories.find(({ name }) => name === row.category)?.labels.zh,
  row.rule,
  row.severity === 'impossible' ? '不可能' : '提示',
  row.figures.join(' '),
  row.expected,
  row.actual,
  row.message.zh,
]

const textOf = (lines: unknown[][], bom: boolean) => stringify(lines, { bom, escape_formulas: true, record_delimiter: 'windows' })
const keyOf = ({ township, category, key }: ListedFinding): FindingKey => ({
  township,
  category: categoryNames.indexOf(category),
  key,
})

/** A sheet to its end, however long. What fails after the first page cuts the connection: it is no complete answer. */
async function* sheetOf(
  first: ListedFinding[],
  period: Period,
  names: ReadonlyMap<string, string>,
  more: (after: FindingKey) => Promise<ListedFinding[]>,
): AsyncGenerator<string> {
  yield textOf([sheetHead], true)
  for (let page = first; ; ) {
    yield textOf(
      page.map((one) => cellsOf(viewOf(one, period), names)),
      false,
    )
    const last = page.at(-1)
    if (!last || page.length < sheetPage) return
    page = await more(keyOf(last))
  }
}

/** `GET /v1/findings`: a page as JSON, or all as a sheet. */
export const findingRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/findings',
      {
        schema: {
          operationId: 'listFindings',
          summary: '校验提示 / What does not add up',
          description:
            '含各条数据的校验提示、与上一同类报告期相比的突变（jump）和重复填报（doubleReport）。 / The findings of the records, jumps against the period of the same kind before, and double reports.',
          tags: ['findings'],
          querystring: Query,
          response: responses(
            {
              200: {
                description: '一页校验提示，或全部（CSV） / A page of findings, or all as a sheet',
                content: {
                  'application/json': {
                    schema: { $ref: 'FindingList#' },
                    examples: { jump: worked('突变', 'A jump', { items: [example] }) },
                  },
                  'text/csv': {
                    schema: { type: 'string' },
                    examples: { empty: worked('空表', 'An empty sheet', textOf([sheetHead], true)) },
                  },
                },
              },
            },
            'invalid-request',
            'invalid-cursor',
            'cursor-of-another-filter',
          ),
        },
      },
      async (request, reply) => {
        const { limit, cursor, format, period: code, ...filter } = request.query
        const period = parsePeriod(code)
        const unknown = async () => unknownPlaces(database, { ...filter, period: code })
        let faults = await unknown()
        if (faults.some((fault) => fault.parameter === 'period') && (await ensureYears(database.pool))) faults = await unknown()
        if (!period || faults.length > 0) throw invalid('invalid-request', faults)
        const before = periodBefore(period)
        reply.header('vary', 'Accept')
        const csv =
          format === undefined
            ? new Negotiator({ headers: request.headers }).mediaType(['application/json', 'text/csv']) === 'text/csv'
            : format === 'csv'
        if (csv) {
          const page = (after?: FindingKey) => listFindings(database, period, before, filter, sheetPage, after)
          const sheet = sheetOf(await page(), period, await regionNames(database), page)
          return reply.type('text/csv; charset=utf-8').send(Readable.from(sheet, { objectMode: false }))
        }
        const bound = { list: 'findings', period: code, ...filter }
        const [township, category, key] = cursor === undefined ? [] : readCursor(bound, cursor)
        const after =
          cursor === undefined ? undefined : { township: String(township), category: Number(category), key: String(key) }
        const found = await listFindings(database, period, before, filter, limit + 1, after)
        const page = found.slice(0, limit)
        const last = found.length > limit ? page.at(-1) : undefined
        const next = last && writeCursor(bound, Object.values(keyOf(last)))
        if (next) reply.header('link', nextLink(request.url, next))
        return { items: page.map((one) => viewOf(one, period)), ...(next && { next }) }
      },
    )
  }
