/** A figure of the catalogue in the document. */
import Type from 'typebox'
import { categories, rulesVersion } from '../catalogue/index.ts'
import { about, literals, ref } from '../catalogue/schema.ts'
import { shownIndicators } from './indicator-views.ts'

const closed = { additionalProperties: false } as const
const Labels = (zh: string, en: string, example: { zh: string; en: string }) =>
  Type.Object(
    { zh: Type.String(about('中文', 'Chinese', example.zh)), en: Type.String(about('英文', 'English', example.en)) },
    { ...closed, ...about(zh, en, example) },
  )
const screening = { zh: '矛盾纠纷排查次数', en: 'Dispute screening rounds' }

export const indicatorCategories = categories.map(({ name }) => name)

const Indicator = Type.Object(
  {
    code: Type.String(about('代码，即 JSON 属性名和 CSV 表头', 'Code: JSON property and CSV header', 'screenings')),
    category: literals(indicatorCategories, about('类别', 'Category', 'disputes')),
    labels: Labels('名称', 'Labels', screening),
    unit: Type.String(about('单位', 'Unit', '次')),
    kind: literals(
      ['flow', 'stock', 'opening', 'money', 'rate', 'score'],
      about('性质：flow 发生数；stock 期末数；opening 期初数；money 元；rate 百分比；score 分', 'Kind', 'flow'),
    ),
    minimum: Type.Number(about('最小值', 'Smallest value', 0)),
    maximum: Type.Number(about('最大值', 'Largest value', 2_147_483_647)),
    decimals: Type.Integer(about('小数位数上限', 'Decimals at most', 0)),
    members: Type.Optional(
      Type.Array(
        Type.Object(
          {
            code: Type.String(about('分项代码', 'Member code', 'neighbour')),
            path: Type.String(about('数据路径', 'Figure path', 'acceptedByKind.neighbour')),
            labels: Labels('名称', 'Labels', { zh: '邻里', en: 'neighbours' }),
          },
          {
            ...closed,
            ...about('分项', 'A member', {
              code: 'neighbour',
              path: 'acceptedByKind.neighbour',
              labels: { zh: '邻里', en: 'neighbours' },
            }),
          },
        ),
        about('分项；没有即为单一数据', 'Members of a breakdown; absent for a single figure', []),
      ),
    ),
    rules: Type.Array(
      Type.Object(
        {
          rule: literals(
            ['within', 'breakdown', 'memberWithin', 'rateOf', 'balance', 'perUnit', 'jump'],
            about('规则', 'Rule', 'within'),
          ),
          figures: Type.Array(
            Type.String(about('指标代码', 'Figure code', 'accepted')),
            about('相关指标', 'The figures that the rule points at', ['accepted']),
          ),
          impossible: Type.Optional(Type.Boolean(about('违反即拒绝（除非有说明）', 'Refused unless a note explains it', false))),
          completeness: Type.Optional(
            literals(
              ['exhaustive', 'partial', 'overlapping'],
              about('分项是否完整', 'Whether the members make up the whole', 'exhaustive'),
            ),
          ),
          denominators: Type.Optional(
            Type.Array(
              Type.String(about('分母', 'Denominator', 'accepted')),
              about('依次可用的分母', 'Denominators in order of preference', ['accepted', 'identified']),
            ),
          ),
          left: Type.Optional(
            Type.Array(
              Type.String(about('左边', 'Left side', 'certifiedOfficers')),
              about('等式左边', 'Left side', ['certifiedOfficers', 'uncertifiedOfficers']),
            ),
          ),
          right: Type.Optional(
            Type.Array(Type.String(about('右边', 'Right side', 'officers')), about('等式右边', 'Right side', ['officers'])),
          ),
          min: Type.Optional(Type.Number(about('每单位至少', 'At least so many a unit', 3))),
          factor: Type.Optional(Type.Number(about('倍数', 'Factor', 5))),
          distance: Type.Optional(Type.Number(about('差值', 'Distance', 20))),
        },
        { ...closed, ...about('一条规则', 'One rule', { rule: 'within', figures: ['accepted'] }) },
      ),
      about('校验规则', 'Consistency rules', []),
    ),
    aggregation: literals(
      ['sum', 'recomputed', 'none'],
      about('汇总方式：sum 相加；recomputed 由分子分母重算；none 不汇总', 'How areas are added up', 'sum'),
    ),
    overTime: literals(['sum', 'last', 'first', 'none'], about('跨期含义', 'What a longer period would hold', 'sum')),
    countsTwice: Type.Optional(Type.Boolean(about('相加可能重复计人', 'A sum may count a person more than once', true))),
    basis: Type.Optional(Type.String(about('依据', 'Source of the definition', '人民调解统计报表'))),
    since: Type.String(about('自哪一版目录起', 'Catalogue release that brought it', '2026.1')),
    deprecated: Type.Optional(
      Type.Object(
        { use: Type.String(about('改用', 'Use instead', 'accepted')) },
        { ...closed, ...about('已停用', 'Deprecated', { use: 'accepted' }) },
      ),
    ),
  },
  { ...closed, $id: 'Indicator', ...about('指标目录中的一项', 'One figure of the catalogue', shownIndicators[0]) },
)
const IndicatorList = Type.Object(
  {
    rulesVersion: Type.Integer(about('校验规则版本', 'Version of the rules', 1)),
    items: Type.Array(ref(Indicator), about('指标', 'Figures', [shownIndicators[0]])),
  },
  { ...closed, $id: 'IndicatorList', ...about('指标目录', 'The catalogue', { rulesVersion, items: [shownIndicators[0]] }) },
)
export const indicatorSchemas = [Indicator, IndicatorList]
