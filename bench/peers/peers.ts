/**
 * Section `peers`: a record read and written, and a list of 100, against what a team would take instead of writing a service: NestJS with
 * TypeORM, and Platformatic DB. Their servers check nothing and keep no history; ours does both. A peer has a copy of the filled database.
 */
import assert from 'node:assert/strict'
import { type Content, categoryOf } from '../../src/catalogue/record.ts'
import { type NextRequest, requestText } from '../client.ts'
import { copyOf } from '../copy.ts'
import { fill } from '../fill.ts'
import { contentOf, fullness, type Load } from '../load.ts'
import { type Contender, type Pace, race } from '../race.ts'
import { category, revisions, townshipCount, walk, year } from '../records.ts'
import { startOurs } from '../servers.ts'
import { onStage, type Stage, someTownships } from '../stage.ts'
import { type Line, lineOf } from '../table.ts'
import { peers as all, type Form, forms, installed, node, type Peer, startPeer } from './contenders.ts'
import { prove } from './proof.ts'

const path = `/v1/${categoryOf(category).path}`
type Entry = { peer: Peer; database: string }

/** A copy for each peer, and the proof that it answers and writes what ours does; ours is asked on a copy of its own, too. */
async function prepare(stage: Stage, load: Load): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const peer of all) {
    const [database, own] = [await copyOf(stage, peer.folder), await copyOf(stage, `beside_${peer.folder}`)]
    const theirs = await startPeer(peer, database)
    const ours = await startOurs(own, node)
    try {
      await prove(ours, theirs, peer, load, 3)
    } finally {
      await ours.stop()
      await theirs.stop()
    }
    entries.push({ peer, database })
  }
  return entries
}

async function measure(stage: Stage, pace: Pace): Promise<Line[]> {
  const load: Load = {
    ...fullness.usual,
    categories: [category],
    years: [year],
    townships: await someTownships(stage, townshipCount),
  }
  await fill(stage.database.pool, load)
  const entries = await prepare(stage, load)
  const lines: Line[] = []

  /** Ours and all peers in turn: three servers at a time, since PostgreSQL takes fifty connections. */
  async function compare(operation: string, ours: NextRequest, next: (peer: Peer) => NextRequest, form?: Form) {
    const own: Contender = { name: 'ours', start: () => startOurs(stage.url, node), next: ours }
    const others = entries.map(({ peer, database }) => ({
      name: form ? `${peer.name}, ${form}` : peer.name,
      start: () => startPeer(peer, database),
      next: next(peer),
    }))
    const [first, ...theirs] = await race([own, ...others], pace)
    if (first) lines.push(...theirs.map((one) => lineOf(operation, first, one)))
  }
  const get = (pathOf: (township: string) => string) =>
    walk(
      load.townships.map((township) => [requestText('GET', pathOf(township))]),
      pace.connections,
    )
  const list = (path: string) => () => requestText('GET', path)
  // Two editions in turn, neither of which is there already, so that every write changes the record.
  const put = (target: (township: string) => string, body: Peer['body']) =>
    walk(
      load.townships.map((township) =>
        [1, 2]
          .map((edition) => JSON.stringify(body(contentOf(load, category, township, year, edition))))
          .map((text) => requestText('PUT', target(township), text)),
      ),
      pace.connections,
    )

  const own = (township: string) => `${path}/${township}/${year}`
  for (const form of forms) {
    const peerGet = (peer: Peer) => get((township) => peer.one(township, form))
    await compare('GET one', get(own), peerGet, form)
  }
  for (const form of forms) {
    const peerList = (peer: Peer) => list(peer.list(form))
    await compare('list of 100', list(`${path}?period=${year}&limit=100`), peerList, form)
  }
  const ownBody = (content: Content) => content
  const peerPut = (peer: Peer) => put(peer.target, peer.body)
  const before = await revisions(stage)
  let sent = 0
  const ownPut = put(own, ownBody)
  const counted: NextRequest = (connection) => {
    sent++
    return ownPut(connection)
  }
  await compare('PUT one; only ours checks and keeps a revision', counted, peerPut)
  assert.equal(await revisions(stage), before + sent, 'every PUT to ours must have written a revision')
  return lines
}

/** GET, list and PUT against the peers. */
export async function peers(pace: Pace): Promise<Line[]> {
  if (installed()) return onStage((stage) => measure(stage, pace))
  process.stderr.write('the peers are not installed; first: npm ci --prefix bench/peers\n')
  process.exitCode = 1
  return []
}
