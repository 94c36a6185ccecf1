/**
 * Section `statistics`: the national roll-up by province of all figures of the widest category with their qualifiers, against the SQL that
 * one would write by hand for the same sums, counts and qualifier counts.
 */
import assert from 'node:assert/strict'
import type pg from 'pg'
import { columnOf, leaves } from '../src/catalogue/index.ts'
import { categoryOf } from '../src/catalogue/record.ts'
import { authorization } from './client.ts'
import { onClient } from './copy.ts'
import { fill } from './fill.ts'
import type { Load } from './load.ts'
import { median, type Pace, ratioOf, warmUp } from './race.ts'
import { type Server, startOurs } from './servers.ts'
import { onStage, someTownships } from './stage.ts'
import type { Line } from './table.ts'

export const category = 'enforcement'
export const year = 2024
/** All townships. */
export const country = 1_000_000
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

/** The roll-up as text. */
export async function askRollUp({ host, port }: Server): Promise<string> {
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
  const { items }: Answer = JSON.parse(await askRollUp(server))
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

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** Starts the service on a database, warms it up and stops it after the work. */
export async function onServer<T>(url: string, work: (server: Server) => Promise<T>): Promise<T> {
  const server = await startOurs(url)
  try {
    const begun = performance.now()
    while (performance.now() - begun < warmUp * 1000) await askRollUp(server)
    return await work(server)
  } finally {
    await server.stop()
  }
}

export const told = (all: readonly number[]) => `${Math.round(median(all))} ms`

/** The roll-up against the bare SQL, in turn, since the machine's own speed drifts. */
export const statistics = ({ rounds, full }: Pace): Promise<Line[]> =>
  onStage(async (stage) => {
    const load: Load = { ...full, categories: [category], years: [year], townships: await someTownships(stage, country) }
    await fill(stage.database.pool, load)
    const times = { ours: [] as number[], bare: [] as number[] }
    const peak = await onClient(stage.url, (client) =>
      onServer(stage.url, async (ours) => {
        await prove(ours, client)
        for (let round = 0; round < rounds; round++) {
          times.ours.push(await milliseconds(() => askRollUp(ours)))
          times.bare.push(await milliseconds(() => bare(client)))
        }
        return ours.peak()
      }),
    )
    return [
      {
        operation: `national roll-up by province (${category}, ${columns.length} figures)`,
        against: 'the bare SQL by pg',
        ratio: ratioOf(times.bare, times.ours),
        reach: 0.8,
        ours: told(times.ours),
        theirs: told(times.bare),
        peaks: [peak, undefined],
      },
    ]
  })
