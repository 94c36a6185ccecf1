/**
 * A list as a file: all records of a filter as NDJSON or CSV, in the order of the list, and how many they are, so that a client can tell
 * whether it got all. What fails after the first byte cuts the connection: a chunked body without its end is no complete answer.
 */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type CategoryName, leaves } from '../catalogue/index.ts'
import { categoryOf } from '../catalogue/record.ts'
import { deletedWords } from '../exchange/deleted-cell.ts'
import { keyHeaders, labelHeader } from '../exchange/headers.ts'
import { markSuffixes, markWords } from '../exchange/mark-cell.ts'
import { attachment, type Format, mediaTypes } from '../http/formats.ts'
import { keepPace, leastPace } from '../http/pace.ts'
import { type Fault, invalid, ProblemError } from '../http/problems.ts'
import { beginning, readTail } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'
import { countRecords, type Export, type ExportFilter, type Marks, type SheetForm } from '../storage/exports.ts'
import type { ListFilter } from '../storage/records.ts'
import type { ExportForm } from './export-query.ts'
import { feedStateAt, readPlace, writePlace } from './feed-place.ts'
import { unknownPlaces } from './filters.ts'

const formatNames: Record<Format, string> = { json: 'JSON', ndjson: 'NDJSON', csv: 'CSV' }

const codes: Marks = {
  ...({ atLeast: 'atLeast', atMost: 'atMost', about: 'about' } as const),
  ...({ notApplicable: 'notApplicable', notCollected: 'notCollected' } as const),
  ...({ withheld: 'withheld', unquantified: 'unquantified' } as const),
}

/**
 * Refuses parameters that say nothing of this format: pages of what has none, headers of what is no sheet; and what has changed since an
 * export beside what was held before.
 */
export function assertPlaced(url: string, { format, count }: Pick<ExportForm, 'format' | 'count'>): void {
  if (format === 'json' && !count && !/[?&](labels|qualifiers|changedSince)=/.test(url)) return
  const given = new URLSearchParams(url.split('?')[1])
  const pages = format === 'json' && !count
  const wrong = [
    ...(pages ? ['changedSince'] : ['limit', 'cursor']),
    ...(format === 'csv' ? [] : ['labels', 'qualifiers']),
  ].filter((name) => given.has(name))
  const named = count ? 'count=true' : formatNames[format]
  const faults = wrong.map((name): Fault => ({ parameter: name, code: 'not-with-format', params: { name, format: named } }))
  if (!pages && given.has('changedSince') && given.has('asOf'))
    faults.push({ parameter: 'changedSince', code: 'not-with-format', params: { name: 'changedSince', format: 'asOf' } })
  if (faults.length > 0) throw invalid('invalid-request', faults)
}

/** The header line of a sheet, with the mark that makes Excel read UTF-8. */
export function sheetHeader(
  category: CategoryName,
  { labels = 'codes', qualifiers = 'columns', changedSince }: ExportForm,
): string {
  const key = (kind: keyof typeof keyHeaders) => keyHeaders[kind].split(' ')[labels === 'zh' ? 1 : 0] ?? kind
  const figures = leaves(category).flatMap((leaf) => {
    const header = labels === 'zh' ? labelHeader(leaf) : leaf.path
    return qualifiers === 'printed' ? [header] : [header, header + markSuffixes[labels]]
  })
  const keys = (['township', 'name', 'period', 'revision'] as const).map(key)
  const rest = ['remarks', 'others', 'source', ...(changedSince === undefined ? [] : ['deleted' as const])] as const
  const cells = [...keys, ...figures, ...rest.map(key)]
  return `\ufeff${cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`
}

function formOf({ labels, qualifiers }: ExportForm): SheetForm {
  const deleted = deletedWords[labels ?? 'codes']
  if (qualifiers === 'printed') return { deleted, qualifiers }
  return { deleted, qualifiers: 'columns', marks: labels === 'zh' ? markWords : codes }
}

function fileNames(category: CategoryName, { period, region, township }: ListFilter, format: Format): [string, string] {
  const { path, labels } = categoryOf(category)
  const rest = [period?.code, township ?? region].filter((part) => part !== undefined)
  return [`${[path, ...rest].join('-')}.${format}`, `${[labels.zh, ...rest].join('-')}.${format}`]
}

async function* pieces(head: string, rows: Readable): AsyncGenerator<Buffer> {
  if (head !== '') yield Buffer.from(head)
  for await (const piece of rows) yield piece
}

/** All connections for exports are taken. */
export const busy = () => new ProblemError('exports-busy', {}, [], { 'retry-after': '10' })

/** Sends the rows, and frees the connection however it ends: read to the last, failed, left, or taken too slowly. */
export function sendRows(reply: FastifyReply, head: string, { rows, close }: Export, pace = leastPace) {
  const body = Readable.from(pieces(head, rows), { objectMode: false })
  reply.raw.once('close', close)
  keepPace(reply.raw, pace)
  if (reply.raw.destroyed) close()
  return reply.send(body)
}

/**
 * Where in the feed an export begins, if it holds only what has changed since another, and the token of where it ends. That is taken before
 * the rows are read: what they do not show yet comes after it, and what comes after it and is shown is shown again next time.
 */
async function reach(database: Database, path: string, { period, ...filter }: ListFilter, changedSince: string | undefined) {
  const bound = { list: `${path}/export`, period: period?.code, ...filter }
  const since = changedSince === undefined ? undefined : readPlace(bound, changedSince)
  const feed = await feedStateAt(database.pool, since ?? beginning, 'changedSince')
  return { since, token: writePlace(bound, feed, await readTail(database.pool)) }
}

/** Answers the list operation as a file, or its count. The filter is known to be well formed. */
export async function sendExport(
  database: Database,
  category: CategoryName,
  filter: ListFilter,
  form: ExportForm,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { format } = form
  const { period, region, township } = filter
  const unknown = await unknownPlaces(database, {
    ...(period && { period: period.code }),
    ...(region !== undefined && { region }),
    ...(township !== undefined && { township }),
  })
  if (unknown.length > 0) throw invalid('invalid-request', unknown)
  const reached =
    filter.asOf === undefined ? await reach(database, categoryOf(category).path, filter, form.changedSince) : undefined
  const wanted: ExportFilter = { ...filter, ...(reached?.since && { changedSince: reached.since }) }
  if (reached) reply.header('export-token', reached.token)
  if (form.count) {
    const count = await countRecords(database.pool, category, wanted)
    return reply.send({ count, ...(reached && { exportToken: reached.token }) })
  }
  const [ascii, name] = fileNames(category, filter, format)
  const headed = () =>
    reply
      .type(format === 'csv' ? `${mediaTypes.csv}; charset=utf-8` : mediaTypes[format])
      .header('vary', 'Accept')
      .header('content-disposition', attachment(ascii, name))
  if (request.method === 'HEAD') return headed().send()
  const { exports } = database
  const csv = format === 'csv'
  const found = await (csv ? exports.sheet(category, wanted, formOf(form)) : exports.documents(category, wanted))
  if (!found) throw busy()
  headed()
  return sendRows(reply, csv ? sheetHeader(category, form) : '', found)
}
