/** What of places over time is on the wire, with examples: the townships are real, what becomes of them here is made up. */
import Type, { type Static } from 'typebox'
import { about, ref } from '../catalogue/schema.ts'
import { CountyCode, Name, PlaceDay } from './place-fields.ts'
import { Day, Instant, like, TownshipCode } from './schemas.ts'
import { closedExample, SuccessionKind, townshipExample } from './township-schemas.ts'

const closed = { additionalProperties: false } as const
const [longtian, beiping] = ['500229201', '500229202']
const longping = { code: '500229113', name: '龙屏镇' }

const person = 'admin'
const recordedAt = '2025-01-06T01:30:00.000Z'
const merge = (code: string, name: string) => ({
  kind: 'merge',
  effectiveOn: '2025-01-01',
  predecessor: { code, name },
  successor: longping,
  recordedAt,
  recordedBy: person,
})
/** Worked examples of bodies and answers. */
export const bodies = {
  merge: { kind: 'merge', effectiveOn: '2025-01-01', predecessors: [longtian, beiping], successors: [longping] },
  absorb: { kind: 'merge', effectiveOn: '2025-01-01', successors: [{ code: '500229107' }] },
  split: {
    kind: 'split',
    effectiveOn: '2025-01-01',
    successors: [{ code: longtian }, { code: '500229222', name: '龙峡乡' }],
  },
  rename: { kind: 'rename', effectiveOn: '2025-01-01', successors: [{ code: longtian, name: '龙峡乡' }] },
  recode: { kind: 'recode', effectiveOn: '2025-01-01', successors: [{ code: '500229114', name: '龙田镇' }] },
  county: { newCode: '500258', effectiveOn: '2025-01-01' },
  create: { code: '500229115', name: '龙峡镇', validFrom: '2025-01-01' },
  replace: { name: '高观镇', validFrom: '1993-01-01' },
}
export const merged = { items: [merge(longtian, '龙田乡'), merge(beiping, '北屏乡')] }
const recoded = {
  kind: 'recode',
  effectiveOn: '2025-01-01',
  predecessor: { code: '500229107', name: '高观镇' },
  successor: { code: '500258107', name: '高观镇' },
  recordedAt,
  recordedBy: person,
}
export const recodedCounty = { items: [recoded] }
export const created = {
  ...townshipExample,
  ...bodies.create,
  fullName: '重庆市城口县龙峡镇',
}

const end = (zh: string, en: string, example: { code: string; name: string }) =>
  Type.Object(
    { code: like(TownshipCode, example.code), name: Type.String(about('当时的名称', 'Its name at the time', example.name)) },
    { ...closed, ...about(zh, en, example) },
  )
const [example] = merged.items
const Succession = Type.Object(
  {
    kind: SuccessionKind,
    effectiveOn: Day('生效日', 'The day from which it holds'),
    predecessor: end('前身', 'The township before', { code: longtian, name: '龙田乡' }),
    successor: end(
      '后继；与前身相同即更名，或拆分后仍在使用',
      'The township after; the same where it was renamed, or stays in use after a split',
      longping,
    ),
    recordedAt: Instant('登记时间', 'When it was recorded'),
    recordedBy: Type.String(about('登记人', 'Who recorded it', person)),
  },
  { ...closed, $id: 'Succession', ...about('一个乡镇成为另一个', 'A township that became another', example) },
)
const SuccessionList = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean(about('试运行：未写入任何数据', 'A dry run: nothing was written', true))),
    items: Type.Array(ref(Succession), about('按生效日排序', 'In the order of their days', merged.items)),
  },
  { ...closed, $id: 'SuccessionList', ...about('沿革', 'Successions', merged) },
)
const Successor = Type.Object(
  { code: like(TownshipCode, longping.code), name: Type.Optional(Name(longping.name)) },
  {
    ...closed,
    $id: 'Successor',
    ...about(
      '后继；尚不存在的须给出名称，随之新建',
      'A successor; one that does not exist yet needs a name and is created',
      longping,
    ),
  },
)
export const SuccessionCreate = Type.Object(
  {
    kind: SuccessionKind,
    effectiveOn: PlaceDay('生效日；前身用至前一日', 'The day from which it holds; predecessors end on the day before'),
    predecessors: Type.Optional(
      Type.Array(like(TownshipCode, longtian), {
        maxItems: 100,
        ...about('前身；不给即路径中的乡镇', 'Predecessors; the township of the path where left out', bodies.merge.predecessors),
      }),
    ),
    successors: Type.Optional(
      Type.Array(ref(Successor), {
        maxItems: 100,
        ...about('后继；不给即路径中的乡镇', 'Successors; the township of the path where left out', [longping]),
      }),
    ),
  },
  { ...closed, $id: 'SuccessionCreate', ...about('登记沿革', 'A succession to record', bodies.merge) },
)
export const CountyRecoding = Type.Object(
  {
    newCode: like(CountyCode, bodies.county.newCode),
    name: Type.Optional(Name('城口区')),
    effectiveOn: PlaceDay('生效日', 'The day from which the new code holds'),
  },
  { ...closed, $id: 'CountyRecoding', ...about('县级区划更换代码', 'A county that changes its code', bodies.county) },
)
export const TownshipCreate = Type.Object(
  {
    code: like(TownshipCode, bodies.create.code),
    name: Name(bodies.create.name),
    validFrom: PlaceDay('启用日', 'First day'),
  },
  {
    ...closed,
    $id: 'TownshipCreate',
    ...about('新建乡镇（街道）；类型由代码与名称得出', 'A township to create; code and name tell its kind', bodies.create),
  },
)
const ignored = ['kind', 'fullName', 'county', 'prefecture', 'province', 'formerNames', 'predecessors', 'successors'] as const
const told: Record<string, unknown> = { ...closedExample, formerNames: [], predecessors: [] }
export const TownshipWrite = Type.Object(
  {
    code: Type.Optional(like(TownshipCode, townshipExample.code)),
    name: Name(townshipExample.name),
    validFrom: Type.Optional(PlaceDay('启用日；没有即早于登记', 'First day; absent when before the registry', '1993-01-01')),
    validTo: Type.Optional(PlaceDay('最后一日；没有即仍在使用', 'Last day; absent while it is in use', '2024-12-31')),
    ...Object.fromEntries(
      ignored.map((name) => [name, Type.Optional(Type.Unsafe<unknown>(about('忽略', 'Ignored in a write', told[name])))]),
    ),
  },
  { ...closed, $id: 'TownshipWrite', ...about('替换乡镇（街道）', 'Replaces a township', bodies.replace) },
)
export const Dry = {
  dryRun: Type.Boolean({
    default: false,
    ...about('试运行：应答与实际执行相同，不写入', 'Answers as if it were done, writes nothing', true),
  }),
}
export type SuccessionBody = Static<typeof SuccessionCreate>
export const successionSchemas = [
  Succession,
  Successor,
  SuccessionList,
  SuccessionCreate,
  CountyRecoding,
  TownshipCreate,
  TownshipWrite,
]
