/**
 * Where a township and what it became have both reported one category for one period, though by its end the one was no more or the other not yet:
 * whatever sums both holds the same matter twice. Nothing is left out for that: which of the two says it better is for people to say.
 */
import { type CategoryName, columnOf } from '../catalogue/index.ts'
import type { Queryable } from './database.ts'
import { rowsThen } from './past.ts'

/**
 * Begins a statement: `became` has what each township of a range [low, high) has become by a day, and what that became in turn; and what did not
 * exist by then, which can only report what the townships before it did. Who stays in use beside a successor reports for itself from then on.
 * `union` ends even a circle. All three are expressions.
 */
export const becameBy = (day: string, low: string, high: string) => `with recursive steps as (
    select s.predecessor, s.successor from successions s
    where (s.effective_on <= ${day} and not exists (select from successions o
        where o.predecessor = s.predecessor and o.successor = s.predecessor and o.effective_on = s.effective_on))
      or exists (select from townships t where t.code = s.successor and t.valid_from > ${day})),
  became (predecessor, successor) as (
    select s.predecessor, s.successor from steps s where s.predecessor >= ${low} and s.predecessor < ${high}
    union select b.predecessor, s.successor from became b join steps s on s.predecessor = b.successor)`

/** Of `became`, the pairs that have both reported in the period $1; `table` has the records of a category. */
export function bothReported(table: string): string {
  const reported = (code: string) =>
    `exists (select from ${table} t where t.period_id = $1 and t.township_code = ${code} and t.document is not null)`
  return `select predecessor, successor from became where predecessor <> successor and ${reported('predecessor')} and ${reported('successor')}`
}

export type DoubleReport = { predecessor: string; successor: string }

/** The double reports of a category in a period, as they are now or as they were held then, of predecessors anywhere. */
export async function doubleReports(
  on: Queryable,
  name: CategoryName,
  { id, endsOn }: { id: number; endsOn: string },
  asOf?: string,
): Promise<DoubleReport[]> {
  const table = asOf === undefined ? columnOf(name) : rowsThen(name, '$3::timestamptz')
  const values = asOf === undefined ? [id, endsOn] : [id, endsOn, asOf]
  const text = `${becameBy('$2::date', "''", "':'")} ${bothReported(table)}`
  return (await on.query<DoubleReport>(text, values)).rows
}
