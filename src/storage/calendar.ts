/** Days as the register keeps them: ISO texts, whose order is that of the days. */

function shifted(day: string, by: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + by)
  return date.toISOString().slice(0, 10)
}
export const dayBefore = (day: string): string => shifted(day, -1)
export const dayAfter = (day: string): string => shifted(day, 1)

/** Today where the townships are. */
export function today(): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit' })
  return parts.format(new Date())
}
