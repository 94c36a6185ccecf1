/**
 * Reporting periods: a year, half, quarter or month, written `2024`, `2024-H1`, `2024-Q3`, `2024-06`. The id of a period is
 * computed from its code, so that the key of every large table sorts by the start of the period (then the longer one first)
 * and no look-up is needed to go from one to the other.
 */
export type PeriodKind = 'year' | 'half' | 'quarter' | 'month'
export type Period = { id: number; code: string; kind: PeriodKind; startsOn: string; endsOn: string; dueOn?: string }

export const periodPattern = '^20[0-9]{2}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?$'
const shape = /^(20\d{2})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?$/

function period(kind: PeriodKind, code: string, year: number, firstMonth: number, months: number): Period {
  const rank = ['year', 'half', 'quarter', 'month'].indexOf(kind)
  const day = (month: number, date: number) => new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10)
  return {
    id: year * 10_000 + firstMonth * 100 + rank,
    code,
    kind,
    startsOn: day(firstMonth - 1, 1),
    endsOn: day(firstMonth - 1 + months, 0),
    ...(kind === 'year' && { dueOn: `${year + 1}-03-01` }),
  }
}

const parsed = new Map<string, Period>()

/** The period of a code, or undefined where the code is none. A year is due on 1 March of the next; others have no due day of their own. */
export function parsePeriod(code: string): Period | undefined {
  const found = parsed.get(code) ?? parse(code)
  if (found) parsed.set(code, found)
  return found
}

function parse(code: string): Period | undefined {
  const [, year, half, quarter, month] = shape.exec(code) ?? []
  if (!year) return undefined
  if (half) return period('half', code, Number(year), 6 * Number(half) - 5, 6)
  if (quarter) return period('quarter', code, Number(year), 3 * Number(quarter) - 2, 3)
  if (month) return period('month', code, Number(year), Number(month), 1)
  return period('year', code, Number(year), 1, 12)
}

/** The code of a period id; the inverse of `parsePeriod(code).id`. */
export function periodCode(id: number): string {
  const year = Math.floor(id / 10_000)
  const month = Math.floor(id / 100) % 100
  const two = String(month).padStart(2, '0')
  return (
    [`${year}`, `${year}-H${Math.ceil(month / 6)}`, `${year}-Q${Math.ceil(month / 3)}`, `${year}-${two}`][id % 100] ?? `${year}`
  )
}

/** The period of the same kind that ends the day before this one begins: the year before a year, the quarter before a quarter. */
export function periodBefore({ kind, startsOn }: Period): Period | undefined {
  const end = new Date(`${startsOn}T00:00:00Z`)
  end.setUTCDate(0)
  const [year, month] = [end.getUTCFullYear(), end.getUTCMonth() + 1]
  const suffixes = {
    year: '',
    half: `-H${Math.ceil(month / 6)}`,
    quarter: `-Q${Math.ceil(month / 3)}`,
    month: `-${String(month).padStart(2, '0')}`,
  }
  return parsePeriod(`${year}${suffixes[kind]}`)
}

/** The register's first year; years from here to the current one always exist. */
export const firstYear = 2015
