/**
 * Section `statistics`: the national roll-up by province of all figures of the widest category with their qualifiers, against the SQL that
 * one would write by hand for the same sums, counts and qualifier counts; and the same roll-up where the tables hold ten years.
 */
import assert from 'node:assert/strict'
import type pg from 'pg'
import { columnOf, leaves } from '../src/catalogue/index.ts'
import { categoryOf } from '../src/catalogue/record.ts'
import { authorization } from './client.ts'
import { copyOf, onClient } from './copy.ts'
import { fill } from './fill.ts'
import { type Load, usual } from './load.ts'
import { median, type Pace, ratioOf } from './race.ts'
import { type Server, startOurs } from './servers.ts'
import { onStage, type Stage, someTownships } from './stage.ts'
import type { Line } from './table.ts'

const category = 'enforcement'
const [year, firstYear] = [2024, 2015]
/** All of them. */
const country = 1_000_000
const table = columnOf(category)
const columns = leaves(category).map((leaf) => leaf.column)
const periodId = year * 10_000 + 100

const bareSums = `select left(township_code, 2), ${columns.map((column) => `sum(${column}), count(${column})`).join(', ')}
  from ${table} where period_id = ${periodId} group by 1`
const bareQualifiers = `select left(township_code, 2), key, value, count(*)
  from ${table}, jsonb_each_text(qualifiers) where period_id = ${periodId} group by 1, 2, 3`

type Answer = {
  items: {
    region: { code: string }
    periods: { figures: Record<string, { total: number | null; reported: number; qualified: number }> }[]
  }[]
}

async function ask({ host, port }: Server): Promise<string> {
  const path = `/v1/statistics/${categoryOf(category).path}?period=${year}&by=province`
  const response = await fetch(`http://${host}:${port}${path}`, { headers: { authorization } })
  assert.equal(response.status, 200)
  return response.text()
}

async function bare(client: pg.Client): Promise<{ sums: unknown[][]; qualifiers: unknown[][] }> {
  const sums = await client.query<unknown[]>({ text: bareSums, rowMode: 'array' })
  const qualifiers = await client.query<unknown[]>({ text: bareQualifiers, rowMode: 'array' })
  return { sums: sums.rows, qualifiers: qualifiers.rows }
}

/** Both must say the same before it means anything which is faster; derived wholes are what the bare SQL does not know. */
async function prove(server: Server, client: pg.Client): Promise<void> {
  const { items }: Answer = JSON.parse(await ask(server))
  const { sums, qualifiers } = await bare(client)
  const ofProvince = new Map(items.map(({ region, periods }) => [region.code, periods[0]?.figures ?? {}]))
  let compared = 0
  for (const [province, ...values] of sums) {
    for (const [index, { path, column, figure }] of leaves(category).entries()) {
      const ours = ofProvince.get(String(province))?.[path]
      const derivable = ['penalties', 'fines', 'hazardsFound', 'hazardsRectified'].includes(path)
      if (!ours || derivable || figure.kind === 'rate') continue
      assert.equal(ours.reported, Number(values[2 * index + 1]))
      assert.equal(ours.total ?? 0, Number(values[2 * index] ?? 0))
      const qualified = qualifiers.filter(([code, key]) => code === province && key === column)
      assert.equal(
        ours.qualified,
        qualified.reduce((sum, [, , , count]) => sum + Number(count), 0),
      )
      compared++
    }
  }
  assert.ok(compared > 3000)
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** A copy of the database in which the year's records stand in nine years before it, too. */
async function grown(stage: Stage): Promise<string> {
  const copy = await copyOf(stage, 'ten_years')
  await onClient(copy, async (client) => {
    const fixed = ['township_code', 'revision', 'created_revision', 'rules_version', 'document', 'qualifiers', 'plans']
    const copied = [...fixed, 'created_at', 'updated_at', ...columns].join(', ')
    for (let before = firstYear; before < year; before++) {
      await client.query(
        `insert into ${table} (period_id, ${copied}) select ${before * 10_000 + 100}, ${copied} from ${table} where period_id = ${periodId}`,
      )
    }
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  })
  return copy
}

async function onServer<T>(url: string, work: (server: Server) => Promise<T>): Promise<T> {
  const server = await startOurs(url)
  try {
    for (let warm = 0; warm < 3; warm++) await ask(server)
    return await work(server)
  } finally {
    await server.stop()
  }
}

const told = (all: readonly number[]) => `${Math.round(median(all))} ms`

/** The roll-up against the bare SQL, and against itself with ten times the data; in turn, since the machine's own speed drifts. */
export async function statistics({ rounds }: Pace): Promise<Line[]> {
  return onStage(async (stage) => {
    const load: Load = { ...usual, categories: [category], years: [year], townships: await someTownships(stage, country) }
    await fill(stage.database.pool, load)
    const large = await grown(stage)
    const times = { ours: [] as number[], bare: [] as number[], large: [] as number[] }
    const peak = await onServer(stage.url, (ours) =>
      onServer(large, (theirs) =>
        onClient(stage.url, async (client) => {
          await prove(ours, client)
          for (let round = 0; round < rounds; round++) {
            times.ours.push(await milliseconds(() => ask(ours)))
            times.bare.push(await milliseconds(() => bare(client)))
            times.large.push(await milliseconds(() => ask(theirs)))
          }
          return ours.peak()
        }),
      ),
    )
    const operation = `national roll-up by province (${category}, ${columns.length} figures)`
    return [
      {
        operation,
        against: 'the bare SQL by pg',
        ratio: ratioOf(times.bare, times.ours),
        reach: 0.8,
        ours: told(times.ours),
        theirs: told(times.bare),
        peaks: [peak, undefined],
      },
      {
        operation: `${operation}, ten years stored`,
        against: 'itself, one year stored',
        ratio: ratioOf(times.ours, times.large),
        reach: 1 / 1.3,
        ours: told(times.large),
        theirs: told(times.ours),
      },
    ]
  })
}
