/** The operation that takes an import back, as clients and the document know it. `import-reverts.ts` serves it. */
import { Type } from '@fastify/type-provider-typebox'
import { bodyProblems, json, responses, worked } from '../http/responses.ts'
import { ImportParams } from './import-operations.ts'
import { exampleRevert } from './import-schemas.ts'
import { Reason } from './schemas.ts'

const {
  id: _id,
  importedAt: _at,
  ...nothing
} = { ...exampleRevert, updated: 0, deleted: 0, unchanged: 19, rejected: 0, rows: 19 }
const report = (zh: string, en: string, examples: Record<string, { summary: string; value: unknown }>) =>
  json(`${zh} / ${en}`, { $ref: 'ImportReport#' }, { examples })

/** The schema of `POST /v1/imports/{id}/revert`. */
export const revertOperation = {
  operationId: 'revertImport',
  summary: '撤销一次导入 / Take an import back',
  description:
    '该次导入改动的每条数据恢复为导入之前的内容（新建的删除，删除的重新建立），作为新版本一次写入，自成一次导入。此后又被改动的不动，逐条列出（其后的导入先撤销即可）；报告期已关闭的一并恢复，作为更正。已撤销过的再次撤销不作改变（unchanged），不产生新的导入记录。 / Every record that the import changed becomes what it was before (created: deleted; deleted: there again), as new revisions, in one transaction that is an import of its own. What was changed since is left and listed (take back the later import first, if it was one). Records of closed periods are corrected with the others. Taking it back again changes nothing: `unchanged` counts what was taken back before, and no import is kept.',
  tags: ['imports'],
  params: ImportParams,
  querystring: Type.Object({ reason: Reason }, { additionalProperties: false }),
  response: responses(
    {
      200: report('全部已恢复，或此前已恢复', 'All is as it was before, now or since earlier', {
        reverted: worked('已撤销', 'Taken back', { ...exampleRevert, rejected: 0, rows: 18, errorCount: 0, errors: [] }),
        nothing: worked('此前已撤销：未写入任何数据', 'Taken back before: nothing was written', {
          ...nothing,
          errorCount: 0,
          errors: [],
        }),
      }),
      207: report('部分数据未恢复，见 errors', 'Some records were left as they are; see errors', {
        some: worked('一条此后已被改动', 'One was changed since', exampleRevert),
      }),
    },
    ...bodyProblems,
    'invalid-body',
    'invalid-request',
    'unknown-import',
    'write-conflict',
  ),
}
