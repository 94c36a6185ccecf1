/**
 * Findings of a period: those stored with the records, and three that look beyond one record: `unexpected`, of a township that was not there,
 * `jump`, against the period of the same kind before, and `double-report`, where a township and what it became have both reported the same category
 * for a period by whose end the one was no more, or the other not yet, so that a sum would hold it twice.
 */
import { type CategoryName, categories, columnOf, leaves } from '../catalogue/index.ts'
import type { Period } from '../catalogue/period.ts'
import { jump } from '../catalogue/rules.ts'
import type { Queryable } from './database.ts'
import { becameBy, bothReported } from './double-reports.ts'
import { expectedCondition } from './places.ts'

/** `detail` is the finding as stored, or what is needed to word it: figure and both values of a jump, the other township of a double report. */
export type ListedFinding = {
  township: string
  name: string
  category: CategoryName
  key: string
  rule: string
  severity: string
  detail: unknown
}
/** `seen` is the region of which the reader may learn who has reported. */
export type FindingFilter = {
  region?: string
  township?: string
  category?: CategoryName
  rule?: string
  severity?: string
  seen?: string
}
export type FindingKey = { township: string; category: number; key: string }

const range = (of: string) => `${of}.township_code >= $3 and ${of}.township_code < $4`

function stored(name: CategoryName, rank: number): string {
  return `select t.township_code, ${rank} as category, 'a' || lpad(f.n::text, 5, '0') as key, f.one ->> 'rule' as rule, f.one ->> 'severity' as severity, f.one as detail
    from ${columnOf(name)} t, jsonb_array_elements(t.findings) with ordinality f (one, n) where t.period_id = $1 and t.findings is not null and ${range('t')}`
}

const isFar = (now: string, then: string) =>
  `(abs(${now} - ${then}) >= ${jump.distance} and greatest(${now}, ${then}) >= ${jump.factor} * least(${now}, ${then}))`

/**
 * Plans are no results, so neither side may be one. Figures are set side by side only of records that have a jump at all, which most have not.
 * A township that has got another code since is set beside what it reported under the old one.
 */
function jumps(name: CategoryName, rank: number): string {
  const table = columnOf(name)
  const compared = leaves(name).filter(({ figure }) => figure.kind === 'flow' || figure.kind === 'stock')
  const values = compared.map(({ path, column }) => `('${path}', '${column}', n.${column}::bigint, b.${column}::bigint)`)
  const someFar = compared.map(({ column }) => isFar(`n.${column}::bigint`, `b.${column}::bigint`)).join(' or ')
  const beside = (join: string, code: string, other = `'{}'::jsonb`) => `
    select n.township_code, ${rank} as category, 'j' || v.path as key, 'jump' as rule, 'warning' as severity,
      jsonb_build_object('figure', v.path, 'actual', v.now, 'expected', v.before) || ${other} as detail
    from ${table} n ${join} join ${table} b on b.period_id = $2 and b.township_code = ${code} and b.document is not null
    cross join lateral (values ${values.join(', ')}) v (path, col, now, before)
    where n.period_id = $1 and n.document is not null and ${range('n')}
      and (${someFar}) and ${isFar('v.now', 'v.before')}
      and (n.plans is null or not n.plans ? v.col) and (b.plans is null or not b.plans ? v.col)`
  const recoded = `join successions m on m.successor = n.township_code and m.kind in ('recode', 'transfer') and starts_with(m.predecessor, $12)
      and not exists (select from ${table} o where o.period_id = $2 and o.township_code = n.township_code and o.document is not null)`
  return `${beside('', 'n.township_code')} union all ${beside(recoded, 'm.predecessor', `jsonb_build_object('other', m.predecessor)`)}`
}

/** What the townships that are looked at have become by the last day of the period. */
const became = becameBy('$11::date', '$3', '$4')

function doubles(name: CategoryName, rank: number): string {
  return `select d.predecessor as township_code, ${rank} as category, 'r' || d.successor as key, 'double-report' as rule, 'warning' as severity,
      jsonb_build_object('other', d.successor) as detail
    from (${bothReported(columnOf(name))}) d where starts_with(d.successor, $12)`
}

/** A record of a township that was not there on the last day of the period, or is none: whoever wrote it may have meant another code or year. */
function unexpected(name: CategoryName, rank: number): string {
  return `select t.township_code, ${rank} as category, 'u' as key, 'unexpected' as rule, 'warning' as severity, '{}'::jsonb as detail
    from ${columnOf(name)} t join townships p on p.code = t.township_code
    where t.period_id = $1 and t.document is not null and ${range('t')} and not ${expectedCondition('$11::date', 'p')}`
}

/** The rules that look at more than one record or at its township, each with its statement; the others stand in the records. */
const across = { jump: jumps, 'double-report': doubles, unexpected }

/** The statement of a filter: only the parts that it can find anything in. A parameter that none of them uses still needs a type. */
function statement(filter: FindingFilter): string {
  const ranked = categories
    .map(({ name }, rank) => ({ name, rank }))
    .filter(({ name }) => filter.category === undefined || filter.category === name)
  const asked = Object.entries(across).filter(([rule]) => filter.severity !== 'impossible' && (filter.rule ?? rule) === rule)
  const inRecords = filter.rule === undefined || !(filter.rule in across)
  const parts = ranked.flatMap(({ name, rank }) => [
    ...(inRecords ? [stored(name, rank)] : []),
    ...asked.map(([, statementOf]) => statementOf(name, rank)),
  ])
  const none = `select null::text as township_code, 0 as category, null::text as key, null::text as rule, null::text as severity, null::jsonb as detail where false`
  return `${became}
    select f.township_code, coalesce(p.name, '') as name, f.category, f.key, f.rule, f.severity, f.detail
    from (${parts.join(' union all ') || none}) f left join townships p on p.code = f.township_code
    where (true or ($1::int, $2::int, $3::text, $4::text, $11::date, $12::text) is null) and ($5::text is null or f.rule = $5) and ($6::text is null or f.severity = $6)
      and ($7::text is null or (f.township_code, f.category, f.key collate "C") > ($7, $8::int, $9::text collate "C"))
    order by f.township_code, f.category, f.key collate "C" limit $10::int`
}

/** How many townships are looked at first, at least. */
const firstLook = 200

/** The code of the township that so many others come before, from one code on to below another; undefined where there are fewer. */
async function codeBeyond(on: Queryable, from: string, below: string, count: number): Promise<string | undefined> {
  const text = 'select code from townships where code >= $1 and code < $2 order by code offset $3 limit 1'
  const { rows } = await on.query<{ code: string }>({ name: 'code-beyond', text, values: [from, below, count] })
  return rows[0]?.code
}

/**
 * Findings in the order of township and category, at most `limit`, after `after`; `before` is the period of the same kind before. Jumps are found
 * by comparing every figure, so townships are looked at in their order only until there are enough: as many as findings are wanted, and then twice as many.
 */
export async function listFindings(
  on: Queryable,
  period: Period,
  before: Period | undefined,
  filter: FindingFilter,
  limit: number,
  after?: FindingKey,
): Promise<ListedFinding[]> {
  const { region = '', township, seen = '' } = filter
  if (township !== undefined && !township.startsWith(region)) return []
  const text = statement(filter)
  const key = [after?.township ?? null, after?.category ?? null, after?.key ?? null]
  const first = township ?? region
  const end = `${first}:`
  const found: unknown[][] = []
  let from = after && after.township > first ? after.township : first
  for (let look = Math.max(firstLook, limit); from < end && found.length < limit; look *= 2) {
    const below = (await codeBeyond(on, from, end, look)) ?? end
    const range = [period.id, before?.id ?? null, from, below, filter.rule ?? null, filter.severity ?? null]
    const values = [...range, ...key, limit - found.length, period.endsOn, seen]
    const { rows } = await on.query<unknown[]>({ text, values, rowMode: 'array' })
    found.push(...rows)
    from = below
  }
  return found.map(([code, name, category, own, rule, severity, detail]) => ({
    township: String(code),
    name: String(name),
    category: categories[Number(category)]?.name ?? 'disputes',
    key: String(own),
    rule: String(rule),
    severity: String(severity),
    detail,
  }))
}

/** How many findings there are in all. */
export async function countFindings(
  on: Queryable,
  period: Period,
  before: Period | undefined,
  filter: FindingFilter,
): Promise<number> {
  const { region = '', township, seen = '' } = filter
  if (township !== undefined && !township.startsWith(region)) return 0
  const first = township ?? region
  const range = [period.id, before?.id ?? null, first, `${first}:`, filter.rule ?? null, filter.severity ?? null]
  const values = [...range, null, null, null, null, period.endsOn, seen]
  const { rows } = await on.query<{ count: number }>(`select count(*)::int as count from (${statement(filter)}) found`, values)
  return rows[0]?.count ?? 0
}
