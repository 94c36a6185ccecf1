/** The components of histories: a revision alone, with its record, the list, and the difference between two. */
import Type, { type TSchema } from 'typebox'
import { difference } from '../catalogue/difference.ts'
import { type CategoryName, categories } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about, ref } from '../catalogue/schema.ts'
import { correctionOf } from './record-examples.ts'
import { Instant, NextCursor, PeriodCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const

/** The number of a revision in an address. */
export const RevisionNumber = Type.Integer({
  minimum: 1,
  maximum: 2_147_483_647,
  ...about('版本，从 1 起每次变更加一', 'Revision, counting up from 1', 2),
})

/** What every version of an example says of itself. */
export const exampleEntry = (revision: number, more: { reason?: string; importId?: number; deleted?: boolean } = {}) => ({
  revision,
  recordedAt: revision === 1 ? '2025-03-01T08:00:00.000Z' : '2025-03-03T02:30:00.000Z',
  actor: 'admin',
  deleted: false,
  ...more,
})
const example = exampleEntry(2, { reason: '县司法局复核后更正' })

const entry = {
  revision: RevisionNumber,
  recordedAt: Instant('登记时间', 'When it was recorded'),
  actor: Type.String(about('变更人', 'Who', example.actor)),
  reason: Type.Optional(Type.String(about('理由', 'Why, where it was said', example.reason))),
  importId: Type.Optional(
    Type.Integer({ minimum: 1, ...about('所属导入的编号', 'Id of the import that wrote it; absent for single writes', 42) }),
  ),
  deleted: Type.Boolean(about('此版本是否为删除', 'Whether this revision deleted the record', example.deleted)),
}
const Revision = Type.Object(entry, {
  ...closed,
  $id: 'Revision',
  ...about('一个历史版本，不含内容', 'A version of a record, without its content', example),
})
const RevisionList = Type.Object(
  {
    items: Type.Array(ref(Revision), about('最新的在前', 'The newest first', [example])),
    next: NextCursor,
  },
  { ...closed, $id: 'RevisionList', ...about('一页历史版本', 'A page of revisions', { items: [example] }) },
)

const exampleChange = { figure: 'identified', old: { value: 18 }, new: { value: 20, qualifier: 'atLeast' } }
const anything = (zh: string, en: string, shown: unknown) => Type.Optional(Type.Unsafe<unknown>(about(zh, en, shown)))
/** One change of a record: a dry run of an import and a difference tell it alike. */
export const FigureChange = Type.Object(
  {
    figure: Type.String(about('数据路径，或 others、source', 'Path of a figure, or `others`, `source`', exampleChange.figure)),
    old: anything('原值及说明；没有即未填报', 'Value and remark before; absent where not reported', exampleChange.old),
    new: anything('新值及说明；没有即清除', 'Value and remark after; absent where removed', exampleChange.new),
  },
  { ...closed, $id: 'FigureChange', ...about('一处变化', 'One change', exampleChange) },
)

const changes = [exampleChange]
const Difference = Type.Object(
  {
    township: TownshipCode,
    period: PeriodCode,
    from: Type.Integer({
      minimum: 0,
      ...about('原版本；0 为首次填报之前', 'The revision compared with; 0 is before the first', 1),
    }),
    to: { ...RevisionNumber, ...about('新版本', 'The revision asked for', 2) },
    changes: Type.Array(
      ref(FigureChange),
      about(
        '变化，按目录顺序；没有即内容相同',
        'The changes in the order of the catalogue; none where both are the same',
        changes,
      ),
    ),
  },
  {
    ...closed,
    $id: 'Difference',
    ...about('两个版本之间的变化', 'What changed between two revisions', {
      township: '410423209',
      period: '2024',
      from: 1,
      to: 2,
      changes,
    }),
  },
)

function revisionOf(name: CategoryName): TSchema {
  const { component, labels } = categoryOf(name)
  return Type.Object(
    { ...entry, record: Type.Optional(Type.Unsafe<unknown>({ $ref: `${component}Record#` })) },
    {
      ...closed,
      $id: `${component}Revision`,
      ...about(
        `${labels.zh}的一个历史版本；record 为当时的全部内容，删除的版本没有`,
        `A version of a record: ${labels.en}; \`record\` is all of it as it was then, absent where it was deleted`,
        exampleEntry(3, { deleted: true }),
      ),
    },
  )
}

/** A record of a real report, corrected: its two revisions, and their difference. */
export function revisionExamples(name: CategoryName) {
  const { at, before, after, record } = correctionOf(name)
  const list = [exampleEntry(2), exampleEntry(1)]
  return {
    at,
    list: { items: list },
    revision: { ...exampleEntry(2), record },
    tombstone: exampleEntry(3, { reason: '误报，撤回', deleted: true }),
    difference: { township: at.township, period: at.period, from: 1, to: 2, changes: difference(name, before, after) },
  }
}

export const revisionSchemas = [
  Revision,
  RevisionList,
  FigureChange,
  Difference,
  ...categories.map(({ name }) => revisionOf(name)),
]
