/** The components of roll-ups. The example is what the service answers when it holds the real reports; a test compares. */
import Type from 'typebox'
import { categories } from '../catalogue/index.ts'
import { qualifiers } from '../catalogue/record.ts'
import { changeReasons, reasons } from '../catalogue/rollup.ts'
import { about, literals, ref } from '../catalogue/schema.ts'
import { settledMembers } from './as-of.ts'
import { like, PeriodCode, RegionCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const counts = { expected: 24, qualified: 0, planned: 0, derived: 0 }
const identified = { total: 382, reported: 1, ...counts }
const rate = { total: 94.2408, reported: 0, ...counts, basedOn: { used: 1, of: 1 } }
const missing = { total: null, reported: 0, ...counts, reason: 'not-reported' }
const unchanged = { change: null, changeRate: null, changeReason: 'earlier-missing' }

const count = (zh: string, en: string, example: number) => Type.Integer(about(zh, en, example))
const nullable = (zh: string, en: string, example: number) =>
  Type.Unsafe<number | null>({ type: ['number', 'null'], ...about(zh, en, example) })

const Total = Type.Object(
  {
    total: nullable(
      '汇总数；率以百分数计，至多 4 位小数；金额为精确小数；null 表示没有，原因见 reason',
      'The total; a rate in percent with at most 4 decimals, money as an exact decimal; null where there is none, for the reason given',
      382,
    ),
    reported: count(
      '以结果填报该数据的乡镇数，含推算；不应报而填报的乡镇也计入，所以可能多于 expected',
      'Townships that gave the figure as a result, derived ones included; also those that are not expected to, so that it may exceed expected',
      1,
    ),
    expected: count(
      '应报乡镇数：期末有效且类型不是 other；不应报而填报的乡镇不在其中，填报情况（coverage）列为 unexpected',
      'Townships expected to report: valid on the last day, kind not other. Those that report without being expected to are not among them; coverage lists them as unexpected',
      24,
    ),
    qualified: count(
      '其中带限定词的个数；率为所用记录中分子或分母带限定词的个数',
      'How many of them are qualified; of a rate, used records with a qualified part',
      0,
    ),
    planned: count('计划数、目标数的个数，不计入', 'Plans and aims, which are left out', 0),
    derived: count(
      '其中由各分项之和推算的个数；率为所用记录中分子或分母为推算的个数',
      'How many of them are the sum of a complete breakdown; of a rate, used records with a derived part',
      0,
    ),
    qualifier: Type.Optional(
      literals(
        qualifiers,
        about(
          '汇总数的限定词；没有即为准确数。方向一致则同，不一致或含约数则为 about',
          'How the total is bounded; absent when exact. One direction stays, both or any about are about',
          'atLeast',
        ),
      ),
    ),
    reason: Type.Optional(
      literals(
        reasons,
        about(
          '没有汇总数的原因：not-reported 无人填报；not-additive 不可汇总；parts-missing 没有同时有分子和分母的记录；denominator-zero 有分子的记录分母均为 0',
          'Why there is no total: nobody reported, not additive, no record with both parts, every denominator beside a numerator is 0',
          'not-reported',
        ),
      ),
    ),
    basedOn: Type.Optional(
      Type.Object(
        {
          used: count('有分子和分母且分母大于 0、参与计算的记录数', 'Records that have both parts, the denominator above 0', 1),
          of: count('有该率或其任一分子分母的记录数', 'Records that give the rate or any of its parts', 1),
        },
        { ...closed, ...about('率的计算依据', 'What a rate is recomputed from', rate.basedOn) },
      ),
    ),
    mayCountTwice: Type.Optional(
      Type.Boolean(
        about(
          '同一人可能计入多个乡镇：人数以此为上限',
          'The same person may stand in several townships: of persons the total is an upper bound',
          true,
        ),
      ),
    ),
    change: Type.Optional(
      nullable(
        '较请求中前一期的增减；率为百分点',
        'Change from the period before in the request; of a rate, in percentage points',
        20,
      ),
    ),
    changeRate: Type.Optional(nullable('增减百分比，4 位小数', 'The change in percent, with 4 decimals', 5.5249)),
    changeQualifier: Type.Optional(literals(qualifiers, about('增减的限定词', 'How the change is bounded', 'atLeast'))),
    changeReason: Type.Optional(
      literals(
        changeReasons,
        about(
          '没有增减或增减率的原因：不可汇总；前期没有；本期没有；前期为 0',
          'Why there is no change, or no rate of it: not additive, earlier or later one missing, earlier one 0',
          'earlier-missing',
        ),
      ),
    ),
  },
  { ...closed, $id: 'StatisticsTotal', ...about('一项数据的汇总', 'One figure of many townships', identified) },
)

export const statisticsExample = {
  category: 'disputes',
  boundaries: 'as-reported',
  region: '410423',
  periods: ['2023', '2024'],
  items: [
    {
      region: { code: '410423', name: '鲁山县' },
      periods: [
        {
          period: '2023',
          expected: counts.expected,
          doubleReports: 0,
          figures: { identified: missing, resolutionRate: { ...missing, basedOn: { used: 0, of: 0 } } },
        },
        {
          period: '2024',
          expected: counts.expected,
          doubleReports: 0,
          figures: { identified: { ...identified, ...unchanged }, resolutionRate: { ...rate, ...unchanged } },
        },
      ],
    },
  ],
}
export const statisticsExampleQuery = 'period=2023,2024&region=410423&figures=identified,resolutionRate'

const [item] = statisticsExample.items
const InPeriod = Type.Object(
  {
    period: PeriodCode,
    expected: count(
      '应报乡镇数；不应报而填报的乡镇不在其中，reported 可能多于它',
      'Townships expected to report; others may report as well, so that reported may exceed it',
      counts.expected,
    ),
    doubleReports: count(
      '其中与承接它的乡镇都填报了的乡镇数，其数据可能重复计入，清单见 findings 的 double-report',
      'Townships in it that have reported beside their own successor, so that their figures may count twice; the finding double-report names them',
      0,
    ),
    figures: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: ref(Total),
      ...about('按数据路径的汇总', 'Totals keyed by figure path', { identified }),
    }),
  },
  { ...closed, $id: 'StatisticsPeriod', ...about('一组一期的汇总', 'The totals of a group in a period', item?.periods[1]) },
)
const Group = Type.Object(
  {
    region: Type.Object(
      {
        code: Type.String(
          about(
            '区划或乡镇代码；CN 全国；unallocated 不属于任何一组',
            'Code of the region or township; CN is the country, unallocated what lies in no group of the level',
            '410423',
          ),
        ),
        name: Type.String(about('名称', 'Name', '鲁山县')),
      },
      { ...closed, ...about('区划', 'The place', item?.region) },
    ),
    periods: Type.Array(ref(InPeriod), about('按请求的顺序', 'In the order of the request', item?.periods)),
  },
  { ...closed, $id: 'StatisticsGroup', ...about('一组', 'A group of townships', item) },
)
const Statistics = Type.Object(
  {
    category: literals(
      categories.map(({ name }) => name),
      about('类别', 'Category', 'disputes'),
    ),
    boundaries: literals(['as-reported', 'current'], about('区划口径', 'The boundaries counted by', 'as-reported')),
    region: Type.Optional(like(RegionCode, '410423')),
    by: Type.Optional(
      literals(['province', 'prefecture', 'county', 'township'], about('分组的级别', 'Level of the groups', 'county')),
    ),
    periods: Type.Array(PeriodCode, about('报告期', 'The periods', statisticsExample.periods)),
    items: Type.Array(ref(Group), about('按代码排序', 'In the order of their codes', statisticsExample.items)),
    ...settledMembers,
  },
  { ...closed, $id: 'Statistics', ...about('汇总', 'A roll-up', statisticsExample) },
)
export const statisticsSchemas = [Total, InPeriod, Group, Statistics]

export const csvExample =
  '\ufeffregion,name,period,expected,doubleReports,identified,identified:qualifier,identified:reported,identified:qualified,identified:planned,identified:reason\r\n' +
  '410423,鲁山县,2024,24,0,382,,1,0,0,\r\n'
