/** The components of the feed: a change, and a page of changes with how far it reaches. */
import Type from 'typebox'
import { categories } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about, literals, ref } from '../catalogue/schema.ts'
import { exampleCursor } from '../http/paging.ts'
import { correctionOf } from './record-examples.ts'
import { Instant, like, PeriodCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const names = categories.map(({ name }) => name)
const { at, record } = correctionOf('disputes')
const { township, period } = at

const change = (revision: number, transaction: string, action: string) => ({
  category: 'disputes',
  township,
  period,
  revision,
  action,
  epoch: 1,
  transaction,
  recordedAt: action === 'delete' ? '2025-03-04T01:00:00.000Z' : record.updatedAt,
  actor: 'admin',
})
/** A correction of a real record, and its deletion. */
export const correction = { ...change(2, '8412', 'update'), document: record }
export const deletion = { ...change(3, '8420', 'delete'), document: null }

const anyRecord = names.map((name) => Type.Unsafe<unknown>({ $ref: `${categoryOf(name).component}Record#` }))
const Change = Type.Object(
  {
    category: literals(names, about('类别', 'Category', 'disputes')),
    township: like(TownshipCode, township),
    period: like(PeriodCode, period),
    revision: Type.Integer({ minimum: 1, ...about('版本', 'The revision that the change made', 2) }),
    action: literals(
      ['create', 'update', 'delete'],
      about(
        '操作；删除后重新填报也是 create',
        'What was done; a record that comes back after a deletion is a `create`',
        'update',
      ),
    ),
    epoch: Type.Integer({ minimum: 1, ...about('数据库世代', 'Epoch of the database', 1) }),
    transaction: Type.String(
      about(
        '事务编号；同一世代同一编号的变更一并生效，但不一定相邻，也可能出自数人',
        'Number of the transaction; the changes of one in one epoch took effect together, though they need not stand side by side, nor be of one caller',
        '8412',
      ),
    ),
    recordedAt: Instant('登记时间', 'When it was recorded'),
    actor: Type.String(about('变更人', 'Who', 'admin')),
    reason: Type.Optional(Type.String(about('理由', 'Why, where it was said', '县司法局复核后更正'))),
    importId: Type.Optional(Type.Integer({ minimum: 1, ...about('所属导入的编号', 'Id of the import that wrote it', 42) })),
    document: Type.Union([...anyRecord, Type.Null()], {
      ...about('变更之后的全部内容；删除为 null', 'All of the record after the change; null for a deletion', null),
    }),
  },
  { ...closed, $id: 'Change', ...about('一次变更', 'One change of a record', deletion) },
)

const Lag = Type.Object(
  {
    seconds: Type.Number({
      minimum: 0,
      ...about('滞后秒数；没有未结束的写入即为 0', 'By how many seconds the feed is held back; 0 where nothing holds it', 0),
    }),
    transaction: Type.Optional(
      Type.String(
        about(
          '最早的未结束事务；其后提交的变更待它结束后才出现',
          'The oldest transaction that still runs; what later ones have committed is shown when it has ended',
          '8425',
        ),
      ),
    ),
  },
  {
    ...closed,
    $id: 'FeedLag',
    ...about('滞后', 'How far the feed lags behind, and because of which transaction', { seconds: 0 }),
  },
)

/** A page as it is answered. */
export const examplePage = {
  items: [correction, deletion],
  next: exampleCursor,
  settledUntil: '2025-03-04T02:00:00.000Z',
  lag: { seconds: 0 },
}
const empty = { ...examplePage, items: [] }
/** Held back by a transaction that has run for a while. */
export const heldPage = { ...empty, settledUntil: '2025-03-04T01:59:18.000Z', lag: { seconds: 42.5, transaction: '8425' } }

const ChangeList = Type.Object(
  {
    items: Type.Array(ref(Change), about('变更，按生效顺序', 'The changes, in their order', [deletion])),
    next: Type.String(
      about(
        '下一次请求的 after；没有变更时也有',
        'The `after` of the next request; there where nothing came as well',
        exampleCursor,
      ),
    ),
    settledUntil: Instant(
      '此时刻之前登记的变更已全部列入，不会再增加',
      'All changes recorded before this instant are in the feed; none is added to them',
    ),
    lag: ref(Lag),
  },
  { ...closed, $id: 'ChangeList', ...about('一页变更', 'A page of changes', empty) },
)

export const changeSchemas = [Change, Lag, ChangeList]
