/** What `GET /v1/findings` is asked and answers. */
import Type from 'typebox'
import { categories } from '../catalogue/index.ts'
import { about, literals } from '../catalogue/schema.ts'
import { paging } from '../http/paging.ts'
import { chineseLabels, countedParameters } from './list-file.ts'
import { NextCursor, PeriodCode, RegionCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
/** The rules, and what a sheet calls them. */
export const findingRules = {
  within: '部分不超过整体',
  breakdown: '分项与合计',
  memberWithin: '不超过分项',
  rateOf: '比率与其分子分母',
  balance: '结转平衡',
  perUnit: '每单位下限',
  rateRange: '比率范围',
  jump: '与上期突变',
  'double-report': '重复填报',
  unexpected: '不应报送',
}
const ruleNames = Object.keys(findingRules)
export const categoryNames = categories.map(({ name }) => name)
const message = {
  zh: '调解（化解）成功（400）与上期（60）相差悬殊',
  en: 'Disputes resolved (400) is far from the period before (60)',
}
export const exampleListed = {
  township: '410423209',
  name: '仓头乡',
  period: '2025',
  category: 'disputes',
  rule: 'jump',
  severity: 'warning',
  figures: ['resolved'],
  expected: 60,
  actual: 400,
  message,
}
const Listed = Type.Object(
  {
    township: TownshipCode,
    name: Type.String(about('乡镇名称', 'Name of the township', '仓头乡')),
    period: PeriodCode,
    category: literals(categoryNames, about('类别', 'Category', 'disputes')),
    rule: literals(
      ruleNames,
      about(
        '规则；jump 与上期相差 5 倍且 20 以上；double-report 与其承接乡镇重复填报；unexpected 该期末此乡镇已停用、尚未设立，或不是乡镇',
        'Rule; jump: five times and 20 or more from the period before; double-report: it and its successor have both reported; unexpected: closed, not yet founded, or no township, at the end of the period',
        'jump',
      ),
    ),
    severity: literals(['warning', 'impossible'], about('严重程度', 'Severity', 'warning')),
    figures: Type.Array(
      Type.String(about('数据路径', 'Path of a figure', 'resolved')),
      about('涉及的数据', 'The figures concerned', ['resolved']),
    ),
    relation: Type.Optional(
      literals(['<=', '=', '>='], about('actual 与 expected 应有的关系', 'What should hold between actual and expected', '<=')),
    ),
    expected: Type.Optional(
      Type.Number(about('应有值、上下限或上期值', 'The value or bound of the rule, or the value before', 60)),
    ),
    actual: Type.Optional(Type.Number(about('填报值', 'What was reported', 400))),
    other: Type.Optional(
      Type.Unsafe<string>({
        ...TownshipCode,
        ...about(
          '重复填报的另一方；或上期数据所在的原代码',
          'The other of a double report, or the old code of the period before',
          '500229113',
        ),
      }),
    ),
    message: Type.Object(
      {
        zh: Type.String(about('中文说明', 'In Chinese', message.zh)),
        en: Type.String(about('英文说明', 'In English', message.en)),
      },
      { ...closed, ...about('说明', 'In plain words', message) },
    ),
  },
  { ...closed, $id: 'ListedFinding', ...about('一条校验提示及其出处', 'A finding and where it stands', exampleListed) },
)
const FindingList = Type.Object(
  {
    items: Type.Array(
      Type.Unsafe<unknown>({ $ref: 'ListedFinding#' }),
      about('按乡镇、类别排序', 'In the order of township and category', [exampleListed]),
    ),
    next: NextCursor,
  },
  { ...closed, $id: 'FindingList', ...about('一页校验提示', 'A page of findings', { items: [exampleListed] }) },
)
export const findingListSchemas = [Listed, FindingList]

export const FindingQuery = Type.Object(
  {
    period: PeriodCode,
    region: Type.Optional(RegionCode),
    township: Type.Optional(TownshipCode),
    category: Type.Optional(literals(categoryNames, about('类别', 'Category', 'disputes'))),
    rule: Type.Optional(literals(ruleNames, about('规则', 'Rule', 'jump'))),
    severity: Type.Optional(literals(['warning', 'impossible'], about('严重程度', 'Severity', 'warning'))),
    ...countedParameters,
    labels: chineseLabels,
    ...paging,
  },
  closed,
)
