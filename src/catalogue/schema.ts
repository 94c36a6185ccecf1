/**
 * The TypeBox schemas that follow from the catalogue. What a number may be is one line of `kinds`; what it means is one line of a
 * category. `x-decimals` is checked by the validator on the shortest decimal text (JSON Schema's multipleOf divides).
 */
import Type, { type Static, type TSchema } from 'typebox'
import { breakdownOf, type Figure, kinds } from './figure.ts'
import { type CategoryName, type FiguresOf, leaves } from './index.ts'
import { bases, categoryOf, missings, qualifiers } from './record.ts'

/** Description in both languages with an example: what every property has. */
export function about<E>(zh: string, en: string, example: E): { description: string; examples: E[] } {
  return { description: `${zh} / ${en}`, examples: [example] }
}

/** A reference to a named component that keeps the static type of what it points at. */
export function ref<S extends TSchema & { $id?: string }>(schema: S) {
  return Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` })
}

const closed = { additionalProperties: false } as const
/** One of these texts. */
export const literals = <const T extends readonly string[]>(values: T, options: object) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options })

/** The longest quote or note. */
export const textLimit = 2000
/** PostgreSQL has no text with NUL or with half a surrogate pair (U+D800 alone): it would be stored as JSON and fail where it is read. */
export const textPattern = '^[^\\u0000\\p{Cs}]*$'
const text = (max: number, zh: string, en: string, example: string) =>
  Type.String({ minLength: 1, maxLength: max, pattern: textPattern, title: 'text', ...about(zh, en, example) })
const qualifier = literals(
  qualifiers,
  about(
    '限定词：atLeast 余、多、以上；atMost 以内、不超过；about 约、近',
    'How the value is bounded: at least, at most, about',
    'atLeast',
  ),
)
const missing = literals(
  missings,
  about(
    '没有数值的原因：notApplicable 不适用；notCollected 未统计；withheld 不公开；unquantified 只有“多次”等文字',
    'Why there is no value: not applicable, not collected, withheld, or told in words only',
    'unquantified',
  ),
)
const quote = text(textLimit, '报告原文', 'The words of the report', '学习党内法规制度40余次')
const note = text(textLimit, '填报说明', 'An explanation by the reporter', '含派驻机构')

export const Remark = Type.Object(
  {
    qualifier: Type.Optional(qualifier),
    basis: Type.Optional(
      literals(
        bases,
        about(
          '依据：stated 实际；planned 计划；target 目标（后两者不计入汇总）',
          'What the value is: a result, a plan or an aim; the last two stay out of roll-ups',
          'stated',
        ),
      ),
    ),
    missing: Type.Optional(missing),
    quote: Type.Optional(quote),
    note: Type.Optional(note),
  },
  {
    ...closed,
    $id: 'Remark',
    ...about('对一个数据的说明', 'What is to be said of one figure', { qualifier: 'atLeast', quote: '学习党内法规制度40余次' }),
  },
)

export const OtherFigure = Type.Object(
  {
    label: text(200, '名称', 'What is counted', '劝阻无事酒'),
    value: Type.Optional(Type.Number({ minimum: -1e12, maximum: 1e12, 'x-decimals': 4, ...about('数值', 'The value', 9) })),
    unit: text(20, '单位', 'The unit', '起'),
    qualifier: Type.Optional(qualifier),
    missing: Type.Optional(missing),
    quote: Type.Optional(quote),
    note: Type.Optional(note),
  },
  {
    ...closed,
    $id: 'OtherFigure',
    ...about('目录之外的数据：保存，不汇总', 'A figure outside the catalogue: kept, never aggregated', {
      label: '劝阻无事酒',
      value: 9,
      unit: '起',
    }),
  },
)

export const Source = Type.Object(
  {
    title: Type.Optional(text(500, '报告标题', 'Title of the report', '高观镇关于2024年法治政府建设情况的报告')),
    url: Type.Optional(
      Type.String({
        format: 'uri',
        maxLength: 2000,
        ...about('网址', 'Where it is published', 'https://example.gov.cn/2024.html'),
      }),
    ),
    publishedOn: Type.Optional(
      Type.String({
        format: 'date',
        pattern: '^(?!0000)',
        title: 'date',
        ...about('发布日期', 'Day of publication', '2025-02-20'),
      }),
    ),
  },
  {
    ...closed,
    $id: 'Source',
    ...about('数据来源的报告', 'The report that the figures come from', { title: '高观镇关于2024年法治政府建设情况的报告' }),
  },
)

/** In a merge patch every member may be null, which removes it (RFC 7396). */
function nullableMembers<S extends TSchema & { properties: Record<string, object> }>(schema: S, id: string, told: object) {
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const { type, enum: values, ...rest }: { type?: unknown; enum?: string[] } = property
    return [name, { ...rest, type: [type, 'null'], ...(values && { enum: [...values, null] }) }]
  })
  return Type.Unsafe<Static<S> | null>({
    $id: id,
    type: ['object', 'null'],
    ...told,
    properties: Object.fromEntries(properties),
    ...closed,
  })
}

export const RemarkPatch = nullableMembers(
  Remark,
  'RemarkPatch',
  about('对说明的修改；null 删除', 'A change of a remark; null removes', { qualifier: null }),
)
export const SourcePatch = nullableMembers(
  Source,
  'SourcePatch',
  about('对来源的修改；null 删除', 'A change of the source; null removes', { publishedOn: '2025-02-20' }),
)

function numberSchema(figure: Figure, title: string, en: string, nullable: boolean) {
  const { min, max, decimals, example } = kinds[figure.kind]
  const type = decimals === 0 ? 'integer' : 'number'
  return {
    type: nullable ? [type, 'null'] : type,
    minimum: min,
    maximum: max,
    ...(decimals > 0 && { 'x-decimals': decimals }),
    title,
    ...about(
      `${title}（${figure.unit}）`,
      `${en}${figure.deprecated ? ` (deprecated: use ${figure.deprecated.use})` : ''}`,
      example,
    ),
    ...(figure.deprecated && { deprecated: true }),
  }
}

function figureSchema(figure: Figure, nullable: boolean) {
  const split = breakdownOf(figure)
  const { zh, en } = figure.labels
  if (!split) return numberSchema(figure, zh, en, nullable)
  const members = Object.entries(split.codelist.members).map(([member, labels]) => [
    member,
    numberSchema(figure, labels.zh, labels.en, nullable),
  ])
  const [first = ''] = Object.keys(split.codelist.members)
  return {
    type: nullable ? ['object', 'null'] : 'object',
    title: zh,
    ...about(`${zh}（${figure.unit}）`, en, { [first]: kinds[figure.kind].example }),
    properties: Object.fromEntries(members),
    ...closed,
  }
}

function figures<N extends CategoryName>(name: N, nullable: boolean) {
  const category = categoryOf(name)
  const properties = Object.entries(category.figures).map(([code, figure]) => [code, figureSchema(figure, nullable)] as const)
  const [code = '', first] = properties[0] ?? []
  return Type.Unsafe<FiguresOf<N>>({
    $id: `${category.component}Figures${nullable ? 'Patch' : ''}`,
    type: nullable ? ['object', 'null'] : 'object',
    ...about(
      `${category.labels.zh}的数据；没有的项即未填报${nullable ? '；null 删除一项，或全部' : ''}`,
      `Figures on ${category.labels.en.toLowerCase()}; absent means not reported${nullable ? '; null removes one, or all' : ''}`,
      { [code]: nullable ? null : first?.examples[0] },
    ),
    properties: Object.fromEntries(properties),
    ...closed,
  })
}

/** The names that remarks of a category can have, and what stands behind each. The one open object: its names are listed. */
function remarks(name: CategoryName, nullable: boolean) {
  const category = categoryOf(name)
  const paths = leaves(name).map((leaf) => leaf.path)
  return Type.Unsafe<Record<string, Static<typeof Remark>>>({
    $id: `${category.component}Remarks${nullable ? 'Patch' : ''}`,
    type: nullable ? ['object', 'null'] : 'object',
    ...about(
      `按数据路径的说明${nullable ? '；null 删除一项，或全部' : ''}`,
      `Remarks keyed by figure path${nullable ? '; null removes one, or all' : ''}`,
      { [paths[0] ?? '']: nullable ? null : { qualifier: 'atLeast', quote: '20余次' } },
    ),
    propertyNames: { enum: paths },
    additionalProperties: ref(nullable ? RemarkPatch : Remark),
  })
}

/** The components of one category that bodies and answers are made of. */
export function contentSchemas<N extends CategoryName>(name: N) {
  return {
    figures: figures(name, false),
    figuresPatch: figures(name, true),
    remarks: remarks(name, false),
    remarksPatch: remarks(name, true),
  }
}
