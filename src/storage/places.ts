/**
 * Regions and townships. The parts of a code are its regions, so that a region's townships are one range of the key; every township
 * lies in a known county, which whoever writes townships must see to.
 */
import { and, asc, count, eq, gt, gte, inArray, isNull, lt, lte, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { ancestorsOf } from '../registry/rules.ts'
import type { Database } from './database.ts'
import { regions, townships } from './tables.ts'

export type StoredRegion = typeof regions.$inferSelect
export type RegionDetail = StoredRegion & {
  /** The province first. */
  ancestors: StoredRegion[]
  children: StoredRegion[]
  townships: number
  /** Those of the townships that are expected to report. */
  expected: number
}
export type StoredTownship = typeof townships.$inferSelect & {
  county: StoredRegion
  prefecture: StoredRegion
  province: StoredRegion
}
export type RegionFilter = { parent?: string; kind?: string; name?: string }
export type TownshipFilter = { region?: string; kind?: string; name?: string; validOn?: string }
type Orm = Pick<Database, 'orm'>
/** `next` is the code after which the next page begins. */
export type PlacePage<T> = { items: T[]; next?: string }

const todayText = "(now() at time zone 'Asia/Shanghai')::date"
const today = sql.raw(todayText)

/**
 * SQL text: a township is expected to report for a period that ends on that day. Whoever counts or lists the expected ones uses this.
 * `day` is an expression of a date (a parameter, a column), `of` what the statement calls the townships: neither comes from a request.
 */
export function expectedCondition(day: string, of = 'townships'): string {
  return `(${of}.kind <> 'other' and (${of}.valid_from is null or ${of}.valid_from <= ${day}) and (${of}.valid_to is null or ${of}.valid_to >= ${day}))`
}

/** Part of the name. Stored names are as the state prints them; only here do variants of a character count as the same. */
function named(column: SQLWrapper, part: string): SQL {
  const folded = (text: SQLWrapper | string) => sql`translate(${text}, '蔵（）', '藏()')`
  return sql`strpos(${folded(column)}, ${folded(part)}) > 0`
}

/** Both ends count; no `validFrom` means since before the registry. */
function valid(day: string | SQL) {
  return and(
    or(isNull(townships.validFrom), lte(townships.validFrom, day)),
    or(isNull(townships.validTo), gte(townships.validTo, day)),
  )
}

/** ':' follows '9' in the C collation. */
const within = (region: string) => and(gte(townships.code, region), lt(townships.code, `${region}:`))

/** A page from one row more than it holds, which tells whether there is another. */
function pageOf<T extends { code: string }>(rows: T[], limit: number): PlacePage<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, next: last.code } : { items }
}

/** Whether the registry has a region of that code. */
export async function regionExists({ orm }: Pick<Database, 'orm'>, code: string): Promise<boolean> {
  const found = await orm.select({ code: regions.code }).from(regions).where(eq(regions.code, code))
  return found.length > 0
}

/** Whether there is, or was, a township of that code. */
export async function townshipExists({ orm }: Database, code: string): Promise<boolean> {
  const found = await orm.select({ code: townships.code }).from(townships).where(eq(townships.code, code))
  return found.length > 0
}

const regionsOf = ({ parent, kind, name }: RegionFilter) =>
  and(
    parent === undefined ? undefined : eq(regions.parent, parent),
    kind === undefined ? undefined : eq(regions.kind, kind),
    name === undefined ? undefined : named(regions.name, name),
  )

/** How many regions a filter leaves. */
export const countRegions = ({ orm }: Orm, filter: RegionFilter): Promise<number> => orm.$count(regions, regionsOf(filter))

/** Regions in the order of their codes: a province, its prefectures, each followed by its counties. */
export async function listRegions({ orm }: Orm, filter: RegionFilter, limit: number, after = '') {
  const rows = await orm
    .select()
    .from(regions)
    .where(and(gt(regions.code, after), regionsOf(filter)))
    .orderBy(asc(regions.code))
    .limit(limit + 1)
  return pageOf(rows, limit)
}

/** One region with what lies above and below it, or undefined. Townships that are closed today are not counted. */
export async function findRegion({ orm }: Database, code: string): Promise<RegionDetail | undefined> {
  const line = orm
    .select()
    .from(regions)
    .where(inArray(regions.code, [...ancestorsOf(code), code]))
    .orderBy(asc(regions.code))
  const below = orm.select().from(regions).where(eq(regions.parent, code)).orderBy(asc(regions.code))
  const counts = orm
    .select({ all: count(), expected: sql`count(*) filter (where ${sql.raw(expectedCondition(todayText))})`.mapWith(Number) })
    .from(townships)
    .where(and(within(code), valid(today)))
  const [ancestors, children, [counted]] = await Promise.all([line, below, counts])
  const region = ancestors.pop()
  if (region?.code !== code) return undefined
  return { ...region, ancestors, children, townships: counted?.all ?? 0, expected: counted?.expected ?? 0 }
}

/** Townships in the order of their codes, with their regions. These are joined to the page: the planner would join them to all townships and sort. */
function selectTownships(orm: Database['orm'], condition: SQL | undefined, limit: number): Promise<StoredTownship[]> {
  const [county, prefecture, province] = [alias(regions, 'county'), alias(regions, 'prefecture'), alias(regions, 'province')]
  const page = orm.select().from(townships).where(condition).orderBy(asc(townships.code)).limit(limit).as('page')
  const { code, name, kind, validFrom, validTo } = page
  return orm
    .select({ code, name, kind, validFrom, validTo, county, prefecture, province })
    .from(page)
    .innerJoin(county, eq(county.code, sql`left(${code}, 6)`))
    .innerJoin(prefecture, eq(prefecture.code, sql`left(${code}, 4)`))
    .innerJoin(province, eq(province.code, sql`left(${code}, 2)`))
    .orderBy(asc(code))
}

const townshipsOf = ({ region, kind, name, validOn }: TownshipFilter) =>
  and(
    region === undefined ? undefined : within(region),
    kind === undefined ? undefined : eq(townships.kind, kind),
    name === undefined ? undefined : named(townships.name, name),
    validOn === undefined ? undefined : valid(validOn),
  )

/** How many townships a filter leaves. */
export const countTownships = ({ orm }: Orm, filter: TownshipFilter): Promise<number> =>
  orm.$count(townships, townshipsOf(filter))

/** Townships in the order of their codes. */
export async function listTownships({ orm }: Orm, filter: TownshipFilter, limit: number, after = '') {
  return pageOf(await selectTownships(orm, and(gt(townships.code, after), townshipsOf(filter)), limit + 1), limit)
}

/** The township of that code, closed ones included, or undefined. */
export async function findTownship({ orm }: Pick<Database, 'orm'>, code: string): Promise<StoredTownship | undefined> {
  const [found] = await selectTownships(orm, eq(townships.code, code), 1)
  return found
}

/** The names of townships by their codes, as they are called now. */
export async function townshipNamesOf({ orm }: Orm, codes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { code, name } = townships
  const rows = await orm
    .select({ code, name })
    .from(townships)
    .where(sql`${code} = any(${sql.param(codes)})`)
  return new Map(rows.map((row) => [row.code, row.name]))
}
