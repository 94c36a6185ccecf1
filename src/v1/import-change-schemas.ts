/** What a dry run says that rows of a file would change, and would clear. */
import Type from 'typebox'
import { categories } from '../catalogue/index.ts'
import { missings, qualifiers } from '../catalogue/record.ts'
import { about, literals, ref } from '../catalogue/schema.ts'
import { FigureChange } from './revision-schemas.ts'
import { exampleFinding, FindingSchema, PeriodCode, TownshipCode } from './schemas.ts'

const closed = { additionalProperties: false } as const
const rowNumber = Type.Integer({ minimum: 0, ...about('行号', 'The row', 2) })

const state = { value: 20, qualifier: 'atLeast' }
export const exampleChange = {
  row: 2,
  category: 'disputes',
  township: '500229107',
  name: '高观镇',
  period: '2024',
  action: 'update',
  changes: [{ figure: 'identified', old: { value: 18 }, new: state }],
  became: [{ path: 'identified', cell: '20余', ...state }],
}
const townshipName = Type.String(about('乡镇名称', 'Name of the township', exampleChange.name))
const path = Type.String(about('数据路径', 'Path of a figure', 'identified'))
export const ImportChange = Type.Object(
  {
    row: rowNumber,
    category: literals(
      categories.map(({ name }) => name),
      about('类别', 'Category', exampleChange.category),
    ),
    township: TownshipCode,
    name: townshipName,
    period: PeriodCode,
    action: literals(['create', 'update', 'delete'], about('将发生什么', 'What would happen', exampleChange.action)),
    changes: Type.Array(ref(FigureChange), about('变化', 'What would change', exampleChange.changes)),
    cleared: Type.Optional(Type.Array(path, about('将被清除的数据', 'Figures that would be removed', ['resolved']))),
    became: Type.Optional(
      Type.Array(
        Type.Object(
          {
            path,
            cell: Type.String(
              about(
                '单元格原文；没有的，为其限定词',
                'The cell as it stands, or the word of its qualifier where it is empty',
                '20余',
              ),
            ),
            value: Type.Optional(Type.Number(about('读作的数值', 'The value read', 20))),
            qualifier: Type.Optional(literals(qualifiers, about('限定词', 'The qualifier read', 'atLeast'))),
            missing: Type.Optional(literals(missings, about('没有数值的原因', 'Why there is no value', 'unquantified'))),
          },
          { ...closed, ...about('一个单元格', 'A cell', exampleChange.became[0]) },
        ),
        about('单元格读作什么', 'What cells were read as, where they are more than a number', exampleChange.became),
      ),
    ),
    findings: Type.Optional(
      Type.Array(ref(FindingSchema), about('写入后的校验提示', 'What would not add up in the record', [exampleFinding])),
    ),
  },
  { ...closed, $id: 'ImportChange', ...about('试运行：一行将带来的变化', 'What a row would change', exampleChange) },
)

export const exampleClearing = {
  row: 2,
  category: 'disputes',
  township: '500229107',
  name: '高观镇',
  period: '2024',
  figures: ['resolved'],
}
export const ImportClearing = Type.Object(
  {
    row: rowNumber,
    category: literals(
      categories.map(({ name }) => name),
      about('类别', 'Category', exampleClearing.category),
    ),
    township: TownshipCode,
    name: townshipName,
    period: PeriodCode,
    figures: Type.Array(
      path,
      about(
        '将被清除的数据；remarks、others、source 表示整项清除',
        'Figures that would be removed; `remarks`, `others`, `source` where all of it goes',
        exampleClearing.figures,
      ),
    ),
  },
  { ...closed, $id: 'ImportClearing', ...about('试运行：一行将清除的数据', 'What a row would clear', exampleClearing) },
)
