/** What the columns of a record hold, with their values by name. */
import { type CategoryName, leaves } from '../../src/catalogue/index.ts'
import type { Columns } from '../../src/catalogue/record.ts'

export function named(name: CategoryName, { values, ...rest }: Columns) {
  const given = leaves(name).flatMap(({ column }, at) => (typeof values[at] === 'number' ? [[column, values[at]] as const] : []))
  const byColumn: Record<string, number> = Object.fromEntries(given)
  return { values: byColumn, ...rest }
}
