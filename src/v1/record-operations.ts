/** The operations of one category as clients and the document know them: parameters, bodies, answers, examples. `records.ts` serves them. */
import { Type } from '@fastify/type-provider-typebox'
import type { CategoryName } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { documented } from '../http/document.ts'
import { paging } from '../http/paging.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { bodyProblems, empty, json, responses, worked } from '../http/responses.ts'
import { AsOf, settledHeaders } from './as-of.ts'
import { exampleCount, exportExamples, exportParameters } from './export-query.ts'
import { mistakesOf, recordExamples } from './record-examples.ts'
import { Instant, like, PeriodCode, RegionCode, TownshipCode, WriteQuery } from './schemas.ts'

export const patchType = 'application/merge-patch+json'
const closed = { additionalProperties: false } as const

const unknownPlace = ['invalid-request', 'unknown-township', 'unknown-period'] as const
export const writing = ['period-closed', 'write-conflict', 'precondition-failed', 'correction-needs-condition'] as const
const mistakenFilter = invalid('invalid-request', [
  { parameter: 'page', code: 'unknown-parameter', params: { name: 'page' } },
  { parameter: 'region', code: 'bad-region', params: { received: '4104232' } },
  { parameter: 'limit', code: 'out-of-range', params: { limit: '1 to 1000', limitZh: '在 1 至 1000 之间' } },
])

/** What the operation ids of a category begin with after their verb. */
export function stemOf(name: CategoryName): string {
  const { component } = categoryOf(name)
  return component === 'Dispute' || component === 'LegalAdviser' ? `${component}s` : component
}

/** The schemas of the five operations of a category. */
export function recordOperations(name: CategoryName) {
  const { path, component, labels } = categoryOf(name)
  const { at, ...examples } = recordExamples(name)
  const stem = stemOf(name)
  const ref = (id: string) => ({ $ref: `${component}${id}#` })
  const answer = (zh: string, en: string, more: Parameters<typeof json>[2]) => json(`${zh} / ${en}`, ref('Record'), more)
  const read = answer(`一条${labels.zh}数据`, 'The record', { headers: ['ETag', ...settledHeaders], examples: examples.read })
  const written = answer(`一条${labels.zh}数据`, 'The record', { headers: ['ETag'], examples: examples.read })
  const { lines, sheet } = exportExamples(name, at)
  const lists = (description: string, schema: { $ref: string }) => {
    const page = json(description, schema, {
      headers: ['Link', 'Content-Disposition', 'Export-Token', ...settledHeaders],
      examples: examples.list,
    })
    const counted = { count: worked('count=true：只有条数', 'count=true: their number alone', exampleCount) }
    return {
      ...page,
      content: {
        'application/json': { schema, examples: { ...examples.list, ...counted } },
        'application/x-ndjson': { schema: { $ref: 'RecordLines#' }, examples: { all: worked('全部', 'All of them', lines) } },
        'text/csv': { schema: { $ref: 'RecordSheet#' }, examples: { all: worked('全部', 'All of them', sheet) } },
      },
    }
  }
  const township = like(TownshipCode, at.township)
  const period = like(PeriodCode, at.period)
  const one = {
    tags: [path],
    params: Type.Object({ township, period }, closed),
  }

  const list = {
    operationId: `list${stem}`,
    summary: `${labels.zh}：列表 / List records`,
    tags: [path],
    querystring: Type.Object(
      {
        period: Type.Optional(period),
        region: Type.Optional(like(RegionCode, at.township.slice(0, 6))),
        township: Type.Optional(township),
        updatedAfter: Type.Optional(
          Instant(
            '只要此后变更的；不适合用于同步副本',
            'Changed after this instant; not fit for keeping copies, since a late commit can be missed',
          ),
        ),
        asOf: AsOf,
        ...paging,
        ...exportParameters,
      },
      closed,
    ),
    response: responses(
      {
        200: lists('按报告期、乡镇排序：一页，或全部 / In the order of period and township: a page, or all', ref('PageOrCount')),
      },
      mistakenFilter,
      'not-acceptable',
      'exports-busy',
      'invalid-cursor',
      'cursor-of-another-filter',
      new ProblemError('cursor-of-another-database', { parameter: 'changedSince' }),
    ),
  }
  const get = {
    ...one,
    querystring: Type.Object({ asOf: AsOf }, closed),
    operationId: `get${stem}`,
    summary: `${labels.zh}：读取 / Read one record`,
    response: responses(
      { 200: read, 304: empty('未变更 / Not modified', ['ETag', ...settledHeaders]) },
      ...unknownPlace,
      'record-absent',
      'absent-then',
    ),
    ...documented({ headers: ['If-None-Match'] }),
  }
  const put = {
    ...one,
    querystring: WriteQuery,
    operationId: `put${stem}`,
    summary: `${labels.zh}：填报或替换 / Report or replace one record`,
    description:
      '整体替换；内容相同则不产生新版本。If-Match 防止覆盖他人的修改，If-None-Match: * 只新建。 / Replaces the record; an identical one changes nothing. If-Match protects the work of others, If-None-Match: * only creates.',
    body: ref('Write'),
    response: responses(
      { 200: written, 201: answer('已新建', 'Created', { headers: ['ETag', 'Location'], examples: examples.read }) },
      ...unknownPlace,
      invalid('invalid-body', mistakesOf(name).faults),
      ...bodyProblems,
      ...writing,
    ),
    ...documented({ headers: ['If-Match', 'If-None-Match'], examples: examples.bodies }),
  }
  const patch = {
    ...one,
    querystring: WriteQuery,
    operationId: `patch${stem}`,
    summary: `${labels.zh}：修改 / Change parts of one record`,
    description:
      'JSON Merge Patch（RFC 7396）：null 删除一项及其说明；figures、remarks、others、source 为 null 则全部删除。 / null removes a figure together with its remark; null for figures, remarks, others or source removes all of it.',
    consumes: [patchType],
    body: ref('Patch'),
    response: responses(
      { 200: answer('修改后的数据', 'The record as it is now', { headers: ['ETag'], examples: examples.patched }) },
      ...unknownPlace,
      'record-absent',
      invalid('invalid-body', mistakesOf(name, { patch: true }).faults),
      ...bodyProblems.filter((code) => code !== 'unsupported-media-type'),
      new ProblemError('unsupported-media-type', { expected: patchType, received: 'application/json' }),
      ...writing,
    ),
    ...documented({ headers: ['If-Match'], examples: examples.patches }),
  }
  const remove = {
    ...one,
    querystring: WriteQuery,
    operationId: `delete${stem}`,
    summary: `${labels.zh}：删除 / Delete one record`,
    description: '历史保留；再次填报时版本号继续。 / The history stays; a record that is reported again continues its revisions.',
    response: responses({ 204: empty('已删除 / Deleted') }, ...unknownPlace, 'record-absent', ...writing),
    ...documented({ headers: ['If-Match'] }),
  }
  return { list, get, put, patch, remove }
}
