/**
 * Rows of a sheet as nearly all are: codes, numbers as JavaScript writes them, qualifiers in columns of their own, of a file that names its
 * figures in the order of the catalogue. Such a row is read in one walk along its text, of which most is empty cells, and the canonical
 * content is made at once; cells, readings and validators take ten times as long. What this does not recognise is not wrong: it
 * goes the long way. A property holds that both ways say the same.
 */
import { type CategoryName, categories, type Leaf } from '../catalogue/index.ts'
import { isRemark, knownOf, type Slot } from '../catalogue/plain.ts'
import { type Qualifier, qualifiers, type Remark, type Value } from '../catalogue/record.ts'
import { type QuickRow, scanner } from './csv.ts'
import { readJsonCell } from './json-cell.ts'
import { readPeriod } from './period-cell.ts'
import { plainNumber } from './plain-number.ts'
import { type FileRow, largestRevision, type SheetChange } from './row.ts'
import type { Sheet, SheetOptions } from './sheet-columns.ts'
import { readRow } from './sheet-row.ts'
import { rowThatIsNone } from './township-cell.ts'

/** `opens` and `key` stand before a value in JSON, `said` and `doubled` before what is said of it, there and in a cell. */
type Step =
  | { kind: 'figure'; slot: Slot; opens: string; key: string }
  | { kind: 'mark'; leaf: Leaf; said: string; doubled: string }
  | { kind: 'township' | 'name' | 'period' | 'category' | 'revision' | 'remarks' | 'other' }
/** What the columns say of a category, and whether a row has a cell for all that a record can hold. */
type Layout = { steps: readonly Step[]; whole: boolean }
/** A record as it comes to be; `open` is the breakdown whose members are being written, `inCell` the remarks as a cell has them. */
type Draft = { values: Value[]; figures: string; open: string; remarks: string; inCell: string; sealed: boolean }

const quote = '"'
const none: Remark = {}
const marks = new Map<string, Remark>(qualifiers.map((qualifier: Qualifier) => [qualifier, { qualifier }]))
const names = new Map(categories.flatMap(({ name, path }) => [[name as string, name] as const, [path, name] as const]))

function figureStep(slot: Slot): Step {
  const { code, member } = slot.leaf
  const [opens, key] = member === undefined ? ['', code] : [`${quote}${code}":{`, member]
  return { kind: 'figure', slot, opens, key: `"${key}":` }
}

function markStep(leaf: Leaf): Step {
  const said = `"${leaf.path}":{"qualifier":"`
  return { kind: 'mark', leaf, said, doubled: said.replaceAll(quote, '""') }
}

function layoutOf(sheet: Sheet, category: CategoryName | undefined): Layout {
  const steps: Step[] = Array.from({ length: sheet.width }, () => ({ kind: 'other' }))
  for (const kind of ['township', 'name', 'period', 'category', 'revision', 'remarks'] as const) {
    const key = sheet.keys.get(kind)
    if (key) steps[key.index] = { kind }
  }
  const known = category && knownOf(category)
  const reader = category && sheet.readers.get(category)
  if (!known || !reader) return { steps, whole: false }
  for (const { index, leaf, mark } of reader.figures) {
    const slot = known.paths.get(leaf.path)
    if (slot) steps[index] = figureStep(slot)
    if (mark) steps[mark.index] = markStep(leaf)
  }
  const parts = ['remarks', 'others', 'source'] as const
  return { steps, whole: reader.columns.places.size === known.paths.size && parts.every((kind) => sheet.keys.has(kind)) }
}

/** Adds the number that begins there; answers where it ends, -1 where it is none that the figure takes, or not the next of the catalogue. */
function addValue(draft: Draft, { slot, opens, key }: Extract<Step, { kind: 'figure' }>, text: string, at: number): number {
  const { value, decimals, end } = plainNumber(text, at)
  const before = draft.values[draft.values.length - 1]
  if (end === at || value < slot.min || value > slot.max || decimals > slot.decimals) return -1
  if (before && before.leaf.place >= slot.place) return -1
  draft.values.push({ leaf: slot.leaf, value, remark: none })
  const same = draft.open === opens
  const close = draft.open !== '' && !same ? '}' : ''
  draft.figures += `${close}${before ? ',' : ''}${same ? '' : opens}${key}${text.slice(at, end)}`
  draft.open = opens
  return end
}

/** Adds the qualifier of the value before it; false where that is another's, or none. */
function addMark(draft: Draft, { leaf, said, doubled }: Extract<Step, { kind: 'mark' }>, mark: string): boolean {
  const value = draft.values[draft.values.length - 1]
  const remark = marks.get(mark)
  if (!remark || value?.leaf !== leaf || draft.sealed) return false
  value.remark = remark
  const comma = draft.remarks === '' ? '' : ','
  draft.remarks += `${comma}${said}${mark}"}`
  draft.inCell += `${comma}${doubled}${mark}""}`
  return true
}

/** The text of a cell in quotes, and where it ends; undefined where it is none, or goes on in the next line. */
function quotedCell(text: string, at: number, stop: number): { cell: string; end: number } | undefined {
  if (text[at] !== quote) return undefined
  let close = text.indexOf(quote, at + 1)
  while (close >= 0 && close < stop && text[close + 1] === quote) close = text.indexOf(quote, close + 2)
  if (close < 0 || close >= stop) return undefined
  return { cell: text.slice(at + 1, close).replaceAll('""', quote), end: close + 1 }
}

/** Puts remarks beside their values; false where it depends on what is stored what becomes of one, as of an old quote. */
function addRemarks(draft: Draft, given: Record<string, Remark>): boolean {
  let left = Object.keys(given).length
  let said = ''
  for (const value of draft.values) {
    const remark = given[value.leaf.path]
    if (remark) {
      left--
      if (remark.qualifier !== value.remark.qualifier || remark.quote !== undefined || !isRemark(remark, true)) return false
      value.remark = remark
    }
    if (value.remark !== none) said += `${said && ','}"${value.leaf.path}":${JSON.stringify(value.remark)}`
  }
  draft.remarks = said
  return left === 0
}

const textOf = ({ figures, open, remarks }: Draft) =>
  `{"figures":{${figures}${open && '}'}}${remarks && `,"remarks":{${remarks}}`}}`

/** The quick way to the rows below that header. */
export function plainSheet(sheet: Sheet, options: SheetOptions, delimiter: string): QuickRow<FileRow> {
  const layouts = new Map<CategoryName | undefined, Layout>()
  const layoutFor = (category: CategoryName | undefined) => {
    const layout = layouts.get(category) ?? layoutOf(sheet, category)
    layouts.set(category, layout)
    return layout
  }
  const { townships, region = '' } = options
  const separator = delimiter.charCodeAt(0)
  const changeOf = (row: number, line: string): SheetChange => {
    const [scanned] = scanner(delimiter)(line, true)
    const read = scanned && 'cells' in scanned ? readRow({ ...scanned, row }, sheet, options) : undefined
    if (read?.kind !== 'sheet') throw new Error(`row ${row} is none the long way`)
    return read.sheet()
  }

  return (row, text, from, stop) => {
    const draft: Draft = { values: [], figures: '', open: '', remarks: '', inCell: '', sealed: false }
    let category = sheet.category
    let layout = layoutFor(category)
    let { period } = options
    let code: string | undefined
    let name: string | undefined
    let expected: number | undefined
    let [at, column] = [from, 0]
    for (; ; at++, column++) {
      for (; at < stop && text.charCodeAt(at) === separator; at++) column++
      if (at >= stop) break
      const step = layout.steps[column]
      if (step?.kind === 'figure') at = addValue(draft, step, text, at)
      else if (step?.kind === 'remarks') {
        const usual = `"{${draft.inCell}}"`
        draft.sealed = true
        if (draft.inCell !== '' && text.startsWith(usual, at)) at += usual.length
        else {
          const found = quotedCell(text, at, stop)
          const parts: { remarks?: Record<string, Remark> } = {}
          if (!found || !category || readJsonCell('remarks', found.cell, category, parts).length > 0) return undefined
          if (!addRemarks(draft, parts.remarks ?? {})) return undefined
          at = found.end
        }
      } else {
        const next = text.indexOf(delimiter, at)
        const end = next < 0 || next > stop ? stop : next
        const cell = text.slice(at, end)
        at = end
        if (step?.kind === 'mark') {
          if (!addMark(draft, step, cell)) return undefined
        } else if (step?.kind === 'township') code = cell
        else if (step?.kind === 'name') name = cell
        else if (step?.kind === 'period') {
          const reading = readPeriod(cell)
          if (!('id' in reading) || (period && period.id !== reading.id)) return undefined
          period = reading
        } else if (step?.kind === 'category') {
          const said = names.get(cell)
          if (!said || (category ?? said) !== said) return undefined
          category = said
          layout = layoutFor(said)
        } else if (step?.kind === 'revision') {
          const { value, end: read } = plainNumber(cell, 0)
          if (read !== cell.length || !(value >= 1 && value <= largestRevision) || cell.includes('.')) return undefined
          expected = value
        } else return undefined
      }
      if (at < 0 || at > stop) return undefined
      if (at === stop) break
      if (text.charCodeAt(at) !== separator) return undefined
    }
    if (column + 1 !== sheet.width || draft.values.length === 0 || !category || !period) return undefined
    if (code?.length !== 9 || !code.startsWith(region)) return undefined
    if (name === undefined ? !townships.byCode(code) : !townships.bears(code, name) || rowThatIsNone([name])) return undefined
    const line = text.slice(from, stop)
    const plain = { text: textOf(draft), values: draft.values, whole: layout.whole }
    return {
      row,
      kind: 'sheet',
      category,
      township: code,
      period,
      expected,
      sheet: () => changeOf(row, line),
      recorded: false,
      plain,
    }
  }
}
