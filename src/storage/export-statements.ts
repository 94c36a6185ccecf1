/**
 * What an export reads, as one query a form, for COPY, which takes no parameters: values stand in the text as literals. The cells of a
 * sheet are printed by the database, so that no row passes through JavaScript. A document without remarks has nothing to print beside
 * its numbers, so the remarks of a row are looked at once, and then by path.
 */
import pg from 'pg'
import { type CellFigure, printCell, printedMissing } from '../catalogue/cell.ts'
import { kinds } from '../catalogue/figure.ts'
import { type CategoryName, columnOf, type Leaf, leaves } from '../catalogue/index.ts'
import { type Missing, type Qualifier, qualifiers } from '../catalogue/record.ts'
import type { Position } from './changes.ts'
import { documentsThen, rowsThen } from './past.ts'
import type { ListFilter } from './records.ts'

const { escapeLiteral } = pg
/** What a qualifier column says of a figure, for each qualifier and each reason for a missing value. */
export type Marks = Readonly<Record<Qualifier | Missing, string>>
/** `printed`: a figure as one prints it, 20余; `columns`: the number, and beside it a column with its mark. `deleted` says that a row deletes. */
export type SheetForm = { deleted: string } & ({ qualifiers: 'printed' } | { qualifiers: 'columns'; marks: Marks })

/** `changedSince`: only records that have changed after that place in the feed, those that were deleted among them. */
export type ExportFilter = ListFilter & { changedSince?: Position }

const instantOf = (asOf: string) => `${escapeLiteral(asOf)}::timestamptz`
/** Where documents are read: the table, or what it held. */
const documentsOf = (category: CategoryName, { asOf }: ExportFilter) =>
  asOf === undefined ? columnOf(category) : documentsThen(category, instantOf(asOf))

/** The records that have a revision after a place: none that another statement did not see yet is missing (see `changes.ts`). */
const changedAfter = (category: CategoryName, { epoch, at, seq }: Position) => `(t.period_id, t.township_code) in (
    select period_id, township_code from record_revisions where category = '${category}'
      and (epoch, position, seq) > (${epoch}, ${escapeLiteral(at)}::xid8, ${escapeLiteral(seq)}::bigint))`

/** The rows of an export, the same for each form and for the count. */
function conditionsOf(category: CategoryName, { period, region, township, updatedAfter, changedSince }: ExportFilter): string {
  const conditions = [
    changedSince ? changedAfter(category, changedSince) : 't.document is not null',
    period && `t.period_id = ${period.id}`,
    // ':' follows '9' in the C collation.
    region && `t.township_code >= ${escapeLiteral(region)} and t.township_code < ${escapeLiteral(`${region}:`)}`,
    township && `t.township_code = ${escapeLiteral(township)}`,
    updatedAfter && `t.updated_at > ${escapeLiteral(updatedAfter)}::timestamptz`,
  ]
  return conditions.filter(Boolean).join(' and ')
}

/** How many records an export of this filter has. */
export const countQuery = (category: CategoryName, filter: ExportFilter) =>
  `select count(*) from ${documentsOf(category, filter)} t where ${conditionsOf(category, filter)}`

const periodCode = '(select code from periods where id = t.period_id)'
/** What stands for a deleted record, as an import takes it. */
const deletion = (category: CategoryName) => `('{"category":"${category}","township":"' || t.township_code || '","period":"'
    || ${periodCode} || '","revision":' || t.revision || ',"delete":true}')::json`

/** The documents, one a row. */
export function documentsQuery(category: CategoryName, filter: ExportFilter): string {
  const document = filter.changedSince ? `coalesce(t.document, ${deletion(category)})` : 't.document'
  return `select ${document} from ${documentsOf(category, filter)} t where ${conditionsOf(category, filter)}
    order by t.period_id, t.township_code`
}

/** The text of a number as JavaScript prints it: 19.5 and not 19.50. */
function numberText({ column, figure }: Leaf): string {
  return kinds[figure.kind].column === 'integer' ? `t.${column}::text` : `trim_scale(t.${column})::text`
}

/** What `printCell` puts around a number, asked of itself, so that the two cannot differ. */
function around(qualifier: Qualifier, figure: CellFigure): readonly [before: string, after: string] {
  const [before = '', after = ''] = printCell(7, qualifier, figure).split('7')
  return [before, after]
}

function printedCell(leaf: Leaf): string {
  const number = numberText(leaf)
  const cases = [
    ...qualifiers.map((qualifier) => {
      const [before, after] = around(qualifier, leaf.figure).map(escapeLiteral)
      return `when '${qualifier}' then ${before} || ${number} || ${after}`
    }),
    ...Object.entries(printedMissing).map(([missing, text]) => `when '${missing}' then ${escapeLiteral(text)}`),
  ]
  return `case when m.marks is null then ${number} else case m.marks ->> '${leaf.path}' ${cases.join(' ')} else ${number} end end`
}

/** Text that a spreadsheet would take for a formula gets an apostrophe, which an import takes away. */
const guarded = (text: string) => `case when ${text} ~ '^[-=+@\\t\\r]' then '''' || ${text} else ${text} end`

/**
 * The cells of a sheet: township, name, period, revision, the figures, `remarks`, `others`, `source`, and where deletions are among them
 * which rows they are. Names and months are sought row by
 * row, since a join would sort the rows, which are wide.
 */
export function sheetQuery(category: CategoryName, filter: ExportFilter, form: SheetForm): string {
  // A tombstone has no document that says it.
  const period = filter.changedSince ? periodCode : 'd.period'
  const mark = "coalesce(value ->> 'qualifier', value ->> 'missing')"
  const words =
    form.qualifiers === 'printed'
      ? mark
      : `case ${mark} ${Object.entries(form.marks)
          .map(([code, word]) => `when '${code}' then ${escapeLiteral(word)}`)
          .join(' ')} end`
  const figures = leaves(category).flatMap((leaf) =>
    form.qualifiers === 'printed' ? [printedCell(leaf)] : [numberText(leaf), `m.marks ->> '${leaf.path}'`],
  )
  const cells = [
    't.township_code',
    `(select ${guarded('name')} from townships where code = t.township_code)`,
    // Excel would make a date of a month.
    `case when ${period} ~ '^[0-9]{4}-[0-9]{2}$' then '''' || ${period} else ${period} end`,
    't.revision',
    ...figures,
    'd.remarks',
    'd.others',
    'd.source',
    ...(filter.changedSince ? [`case when t.document is null then ${escapeLiteral(form.deleted)} end`] : []),
  ]
  const source = filter.asOf === undefined ? columnOf(category) : rowsThen(category, instantOf(filter.asOf))
  return `select ${cells.join(', ')} from ${source} t
    cross join lateral json_to_record(t.document) as d (period text, remarks json, others json, source json)
    cross join lateral (select jsonb_object_agg(key, ${words}) as marks from json_each(d.remarks) where ${mark} is not null) m
    where ${conditionsOf(category, filter)} order by t.period_id, t.township_code`
}
