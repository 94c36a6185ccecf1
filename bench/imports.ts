/**
 * Section `imports`: a year of the country, new and then corrected, as NDJSON and as CSV, against `psql \copy` of the very rows that came of
 * it, records and history, into the same tables. The bare side parses no JSON, checks nothing and knows no revisions. Each round
 * begins with a new process; its first imports, on which Node still compiles, have lines of their own.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { get, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { categories, columnOf } from '../src/catalogue/index.ts'
import { authorization } from './client.ts'
import { contentOf, type Fullness } from './load.ts'
import { type Pace, ratioOf } from './race.ts'
import { type Server, startOurs } from './servers.ts'
import { onStage, type Stage } from './stage.ts'
import type { Line } from './table.ts'

const year = 2024
const townshipCount = 41_329
const names = categories.map(({ name }) => name)
const tables = names.map(columnOf)
const historyColumns = 'category, period_id, township_code, revision, document, actor, reason, import_id, recorded_at'

type Files = { path: string; query: string; type: string }[]
type Edition = 0 | 1
const passes = [', the first of a process', ''] as const
type Pass = (typeof passes)[number]

async function psql(url: string, ...commands: string[]): Promise<void> {
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, ...commands.flatMap((command) => ['-c', command])]
  const [code] = await once(spawn('psql', args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit')
  if (code !== 0) throw new Error(`psql: ${code}`)
}

/** The files of an edition, of the same records in both formats; the CSV is what a first import exports. */
function* documents(full: Fullness, townships: readonly string[], edition: Edition): Generator<string> {
  for (const category of names)
    for (const township of townships) {
      const content = contentOf({ ...full, categories: names, years: [year], townships }, category, township, year, edition)
      yield `${JSON.stringify({ category, township, period: `${year}`, ...content })}\n`
    }
}

async function upload({ host, port }: Server, { path, query, type }: Files[number]): Promise<void> {
  const headers = { authorization, 'content-type': type, 'content-length': (await stat(path)).size }
  const sent = request({ host, port, path: `/v1/imports?revisions=ignore${query}`, method: 'POST', headers })
  const answered = once(sent, 'response')
  await pipeline(createReadStream(path), sent)
  const [response] = await answered
  let body = ''
  for await (const piece of response) body += piece
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${body.slice(0, 300)}`)
}

async function download({ host, port }: Server, from: string, to: string): Promise<void> {
  const [response] = await once(get({ host, port, path: from, headers: { authorization } }), 'response')
  await pipeline(response, createWriteStream(to))
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

type Times = { ours: number[]; theirs: number[] }

async function measure({ url, database }: Stage, folder: string, rounds: number, full: Fullness): Promise<Line[]> {
  const { rows } = await database.pool.query<{ code: string }>('select code from townships order by code limit $1', [
    townshipCount,
  ])
  const townships = rows.map(({ code }) => code)
  const ndjson = ([0, 1] as const).map((edition) => join(folder, `${edition}.ndjson`))
  for (const edition of [0, 1] as const)
    await pipeline(Readable.from(documents(full, townships, edition)), createWriteStream(ndjson[edition] ?? ''))
  const filesOf = (form: 'ndjson' | 'csv', edition: Edition): Files =>
    form === 'ndjson'
      ? [{ path: ndjson[edition] ?? '', query: '', type: 'application/x-ndjson' }]
      : names.map((name) => ({ path: join(folder, `${edition}-${name}.csv`), query: `&category=${name}`, type: 'text/csv' }))

  const dumped = (table: string, edition: Edition) => join(folder, `${table}.${edition}.copy`)
  const empty = () => psql(url, `truncate ${tables.join(', ')}, record_revisions, imports`, 'checkpoint')
  /** The rows of an edition as files, records and what its history added. */
  const dump = (edition: Edition) =>
    psql(
      url,
      ...tables.map((table) => `\\copy ${table} to '${dumped(table, edition)}'`),
      `\\copy (select ${historyColumns} from record_revisions where revision = ${edition + 1}) to '${dumped('history', edition)}'`,
    )
  const copy = (edition: Edition) =>
    psql(
      url,
      ...tables.map((table) => `\\copy ${table} from '${dumped(table, edition)}'`),
      `\\copy record_revisions (${historyColumns}) from '${dumped('history', edition)}'`,
    )

  const nameOf = (form: string, edition: Edition, pass: Pass) =>
    `import ${names.length * townships.length} records, ${edition === 0 ? 'insert' : 'update'} (${form})${pass}`

  let server = await startOurs(url)
  const times = new Map<string, Times>()
  const peaks = new Map<string, number | undefined>()
  try {
    const send = async (form: 'ndjson' | 'csv', edition: Edition) => {
      for (const file of filesOf(form, edition)) await upload(server, file)
    }
    await empty()
    for (const edition of [0, 1] as const) {
      await send('ndjson', edition)
      await dump(edition)
      for (const { name, path } of categories)
        await download(server, `/v1/${path}?period=${year}&format=csv`, join(folder, `${edition}-${name}.csv`))
    }
    for (let round = 0; round < rounds; round++)
      for (const form of ['ndjson', 'csv'] as const) {
        await server.stop()
        server = await startOurs(url)
        for (const pass of passes)
          for (const edition of [0, 1] as const) {
            const key = nameOf(form, edition, pass)
            const kept = times.get(key) ?? { ours: [], theirs: [] }
            if (edition === 0) await empty()
            kept.ours.push(1 / (await seconds(() => send(form, edition))))
            times.set(key, kept)
            peaks.set(key, await server.peak())
          }
        for (const edition of [0, 1] as const) {
          if (edition === 0) await empty()
          else await psql(url, `truncate ${tables.join(', ')}`, 'checkpoint')
          const took = 1 / (await seconds(() => copy(edition)))
          for (const pass of passes) times.get(nameOf(form, edition, pass))?.theirs.push(took)
        }
      }
  } finally {
    await server.stop()
  }
  return [...times].map(([operation, { ours, theirs }]) => ({
    operation,
    against: String.raw`psql \copy of the same rows and their history`,
    ratio: ratioOf(ours, theirs),
    reach: 0.6,
    ours: `${(1 / (ours[0] ?? 1)).toFixed(1)} s`,
    theirs: `${(1 / (theirs[0] ?? 1)).toFixed(1)} s`,
    peaks: [peaks.get(operation), undefined],
  }))
}

/** Insert and update, NDJSON and CSV. A round takes minutes: of the pace only the rounds count, and three are enough. */
export const imports = ({ rounds, full }: Pace): Promise<Line[]> =>
  onStage(async (stage) => {
    const folder = await mkdtemp(join(tmpdir(), 'register-imports-'))
    try {
      return await measure(stage, folder, Math.min(rounds, 3), full)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
