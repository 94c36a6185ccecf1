/** The proof that a peer does the same work: it answers the figures that ours answers, before and after both were sent the same. */
import assert from 'node:assert/strict'
import { type Leaf, leaves } from '../../src/catalogue/index.ts'
import { type Content, categoryOf, valueAt } from '../../src/catalogue/record.ts'
import { contentOf, type Load } from '../load.ts'
import { ask, category, year } from '../records.ts'
import type { Server } from '../servers.ts'
import { type Form, forms, type Peer } from './contenders.ts'

type Document = Pick<Content, 'figures' | 'remarks'>
type Wrapped = Document | { document: Document }
type Row = { [property: string]: string | number | null } & { qualifiers: Record<string, string> | null }
type Said = { value: string | number | null | undefined; qualifier: string | undefined }

const path = `/v1/${categoryOf(category).path}`

/** Numbers and qualifiers by path. What was not reported is absent, as ours leaves it out; `numeric` comes as text. */
function byPath(read: (leaf: Leaf) => Said): object {
  const found: [string, object][] = []
  for (const leaf of leaves(category)) {
    const { value, qualifier } = read(leaf)
    if (value !== undefined && value !== null) found.push([leaf.path, { value: Number(value), qualifier }])
  }
  return Object.fromEntries(found)
}

const ofDocument = ({ figures, remarks }: Document) =>
  byPath((leaf) => ({ value: valueAt(figures, leaf), qualifier: remarks?.[leaf.path]?.qualifier }))

/** The figures that an answer of a peer holds, be it one or a list. */
function figuresIn(text: string, form: Form, { property }: Peer): object[] {
  if (form === 'columns') {
    const rows: Row | Row[] = JSON.parse(text)
    const said = (row: Row) => (leaf: Leaf) => ({ value: row[property(leaf.column)], qualifier: row.qualifiers?.[leaf.column] })
    return [rows].flat().map((row) => byPath(said(row)))
  }
  const documents: Wrapped | Wrapped[] = JSON.parse(text)
  return [documents].flat().map((one) => ofDocument('document' in one ? one.document : one))
}

async function answerOf(server: Server, path: string, body?: object): Promise<string> {
  const { status, text } = await ask(server, path, body)
  assert.equal(status, 200, `${path}: ${text}`)
  return text
}

async function same(ours: Server, theirs: Server, peer: Peer, townships: readonly string[]): Promise<void> {
  const { items }: { items: Document[] } = JSON.parse(await answerOf(ours, `${path}?period=${year}&limit=100`))
  for (const form of forms) {
    for (const township of townships) {
      const own: Document = JSON.parse(await answerOf(ours, `${path}/${township}/${year}`))
      const figures = figuresIn(await answerOf(theirs, peer.one(township, form)), form, peer)
      assert.deepEqual(figures, [ofDocument(own)], `${peer.name}, ${form}, ${township}`)
    }
    const figures = figuresIn(await answerOf(theirs, peer.list(form)), form, peer)
    assert.equal(figures.length, 100)
    assert.deepEqual(figures, items.map(ofDocument), `the list of ${peer.name}, ${form}`)
  }
}

/** On townships of the load: as filled in, and after a PUT of another edition to both. */
export async function prove(ours: Server, theirs: Server, peer: Peer, load: Load, edition: number): Promise<void> {
  const townships = load.townships.slice(0, 50)
  await same(ours, theirs, peer, townships)
  for (const township of townships) {
    const content = contentOf(load, category, township, year, edition)
    await answerOf(ours, `${path}/${township}/${year}`, content)
    await answerOf(theirs, peer.target(township), peer.body(content))
  }
  await same(ours, theirs, peer, townships)
}
