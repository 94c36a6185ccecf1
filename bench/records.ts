/** Section `records`: one record read and written, and a list of 100, of the category `disputes` (76 columns), against the bare server. */
import assert from 'node:assert/strict'
import type { CategoryName } from '../src/catalogue/index.ts'
import { categoryOf } from '../src/catalogue/record.ts'
import { authorization, type NextRequest, requestText } from './client.ts'
import { fill } from './fill.ts'
import { contentOf, type Load } from './load.ts'
import { type Contender, type Pace, race } from './race.ts'
import { type Server, startBare, startOurs } from './servers.ts'
import { onStage, type Stage, someTownships } from './stage.ts'
import { type Line, lineOf } from './table.ts'

export const category: CategoryName = 'disputes'
export const year = 2024
export const townshipCount = 2000

/**
 * Requests for each township, one after the other. Each connection has townships of its own, so that writers do not meet on a row; at
 * each lap it sends another of the township's requests.
 */
export function walk(requests: readonly string[][], connections: number): NextRequest {
  const steps = new Map<number, number>()
  const own = Math.floor(requests.length / connections)
  return (connection) => {
    const step = steps.get(connection) ?? 0
    steps.set(connection, step + 1)
    const ofTownship = requests[connection * own + (step % own)] ?? []
    return ofTownship[Math.floor(step / own) % ofTownship.length] ?? ''
  }
}

export async function ask({ host, port }: Server, path: string, body?: object): Promise<{ status: number; text: string }> {
  const sent = body && { method: 'PUT', body: JSON.stringify(body) }
  const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
  const response = await fetch(`http://${host}:${port}${path}`, { ...sent, headers })
  return { status: response.status, text: await response.text() }
}

/** Both sides must answer the same before it means anything which is faster; and the load must be what the service writes itself. */
async function prove(stage: Stage, load: Load): Promise<void> {
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
    const { items }: { items: object[] } = JSON.parse((await ask(ours, path + query)).text)
    const asText: { items: object[] } = JSON.parse((await ask(bare, `/text${query}`)).text)
    const asMapped: { items: object[] } = JSON.parse((await ask(bare, `/mapped${query}`)).text)
    assert.deepEqual(asText.items, items)
    assert.deepEqual(
      asMapped.items,
      items.map((item) => ({ ...item, updatedBy: undefined })).map((item) => JSON.parse(JSON.stringify(item))),
    )
  } finally {
    await ours.stop()
    await bare.stop()
  }
}

export async function revisions({ database }: Stage): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('select count(*)::int from record_revisions')
  return rows[0]?.count ?? 0
}

type Rival = Omit<Contender, 'start'> & { reach: number }

async function measure(stage: Stage, pace: Pace): Promise<Line[]> {
  const load: Load = { ...pace.full, categories: [category], years: [year], townships: await someTownships(stage, townshipCount) }
  await fill(stage.database.pool, load)
  await prove(stage, load)
  const lines: Line[] = []
  async function compare(operation: string, next: NextRequest, rivals: readonly Rival[]) {
    const bare = rivals.map((rival) => ({ ...rival, start: () => startBare(stage.url, category) }))
    const [ours, ...others] = await race([{ name: 'ours', start: () => startOurs(stage.url), next }, ...bare], pace)
    if (ours) lines.push(...others.map((other, index) => lineOf(operation, ours, other, rivals[index]?.reach)))
  }
  const own = `/v1/${categoryOf(category).path}`
  const get = (prefix: string) =>
    walk(
      load.townships.map((township) => [requestText('GET', `${prefix}/${township}/${year}`)]),
      pace.connections,
    )
  const list = (prefix: string) => () => requestText('GET', `${prefix}?period=${year}&limit=100`)
  // No edition follows itself, whoever wrote last, so that every write changes the record.
  const put = (prefix: string, editions: number[]) =>
    walk(
      load.townships.map((township) =>
        editions
          .map((edition) => JSON.stringify(contentOf(load, category, township, year, edition)))
          .map((body) => requestText('PUT', `${prefix}/${township}/${year}`, body)),
      ),
      pace.connections,
    )
  let sent = 0
  const counted = (next: NextRequest) => (connection: number) => {
    sent++
    return next(connection)
  }

  await compare('GET one', get(own), [{ name: 'node:http + pg text', next: get('/text'), reach: 0.75 }])
  await compare('list of 100', list(own), [
    { name: 'node:http + pg text', next: list('/text'), reach: 0.85 },
    { name: 'node:http + pg, rows mapped in JS', next: list('/mapped'), reach: 1.5 },
  ])
  const before = await revisions(stage)
  await compare('PUT one, with revision', counted(put(own, [1, 2])), [
    { name: 'node:http + pg upsert', next: put('/text', [3, 4]), reach: 0.7 },
  ])
  assert.equal(await revisions(stage), before + sent, 'every PUT must have written a revision')
  return lines
}

/** GET, list and PUT. */
export const records = (pace: Pace): Promise<Line[]> => onStage((stage) => measure(stage, pace))
