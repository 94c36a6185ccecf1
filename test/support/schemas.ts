/** The schemas of the catalogue as the service compiles them: nothing is coerced, nothing removed, every error is told. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { decimalsOf } from '../../src/catalogue/decimal.ts'
import { type CategoryName, catalogue, categories } from '../../src/catalogue/index.ts'
import type { Content } from '../../src/catalogue/record.ts'
import { contentSchemas, OtherFigure, Remark, RemarkPatch, Source, SourcePatch } from '../../src/catalogue/schema.ts'

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
formats.default(ajv)
ajv.addKeyword({
  keyword: 'x-decimals',
  type: 'number',
  schemaType: 'number',
  validate: (most: number, value: number) => decimalsOf(value) <= most,
})
ajv.addSchema([Remark, RemarkPatch, OtherFigure, Source, SourcePatch])
for (const { name } of categories) ajv.addSchema(Object.values(contentSchemas(name)))

/** Where a value does not meet a component and why, one line an error, sorted; empty where it does. */
export function errorsOf(component: string, value: unknown): string[] {
  const validate = ajv.getSchema(component)
  if (!validate) throw new Error(`no component ${component}`)
  if (validate(value)) return []
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}`.trim()).sort()
}

/** The same for a whole content of a category. */
export function contentErrors(name: CategoryName, content: Content): string[] {
  const { component } = catalogue[name]
  return [
    ...errorsOf(`${component}Figures`, content.figures),
    ...(content.remarks ? errorsOf(`${component}Remarks`, content.remarks) : []),
    ...(content.others ?? []).flatMap((other) => errorsOf('OtherFigure', other)),
    ...(content.source ? errorsOf('Source', content.source) : []),
  ]
}
