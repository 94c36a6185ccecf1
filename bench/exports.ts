/** Section `exports`: a year of the country, category after category, over a socket, against `psql \copy` of the same query to a file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { categories } from '../src/catalogue/index.ts'
import { parsePeriod } from '../src/catalogue/period.ts'
import { markWords } from '../src/exchange/mark-cell.ts'
import { documentsQuery, sheetQuery } from '../src/storage/export-statements.ts'
import { authorization } from './client.ts'
import { fill } from './fill.ts'
import { type Pace, ratioOf } from './race.ts'
import { type Server, startOurs } from './servers.ts'
import { onStage, type Stage } from './stage.ts'
import type { Line } from './table.ts'

const year = 2024
const townshipCount = 41_329
const forms = {
  ndjson: { query: 'format=ndjson', options: String.raw`format csv, quote E'\x01', escape E'\x01', delimiter E'\x02'` },
  csv: { query: 'format=csv', options: 'format csv' },
}
type Form = keyof typeof forms

/** Reads an answer to its end and forgets it. */
async function download({ host, port }: Server, path: string): Promise<number> {
  const [response] = await once(get({ host, port, path, headers: { authorization } }), 'response')
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`)
  let bytes = 0
  for await (const piece of response) bytes += piece.length
  if (!response.complete) throw new Error(`${path}: broke off`)
  return bytes
}

async function psqlCopy(url: string, query: string, options: string): Promise<void> {
  const command = String.raw`\copy (${query.replace(/\s+/g, ' ')}) to '/dev/null' with (${options})`
  const child = spawn('psql', ['-X', '-q', '-d', url, '-c', command], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`psql: ${code}`)
}

function queryOf(name: (typeof categories)[number]['name'], form: Form): string {
  const period = parsePeriod(`${year}`)
  if (!period) throw new Error(`no period ${year}`)
  return form === 'ndjson'
    ? documentsQuery(name, { period })
    : sheetQuery(name, { period }, { deleted: '是', qualifiers: 'columns', marks: markWords })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return 1000 / (performance.now() - begun)
}

async function measure({ database, url }: Stage, { rounds, full }: Pace): Promise<Line[]> {
  const { rows } = await database.pool.query<{ code: string }>('select code from townships order by code limit $1', [
    townshipCount,
  ])
  const names = categories.map(({ name }) => name)
  await fill(database.pool, { ...full, categories: names, years: [year], townships: rows.map(({ code }) => code) })
  const server = await startOurs(url)
  const lines: Line[] = []
  try {
    for (const form of ['ndjson', 'csv'] as const) {
      const ours = async () => {
        for (const { path } of categories) await download(server, `/v1/${path}?period=${year}&${forms[form].query}`)
      }
      const theirs = async () => {
        for (const name of names) await psqlCopy(url, queryOf(name, form), forms[form].options)
      }
      const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
      await ours()
      for (let round = 0; round < rounds; round++) {
        const first = round % 2 === 0
        if (first) rates.ours.push(await timed(ours))
        rates.theirs.push(await timed(theirs))
        if (!first) rates.ours.push(await timed(ours))
      }
      lines.push({
        operation: `export ${townshipCount} x ${names.length} (${form})`,
        against: String.raw`psql \copy … to`,
        ratio: ratioOf(rates.ours, rates.theirs),
        reach: 0.85,
        peaks: [await server.peak(), undefined],
      })
    }
    return lines
  } finally {
    await server.stop()
  }
}

/** NDJSON and CSV of all five categories. */
export const exports = (pace: Pace): Promise<Line[]> => onStage((stage) => measure(stage, pace))
