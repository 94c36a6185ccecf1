/**
 * A reporting period as clerks write it: 2024, ２０２４, 2024年度, 2024年上半年, 2024年第三季度, 2024年6月, 2024年1-6月, 202406. Excel makes
 * Jun-24 of 2024-06, always month and year, and 2,024 of a year in a column of numbers, so these are read. A day (2024/6/1) is none: it may
 * be what Excel made of a month, or of a year, or the day of the report.
 */
import { type Period, parsePeriod } from '../catalogue/period.ts'
import { ungrouped } from './township-cell.ts'

export type PeriodReading = Period | { code: 'row-period-unreadable' | 'row-period-date'; hint: string }

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const two = (month: string | number) => String(month).padStart(2, '0')
const ordinals = '一二三四'
const spans = new Map(
  Object.entries({ '1-12': '', '1-6': '-H1', '7-12': '-H2', '1-3': '-Q1', '4-6': '-Q2', '7-9': '-Q3', '10-12': '-Q4' }),
)

type Shape = readonly [RegExp, (year: string, part: string, end: string) => string | undefined]
const shapes: Shape[] = [
  [/^(20\d\d)(?:\.0+)?(?:年度?|全年|年全年)?$/, (year) => year],
  [/^(20\d\d)(?:年度?)?(上|下)半年$/, (year, half) => `${year}-H${half === '上' ? 1 : 2}`],
  [/^(20\d\d)[-年/]?(?:度)?第?([1-4一二三四])季度?$/, (year, n) => `${year}-Q${ordinals.indexOf(n) + 1 || n}`],
  [/^(20\d\d)[-年/]?([hq][1-4])$/, (year, part) => `${year}-${part.toUpperCase()}`],
  [/^(20\d\d)(?:-|年|\/)(\d{1,2})月?(?:份)?$/, (year, month) => `${year}-${two(month)}`],
  [/^(20\d\d)(\d\d)$/, (year, month) => `${year}-${month}`],
  [
    /^(20\d\d)年?(\d{1,2})月?[-~—–至到](\d{1,2})月(?:份)?$/,
    (year, from, to) => {
      const span = spans.get(`${Number(from)}-${Number(to)}`)
      return span === undefined ? undefined : year + span
    },
  ],
]
const excelMonth = /^([a-z]{3})-(\d\d)$/
const day = /^(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日|t|$|\d\d:)/

const readings = new Map<string, PeriodReading>()

/** The period of a cell, or why it is none. */
export function readPeriod(text: string): PeriodReading {
  const found = readings.get(text)
  if (found) return found
  const reading = read(text)
  // A sheet has one period, or a few; the limit is against files that are made to fill memory.
  if (readings.size < 1000 && text.length < 40) readings.set(text, reading)
  return reading
}

function read(text: string): PeriodReading {
  const folded = text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  const plain = ungrouped(folded.replace(/[\s'"=]/g, '').toLowerCase())
  const [, name = '', short] = excelMonth.exec(plain) ?? []
  if (months.includes(name)) return periodOf(`20${short}-${two(months.indexOf(name) + 1)}`)
  for (const [shape, codeOf] of shapes) {
    const [whole, year = '', part = '', end = ''] = shape.exec(plain) ?? []
    if (whole !== undefined) return periodOf(codeOf(year, part, end))
  }
  const [whole, year, month = ''] = day.exec(plain) ?? []
  if (whole !== undefined) return { code: 'row-period-date', hint: `${year}-${two(month)}` }
  return periodOf(undefined)
}

function periodOf(code: string | undefined): PeriodReading {
  return (code === undefined ? undefined : parsePeriod(code)) ?? { code: 'row-period-unreadable', hint: '' }
}
