/**
 * Rows of JSON as nearly all are: known figures in the order of the catalogue, numbers as JSON.stringify writes them, remarks that fit.
 * Such a row is read in one walk along its text, and its own words are the canonical content; to parse, check, copy and write it
 * again takes four times as long and leaves a heap of garbage. What this does not recognise is not wrong: it goes the long way. A
 * property holds that both ways say the same.
 */
import { type CategoryName, categoryNamed } from '../catalogue/index.ts'
import { type Period, parsePeriod } from '../catalogue/period.ts'
import { bareRemarks, isRemark, type Known, knownOf, noRemark, type Slot } from '../catalogue/plain.ts'
import type { Remark, Value } from '../catalogue/record.ts'
import { type Cursor, close, colon, comma, number, open, skipBlanks, take, word } from './json-cursor.ts'
import { type FileRow, largestRevision, townshipCode } from './row.ts'

type Defaults = { category?: CategoryName; period?: string }

const blank = /^[ \t\r\n]*$/
/** What a row may say, each once. What a read adds is passed over, as on the long way. */
const words = new Map(
  ['category', 'township', 'period', 'revision', 'figures', 'remarks', 'createdAt', 'updatedAt', 'updatedBy'].map(
    (word, place) => [word, 2 ** place] as const,
  ),
)

function readValue(cursor: Cursor, slot: Slot, values: Value[]): boolean {
  const value = number(cursor, slot)
  if (value === undefined) return false
  values.push({ leaf: slot.leaf, value, remark: noRemark })
  return true
}

function readFigures(cursor: Cursor, { figures }: Known, values: Value[]): boolean {
  if (!take(cursor, open)) return false
  let last = -1
  do {
    const slot = figures.get(word(cursor) ?? '')
    if (!slot || slot.place <= last || !take(cursor, colon)) return false
    last = slot.place
    if ('leaf' in slot) {
      if (!readValue(cursor, slot, values)) return false
      continue
    }
    if (!take(cursor, open)) return false
    let first = true
    do {
      const inner = slot.members.get(word(cursor) ?? '')
      if (!inner || (!first && inner.place <= last) || !take(cursor, colon) || !readValue(cursor, inner, values)) return false
      last = inner.place
      first = false
    } while (take(cursor, comma))
    if (!take(cursor, close)) return false
  } while (take(cursor, comma))
  return take(cursor, close)
}

const ofQualifier = /\{"qualifier": ?"(\w+)"\}/y

/** A remark in its canonical text. Its end is looked for without knowing quotes: what is cut off too soon is no JSON. */
function readRemark(cursor: Cursor, hasValue: boolean): Remark | undefined {
  const { text } = cursor
  skipBlanks(cursor)
  if (hasValue) {
    ofQualifier.lastIndex = cursor.at
    const [all = '', qualifier = ''] = ofQualifier.exec(text) ?? []
    const known = bareRemarks.get(qualifier)
    if (known) {
      cursor.at += all.length
      if (all.includes(' ')) cursor.spaced = true
      return known
    }
  }
  const own = text.slice(cursor.at, text.indexOf('}', cursor.at) + 1)
  try {
    const remark: unknown = JSON.parse(own)
    if (!isRemark(remark, hasValue) || JSON.stringify(remark) !== own) return undefined
    cursor.at += own.length
    return remark
  } catch {
    return undefined
  }
}

function readRemarks(cursor: Cursor, { paths }: Known, values: Value[]): boolean {
  if (!take(cursor, open)) return false
  let [last, at] = [-1, 0]
  do {
    const slot = paths.get(word(cursor) ?? '')
    if (!slot || slot.place <= last || !take(cursor, colon)) return false
    last = slot.place
    // Values and remarks stand in one order, so that one walk along the values finds those with remarks.
    while ((values[at]?.leaf.place ?? Number.POSITIVE_INFINITY) < slot.place) at++
    const beside = values[at]?.leaf === slot.leaf ? values[at] : undefined
    const remark = readRemark(cursor, beside !== undefined)
    if (!remark) return false
    if (beside) beside.remark = remark
  } while (take(cursor, comma))
  return take(cursor, close)
}

let [lastCode, lastPeriod]: [string, Period | undefined] = ['', undefined]
function periodOf(code: string): Period | undefined {
  if (code !== lastCode) [lastCode, lastPeriod] = [code, parsePeriod(code)]
  return lastPeriod
}

/** A row that replaces its record, by the quick way; undefined where it must be parsed. */
export function plainJson(row: number, text: string, defaults: Defaults): FileRow<never> | undefined {
  const cursor: Cursor = { text, at: 0, spaced: false }
  const values: Value[] = []
  let category = defaults.category
  let place: string | undefined
  let code = defaults.period
  let expected: number | undefined
  let [figures, remarks] = ['', '']
  let seen = 0
  let spaced = false
  if (!take(cursor, open)) return undefined
  do {
    const key = word(cursor) ?? ''
    const bit = words.get(key)
    if (bit === undefined || (seen & bit) !== 0 || !take(cursor, colon)) return undefined
    seen |= bit
    if (key === 'figures' || key === 'remarks') {
      const known = category && knownOf(category)
      if (!known || (key === 'remarks' && figures === '')) return undefined
      skipBlanks(cursor)
      const { at } = cursor
      cursor.spaced = false
      if (!(key === 'figures' ? readFigures : readRemarks)(cursor, known, values)) return undefined
      spaced ||= cursor.spaced
      if (key === 'figures') figures = text.slice(at, cursor.at)
      else remarks = text.slice(at, cursor.at)
    } else if (key === 'revision') {
      expected = number(cursor, { min: 1, max: largestRevision, decimals: 0 })
      if (expected === undefined) return undefined
    } else {
      const said = word(cursor)
      if (said === undefined) return undefined
      if (key === 'township') place = said
      else if (key === 'period') code = said
      else if (key === 'category') {
        // The figures before it were read as another's.
        if (figures !== '') return undefined
        category = categoryNamed(said)
      } else if (isEscaped.test(said)) return undefined
    }
  } while (take(cursor, comma))
  if (!take(cursor, close) || !blank.test(text.slice(cursor.at))) return undefined
  const period = code === undefined ? undefined : periodOf(code)
  if (!category || !period || place === undefined || !townshipCode.test(place) || figures === '') return undefined
  const own = spaced ? respaced(figures, remarks) : `{"figures":${figures}${remarks && `,"remarks":${remarks}`}}`
  const body = () => JSON.parse(own)
  return { row, kind: 'replace', category, township: place, period, expected, body, plain: { text: own, values, whole: true } }
}

/** What JSON does not allow in a text as it is, and what stands for something else. */
const isEscaped = /\\|\p{Cc}/u

/** Without blanks between the words, as scripts write them: `{"accepted": 60}`. */
function respaced(figures: string, remarks: string): string {
  return JSON.stringify({ figures: JSON.parse(figures), ...(remarks && { remarks: JSON.parse(remarks) }) })
}
