/** The operations of a record's history as clients and the document know them. `revisions.ts` serves them. */
import { Type } from '@fastify/type-provider-typebox'
import type { CategoryName } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about } from '../catalogue/schema.ts'
import { paging } from '../http/paging.ts'
import { invalid } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import type { Revision } from '../storage/revisions.ts'
import { listAnswer, listParameters, type Sheet } from './list-file.ts'
import { stemOf } from './record-operations.ts'
import { RevisionNumber, revisionExamples } from './revision-schemas.ts'
import { like, PeriodCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const absent = ['unknown-township', 'unknown-period', 'record-absent'] as const
const noSuchRevision = invalid('invalid-request', [
  { parameter: 'from', code: 'no-such-revision', params: { revision: 7, newest: 2 } },
])

/** A revision in a list: what was done, without the record. */
export const revisionView = ({ revision, recordedAt, actor, reason, importId, deleted }: Revision) => ({
  revision,
  recordedAt,
  actor,
  ...(reason !== undefined && { reason }),
  ...(importId !== undefined && { importId }),
  deleted,
})

/** The history of a record as a sheet. */
export const revisionSheet: Sheet<ReturnType<typeof revisionView>> = {
  names: ['revisions', '历史版本'],
  columns: [
    ['revision', '版本', ({ revision }) => revision],
    ['recordedAt', '记录时间', ({ recordedAt }) => recordedAt],
    ['actor', '操作人', ({ actor }) => actor],
    ['reason', '理由', ({ reason }) => reason],
    ['importId', '导入编号', ({ importId }) => importId],
    ['deleted', '已删除', ({ deleted }) => String(deleted)],
  ],
}

/** The schemas of the three operations of a category. */
export function revisionOperations(name: CategoryName) {
  const { path: tag, component, labels } = categoryOf(name)
  const stem = stemOf(name)
  const { at, ...examples } = revisionExamples(name)
  const place = { township: like(TownshipCode, at.township), period: like(PeriodCode, at.period) }
  const one = {
    tags: [tag],
    params: Type.Object({ ...place, revision: RevisionNumber }, closed),
    querystring: Type.Object({}, closed),
  }

  const list = {
    tags: [tag],
    operationId: `list${stem}Revisions`,
    summary: `${labels.zh}：历史版本 / List the revisions of a record`,
    description:
      '最新的在前，删除也是一个版本；已删除的数据仍有历史。 / The newest first; a deletion is a revision too, and a deleted record keeps its history.',
    params: Type.Object(place, closed),
    querystring: Type.Object({ ...paging, ...listParameters }, closed),
    response: responses(
      {
        200: listAnswer(
          '一页历史版本，或全部 / A page of revisions, or all',
          { $ref: 'RevisionList#' },
          { page: examples.list, sheet: revisionSheet },
          ['Link'],
        ),
      },
      'invalid-request',
      'not-acceptable',
      'exports-busy',
      'invalid-cursor',
      'cursor-of-another-filter',
      ...absent,
    ),
  }
  const get = {
    ...one,
    operationId: `get${stem}Revision`,
    summary: `${labels.zh}：某一历史版本 / Read one revision`,
    description: '当时的全部内容；删除的版本没有 record。 / All of the record as it was then; a deletion has no `record`.',
    response: responses(
      {
        200: json(
          '一个历史版本 / A revision',
          { $ref: `${component}Revision#` },
          {
            examples: {
              revision: worked('更正之后', 'After a correction', examples.revision),
              tombstone: worked('删除', 'A deletion', examples.tombstone),
            },
          },
        ),
      },
      'invalid-request',
      ...absent,
      'unknown-revision',
    ),
  }
  const compare = {
    ...one,
    operationId: `get${stem}Difference`,
    summary: `${labels.zh}：两个版本之间的变化 / What changed between two revisions`,
    description:
      '逐项给出原值、新值及其限定词和说明；others、source 整体比较。已删除的版本视为没有内容。 / Old and new value of each figure with its qualifier and remark; `others` and `source` are compared as a whole. A deletion counts as nothing there.',
    querystring: Type.Object(
      {
        from: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: 2_147_483_647,
            ...about(
              '与哪个版本比较；默认为前一版本，0 为首次填报之前',
              'Compared with this revision; the one before without it, 0 is before the first',
              1,
            ),
          }),
        ),
      },
      closed,
    ),
    response: responses(
      {
        200: json(
          '两个版本之间的变化 / The difference',
          { $ref: 'Difference#' },
          { examples: { corrected: worked('更正了什么', 'What a correction changed', examples.difference) } },
        ),
      },
      noSuchRevision,
      ...absent,
      'unknown-revision',
    ),
  }
  return { list, get, compare }
}
