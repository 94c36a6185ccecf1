/** What does not add up in a period, by region: the findings of the records, jumps against the period before, double reports. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { categories, findLeaf } from '../catalogue/index.ts'
import { type Period, parsePeriod, periodBefore } from '../catalogue/period.ts'
import type { ReadScope } from '../http/access.ts'
import { nextLink, readCursor, writeCursor } from '../http/paging.ts'
import { invalid } from '../http/problems.ts'
import { responses } from '../http/responses.ts'
import { regionNames } from '../storage/coverage.ts'
import type { Database } from '../storage/database.ts'
import { countFindings, type FindingKey, type ListedFinding, listFindings } from '../storage/findings.ts'
import { ensureYears } from '../storage/periods.ts'
import { unknownPlaces } from './filters.ts'
import { categoryNames, exampleListed, FindingQuery, findingRules } from './finding-schemas.ts'
import { type Column, fileFormOf, type Labels, listAnswer, type Sheet, sendList } from './list-file.ts'

/** Findings of a file that are read at a time. */
const sheetPage = 10_000

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
    const { figure = '', actual = 0, expected = 0, other } = detail
    const labels = labelsOf(figure)
    const message = {
      zh: `${labels.zh}（${actual}）与上期（${other ? `原代码 ${other}：` : ''}${expected}）相差悬殊`,
      en: `${labels.en} (${actual}) is far from the period before (${expected}${other ? `, under its old code ${other}` : ''})`,
    }
    return { ...head, figures: [figure], expected, actual, ...(other && { other }), message }
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
  if (rule === 'unexpected') {
    const message = {
      zh: `${name}在该期最后一日不是应报送的乡镇：已停用、尚未设立，或不是乡镇`,
      en: `${name} was not expected to report on the last day of the period: closed, not yet founded, or no township`,
    }
    return { ...head, figures: [], message }
  }
  const figures = Array.isArray(detail.figures) ? detail.figures.map(String) : []
  const { zh = '', en = '' }: { zh?: string; en?: string } = detail.message instanceof Object ? detail.message : {}
  return { ...head, figures, relation: detail.relation, expected: detail.expected, actual: detail.actual, message: { zh, en } }
}

const ruleWords = new Map<string, string>(Object.entries(findingRules))

/** In Chinese, for people, or in codes; `names` are those of all regions. */
function sheetOf(names: ReadonlyMap<string, string>, labels: Labels): Sheet<View> {
  const inChinese = labels === 'zh'
  const columns: Column<View>[] = [
    ['period', '报告期', ({ period }) => period],
    ['county', '县区', ({ township }) => names.get(township.slice(0, 6)) ?? ''],
    ['township', '乡镇代码', ({ township }) => township],
    ['name', '乡镇名称', ({ name }) => name],
    ['category', '类别', ({ category }) => (inChinese ? categories.find(({ name }) => name === category)?.labels.zh : category)],
    ['rule', '规则', ({ rule }) => (inChinese ? (ruleWords.get(rule) ?? rule) : rule)],
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
            '含各条数据的校验提示、与上一同类报告期相比的突变（jump）、重复填报（double-report）和不应报送（unexpected）。 / The findings of the records, jumps against the period of the same kind before, double reports, and records of townships that were not there.',
          tags: ['findings'],
          querystring: FindingQuery,
          response: responses(
            {
              200: listAnswer(
                '一页校验提示，或全部 / A page of findings, or all',
                { $ref: 'FindingPageOrCount#' },
                { page: { items: [exampleListed] }, sheet: sheetOf(new Map([['410423', '鲁山县']]), 'zh'), labels: 'zh' },
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
