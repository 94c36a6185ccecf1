/** Figures of the catalogue as clients see them. */
import { aggregationOf, breakdownOf, type Category, type Figure, kinds } from '../catalogue/figure.ts'
import { categories } from '../catalogue/index.ts'
import { jump, type Rule } from '../catalogue/rules.ts'
import type { Sheet } from './list-file.ts'

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

export function indicatorView(category: Category, code: string, figure: Figure) {
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

export const allIndicators = categories.flatMap((category) =>
  Object.entries(category.figures).map(([code, figure]) => indicatorView(category, code, figure)),
)

export const indicatorSheet: Sheet<(typeof allIndicators)[number]> = {
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
export const shownIndicators = ['screenings', 'resolutionRate', 'resolvedByAgreement'].flatMap((code) =>
  allIndicators.filter((indicator) => indicator.code === code),
)
