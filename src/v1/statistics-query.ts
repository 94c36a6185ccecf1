/** The query of a roll-up: what it asks for, or every mistake in it at once. */
import type { Static } from 'typebox'
import Type from 'typebox'
import { breakdownOf } from '../catalogue/figure.ts'
import { type CategoryName, categories, findFigure, findLeaf, type Leaf, leaves } from '../catalogue/index.ts'
import { type Period, parsePeriod } from '../catalogue/period.ts'
import { categoryOf } from '../catalogue/record.ts'
import { about, literals } from '../catalogue/schema.ts'
import type { Fault } from '../http/problems.ts'
import type { RollUp } from '../storage/statistics.ts'
import { levels } from '../storage/statistics-statement.ts'
import { AsOf } from './as-of.ts'
import { notFiner } from './filters.ts'
import { categoryWords, nearest } from './record-check.ts'
import { like, RegionCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const paths = categories.map(({ path }) => path)
export const mostPeriods = 10
/** Totals that one answer may hold: every figure of the country by county, or of a province by township, in one period. */
export const mostTotals = 400_000

export const StatisticsParams = Type.Object({ category: literals(paths, about('类别', 'Category', 'disputes')) }, closed)
export const StatisticsQuery = Type.Object(
  {
    period: Type.String({
      maxLength: 200,
      ...about(
        '报告期，1 至 10 个，同类，逗号分隔；各期分列，不相加',
        '1 to 10 periods of one kind, comma separated; periods stand side by side and are never added',
        '2023,2024',
      ),
    }),
    region: Type.Optional(like(RegionCode, '51')),
    by: Type.Optional(
      literals(
        ['province', 'prefecture', 'county', 'township'],
        about('按哪一级分组；不给则只有一个合计', 'Level of the groups; without it one total', 'county'),
      ),
    ),
    figures: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 10_000,
        ...about(
          '指标代码或数据路径，逗号分隔；分项指标的代码即其全部分项；不给则为全部',
          'Codes or paths of figures, comma separated; the code of a breakdown is all its members; without it all figures',
          'resolved,accepted',
        ),
      }),
    ),
    boundaries: literals(['as-reported', 'current'], {
      default: 'as-reported',
      ...about(
        'as-reported 按填报时的区划；current 按现行区划：已撤并的乡镇计入承接者，拆分的计入包含全部承接者的最低一级区划，不分摊',
        'as-reported: as the townships were; current: a township that is no more counts in its successor, one that was split in the lowest region that holds all successors; nothing is apportioned',
        'current',
      ),
    }),
    asOf: AsOf,
    format: Type.Optional(literals(['json', 'csv'], about('格式；优先于 Accept', 'Format; goes before Accept', 'csv'))),
    labels: Type.Optional(
      literals(['codes', 'zh'], about('CSV 表头：代码或中文', 'Headers of CSV: codes, or Chinese labels', 'zh')),
    ),
  },
  closed,
)
export type StatisticsQuery = Static<typeof StatisticsQuery>

function periodsOf(text: string, faults: Fault[]): Period[] {
  const parameter = 'period'
  const codes = text.split(',')
  const periods = codes.flatMap((received) => {
    const period = parsePeriod(received)
    if (!period) faults.push({ parameter, code: 'bad-period', params: { received } })
    return period ?? []
  })
  if (codes.length > mostPeriods) faults.push({ parameter, code: 'too-many-values', params: { limit: mostPeriods } })
  for (const name of new Set(codes.filter((code, index) => codes.indexOf(code) < index)))
    faults.push({ parameter, code: 'repeated-value', params: { name } })
  const [first] = periods
  const other = periods.find(({ kind }) => kind !== first?.kind)
  if (first && other) faults.push({ parameter, code: 'mixed-periods', params: { first: first.code, other: other.code } })
  return periods
}

/** The values that a name stands for: a figure's own, or those of all members of a breakdown. */
function leavesOf(name: CategoryName, asked: string): readonly Leaf[] | Fault {
  const parameter = 'figures'
  const leaf = findLeaf(asked)
  const figure = findFigure(asked)
  const found = leaf ?? figure
  if (found && found.category.name !== name)
    return { parameter, code: 'figure-of-another-category', params: { name: asked, ...categoryWords(found.category) } }
  if (leaf) return [leaf.leaf]
  if (figure && breakdownOf(figure.figure)) return leaves(name).filter(({ code }) => code === asked)
  const owner = findFigure(asked.split('.')[0] ?? '')?.category
  if (owner && owner.name !== name)
    return { parameter, code: 'figure-of-another-category', params: { name: asked, ...categoryWords(owner) } }
  const known = [...Object.keys(categoryOf(name).figures), ...leaves(name).map(({ path }) => path)]
  return { parameter, code: 'unknown-figure', params: { name: asked, ...nearest(asked, known) } }
}

function figuresOf(name: CategoryName, text: string | undefined, faults: Fault[]): readonly Leaf[] {
  if (text === undefined) return leaves(name)
  const figures = new Set<Leaf>()
  for (const asked of new Set(text.split(','))) {
    const found = leavesOf(name, asked)
    if ('code' in found) faults.push(found)
    else for (const leaf of found) figures.add(leaf)
  }
  return [...figures]
}

/** What a well-formed query asks for, and the mistakes that its form does not show. */
export function readStatisticsQuery(path: string, query: StatisticsQuery): { request: RollUp; faults: Fault[] } {
  const faults: Fault[] = []
  const category = categories.find((one) => one.path === path)
  if (!category) throw new Error(`no category ${path}`)
  const { by, region, boundaries } = query
  const periods = periodsOf(query.period, faults)
  const figures = figuresOf(category.name, query.figures, faults)
  if (by && region !== undefined && levels[by] <= region.length) faults.push(notFiner(by, region))
  const current = boundaries === 'current'
  const request = {
    category: category.name,
    figures,
    periods,
    current,
    ...(by && { by }),
    ...(region !== undefined && { region }),
  }
  return { request, faults }
}
