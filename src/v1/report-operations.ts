/** The operations of whole reports as clients and the document know them. `reports.ts` serves them. */
import { Type } from '@fastify/type-provider-typebox'
import { categories } from '../catalogue/index.ts'
import { about, ref, Source } from '../catalogue/schema.ts'
import { documented } from '../http/document.ts'
import type { ResponseHeader } from '../http/headers.ts'
import { invalid } from '../http/problems.ts'
import { bodyProblems, empty, json, responses, worked } from '../http/responses.ts'
import { recordsOf, samples } from '../samples/index.ts'
import { AsOf, settledHeaders } from './as-of.ts'
import { mistakesOf, readExample } from './record-examples.ts'
import { writing } from './record-operations.ts'
import { like, PeriodCode, TownshipCode, WriteQuery } from './schemas.ts'

const closed = { additionalProperties: false } as const

/** The shortest real report that has all five records. */
const sample = samples.findLast(({ records }) => categories.every(({ name }) => records[name]))
const at = { township: sample?.township ?? '', period: sample?.period ?? '' }
const source = sample?.source
const read = (sample ? recordsOf(sample) : []).map(({ category, content }) => [category, readExample(category, at, content)])
const brief = { figures: { accepted: 100 } }

const place = { township: like(TownshipCode, at.township), period: like(PeriodCode, at.period) }
const each = (part: 'Record' | 'Write') =>
  Object.fromEntries(
    categories.map(({ name, component }) => [name, Type.Optional(Type.Unsafe<unknown>({ $ref: `${component}${part}#` }))]),
  )

const ReportRead = Type.Object(
  { ...place, source: Type.Optional(ref(Source)), ...each('Record') },
  {
    ...closed,
    $id: 'Report',
    ...about('一份报告：五类数据；source 仅在各类一致时给出', 'A report: its records; `source` only where all agree', {
      ...at,
      disputes: readExample('disputes', at, brief),
    }),
  },
)
const ReportWrite = Type.Object(
  {
    township: Type.Optional(place.township),
    period: Type.Optional(place.period),
    source: Type.Optional(ref(Source)),
    ...each('Write'),
  },
  {
    ...closed,
    $id: 'ReportWrite',
    ...about(
      '整份填报；source 为未单独注明来源的各类的默认来源',
      'A whole report; `source` is the default of records that have none',
      { source, disputes: brief },
    ),
  },
)
export const reportSchemas = [ReportRead, ReportWrite]

const unknownPlace = ['invalid-request', 'unknown-township', 'unknown-period'] as const
const mistaken = invalid('invalid-body', [
  ...mistakesOf('disputes', { prefix: '/disputes' }).faults,
  ...mistakesOf('publicity', { prefix: '/publicity' }).faults,
])
const examples = { report: worked('一份完整的真实报告', 'A whole real report', { ...at, source, ...Object.fromEntries(read) }) }
const whole = (zh: string, en: string, headers: readonly ResponseHeader[]) =>
  json(`${zh} / ${en}`, { $ref: 'Report#' }, { headers, examples })

const one = {
  tags: ['reports'],
  params: Type.Object(place, closed),
}

/** The schemas of the three operations. */
export const reportOperations = {
  get: {
    ...one,
    querystring: Type.Object({ asOf: AsOf }, closed),
    operationId: 'getReport',
    summary: '读取整份报告 / Read a whole report',
    response: responses(
      {
        200: whole('整份报告', 'The whole report', ['ETag', ...settledHeaders]),
        304: empty('未变更 / Not modified', ['ETag', ...settledHeaders]),
      },
      ...unknownPlace,
      'report-absent',
      'absent-then',
    ),
    ...documented({ headers: ['If-None-Match'] }),
  },
  put: {
    ...one,
    querystring: WriteQuery,
    operationId: 'putReport',
    summary: '填报或替换整份报告 / Report or replace a whole report',
    description:
      '未包含的类别将被删除，此时必须带 If-Match。 / A category that is left out is deleted, for which If-Match is required.',
    body: { $ref: 'ReportWrite#' },
    response: responses(
      { 200: whole('整份报告', 'The whole report', ['ETag']), 201: whole('已新建', 'Created', ['ETag', 'Location']) },
      ...unknownPlace,
      mistaken,
      ...bodyProblems,
      ...writing,
      'precondition-required',
    ),
    ...documented({
      headers: ['If-Match', 'If-None-Match'],
      examples: {
        report: worked('一份完整的真实报告', 'A whole real report', { source, ...sample?.records }),
        smallest: worked('最简：一类中的一个数据', 'The smallest: one figure of one category', { disputes: brief }),
      },
    }),
  },
  remove: {
    ...one,
    querystring: WriteQuery,
    operationId: 'deleteReport',
    summary: '删除整份报告 / Delete a whole report',
    description: '历史保留。 / The history stays.',
    response: responses({ 204: empty('已删除 / Deleted') }, ...unknownPlace, 'report-absent', ...writing),
    ...documented({ headers: ['If-Match'] }),
  },
}
