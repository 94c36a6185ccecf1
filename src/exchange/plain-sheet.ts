/**
 * Rows of a sheet as nearly all are: numbers in the order of the catalogue, with or without a qualifier, of a record that is not there yet or
 * that the row says as a whole. Of such a row the canonical content is made at once as text, where `applySheet`, a validator and a
 * serializer take five times as long. What this does not recognise is not wrong: it goes the long way. A property holds that both
 * ways say the same.
 */
import { type CategoryName, leaves } from '../catalogue/index.ts'
import { isRemark } from '../catalogue/plain.ts'
import type { Remark, Value } from '../catalogue/record.ts'
import type { SheetCell, SheetChange } from './row.ts'

/**
 * The canonical content of a record as JSON, and its values in the order of the catalogue. `whole`: the row has a cell for all that a record can
 * hold, so that it says this whatever is stored; else only where nothing is.
 */
export type PlainSheet = { text: string; values: Value[]; whole: boolean }

const none: Remark = {}

function isWhole(category: CategoryName, { columns, width, remarks, others, source }: SheetChange): boolean {
  return columns.places.size === leaves(category).length && columns.last < width && !!remarks && !!others && !!source
}

/** What the row says of a value; undefined where it depends on what is stored, as an old quote does. */
function remarkOf(reading: SheetCell['reading'], given: Remark | undefined): Remark | undefined {
  if (reading.state !== 'value') return undefined
  const { qualifier } = reading
  if (given) return given.qualifier === qualifier && given.quote === undefined && isRemark(given, true) ? given : undefined
  return qualifier ? { qualifier } : none
}

/** What the row makes of a record; undefined where `applySheet` must be asked. */
export function plainSheet(category: CategoryName, change: SheetChange): PlainSheet | undefined {
  const { cells, remarks, others, source } = change
  if (cells.length === 0) return undefined
  if ((others && others.length > 0) || (source && Object.keys(source).length > 0)) return undefined
  const values: Value[] = []
  let [figures, said, open] = ['', '', '']
  let last = -1
  let ofRow = 0
  for (const { leaf, reading } of cells) {
    const given = remarks?.[leaf.path]
    const remark = remarkOf(reading, given)
    if (reading.state !== 'value' || !remark || leaf.place <= last) return undefined
    last = leaf.place
    if (given) ofRow++
    values.push({ leaf, value: reading.value, remark })
    const { code, member } = leaf
    if (code !== open || member === undefined) {
      if (open !== '') figures += '}'
      figures += `${figures === '' ? '' : ','}"${code}":${member === undefined ? '' : '{'}`
      open = member === undefined ? '' : code
    } else figures += ','
    figures += member === undefined ? reading.value : `"${member}":${reading.value}`
    if (remark !== none) said += `${said === '' ? '' : ','}"${leaf.path}":${JSON.stringify(remark)}`
  }
  for (const _ in remarks) ofRow--
  // Remarks of something else than the values.
  if (ofRow < 0) return undefined
  const text = `{"figures":{${figures}${open === '' ? '' : '}'}}${said === '' ? '' : `,"remarks":{${said}}`}}`
  return { text, values, whole: isWhole(category, change) }
}
