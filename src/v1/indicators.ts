/** The catalogue as data: every figure with its labels, unit, rules and aggregation, so that no client need copy it by hand. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { aggregationOf, breakdownOf, type Category, type Figure, kinds } from '../catalogue/figure.ts'
import { type CategoryName, categories, findFigure, rulesVersion } from '../catalogue/index.ts'
import { jump, type Rule } from '../catalogue/rules.ts'
import { about, literals, ref } from '../catalogue/schema.ts'
import { ProblemError } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import { fileFormOf, listAnswer, listParameters, type Sheet, sendItems } from './list-file.ts'
import { nearest } from './record-check.ts'

const closed = { additionalProperties: false } as const
const Labels = (zh: string, en: string, example: { zh: string; en: string }) =>
  Type.Object(
    { zh: Type.String(about('中文', 'Chinese', example.zh)), en: Type.String(about('英文', 'English', example.en)) },
    { ...closed, ...about(zh, en, example) },
  )
const screening = { zh: '矛盾纠纷排查次数', en: 'Dispute screening rounds' }
const categoryNames = categories.map(({ name }) => name)

function ruleView(rule: Rule) {
  const { rule: name, refs, ...rest } = rule
  const {
    impossible,
    completeness,
    denominators,
    left,
    right,
    min,
  }: {
    impossible?: boolean
    completeness?: string
    denominators?: readonly string[]
    left?: readonly string[]
    right?: readonly string[]
    min?: number
  } = rest
  return { rule: name, figures: refs, impossible: impossible || undefined, completeness, denominators, left, right, min }
}

function indicatorView(category: Category, code: string, figure: Figure) {
  const { min: minimum, max: maximum, decimals, overTime } = kinds[figure.kind]
  const split = breakdownOf(figure)
  const jumps =
    figure.kind === 'flow' || figure.kind === 'stock'
      ? [{ rule: jump.rule, figures: [code], factor: jump.factor, distance: jump.distance }]
      : []
  return {
    code,
    category: category.name,
    labels: figure.labels,
    unit: figure.unit,
    kind: figure.kind,
    minimum,
    maximum,
    decimals,
    members:
      split &&
      Object.entries(split.codelist.members).map(([member, labels]) => ({ code: member, path: `${code}.${member}`, labels })),
    rules: [...figure.rules.map(ruleView), ...jumps],
    aggregation: aggregationOf(figure),
    overTime,
    countsTwice: figure.countsTwice,
    basis: figure.basis || undefined,
    since: figure.since,
    deprecated: figure.deprecated,
  }
}

const all = categories.flatMap((category) =>
  Object.entries(category.figures).map(([code, figure]) => indicatorView(category, code, figure)),
)

const indicatorSheet: Sheet<(typeof all)[number]> = {
  names: ['indicators', '指标目录'],
  columns: [
    ['code', '代码', ({ code }) => code],
    ['category', '类别', ({ category }) => category],
    ['labels.zh', '名称', ({ labels }) => labels.zh],
    ['labels.en', '英文名称', ({ labels }) => labels.en],
    ['unit', '单位', ({ unit }) => unit],
    ['kind', '性质', ({ kind }) => kind],
    ['minimum', '最小值', ({ minimum }) => minimum],
    ['maximum', '最大值', ({ maximum }) => maximum],
    ['decimals', '小数位数', ({ decimals }) => decimals],
    ['members', '分项', ({ members = [] }) => members.map(({ code, labels }) => `${code} ${labels.zh}`).join('; ')],
    ['aggregation', '汇总方式', ({ aggregation }) => aggregation],
    ['basis', '依据', ({ basis }) => basis],
    ['since', '自何版起', ({ since }) => since],
    ['deprecated.use', '改用', ({ deprecated }) => deprecated?.use],
  ],
}

/** A single figure, a rate and a breakdown, as worked examples. */
const shown = ['screenings', 'resolutionRate', 'resolvedByAgreement'].flatMap((code) =>
  all.filter((indicator) => indicator.code === code),
)

const Indicator = Type.Object(
  {
    code: Type.String(about('代码，即 JSON 属性名和 CSV 表头', 'Code: JSON property and CSV header', 'screenings')),
    category: literals(categoryNames, about('类别', 'Category', 'disputes')),
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
  { ...closed, $id: 'Indicator', ...about('指标目录中的一项', 'One figure of the catalogue', shown[0]) },
)
const IndicatorList = Type.Object(
  {
    rulesVersion: Type.Integer(about('校验规则版本', 'Version of the rules', 1)),
    items: Type.Array(ref(Indicator), about('指标', 'Figures', [shown[0]])),
  },
  { ...closed, $id: 'IndicatorList', ...about('指标目录', 'The catalogue', { rulesVersion, items: [shown[0]] }) },
)
export const indicatorSchemas = [Indicator, IndicatorList]

/** `GET /v1/indicators` and `/v1/indicators/{code}`; needs no database. 404 `unknown-indicator` names the nearest code. */
export const indicatorRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/indicators',
    {
      schema: {
        operationId: 'listIndicators',
        summary: '指标目录 / The catalogue of figures',
        tags: ['indicators'],
        querystring: Type.Object(
          {
            category: Type.Optional(literals<readonly CategoryName[]>(categoryNames, about('类别', 'Category', 'disputes'))),
            ...listParameters,
          },
          closed,
        ),
        response: responses(
          {
            200: listAnswer(
              '指标目录 / The catalogue',
              { $ref: 'IndicatorList#' },
              { page: { rulesVersion, items: shown }, sheet: indicatorSheet },
            ),
          },
          'invalid-request',
          'not-acceptable',
        ),
      },
    },
    async (request, reply) => {
      const { category } = request.query
      const form = fileFormOf(request, request.query)
      const items = category === undefined ? all : all.filter((indicator) => indicator.category === category)
      return form ? sendItems(reply, form, indicatorSheet, items) : { rulesVersion, items }
    },
  )
  app.get(
    '/indicators/:code',
    {
      schema: {
        operationId: 'getIndicator',
        summary: '一项指标 / One figure',
        tags: ['indicators'],
        params: Type.Object(
          { code: Type.String({ minLength: 1, maxLength: 100, ...about('指标代码', 'Figure code', 'resolvedByAgreement') }) },
          closed,
        ),
        querystring: Type.Object({}, closed),
        response: responses(
          {
            200: json(
              '一项指标 / One figure',
              { $ref: 'Indicator#' },
              { examples: { breakdown: worked('一项分项数据', 'A breakdown', shown[2]) } },
            ),
          },
          'invalid-request',
          'unknown-indicator',
        ),
      },
    },
    async (request) => {
      const { code } = request.params
      const found = findFigure(code.split('.')[0] ?? '')
      const member = code.split('.')[1]
      const known = found && (member === undefined || member in (breakdownOf(found.figure)?.codelist.members ?? {}))
      if (!known)
        throw new ProblemError('unknown-indicator', {
          code,
          ...nearest(
            code,
            all.map((indicator) => indicator.code),
          ),
        })
      return indicatorView(found.category, found.code, found.figure)
    },
  )
}
