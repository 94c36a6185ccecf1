/**
 * What the service is measured against: the least that one would write by hand, `node:http` and prepared statements of `pg`, on the
 * same rows. No validation, no conditions, no history. `PUT` upserts the columns that the service's statement writes.
 *
 *   GET /text/{township}/{period}     GET /text?period=     documents as PostgreSQL's text
 *   GET /mapped?period=                                     typed columns, made into objects row by row and stringified
 *   PUT /text/{township}/{period}
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import pg from 'pg'
import { columnOf, findCategory, leaves } from '../src/catalogue/index.ts'

const [category, url] = [findCategory(process.argv[2] ?? ''), process.argv[3]]
if (!category || !url) throw new Error('usage: bare.js <category> <database url>')
const table = columnOf(category.name)
const figures = leaves(category.name)
const columns = figures.map((leaf) => leaf.column)
const pool = new pg.Pool({ connectionString: url, max: 10 })
const { rows: periodRows } = await pool.query<{ id: number; code: string }>('select id, code from periods')
const periods = new Map(periodRows.map(({ id, code }) => [code, id]))

const written = ['rules_version', 'document', 'content_hash', 'findings', 'qualifiers', ...columns]
const statements = {
  get: { name: 'get', text: `select document::text from ${table} where period_id = $1 and township_code = $2` },
  list: { name: 'list', text: `select document::text from ${table} where period_id = $1 order by township_code limit $2` },
  mapped: {
    name: 'mapped',
    text: `select township_code, revision, created_at, updated_at, findings, qualifiers, ${columns}
      from ${table} where period_id = $1 order by township_code limit $2`,
  },
  put: {
    name: 'put',
    text: `insert into ${table} as t (period_id, township_code, revision, created_revision, created_at, updated_at, ${written})
      select $1, $2, 1, 1, now(), now(), 1, $3::json, $4, null, $5::jsonb, ${columns.map((column) => `r.${column}`)}
      from jsonb_populate_record(null::${table}, $6::jsonb) r
      on conflict (period_id, township_code) do update set revision = t.revision + 1, updated_at = now(),
        ${written.map((column) => `${column} = excluded.${column}`)}
      returning document::text`,
  },
}

type Body = { figures: Record<string, unknown>; remarks?: Record<string, { qualifier?: string }> }
type MappedRow = { [column: string]: string | number | null } & { qualifiers: Record<string, string> | null }

/** Integers come as numbers, numeric as text; what is null was not reported. */
function mapped(row: MappedRow, period: string) {
  const found: Record<string, number | Record<string, number>> = {}
  const remarks: Record<string, { qualifier: string }> = {}
  for (const { code, member, column, path } of figures) {
    const value = row[column]
    if (value === null || value === undefined) continue
    if (member === undefined) found[code] = Number(value)
    else {
      const nested = found[code]
      if (typeof nested === 'object') nested[member] = Number(value)
      else found[code] = { [member]: Number(value) }
    }
    const qualifier = row.qualifiers?.[column]
    if (qualifier) remarks[path] = { qualifier }
  }
  return {
    township: row.township_code,
    period,
    revision: row.revision,
    figures: found,
    ...(row.qualifiers && { remarks }),
    findings: row.findings ?? [],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function put(township: string, period: number, text: string): Promise<string | undefined> {
  const body: Body = JSON.parse(text)
  const values: Record<string, unknown> = {}
  let qualifiers: Record<string, string> | undefined
  for (const { code, member, column, path } of figures) {
    const figure = body.figures[code]
    const value = member === undefined ? figure : figure instanceof Object ? Reflect.get(figure, member) : undefined
    if (value === undefined) continue
    values[column] = value
    const qualifier = body.remarks?.[path]?.qualifier
    if (qualifier) qualifiers = { ...qualifiers, [column]: qualifier }
  }
  const parameters = [period, township, text, null, qualifiers && JSON.stringify(qualifiers), JSON.stringify(values)]
  const { rows } = await pool.query<{ document: string }>({ ...statements.put, values: parameters })
  return rows[0]?.document
}

async function answer(request: IncomingMessage): Promise<string | undefined> {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const [, form, township = '', code = ''] = path.split('/')
  if (township !== '') {
    const period = periods.get(code)
    if (period === undefined) return undefined
    if (request.method === 'PUT') return put(township, period, await bodyOf(request))
    const { rows } = await pool.query<{ document: string }>({ ...statements.get, values: [period, township] })
    return rows[0]?.document
  }
  const parameters = new URLSearchParams(query)
  const year = parameters.get('period') ?? ''
  const values = [periods.get(year), Number(parameters.get('limit'))]
  if (form === 'mapped') {
    const { rows } = await pool.query<MappedRow>({ ...statements.mapped, values })
    return JSON.stringify({ items: rows.map((row) => mapped(row, year)) })
  }
  const { rows } = await pool.query<{ document: string }>({ ...statements.list, values })
  return `{"items":[${rows.map((row) => row.document).join(',')}]}`
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const server = createServer((request, response) => {
  answer(request).then(
    (body) => (body === undefined ? send(response, 404, '{}') : send(response, 200, body)),
    (error: Error) => send(response, 500, JSON.stringify({ error: error.message })),
  )
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address instanceof Object) process.stdout.write(`http://127.0.0.1:${address.port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
