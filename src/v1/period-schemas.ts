/** The components of periods: one, all, what creates one, what closes one, and due days that are later for a region. */
import Type from 'typebox'
import { about, literals, ref } from '../catalogue/schema.ts'
import type { Extension as StoredExtension } from '../storage/period-extensions.ts'
import type { StoredPeriod } from '../storage/periods.ts'
import type { Sheet } from './list-file.ts'
import { Day, Instant, PeriodCode, Reason, RegionCode } from './schemas.ts'

const closed = { additionalProperties: false } as const

export const examplePeriod = {
  period: '2024',
  kind: 'year',
  startsOn: '2024-01-01',
  endsOn: '2024-12-31',
  dueOn: '2025-03-01',
  state: 'open',
}
export const closing = { reason: '年度数据已汇总上报' }
export const reopening = { reason: '两县补报' }
export const closedPeriod = { ...examplePeriod, state: 'closed', closedAt: '2025-04-01T02:00:00.000Z', ...closing }
export const half = { period: '2026-H1', dueOn: '2026-08-01' }
export const extending = { dueOn: '2025-04-01', reason: '汛期救灾' }
export const exampleExtension = {
  region: '410423',
  ...extending,
  actor: 'admin',
  recordedAt: '2025-02-20T02:00:00.000Z',
}

const Period = Type.Object(
  {
    period: PeriodCode,
    kind: literals(['year', 'half', 'quarter', 'month'], about('类型', 'Kind', 'year')),
    startsOn: Day('起始日', 'First day'),
    endsOn: Day('截止日', 'Last day'),
    dueOn: Day('报送截止日；此后为迟报', 'Day by which reports are due'),
    state: literals(['open', 'closed'], about('open 开放填报；closed 已关闭', 'Whether the period takes writes', 'open')),
    closedAt: Type.Optional(Instant('关闭时间；仅在关闭时', 'When it was closed; only while it is')),
    reason: Type.Optional(
      Type.String(about('最近一次关闭或重新开放的理由', 'Why it was last closed or reopened', closing.reason)),
    ),
  },
  { ...closed, $id: 'Period', ...about('报告期', 'A reporting period', examplePeriod) },
)
const PeriodList = Type.Object(
  { items: Type.Array(ref(Period), about('按起始日排序', 'In the order of their start', [examplePeriod])) },
  { ...closed, $id: 'PeriodList', ...about('全部报告期', 'All periods', { items: [examplePeriod] }) },
)
const PeriodCreate = Type.Object(
  {
    period: PeriodCode,
    dueOn: Type.Optional(
      Day('报送截止日；年度默认为次年 3 月 1 日', 'A year is due on 1 March of the next unless told otherwise'),
    ),
  },
  { ...closed, $id: 'PeriodCreate', ...about('新建报告期', 'A period to create', half) },
)
export const PeriodChange = Type.Object(
  { reason: Reason },
  { ...closed, $id: 'PeriodChange', ...about('关闭或重新开放的理由', 'Why a period is closed or reopened', closing) },
)
export const ExtensionWrite = Type.Object(
  { dueOn: Day('该地区的报送截止日', 'Day by which the region reports'), reason: Reason },
  { ...closed, $id: 'ExtensionWrite', ...about('延长的截止日及理由', 'The later due day and why', extending) },
)
const Extension = Type.Object(
  {
    region: RegionCode,
    dueOn: Day('该地区的报送截止日', 'Day by which the region reports'),
    reason: Type.String(about('理由', 'Why', exampleExtension.reason)),
    actor: Type.String(about('登记人', 'Who', exampleExtension.actor)),
    recordedAt: Instant('登记时间', 'When it was recorded'),
  },
  { ...closed, $id: 'Extension', ...about('一个地区延长的截止日', 'A later due day of a region', exampleExtension) },
)
const ExtensionList = Type.Object(
  { items: Type.Array(ref(Extension), about('按区划代码排序', 'In the order of their regions', [exampleExtension])) },
  {
    ...closed,
    $id: 'ExtensionList',
    ...about('一个报告期的全部延期', 'All extensions of a period', { items: [exampleExtension] }),
  },
)
export const periodSchemas = [Period, PeriodList, PeriodCreate, PeriodChange, ExtensionWrite, Extension, ExtensionList]

/** A period as clients read it. */
export const periodView = ({ code, kind, startsOn, endsOn, dueOn, state, closedAt, reason }: StoredPeriod) => ({
  period: code,
  kind,
  startsOn,
  endsOn,
  dueOn,
  state,
  ...(closedAt !== null && { closedAt }),
  ...(reason !== null && { reason }),
})

/** Periods as a sheet. */
export const periodSheet: Sheet<Omit<ReturnType<typeof periodView>, 'kind' | 'state'> & { kind: string; state: string }> = {
  names: ['periods', '报告期'],
  columns: [
    ['period', '报告期', ({ period }) => period],
    ['kind', '类型', ({ kind }) => kind],
    ['startsOn', '起始日', ({ startsOn }) => startsOn],
    ['endsOn', '截止日', ({ endsOn }) => endsOn],
    ['dueOn', '报送截止日', ({ dueOn }) => dueOn],
    ['state', '状态', ({ state }) => state],
    ['closedAt', '关闭时间', ({ closedAt }) => closedAt],
    ['reason', '理由', ({ reason }) => reason],
  ],
}

/** An extension as clients read it. */
export const extensionView = ({ region, dueOn, reason, actor, recordedAt }: StoredExtension) => ({
  region,
  dueOn,
  reason,
  actor,
  recordedAt,
})
