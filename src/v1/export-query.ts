/** What a list can be asked for beside its filter, and its answers in other forms than a page, as the document tells them. */
import Type, { type Static } from 'typebox'
import { categories, leaves } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about, literals } from '../catalogue/schema.ts'
import { type Format, formats } from '../http/formats.ts'
import { exampleCursor } from '../http/paging.ts'

export const exportParameters = {
  format: Type.Optional(
    literals(
      [...formats],
      about('格式；优先于 Accept；ndjson、csv 不分页', 'Goes before Accept; ndjson and csv have no pages', 'csv'),
    ),
  ),
  count: Type.Optional(
    Type.Boolean(about('只返回条数，可与导出的行数核对', 'Only how many there are, to be held against an export', true)),
  ),
  changedSince: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      ...about(
        '只导出此后变更的数据，含删除：上次以相同条件导出所得的 Export-Token；仅 NDJSON、CSV、count；导入其他系统时用 revisions=ignore',
        'Only what has changed since, deletions included: the Export-Token of an export of the same filter; NDJSON, CSV and count only. To import it elsewhere use revisions=ignore',
        exampleCursor,
      ),
    }),
  ),
  labels: Type.Optional(
    literals(['codes', 'zh'], about('CSV 表头：代码或中文', 'Headers of CSV: codes, or Chinese labels', 'zh')),
  ),
  qualifiers: Type.Optional(
    literals(
      ['columns', 'printed'],
      about(
        'CSV 中的限定词：单独成列，或与数值写在一起（20余）',
        'Qualifiers in CSV: columns of their own, or printed with the number (20余)',
        'printed',
      ),
    ),
  ),
}
const query = Type.Object(exportParameters)
type Query = Static<typeof query>
/** How a list is asked for. */
export type ExportForm = { format: Format } & { [K in Exclude<keyof Query, 'format'>]-?: Query[K] | undefined }

export const exampleCount = { count: 2, exportToken: exampleCursor }
const RecordCount = Type.Object(
  {
    count: Type.Integer(about('条数', 'How many there are', 2)),
    exportToken: Type.Optional(
      Type.String(
        about(
          '同 Export-Token；asOf 及其他列表没有',
          'The Export-Token; records alone have one, and not with asOf',
          exampleCount.exportToken,
        ),
      ),
    ),
  },
  { additionalProperties: false, $id: 'RecordCount', ...about('条数', 'How many there are', exampleCount) },
)
const RecordLines = Type.String({
  $id: 'RecordLines',
  ...about(
    '每行一条数据，JSON；changedSince：已删除的为 {"category",…,"delete":true}',
    'A record a line, as JSON; with changedSince a deleted one is `{"category",…,"delete":true}`',
    '{"township":"410423209","period":"2024","revision":1,"figures":{}}\n',
  ),
})
const RecordSheet = Type.String({
  $id: 'RecordSheet',
  ...about(
    '每行一个乡镇，每项数据一列；UTF-8 BOM；changedSince：末列 deleted（已删除）',
    'A row a record, a column a figure; with a byte order mark. With changedSince the last column, `deleted`, says which are no more',
    'township,name,period\n',
  ),
})
const ListLines = Type.String({
  $id: 'ListLines',
  ...about(
    '每行一项，JSON，与分页应答中的相同',
    'An item a line, as JSON: the items of all pages',
    '{"code":"50","name":"重庆市"}\n',
  ),
})
const ListSheet = Type.String({
  $id: 'ListSheet',
  ...about('每行一项；UTF-8 BOM', 'A row an item; with a byte order mark', 'code,name\n'),
})
const pageOrCount = (component: string) =>
  Type.Unsafe<unknown>({
    $id: `${component}PageOrCount`,
    anyOf: [{ $ref: `${component}List#` }, { $ref: 'RecordCount#' }],
    ...about('一页；count=true 时为条数', 'A page, or with count=true how many there are in all', { items: [] }),
  })

const counted = [...categories.map(({ component }) => component), 'Township', 'Region', 'Import', 'Audit', 'Finding']
export const exportSchemas = [RecordCount, RecordLines, RecordSheet, ListLines, ListSheet, ...counted.map(pageOrCount)]

/** An export as the document shows it: a line of JSON, and a sheet of three columns. */
export function exportExamples(name: (typeof categories)[number]['name'], record: { township: string; period: string }) {
  const [leaf] = leaves(name)
  const sheet = `\ufefftownship,name,period,revision,${leaf?.path},…\n${record.township},…,${record.period},1,…\n`
  return { lines: `${JSON.stringify(record)}\n`, sheet, title: categoryOf(name).labels.zh }
}
