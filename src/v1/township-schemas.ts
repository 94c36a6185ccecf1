/** What a township is on the wire: alone with its history, in lists without. */
import { createHash } from 'node:crypto'
import Type from 'typebox'
import { about, literals, ref } from '../catalogue/schema.ts'
import { fullName, townshipKinds } from '../registry/rules.ts'
import type { StoredRegion, StoredTownship } from '../storage/places.ts'
import { successionKinds } from '../storage/succession-rules.ts'
import type { Link, TownshipDetail as StoredDetail } from '../storage/successions.ts'
import { Day, like, NextCursor, RegionCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
export const townshipExample = {
  code: '500229107',
  name: '高观镇',
  kind: 'town',
  fullName: '重庆市城口县高观镇',
  county: { code: '500229', name: '城口县' },
  prefecture: { code: '5002', name: '县' },
  province: { code: '50', name: '重庆市' },
}

export const TownshipKind = literals(
  townshipKinds,
  about(
    '类型：subdistrict 街道；town 镇；township 乡；ethnicTownship 民族乡；sumu 苏木；ethnicSumu 民族苏木；other 其他（开发区、农场等，不要求报送）',
    'Kind; other are statistical areas such as parks and farms, which are not expected to report',
    'town',
  ),
)
export const SuccessionKind = literals(
  successionKinds,
  about(
    '类型：merge 合并；split 拆分；rename 更名；recode 更换代码；transfer 划转至其他县级区划',
    'Kind: recode is a new code for the same place, transfer one to another county',
    'merge',
  ),
)
export const PlaceName = Type.Object(
  {
    code: RegionCode,
    name: Type.String(about('名称', 'Name', '城口县')),
  },
  { ...closed, $id: 'PlaceName', ...about('所在区划', 'A region that it lies in', townshipExample.county) },
)
const at = ref(PlaceName)
const township = {
  code: like(TownshipCode, townshipExample.code),
  name: Type.String(about('名称', 'Name', townshipExample.name)),
  kind: TownshipKind,
  fullName: Type.String(
    about('全称，不含市辖区等汇总项', 'Name with those of its regions, headings left out', townshipExample.fullName),
  ),
  county: at,
  prefecture: at,
  province: at,
  validFrom: Type.Optional(Day('启用日；没有即早于登记', 'First day; absent when before the registry')),
  validTo: Type.Optional(Day('停用前最后一日；没有即仍在使用', 'Last day; absent while it is in use')),
}
const Township = Type.Object(township, {
  ...closed,
  $id: 'Township',
  ...about('乡镇（街道）', 'A township or a unit of its level', townshipExample),
})
/** A township that became part of another one, as it is read. */
export const closedExample = {
  ...townshipExample,
  code: '500229201',
  name: '龙田乡',
  kind: 'township',
  fullName: '重庆市城口县龙田乡',
  validTo: '2024-12-31',
  successors: [{ code: '500229113', name: '龙屏镇', kind: 'merge', effectiveOn: '2025-01-01' }],
}
const [successor] = closedExample.successors
const SuccessionLink = Type.Object(
  {
    code: like(TownshipCode, successor?.code),
    name: Type.String(about('现名', 'Its name now', successor?.name)),
    kind: SuccessionKind,
    effectiveOn: Day('生效日', 'The day from which it holds'),
  },
  {
    ...closed,
    $id: 'SuccessionLink',
    ...about('前身或后继', 'A township that became this one, or that this one became', successor),
  },
)
const formerName = { name: '高观乡', validTo: '1999-12-31' }
const FormerName = Type.Object(
  {
    name: Type.String(about('曾用名', 'The name that it had', formerName.name)),
    validTo: Day('使用至', 'The last day of that name'),
  },
  { ...closed, $id: 'FormerName', ...about('曾用名', 'A former name', formerName) },
)
const links = (zh: string, en: string) => Type.Optional(Type.Array(ref(SuccessionLink), about(zh, en, closedExample.successors)))
const TownshipDetail = Type.Object(
  {
    ...township,
    formerNames: Type.Optional(
      Type.Array(ref(FormerName), about('曾用名；没有则省略', 'Former names; absent where none', [formerName])),
    ),
    predecessors: links('前身；没有则省略', 'Those that became it, all or a part; absent where none'),
    successors: links('后继；没有则省略', 'Those that it became, or that a part of it became; absent where none'),
  },
  {
    ...closed,
    $id: 'TownshipDetail',
    ...about('乡镇（街道）及其沿革', 'A township, its former names and what lies before and after it', closedExample),
  },
)
const TownshipList = Type.Object(
  {
    items: Type.Array(ref(Township), about('按代码排序', 'In the order of their codes', [townshipExample])),
    next: NextCursor,
  },
  { ...closed, $id: 'TownshipList', ...about('一页乡镇（街道）', 'A page of townships', { items: [townshipExample] }) },
)
export const townshipSchemas = [PlaceName, Township, TownshipList, SuccessionLink, FormerName, TownshipDetail]

const named = ({ code, name }: StoredRegion) => ({ code, name })

/** A township as lists show it. */
export function view({ code, name, kind, county, prefecture, province, validFrom, validTo }: StoredTownship) {
  return {
    code,
    name,
    kind,
    fullName: fullName([province, prefecture, county], name),
    county: named(county),
    prefecture: named(prefecture),
    province: named(province),
    ...(validFrom !== null && { validFrom }),
    ...(validTo !== null && { validTo }),
  }
}

export type TownshipView = ReturnType<typeof view>

/** The township as it is read alone, with its tag. */
export function detailView({ formerNames, predecessors, successors, ...stored }: StoredDetail) {
  const link = ({ code, name, kind, effectiveOn }: Link) => ({ code, name, kind, effectiveOn })
  const body = {
    ...view(stored),
    ...(formerNames.length > 0 && { formerNames }),
    ...(predecessors.length > 0 && { predecessors: predecessors.map(link) }),
    ...(successors.length > 0 && { successors: successors.map(link) }),
  }
  return { body, etag: `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 16)}"` }
}
