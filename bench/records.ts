/** Section `records`: one record read and written, and a list of 100, against the bare server. */
import assert from 'node:assert/strict'
import type { CategoryName } from '../src/catalogue/index.ts'
import { categoryOf } from '../src/catalogue/record.ts'
import { type NextRequest, requestText } from './client.ts'
import { fill } from './fill.ts'
import { contentOf, type Load, usual } from './load.ts'
import { type Contender, type Pace, race } from './race.ts'
import { type Server, startBare, startOurs } from './servers.ts'
import { onStage, type Stage, someTownships } from './stage.ts'
import { type Line, lineOf } from './table.ts'

const year = 2024
const townshipCount = 2000

/** Each connection walks through the townships of its own, so that writers do not meet on a row. */
function walk(load: Load, connections: number, request: (township: string, lap: number) => string): NextRequest {
  const steps = new Map<number, number>()
  const own = Math.floor(load.townships.length / connections)
  return (connection) => {
    const step = steps.get(connection) ?? 0
    steps.set(connection, step + 1)
    const township = load.townships[connection * own + (step % own)] ?? ''
    return request(township, Math.floor(step / own))
  }
}

async function ask({ host, port }: Server, path: string, body?: object): Promise<{ status: number; text: string }> {
  const sent = body && { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await fetch(`http://${host}:${port}${path}`, sent)
  return { status: response.status, text: await response.text() }
}

/** The document without what only the service knows. */
function comparable(text: string) {
  const { updatedBy: _, ...rest }: { updatedBy?: string } = JSON.parse(text)
  return rest
}

/** Both sides must answer the same before it means anything which is faster; and the load must be what the service writes itself. */
async function prove(stage: Stage, load: Load, category: CategoryName): Promise<void> {
  const ours = await startOurs(stage.url)
  const bare = await startBare(stage.url, category)
  const path = `/v1/${categoryOf(category).path}`
  try {
    for (const township of load.townships.slice(0, 200)) {
      const place = `/${township}/${year}`
      const before = await ask(ours, path + place)
      assert.equal((await ask(bare, `/text${place}`)).text, before.text)
      const again = await ask(ours, path + place, contentOf(load, category, township, year))
      assert.deepEqual(again, before, 'a PUT of what was filled in must change nothing')
    }
    const query = `?period=${year}&limit=100`
    const { items }: { items: unknown[] } = JSON.parse((await ask(ours, path + query)).text)
    const asText: { items: unknown[] } = JSON.parse((await ask(bare, `/text${query}`)).text)
    const asMapped: { items: unknown[] } = JSON.parse((await ask(bare, `/mapped${query}`)).text)
    assert.deepEqual(asText.items, items)
    const mapped = items.map((item) => comparable(JSON.stringify(item)))
    assert.deepEqual(asMapped.items, mapped)
  } finally {
    await ours.stop()
    await bare.stop()
  }
}

async function measure(stage: Stage, category: CategoryName, pace: Pace): Promise<Line[]> {
  const load: Load = { ...usual, categories: [category], years: [year], townships: await someTownships(stage, townshipCount) }
  await fill(stage.database.pool, load)
  await prove(stage, load, category)
  const { path } = categoryOf(category)
  const start = { ours: () => startOurs(stage.url), bare: () => startBare(stage.url, category) }
  const get = (prefix: string) =>
    walk(load, pace.connections, (township) => requestText('GET', `${prefix}/${township}/${year}`))
  const list = (prefix: string) => () => requestText('GET', `${prefix}?period=${year}&limit=100`)
  // Every lap is another edition, so that no write is a no-op; the servers have different ones.
  const put = (prefix: string, side: number) =>
    walk(load, pace.connections, (township, lap) =>
      requestText('PUT', `${prefix}/${township}/${year}`, JSON.stringify(contentOf(load, category, township, year, 2 * lap + side))),
    )
  const ours = (next: NextRequest): Contender => ({ name: 'ours', start: start.ours, next })
  const bare = (name: string, next: NextRequest): Contender => ({ name, start: start.bare, next })
  const lines: Line[] = []
  async function compare(operation: string, first: Contender, others: [Contender, reach: number][]) {
    const [own, ...rest] = await race([first, ...others.map(([one]) => one)], pace)
    rest.forEach((one, index) => own && lines.push(lineOf(`${operation} (${category})`, own, one, others[index]?.[1])))
  }

  await compare('GET one', ours(get(`/v1/${path}`)), [[bare('node:http + pg text', get('/text')), 0.75]])
  await compare('list of 100', ours(list(`/v1/${path}`)), [
    [bare('node:http + pg text', list('/text')), 0.85],
    [bare('node:http + pg, rows mapped in JS', list('/mapped')), 1.5],
  ])
  await compare('PUT one', ours(put(`/v1/${path}`, 1)), [[bare('node:http + pg upsert', put('/text', 2)), 0.7]])
  return lines
}

/** GET, list and PUT of the narrowest and the widest category. */
export async function records(pace: Pace): Promise<Line[]> {
  const lines: Line[] = []
  for (const category of ['disputes'] as const) lines.push(...(await onStage((stage) => measure(stage, category, pace))))
  return lines
}
