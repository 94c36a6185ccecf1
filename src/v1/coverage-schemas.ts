/** What `GET /v1/coverage` is asked and answers. */
import Type from 'typebox'
import { categories } from '../catalogue/index.ts'
import { about, literals } from '../catalogue/schema.ts'
import { chineseLabels } from './list-file.ts'
import { Day, PeriodCode, RegionCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
export const statuses = ['missing', 'partial', 'complete', 'unexpected'] as const
export type Status = (typeof statuses)[number]
/** Townships that one JSON answer lists; the sheet has them all. */
export const listed = 1000

const count = (zh: string, en: string, example: number) => Type.Integer(about(zh, en, example))
const countsExample = { expected: 25, reported: 2, complete: 1, partial: 1, missing: 23, late: 1, unexpected: 0 }
const byCategory = { disputes: 2, enforcement: 1, legalAdvisers: 1, publicity: 2, governance: 1 }
const groupExample = { region: { code: '500229', name: '城口县' }, ...countsExample, categories: byCategory }
const townshipExample = {
  township: '500229107',
  name: '高观镇',
  county: '城口县',
  status: 'partial',
  late: true,
  reportedOn: '2025-03-02',
  dueOn: '2025-03-01',
  missing: ['enforcement', 'legalAdvisers'],
}
export const exampleCoverage = {
  period: '2024',
  dueOn: '2025-03-01',
  items: [groupExample],
  townships: [townshipExample],
  townshipCount: 24,
}

const Group = Type.Object(
  {
    region: Type.Object(
      {
        code: Type.String(about('区划代码，全国为空', 'Code of the region; empty for the country', '500229')),
        name: Type.String(about('名称', 'Name', '城口县')),
      },
      { ...closed, ...about('地区', 'Region', groupExample.region) },
    ),
    expected: count('应报送的乡镇数', 'Townships that are expected to report', 25),
    reported: count('其中已报送', 'Of these, reported anything', 2),
    complete: count('五类齐全', 'Reported all five categories', 1),
    partial: count('部分类别', 'Reported some categories', 1),
    missing: count('未报送', 'Reported nothing', 23),
    late: count('已报送但迟报；未报送的见 missing', 'Reported after the due day; who has not reported at all is missing', 1),
    unexpected: count('不应报送而报送的', 'Reported although not expected: closed, not yet founded, or no township', 0),
    categories: Type.Object(
      Object.fromEntries(
        categories.map(({ name, labels }) => [name, count(`已报送${labels.zh}`, `Reported ${labels.en.toLowerCase()}`, 2)]),
      ),
      { ...closed, ...about('各类已报送数', 'Expected townships that reported each category', byCategory) },
    ),
  },
  { ...closed, $id: 'CoverageGroup', ...about('一个地区的报送情况', 'Coverage of one region', groupExample) },
)
const category = literals(
  categories.map(({ name }) => name),
  about('类别', 'Category', 'enforcement'),
)
const Township = Type.Object(
  {
    township: TownshipCode,
    name: Type.String(about('名称', 'Name', '高观镇')),
    county: Type.String(about('县级区划', 'County', '城口县')),
    status: literals(
      statuses,
      about('missing 未报送；partial 不全；complete 齐全；unexpected 不应报送', 'What it has reported', 'partial'),
    ),
    late: Type.Boolean(about('是否迟报', 'Whether it reported after the due day', true)),
    reportedOn: Type.Optional(Day('报送日：公开日期，否则首次填报日', 'Day of publication, else of the first revision')),
    dueOn: Day('该乡镇的截止日，含地区延期', 'Day by which it was due, with the extension of its region'),
    missing: Type.Array(category, about('缺少的类别', 'Categories without a record', ['enforcement', 'legalAdvisers'])),
  },
  { ...closed, $id: 'CoverageTownship', ...about('一个乡镇的报送情况', 'Coverage of one township', townshipExample) },
)
const Coverage = Type.Object(
  {
    period: PeriodCode,
    dueOn: Day('报送截止日，不含地区延期', 'Day by which reports are due, extensions of regions aside'),
    items: Type.Array(Type.Unsafe<unknown>({ $ref: 'CoverageGroup#' }), about('各地区', 'The regions', [groupExample])),
    townships: Type.Array(
      Type.Unsafe<unknown>({ $ref: 'CoverageTownship#' }),
      about(
        `不齐全、迟报或不应报送的乡镇，至多 ${listed} 个`,
        `Townships that are not complete, late or unexpected; at most ${listed}`,
        [townshipExample],
      ),
    ),
    townshipCount: count('此类乡镇总数', 'How many such townships there are', 24),
  },
  { ...closed, $id: 'Coverage', ...about('报送情况', 'Who has reported', exampleCoverage) },
)
export const coverageSchemas = [Group, Township, Coverage]

export const CoverageQuery = Type.Object(
  {
    period: PeriodCode,
    region: Type.Optional(RegionCode),
    by: Type.Optional(
      literals(
        ['province', 'prefecture', 'county', 'township'],
        about(
          '按哪一级分组；不给则合计。CSV 只列乡镇，不分组',
          'Level of the groups; one total without it. A CSV lists townships and has no groups',
          'county',
        ),
      ),
    ),
    status: Type.Optional(literals([...statuses, 'late'], about('只列此类乡镇', 'List only townships of this state', 'missing'))),
    format: Type.Optional(literals(['json', 'csv'], about('格式；优先于 Accept', 'Format; goes before Accept', 'csv'))),
    labels: chineseLabels,
  },
  closed,
)
