/** A record as it comes to be, value by value along a row of a sheet: its canonical content as text, and its values. */
import { bareRemarks, isRemark, noRemark } from '../catalogue/plain.ts'
import { qualifiers, type Remark, type Value } from '../catalogue/record.ts'
import { markWords } from './mark-cell.ts'
import type { Step } from './plain-columns.ts'
import { plainNumber } from './plain-number.ts'

/** By a qualifier's code, and by its Chinese word. */
const marks = new Map(qualifiers.flatMap((one) => [one, markWords[one]].map((mark) => [mark, bareRemarks.get(one)] as const)))

/** `open` is the breakdown whose members are being written, `inCell` the remarks as a cell has them. */
export type Draft = { values: Value[]; figures: string; open: string; remarks: string; inCell: string; sealed: boolean }

export const emptyDraft = (): Draft => ({ values: [], figures: '', open: '', remarks: '', inCell: '', sealed: false })

/** Adds the number that begins there; answers where it ends, -1 where it is none that the figure takes, or not the next of the catalogue. */
export function addValue(
  draft: Draft,
  { slot, opens, before }: Extract<Step, { kind: 'figure' }>,
  text: string,
  at: number,
): number {
  const { value, decimals, end } = plainNumber(text, at)
  const last = draft.values[draft.values.length - 1]
  if (end === at || value < slot.min || value > slot.max || decimals > slot.decimals) return -1
  if (last && last.leaf.place >= slot.place) return -1
  draft.values.push({ leaf: slot.leaf, value, remark: noRemark })
  // Written anew: a part of a text with Chinese in it takes twice the bytes, and so would all that it is put into.
  if (!last) draft.figures = `${before.first}${value}`
  else if (draft.open === opens) draft.figures += `${before.next}${value}`
  else draft.figures += `${draft.open === '' ? before.opening : before.closing}${value}`
  draft.open = opens
  return end
}

/** Adds the qualifier of the value before it; false where that is another's, or none. */
export function addMark(draft: Draft, { leaf, said, doubled }: Extract<Step, { kind: 'mark' }>, mark: string): boolean {
  const value = draft.values[draft.values.length - 1]
  const remark = marks.get(mark)
  if (!remark || value?.leaf !== leaf || draft.sealed) return false
  value.remark = remark
  const comma = draft.remarks === '' ? '' : ','
  draft.remarks += `${comma}${said}${remark.qualifier}"}`
  draft.inCell += `${comma}${doubled}${remark.qualifier}""}`
  return true
}

/** Puts remarks beside their values; false where it depends on what is stored what becomes of one, as of an old quote. */
export function addRemarks(draft: Draft, given: Record<string, Remark>): boolean {
  let left = Object.keys(given).length
  let said = ''
  for (const value of draft.values) {
    const remark = given[value.leaf.path]
    if (remark) {
      left--
      if (remark.qualifier !== value.remark.qualifier || remark.quote !== undefined || !isRemark(remark, true)) return false
      value.remark = remark
    }
    if (value.remark !== noRemark) said += `${said && ','}"${value.leaf.path}":${JSON.stringify(value.remark)}`
  }
  draft.remarks = said
  return left === 0
}

/** The canonical content as JSON. */
export const textOf = ({ figures, open, remarks }: Draft) =>
  `{"figures":{${figures}${open && '}'}}${remarks && `,"remarks":{${remarks}}`}}`
