/** Section `documents`: the same documents in a column of type `json` and of type `jsonb`; the figures behind decision 0002. */
import type pg from 'pg'
import { documentsOf } from './fill.ts'
import type { Load } from './load.ts'
import { type Pace, ratioOf } from './race.ts'
import { onStage, someTownships } from './stage.ts'
import type { Line } from './table.ts'

const types = ['json', 'jsonb'] as const
type Type = (typeof types)[number]
type Query = { name: string; text: string; values: (turn: number) => unknown[] }

/** Answers a second on one connection. */
async function speed(client: pg.PoolClient, { values, ...statement }: Query, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let turn = 0
  for (; performance.now() < until; turn++) await client.query({ ...statement, values: values(turn), rowMode: 'array' })
  return turn / seconds
}

/** Reads, writes and size of both, `json` as a ratio of `jsonb`: above 1 is in favour of `json`, but for the size. */
export async function documents({ rounds, seconds, full }: Pace): Promise<Line[]> {
  return onStage(async (stage) => {
    const { pool } = stage.database
    const townships = await someTownships(stage, 2000)
    const load: Load = { ...full, categories: ['enforcement'], years: [2024], townships }
    const texts = [...documentsOf(load)]
    const queries: Record<string, (type: Type) => Query> = {
      'list of 100': (type) => ({
        name: `list ${type}`,
        text: `select document::text from as_${type} where id >= $1 order by id limit 100`,
        values: (turn) => [(turn * 37) % (texts.length - 100)],
      }),
      'GET one': (type) => ({
        name: `get ${type}`,
        text: `select document::text from as_${type} where id = $1`,
        values: (turn) => [(turn * 37) % texts.length],
      }),
      insert: (type) => ({
        name: `insert ${type}`,
        text: `insert into written_${type} (document) values ($1::${type})`,
        values: (turn) => [texts[turn % texts.length]],
      }),
    }
    const client = await pool.connect()
    try {
      // What a commit costs is the same for both and hides what is compared.
      await client.query('set synchronous_commit = off')
      for (const type of types) {
        await client.query(`create table as_${type} (id int primary key, document ${type})`)
        await client.query(`create table written_${type} (id int generated always as identity primary key, document ${type})`)
        await client.query(
          `insert into as_${type} select n - 1, document::${type} from unnest($1::text[]) with ordinality t (document, n)`,
          [texts],
        )
      }
      await client.query('vacuum analyze')
      const lines: Line[] = []
      for (const [operation, query] of Object.entries(queries)) {
        const rates: Record<Type, number[]> = { json: [], jsonb: [] }
        for (const type of types) await speed(client, query(type), seconds / 2)
        for (let round = 0; round < rounds; round++) {
          for (const type of round % 2 === 0 ? types : types.toReversed()) {
            rates[type].push(await speed(client, query(type), seconds / 2))
          }
        }
        lines.push({ operation: `${operation}, json`, against: 'jsonb', ratio: ratioOf(rates.json, rates.jsonb) })
      }
      const { rows } = await client.query<{ ratio: string }>(
        `select sum(pg_column_size(j.document))::float / sum(pg_column_size(b.document)) as ratio from as_json j join as_jsonb b using (id)`,
      )
      const size = Number(rows[0]?.ratio)
      lines.push({ operation: 'bytes stored, json', against: 'jsonb', ratio: { median: size, min: size, max: size } })
      return lines
    } finally {
      client.release()
    }
  })
}
