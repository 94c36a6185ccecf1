/** The operations of imports as clients and the document know them. `imports.ts` serves them. */
import { Type } from '@fastify/type-provider-typebox'
import { categories } from '../catalogue/index.ts'
import { about, literals } from '../catalogue/schema.ts'
import { charsets } from '../exchange/charset.ts'
import { documented } from '../http/document.ts'
import { paging } from '../http/paging.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import { samples } from '../samples/index.ts'
import { exampleDryRun, exampleRefusal, exampleReport, exampleSummary } from './import-schemas.ts'
import { importSheet } from './import-sheet.ts'
import { formats } from './import-upload.ts'
import { countedParameters, listAnswer } from './list-file.ts'
import { PeriodCode, Reason, RegionCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const tags = ['imports']
const names = categories.map(({ name }) => name)

const Query = Type.Object(
  {
    mode: literals(['atomic', 'partial'], {
      default: 'atomic',
      ...about('atomic 全部或全不；partial 接受无误的行', 'All rows or none; or the good ones', 'partial'),
    }),
    dryRun: Type.Boolean({ default: false, ...about('试运行：检查并比较，不写入', 'Check and compare, write nothing', true) }),
    revisions: literals(['check', 'ignore'], {
      default: 'check',
      ...about(
        'check：行中的 revision 与当前版本不同则拒绝该行；ignore：不比较，用于从其他系统导出的文件，删除本来没有的数据也不算错误',
        'check: a row whose revision is not the stored one is refused; ignore: not compared, for files that another register exported; to delete what is not there is no mistake then',
        'ignore',
      ),
    }),
    category: Type.Optional(
      literals(names, about('未注明类别的行的类别', 'Category of rows that do not say theirs', 'disputes')),
    ),
    period: Type.Optional(PeriodCode),
    region: Type.Optional(RegionCode),
    charset: Type.Optional(
      literals(charsets, about('CSV 的编码；默认自动识别', 'Encoding of a CSV; recognised without it', 'gb18030')),
    ),
    fileName: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        ...about('文件名；也可用 Content-Disposition', 'File name; or by Content-Disposition', '2024.csv'),
      }),
    ),
    reason: Type.Optional(Reason),
  },
  closed,
)

const [sample] = samples
const row = {
  category: 'disputes',
  township: sample?.township,
  period: sample?.period,
  figures: sample?.records.disputes?.figures,
}
const rows = [
  row,
  { ...row, mode: 'patch', figures: { identified: 383 } },
  { township: row.township, period: row.period, category: 'governance', delete: true },
]
const bodies = {
  'application/json': {
    schema: {
      type: 'array',
      items: { type: 'object' },
      description:
        '每个元素是一条数据（与读取所得相同），另可有 category、mode（replace、patch）、delete、expectedRevision / Each element is a record as it is read, with `category`, and at will `mode` (`replace`, `patch`), `delete`, `expectedRevision`',
    },
    examples: { rows: worked('一条真实记录', 'A record of a real report', rows.slice(0, 1)) },
  },
  'application/x-ndjson': {
    schema: { type: 'string', description: '每行一条，同 JSON / One a line, as in JSON' },
    examples: {
      lines: worked(
        '替换、修改、删除各一',
        'One replaced, one changed, one deleted',
        rows.map((one) => `${JSON.stringify(one)}\n`).join(''),
      ),
    },
  },
  'text/csv': {
    schema: {
      type: 'string',
      description:
        '每行一个乡镇，每列一个数据；列名为代码或中文名；没有的列不变，空单元格清除 / A row a township, a column a figure by code or Chinese label; an absent column leaves its figure, an empty cell clears it',
    },
    examples: {
      sheet: worked(
        '一个乡镇的两个数据',
        'Two figures of a township',
        '乡镇代码,报告期,identified,resolved\n410423209,2024,382,360\n',
      ),
    },
  },
}

const refused = new ProblemError('unsupported-media-type', { expected: Object.keys(formats).join(', '), received: 'text/html' })
const unknown = invalid('invalid-request', [
  { parameter: 'category', code: 'not-allowed', params: { allowed: names.join(', ') } },
])
const report = (zh: string, en: string, examples: Record<string, { summary: string; value: unknown }>) =>
  json(`${zh} / ${en}`, { $ref: 'ImportReport#' }, { examples })

const told = responses(
  {
    200: report('所有行均已接受', 'All rows were accepted', {
      dryRun: worked('试运行', 'A dry run', exampleDryRun),
      done: worked('全部接受', 'All rows in', { ...exampleReport, updated: 4, rejected: 0, errorCount: 0, errors: [] }),
    }),
    207: report('部分行已接受（mode=partial）', 'Some rows were accepted (mode=partial)', {
      some: worked('部分接受', 'Some rows in', exampleReport),
    }),
  },
  unknown,
  'import-empty',
  'malformed-gzip',
  'upload-broken-off',
  'write-conflict',
  'body-too-large',
  refused,
  'unsupported-encoding',
)

/** A problem of the request, or the report of an import of which nothing was accepted. */
function withReport(all: Record<number, object>): Record<number, object> {
  const { content, ...rest }: { content?: Record<string, { examples?: object }> } = { ...all[400] }
  const problem = {
    schema: { anyOf: [{ $ref: 'Problem#' }, { $ref: 'ImportProblem#' }] },
    examples: {
      importRejected: worked('没有一行被接受', 'No row was accepted', exampleRefusal),
      ...content?.['application/problem+json']?.examples,
    },
  }
  return { ...all, 400: { ...rest, content: { 'application/problem+json': problem } } }
}

const create = {
  operationId: 'createImport',
  summary: '批量导入 / Import many records',
  description:
    '文件先完整接收并检查，再一次写入；报告列出每一处错误。可用 Content-Encoding: gzip。上传完成后断开连接不影响导入，结果见 GET /v1/imports。 / The file is received and checked whole, then written at once; the report tells every mistake. gzip is accepted. Once the upload is complete the import goes on though the client goes away; its report is kept.',
  tags,
  querystring: Query,
  response: withReport(told),
  ...documented({ body: bodies }),
}
const list = {
  operationId: 'listImports',
  summary: '导入记录 / Past imports',
  tags,
  querystring: Type.Object({ ...paging, ...countedParameters }, closed),
  response: responses(
    {
      200: listAnswer(
        '一页导入记录，或全部，最新的在前 / A page of imports, or all, the newest first',
        { $ref: 'ImportPageOrCount#' },
        { page: { items: [exampleSummary] }, sheet: importSheet },
        ['Link'],
      ),
    },
    'invalid-request',
    'not-acceptable',
    'exports-busy',
    'invalid-cursor',
    'cursor-of-another-filter',
  ),
}
export const ImportParams = Type.Object(
  {
    id: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      ...about('导入编号', 'Id of the import', exampleSummary.id),
    }),
  },
  closed,
)
const get = {
  operationId: 'getImport',
  summary: '一次导入的报告 / The report of an import',
  tags,
  params: ImportParams,
  querystring: Type.Object({}, closed),
  response: responses(
    { 200: report('导入报告', 'The report', { report: worked('导入报告', 'The report', exampleReport) }) },
    'invalid-request',
    'unknown-import',
  ),
}

/** The three operations. */
export const importOperations = { create, list, get }
