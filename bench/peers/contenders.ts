/**
 * The peers and how each is asked: NestJS by the routes of `nest/`, Platformatic DB by the API that it generates from the table. Each is
 * asked in two forms: `columns`, which is what such tools are taken for, and `document`, the least that they can do: they read and pass on
 * the one column of the answer that ours passes on.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { leaves } from '../../src/catalogue/index.ts'
import { parsePeriod } from '../../src/catalogue/period.ts'
import type { Content } from '../../src/catalogue/record.ts'
import { category, year } from '../records.ts'
import { type Server, start } from '../servers.ts'

export const forms = ['columns', 'document'] as const
export type Form = (typeof forms)[number]
export type Peer = {
  name: string
  /** Where its server is, and the name of its own copy of the database. */
  folder: string
  /** The property of an answer in columns that holds the column. */
  property: (column: string) => string
  one: (township: string, form: Form) => string
  list: (form: Form) => string
  /** Where a record is put, and the body that says a content. */
  target: (township: string) => string
  body: (content: Content) => object
}

const period = parsePeriod(`${year}`)?.id
const figures = leaves(category)
const camelCase = (column: string) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const nest: Peer = {
  name: 'NestJS + TypeORM',
  folder: 'nest',
  property: (column) => column,
  one: (township, form) => `/disputes/${period}/${township}?fields=${form}`,
  list: (form) => `/disputes?period=${period}&limit=100&fields=${form}`,
  target: (township) => `/disputes/${period}/${township}`,
  body: (content) => content,
}

const read = ['periodId', 'townshipCode', 'revision', 'findings', 'qualifiers', 'createdAt', 'updatedAt']
const all = [...read, ...figures.map(({ column }) => camelCase(column))]
const namesOf = (fields: readonly string[]) => fields.map((field) => `fields=${field}`).join('&')

/** Its PUT takes a row and not a record: whoever sends it has split the figures. An absent one is cleared, as a PUT must. */
function rowOf(content: Content): object {
  const row: Record<string, number | null> = {}
  const qualifiers: Record<string, string> = {}
  for (const { code, member, column, path } of figures) {
    const figure = content.figures[code]
    row[camelCase(column)] = (typeof figure === 'object' ? figure[member ?? ''] : figure) ?? null
    const qualifier = content.remarks?.[path]?.qualifier
    if (qualifier) qualifiers[column] = qualifier
  }
  const now = new Date().toISOString()
  const fixed = {
    revision: 2,
    createdRevision: 1,
    rulesVersion: 1,
    createdAt: now,
    updatedAt: now,
    contentHash: null,
    findings: null,
  }
  return { ...fixed, document: content, qualifiers: Object.keys(qualifiers).length > 0 ? qualifiers : null, ...row }
}

const platformatic: Peer = {
  name: 'Platformatic DB',
  folder: 'platformatic',
  property: camelCase,
  // Of one record it answers the whole row sooner than the fields that are named; of a hundred, the fields.
  one: (township, form) =>
    `/disputes/periodId/${period}/townshipCode/${township}${form === 'document' ? '?fields=document' : ''}`,
  list: (form) =>
    `/disputes?where.periodId.eq=${period}&orderby.townshipCode=asc&limit=100&${namesOf(form === 'document' ? ['document'] : all)}`,
  target: (township) => `/disputes/periodId/${period}/townshipCode/${township}?fields=document`,
  body: rowOf,
}

export const peers: readonly Peer[] = [nest, platformatic]

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const ownNode = fileOf(`node_modules/node-${process.platform}-${process.arch}/bin/node`)

/** Whether the peers are there. */
export const installed = () => existsSync(fileOf('node_modules'))

/** Platformatic asks for a newer Node than ours does. All sides run on this one, so that none is ahead by its Node. */
export const node = existsSync(ownNode) ? ownNode : process.execPath

export const startPeer = ({ folder }: Peer, databaseUrl: string): Promise<Server> =>
  start(fileOf(`dist/${folder}/main.js`), [databaseUrl], {}, [node])
