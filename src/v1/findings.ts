/** What does not add up in a period, by region: the findings of the records, jumps against the period before, double reports. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { categories, findLeaf } from '../catalogue/index.ts'
import { type Period, parsePeriod, periodBefore } from '../catalogue/period.ts'
import { about, literals } from '../catalogue/schema.ts'
import type { ReadScope } from '../http/access.ts'
import { nextLink, paging, readCursor, writeCursor } from '../http/paging.ts'
import { invalid } from '../http/problems.ts'
import { responses } from '../http/responses.ts'
import { regionNames } from '../storage/coverage.ts'
import type { Database } from '../storage/database.ts'
import { countFindings, type FindingKey, type ListedFinding, listFindings } from '../storage/findings.ts'
import { ensureYears } from '../storage/periods.ts'
import { unknownPlaces } from './filters.ts'
import {
  type Column,
  chineseLabels,
  countedParameters,
  fileFormOf,
  type Labels,
  listAnswer,
  type Sheet,
  sendList,
} from './list-file.ts'
import { NextCursor, PeriodCode, RegionCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
/** The rules, and what a sheet calls them. */
const rules = {
  within: '部分不超过整体',
  breakdown: '分项与合计',
  memberWithin: '不超过分项',
  rateOf: '比率与其分子分母',
  balance: '结转平衡',
  perUnit: '每单位下限',
  rateRange: '比率范围',
  jump: '与上期突变',
  'double-report': '重复填报',
}
const ruleNames = Object.keys(rules)
const categoryNames = categories.map(({ name }) => name)
/** Findings of a file that are read at a time. */
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
        '规则；jump 与上期相差 5 倍且 20 以上；double-report 与其承接乡镇重复填报',
        'Rule; jump: five times and 20 or more from the period before; double-report: it and its successor have both reported',
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
    ...countedParameters,
    labels: chineseLabels,
    ...paging,
  },
  closed,
)

type View = {
  [key: string]: unknown
  township: string
  name: string
  period: string
  category: string
  rule: string
  severity: string
  figures: string[]
  expected?: number | undefined
  actual?: number | undefined
  message: { zh: string; en: string }
}

const labelsOf = (figure: string) => findLeaf(figure)?.leaf.labels ?? { zh: figure, en: figure }

function viewOf(found: ListedFinding, period: Period): View {
  const { township, name, category, rule, severity } = found
  const head = { township, name, period: period.code, category, rule, severity }
  const { detail }: { detail: { [key: string]: unknown; figure?: string; other?: string; actual?: number; expected?: number } } =
    { detail: found.detail instanceof Object ? { ...found.detail } : {} }
  if (rule === 'jump') {
    const { figure = '', actual = 0, expected = 0 } = detail
    const labels = labelsOf(figure)
    const message = {
      zh: `${labels.zh}（${actual}）与上期（${expected}）相差悬殊`,
      en: `${labels.en} (${actual}) is far from the period before (${expected})`,
    }
    return { ...head, figures: [figure], expected, actual, message }
  }
  if (rule === 'double-report') {
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

/** In Chinese, for people, or in codes; `names` are those of all regions. */
function sheetOf(names: ReadonlyMap<string, string>, labels: Labels): Sheet<View> {
  const inChinese = labels === 'zh'
  const columns: Column<View>[] = [
    ['period', '报告期', ({ period }) => period],
    ['county', '县区', ({ township }) => names.get(township.slice(0, 6)) ?? ''],
    ['township', '乡镇代码', ({ township }) => township],
    ['name', '乡镇名称', ({ name }) => name],
    ['category', '类别', ({ category }) => (inChinese ? categories.find(({ name }) => name === category)?.labels.zh : category)],
    ['rule', '规则', ({ rule }) => (inChinese ? (new Map(Object.entries(rules)).get(rule) ?? rule) : rule)],
    ['severity', '严重程度', ({ severity }) => (inChinese ? (severity === 'impossible' ? '不可能' : '提示') : severity)],
    ['figures', '数据', ({ figures }) => (inChinese ? figures.map((one) => labelsOf(one).zh).join('、') : figures.join(' '))],
    ['expected', '应有（突变为上期）', ({ expected }) => expected],
    ['actual', '填报', ({ actual }) => actual],
    ['message', '说明', ({ message: words }) => (inChinese ? words.zh : words.en)],
  ]
  return { names: ['findings', '校验提示'], columns }
}

const keyOf = ({ township, category, key }: ListedFinding): FindingKey => ({
  township,
  category: categoryNames.indexOf(category),
  key,
})
const placeOf = ([township, category, key]: readonly unknown[]): FindingKey => ({
  township: String(township),
  category: Number(category),
  key: String(key),
})

/** `GET /v1/findings`: a page as JSON, or all as a file. `readScope` is whose figures a reader may learn of. */
export const findingRoutes =
  (database: Database, { readScope }: { readScope: ReadScope }): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/findings',
      {
        schema: {
          operationId: 'listFindings',
          summary: '校验提示 / What does not add up',
          description:
            '含各条数据的校验提示、与上一同类报告期相比的突变（jump）和重复填报（double-report）。 / The findings of the records, jumps against the period of the same kind before, and double reports.',
          tags: ['findings'],
          querystring: Query,
          response: responses(
            {
              200: listAnswer(
                '一页校验提示，或全部 / A page of findings, or all',
                { $ref: 'FindingPageOrCount#' },
                { page: { items: [example] }, sheet: sheetOf(new Map([['410423', '鲁山县']]), 'zh'), labels: 'zh' },
                ['Link'],
              ),
            },
            'invalid-request',
            'not-acceptable',
            'exports-busy',
            'invalid-cursor',
            'cursor-of-another-filter',
          ),
        },
      },
      async (request, reply) => {
        const { limit, cursor, format, count, labels = 'zh', period: code, ...filter } = request.query
        const form = fileFormOf(request, { format, count, labels })
        const period = parsePeriod(code)
        const unknown = async () => unknownPlaces(database, { ...filter, period: code })
        let faults = await unknown()
        if (faults.some((fault) => fault.parameter === 'period') && (await ensureYears(database.pool))) faults = await unknown()
        if (!period || faults.length > 0) throw invalid('invalid-request', faults)
        const before = periodBefore(period)
        const looked = { ...filter, seen: readScope === 'own' ? request.caller.region : '' }
        if (count) return reply.send({ count: await countFindings(database.pool, period, before, looked) })
        if (form)
          return sendList(
            database,
            request,
            reply,
            form,
            sheetOf(await regionNames(database), labels),
            async ({ client }, after) => {
              const from = after === undefined ? undefined : placeOf(JSON.parse(after))
              const found = await listFindings(client, period, before, looked, sheetPage, from)
              const last = found.length < sheetPage ? undefined : found.at(-1)
              const items = found.map((one) => viewOf(one, period))
              return { items, ...(last && { next: JSON.stringify(Object.values(keyOf(last))) }) }
            },
          )
        reply.header('vary', 'Accept')
        const bound = { list: 'findings', period: code, ...filter }
        const after = cursor === undefined ? undefined : placeOf(readCursor(bound, cursor, ['text', 'int', 'text']))
        const found = await listFindings(database.pool, period, before, looked, limit + 1, after)
        const page = found.slice(0, limit)
        const last = found.length > limit ? page.at(-1) : undefined
        const next = last && writeCursor(bound, Object.values(keyOf(last)))
        if (next) reply.header('link', nextLink(request.url, next))
        return { items: page.map((one) => viewOf(one, period)), ...(next && { next }) }
      },
    )
  }
