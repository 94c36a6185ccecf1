/** The components of the record resources: what a body may be, what an answer is, for each category. */
import Type, { type TSchema } from 'typebox'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about, contentSchemas, OtherFigure, Remark, RemarkPatch, ref, Source, SourcePatch } from '../catalogue/schema.ts'
import { settledMembers } from './as-of.ts'
import { readExample, sampleOf } from './record-examples.ts'
import { FindingSchema, Instant, NextCursor, PeriodCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const

const others = (nullable: boolean) =>
  Type.Unsafe<unknown>({
    type: nullable ? ['array', 'null'] : 'array',
    maxItems: 500,
    items: ref(OtherFigure),
    ...about('目录之外的数据，按原顺序保存，不汇总', 'Figures outside the catalogue: order kept, never aggregated', [
      { label: '劝阻无事酒', value: 9, unit: '起' },
    ]),
  })

const ignored = (example: unknown) =>
  Type.Optional(Type.Unsafe<unknown>({ readOnly: true, ...about('填报时忽略', 'Ignored in a write', example) }))

/** What a read adds and a write may repeat: the place must be the path's, `revision` acts as If-Match, the rest is ignored. */
const repeated = {
  township: Type.Optional(TownshipCode),
  period: Type.Optional(PeriodCode),
  revision: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      ...about('读取时的版本；不符则 412', 'The revision that was read; acts as If-Match', 3),
    }),
  ),
  findings: ignored([]),
  createdAt: ignored('2025-03-01T08:00:00.000Z'),
  updatedAt: ignored('2025-03-01T08:00:00.000Z'),
  updatedBy: ignored('admin'),
}

function componentsOf(name: CategoryName) {
  const { component, labels } = categoryOf(name)
  const { figures, figuresPatch, remarks, remarksPatch } = contentSchemas(name)
  const { content, ...place } = sampleOf(name)
  const [code = '', value] = Object.entries(content.figures)[0] ?? []
  const brief = readExample(name, place, { figures: { ...(value !== undefined && { [code]: value }) } })
  const at = (id: string) => ({ $ref: `${component}${id}#` })
  const optional = (id: string) => Type.Optional(Type.Unsafe<unknown>(at(id)))
  const read = {
    township: TownshipCode,
    period: PeriodCode,
    revision: Type.Integer(about('版本，从 1 起每次变更加一', 'Revision, counting up from 1', 1)),
    figures: Type.Unsafe<unknown>(at('Figures')),
    remarks: optional('Remarks'),
    others: Type.Optional(others(false)),
    source: Type.Optional(ref(Source)),
    findings: Type.Array(ref(FindingSchema), about('校验提示', 'What does not add up', [])),
    createdAt: Instant('首次填报时间', 'When it was first reported'),
    updatedAt: Instant('最近变更时间', 'When it last changed'),
    updatedBy: Type.String(about('最近变更人', 'Who changed it last', 'admin')),
  }
  const Read = Type.Object(read, {
    ...closed,
    $id: `${component}Record`,
    ...about(`一条${labels.zh}数据`, `A record: ${labels.en}`, brief),
  })
  const Write = Type.Object(
    {
      figures: optional('Figures'),
      remarks: optional('Remarks'),
      others: Type.Optional(others(false)),
      source: Type.Optional(ref(Source)),
      ...repeated,
    },
    {
      ...closed,
      $id: `${component}Write`,
      ...about(`填报${labels.zh}数据，整体替换`, `Replaces a record: ${labels.en}`, content),
    },
  )
  const Patch = Type.Object(
    {
      figures: optional('FiguresPatch'),
      remarks: optional('RemarksPatch'),
      others: Type.Optional(others(true)),
      source: Type.Optional(ref(SourcePatch)),
      ...repeated,
    },
    {
      ...closed,
      $id: `${component}Patch`,
      ...about(`修改${labels.zh}数据（JSON Merge Patch，RFC 7396）：null 删除`, `Changes a record by merge patch: null removes`, {
        figures: { [code]: null },
      }),
    },
  )
  const List = Type.Object(
    {
      items: Type.Array(Type.Unsafe<unknown>(at('Record')), about('本页数据', 'The records of this page', [brief])),
      next: NextCursor,
      ...settledMembers,
    },
    { ...closed, $id: `${component}List`, ...about('一页数据', 'A page of records', { items: [brief] }) },
  )
  return { figures, figuresPatch, remarks, remarksPatch, Read, Write, Patch, List }
}

/** All components of the records, to be added once. */
export const recordComponents: TSchema[] = [
  Remark,
  RemarkPatch,
  OtherFigure,
  Source,
  SourcePatch,
  ...categories.flatMap(({ name }) => Object.values(componentsOf(name))),
]
