/**
 * A list of places, imports or periods as a file: the items of all its pages, as NDJSON or CSV. They are read page by page from one moment
 * of the database, on a connection for exports, so that a file holds what the pages hold.
 */
import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { about, literals } from '../catalogue/schema.ts'
import { attachment, type Format, formatOf, formats, mediaTypes } from '../http/formats.ts'
import type { ResponseHeader } from '../http/headers.ts'
import { json, worked } from '../http/responses.ts'
import type { Database } from '../storage/database.ts'
import type { Moment } from '../storage/exports.ts'
import { exportParameters } from './export-query.ts'
import { assertPlaced, busy, sendRows } from './exports.ts'

/** A column of a sheet: its header as code and in Chinese, and its cell. */
export type Column<T> = readonly [code: string, zh: string, cell: (item: T) => string | number | null | undefined]
export type Sheet<T> = {
  /** The names of its file, without what tells the format. */
  names: readonly [ascii: string, zh: string]
  columns: readonly Column<T>[]
}
export type Labels = 'codes' | 'zh' | undefined
type FileForm = { format: Exclude<Format, 'json'>; labels: Labels }

/** What such a list can be asked for beside its filter; one that is never long has no `count`. */
export const listParameters = { format: exportParameters.format, labels: exportParameters.labels }
export const countedParameters = { ...listParameters, count: exportParameters.count }
/** Of sheets that are for people before they are for programs. */
export const chineseLabels = Type.Optional(
  literals(['zh', 'codes'], about('CSV：中文（默认）或代码', 'CSV in Chinese, which is the default, or in codes', 'codes')),
)

/** How many items are read at once; as many as a page holds at most. */
export const filePage = 1000

const options = { escape_formulas: true, record_delimiter: 'windows' } as const
const lines = (items: readonly unknown[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('')
const header = <T>({ columns }: Sheet<T>, labels?: Labels) =>
  stringify([columns.map(([code, zh]) => (labels === 'zh' ? zh : code))], { ...options, bom: true })
const rows = <T>({ columns }: Sheet<T>, items: readonly T[]) =>
  stringify(
    items.map((item) => columns.map(([, , cell]) => cell(item))),
    options,
  )

/** The answer of such a list in the document: a page, lines, a sheet. */
export function listAnswer<T>(
  description: string,
  schema: { $ref: string },
  { page, sheet, labels }: { page: { items: T[]; rulesVersion?: number }; sheet: Sheet<T>; labels?: Labels },
  headers: readonly ResponseHeader[] = [],
) {
  const examples = { page: worked('一页', 'A page', page) }
  const text = (id: string, sample: string) => {
    return { schema: { $ref: `${id}#` }, examples: { all: worked('全部', 'All of them', sample) } }
  }
  return {
    ...json(description, schema, { headers: [...headers, 'Content-Disposition'], examples }),
    content: {
      'application/json': { schema, examples },
      'application/x-ndjson': text('ListLines', lines(page.items)),
      'text/csv': text('ListSheet', header(sheet, labels) + rows(sheet, page.items)),
    },
  }
}

/**
 * How the list is asked for; undefined where the answer is JSON. Throws 406 where the client takes none of the forms, 400 for parameters
 * that say nothing of the one that it takes.
 */
export function fileFormOf(
  { headers, url }: FastifyRequest,
  query: { format?: Format | undefined; labels?: Labels; count?: boolean | undefined },
): FileForm | undefined {
  const format = formatOf(headers, query.format, formats)
  assertPlaced(url, { format, count: query.count })
  return format === 'json' || query.count ? undefined : { format, labels: query.labels }
}

async function* textOf<T>(
  sheet: Sheet<T>,
  { format, labels }: FileForm,
  pages: AsyncIterable<T[]> | T[][],
): AsyncGenerator<Buffer> {
  if (format === 'csv') yield Buffer.from(header(sheet, labels))
  for await (const items of pages) yield Buffer.from(format === 'csv' ? rows(sheet, items) : lines(items))
}

/** Says that the answer is a file, and which. */
export function headed<T>(reply: FastifyReply, { format }: FileForm, { names: [ascii, zh] }: Sheet<T>): FastifyReply {
  return reply
    .type(format === 'csv' ? `${mediaTypes.csv}; charset=utf-8` : mediaTypes[format])
    .header('vary', 'Accept')
    .header('content-disposition', attachment(`${ascii}.${format}`, `${zh}.${format}`))
}

/** One page of a list after the other; `next` where there are more. */
export type PageOf<T> = (on: Pick<Moment, 'orm' | 'client'>, after: string | undefined) => Promise<{ items: T[]; next?: string }>

/** Answers a list of any length as a file. Throws `exports-busy` where all connections for exports are taken. */
export async function sendList<T>(
  { exports }: Pick<Database, 'exports'>,
  request: FastifyRequest,
  reply: FastifyReply,
  form: FileForm,
  sheet: Sheet<T>,
  page: PageOf<T>,
) {
  if (request.method === 'HEAD') return headed(reply, form, sheet).send()
  const moment = await exports.moment()
  if (!moment) throw busy()
  const { close } = moment
  async function* pages(on: Moment) {
    for (let after: string | undefined, more = true; more; ) {
      const { items, next } = await page(on, after)
      yield items
      after = next
      more = next !== undefined
    }
  }
  const text = Readable.from(textOf(sheet, form, pages(moment)), { objectMode: false })
  return sendRows(headed(reply, form, sheet), '', { rows: text.once('close', close), close })
}

/** Answers a list that is at hand as a file. */
export const sendItems = <T>(reply: FastifyReply, form: FileForm, sheet: Sheet<T>, items: T[]) =>
  headed(reply, form, sheet).send(Readable.from(textOf(sheet, form, [items]), { objectMode: false }))
