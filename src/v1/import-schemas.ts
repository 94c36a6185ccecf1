/** The components of imports: the report, its mistakes, what a dry run would change, and the list of past imports. */
import Type from 'typebox'
import { categories } from '../catalogue/index.ts'

import { about, literals, ref } from '../catalogue/schema.ts'
import { faults, problems } from '../http/problems.ts'
import { exampleChange, exampleClearing, ImportChange, ImportClearing } from './import-change-schemas.ts'
import { Instant, NextCursor, PeriodCode, Problem, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const names = categories.map(({ name }) => name)
const count = (zh: string, en: string, example: number) => Type.Integer({ minimum: 0, ...about(zh, en, example) })

const exampleError = {
  row: 3,
  pointer: '/figures/identified',
  code: 'wrong-type',
  detail: 'must be integer, not "382"; send the number 382 without quotes',
}
const ImportError = Type.Object(
  {
    row: count(
      '行号：表格按行数（表头也算），JSON 从 1 起；撤销导入时是所写数据的序号，与文件的行号无关',
      'The row: line of a sheet, header included; from 1 in JSON; where an import is taken back, the number of the record among those it wrote',
      exampleError.row,
    ),
    category: Type.Optional(literals(names, about('类别；仅撤销导入时', 'Category, where an import is taken back', 'disputes'))),
    township: Type.Optional(TownshipCode),
    period: Type.Optional(PeriodCode),
    column: Type.Optional(
      Type.String(about('表格的列名，或列的字母', 'The column of a sheet, by its header or its letter', '排查矛盾纠纷总数')),
    ),
    pointer: Type.Optional(
      Type.String(about('JSON 行内的位置（RFC 6901）', 'Where in a JSON row (RFC 6901)', exampleError.pointer)),
    ),
    code: literals(Object.keys(faults), about('错误代码，不会更改', 'Stable code of the mistake', exampleError.code)),
    detail: Type.String(about('说明', 'In plain words', exampleError.detail)),
  },
  { ...closed, $id: 'ImportError', ...about('一行中的一处错误', 'One mistake in a row', exampleError) },
)

export const exampleSummary = {
  id: 42,
  importedBy: 'admin',
  importedAt: '2025-03-01T08:00:00.000Z',
  fileName: '2024.csv',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  bytes: 20_480,
  format: 'csv',
  mode: 'partial',
  rows: 20,
  created: 15,
  updated: 3,
  unchanged: 1,
  deleted: 0,
  rejected: 1,
  notApplied: 0,
  withFindings: 2,
  errorCount: 1,
}
const id = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  ...about('导入编号', 'Id of the import', exampleSummary.id),
})
const importedAt = Instant('导入时间', 'When')
const head = {
  importedBy: Type.String(about('导入人', 'Who', exampleSummary.importedBy)),
  fileName: Type.Optional(Type.String(about('文件名', 'File name', exampleSummary.fileName))),
  sha256: Type.Optional(
    Type.String(
      about(
        '文件的 SHA-256，gzip 为解压后的；撤销导入时没有文件',
        'SHA-256 of the file, of gzip what is inside; a revert has no file',
        exampleSummary.sha256,
      ),
    ),
  ),
  bytes: Type.Optional(count('文件的字节数，gzip 为解压后的', 'Bytes of the file, of gzip what is inside', exampleSummary.bytes)),
  format: Type.Optional(literals(['json', 'ndjson', 'csv'], about('格式', 'Format', exampleSummary.format))),
  reverts: Type.Optional(
    Type.Integer({ minimum: 1, ...about('撤销的是哪次导入', 'The import that this one takes back', exampleSummary.id) }),
  ),
  revertedBy: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1 }), about('撤销它的各次导入', 'The imports that took this one back', [43])),
  ),
  mode: literals(
    ['atomic', 'partial'],
    about('atomic 全部或全不；partial 接受无误的行', 'All rows or none; or the good ones', exampleSummary.mode),
  ),
  rows: count('数据行数，等于以下六项之和', 'Rows of figures; the sum of the six that follow', 20),
  created: count('新建', 'Records created', 15),
  updated: count('变更', 'Records changed', 3),
  unchanged: count('内容相同，未产生新版本', 'Rows that change nothing', 1),
  deleted: count('删除', 'Records deleted', 0),
  rejected: count('有错误的行', 'Rows with mistakes', 1),
  notApplied: count('本身无误但未写入的行', 'Good rows that were not taken, because of others', 0),
  withFindings: Type.Optional(
    count(
      '已接受的行中有校验提示的行数；详见 /v1/findings',
      'Rows among those taken that have findings, which /v1/findings lists; in a dry run they stand beside the changes',
      2,
    ),
  ),
  errorCount: count('错误总数', 'All mistakes; at most 1000 are listed', 1),
}
const ImportSummary = Type.Object(
  { id, importedAt, ...head },
  { ...closed, $id: 'ImportSummary', ...about('一次导入', 'An import, without its mistakes', exampleSummary) },
)

const errors = Type.Array(ref(ImportError), about('前 1000 处错误，按行号', 'The first 1000 mistakes by row', [exampleError]))
/** Absent in a dry run, which is not kept. */
const kept = { id: Type.Optional(id), importedAt: Type.Optional(importedAt) }
const dry = {
  dryRun: Type.Optional(Type.Boolean(about('试运行：未写入任何数据', 'A dry run: nothing was written', true))),
  changes: Type.Optional(
    Type.Array(
      ref(ImportChange),
      about('试运行：前 1000 行变化', 'Dry run: the first 1000 rows that change something', [exampleChange]),
    ),
  ),
  changeCount: Type.Optional(count('试运行：会带来变化的行数', 'Dry run: all rows that change something', 18)),
  clearings: Type.Optional(
    Type.Array(
      ref(ImportClearing),
      about(
        '试运行：会清除已存数据的全部行（空单元格，或替换时未再填写的数据），按行号，最多 50000 行',
        'Dry run: all rows that clear something that is stored, by an empty cell or by replacing it without a figure; by row, at most 50000',
        [exampleClearing],
      ),
    ),
  ),
  clearingCount: Type.Optional(count('试运行：会清除已存数据的行数', 'Dry run: all rows that clear something', 1)),
}
export const exampleReport = { ...exampleSummary, errors: [exampleError] }
const ImportReport = Type.Object(
  { ...kept, ...head, errors, ...dry },
  { ...closed, $id: 'ImportReport', ...about('导入报告', 'What became of every row', exampleReport) },
)
const { sha256: _sha256, bytes: _bytes, format: _format, fileName: _fileName, ...withoutFile } = exampleSummary
/** Taken back, but for a record that was changed since. */
export const exampleRevert = {
  ...withoutFile,
  ...{ id: 43, importedAt: '2025-03-02T08:00:00.000Z', reverts: exampleSummary.id },
  ...{ rows: 19, created: 0, updated: 3, unchanged: 0, deleted: 15, rejected: 1, errorCount: 1 },
  errors: [
    {
      ...{ row: 7, category: 'disputes', township: '410423209', period: '2024', code: 'changed-since' },
      detail: 'it has been changed since, to revision 3, and was left as it is',
    },
  ],
}
export const exampleDryRun = (({ id: _, importedAt: __, ...rest }) => ({
  ...rest,
  rejected: 0,
  updated: 4,
  errorCount: 0,
  errors: [],
  dryRun: true,
  changes: [exampleChange],
  changeCount: 19,
  clearings: [exampleClearing],
  clearingCount: 1,
}))(exampleSummary)

export const exampleRefusal = {
  type: 'urn:township-register:problem:import-rejected',
  title: 'Nothing was imported',
  status: 400,
  detail:
    'The file has 1 mistake(s), see errors; nothing was imported; the rows without a mistake are imported alone with mode=partial',
  code: 'import-rejected',
  requestId: '1f0c6e0e-6f0f-4c0e-9d2a-0a8a5d0b7b7e',
  ...exampleReport,
  ...{ mode: 'atomic', created: 0, updated: 0, unchanged: 0, notApplied: 19, withFindings: 0 },
}
const { type, title, status, detail, requestId } = Problem.properties
const ImportProblem = Type.Object(
  {
    ...{ type, title, status, detail, requestId },
    code: literals(Object.keys(problems), about('错误代码，不会更改', 'Stable code of the problem', 'import-rejected')),
    ...kept,
    ...head,
    errors,
    ...dry,
  },
  {
    ...closed,
    $id: 'ImportProblem',
    ...about(
      '未导入任何数据：错误（RFC 9457）并附导入报告',
      'Nothing was imported: a problem that carries the report',
      exampleRefusal,
    ),
  },
)
const ImportList = Type.Object(
  {
    items: Type.Array(ref(ImportSummary), about('最新的在前', 'The newest first', [exampleSummary])),
    next: NextCursor,
  },
  { ...closed, $id: 'ImportList', ...about('一页导入记录', 'A page of imports', { items: [exampleSummary] }) },
)
export const importSchemas = [ImportError, ImportChange, ImportClearing, ImportSummary, ImportReport, ImportProblem, ImportList]
