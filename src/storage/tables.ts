/**
 * The tables. A category has one wide table whose typed columns are derived from the catalogue: `document` is what a read returns,
 * the columns are what sums are computed from. Keys of large tables contain the township code, so that they can be distributed by it.
 */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  date,
  index,
  integer,
  json,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { type Kind, kinds } from '../catalogue/figure.ts'
import { type CategoryName, columnOf, leaves } from '../catalogue/index.ts'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })
/** Codes compare byte by byte, so that a region is a range of the key whatever the database's locale. */
const code = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'string' })

export const regions = pgTable('regions', {
  code: code('code').primaryKey(),
  name: text('name').notNull(),
  parent: code('parent'),
  kind: text('kind').notNull(),
})

export const townships = pgTable('townships', {
  code: code('code').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind').notNull(),
  validFrom: date('valid_from', { mode: 'string' }),
  validTo: date('valid_to', { mode: 'string' }),
})

/** Former names of townships; the current one stands in `townships`. */
export const townshipNames = pgTable(
  'township_names',
  { code: code('code').notNull(), name: text('name').notNull(), validTo: date('valid_to', { mode: 'string' }).notNull() },
  (t) => [primaryKey({ columns: [t.code, t.validTo] })],
)

/**
 * What became of a township: many to many, chains are followed. A rename is a succession of a code to itself. `ended` and `made` say what recording
 * it did to its predecessor and its successor, which withdrawing it undoes.
 */
export const successions = pgTable(
  'successions',
  {
    predecessor: code('predecessor').notNull(),
    successor: code('successor').notNull(),
    effectiveOn: date('effective_on', { mode: 'string' }).notNull(),
    kind: text('kind', { enum: ['merge', 'split', 'rename', 'recode', 'transfer'] }).notNull(),
    actor: text('actor').notNull(),
    recordedAt: instant('recorded_at').notNull().default(sql`now()`),
    ended: boolean('ended').notNull().default(true),
    made: text('made', { enum: ['created', 'begun'] }),
  },
  (t) => [primaryKey({ columns: [t.predecessor, t.successor, t.effectiveOn] }), index('successions_successor').on(t.successor)],
)

/** One row: which registry was loaded, so that a start loads it once. */
export const registryVintages = pgTable('registry_vintages', {
  vintage: text('vintage').primaryKey(),
  loadedAt: instant('loaded_at').notNull().default(sql`now()`),
})

export const periods = pgTable('periods', {
  id: integer('id').primaryKey(),
  code: text('code').notNull().unique(),
  kind: text('kind').notNull(),
  startsOn: date('starts_on', { mode: 'string' }).notNull(),
  endsOn: date('ends_on', { mode: 'string' }).notNull(),
  dueOn: date('due_on', { mode: 'string' }).notNull(),
  state: text('state', { enum: ['open', 'closed'] })
    .notNull()
    .default('open'),
})

/**
 * What was done to periods; rows are only ever added. A period's own changes have no region: `close`, `reopen`. Those of its due day have one:
 * `extend` with the new day, and `withdraw`. The last of a region is what holds.
 */
export const periodChanges = pgTable(
  'period_changes',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    periodId: integer('period_id').notNull(),
    action: text('action', { enum: ['close', 'reopen', 'extend', 'withdraw'] }).notNull(),
    region: code('region'),
    dueOn: date('due_on', { mode: 'string' }),
    actor: text('actor').notNull(),
    reason: text('reason'),
    recordedAt: instant('recorded_at').notNull(),
  },
  (t) => [index('period_changes_period').on(t.periodId, t.region, t.id)],
)

function figureColumn(column: string, kind: Kind) {
  const type = kinds[kind].column
  if (type === 'integer') return integer(column)
  return type === 'numeric' ? numeric(column) : numeric(column, { precision: 15, scale: 2 })
}

function recordTable(name: CategoryName) {
  const table = columnOf(name)
  const figures = leaves(name).map((leaf) => [leaf.column, figureColumn(leaf.column, leaf.figure.kind)] as const)
  return pgTable(
    table,
    {
      periodId: integer('period_id').notNull(),
      townshipCode: code('township_code').notNull(),
      revision: integer('revision').notNull(),
      /** The revision that created the record, or created it again after a deletion. */
      createdRevision: integer('created_revision').notNull(),
      rulesVersion: smallint('rules_version').notNull(),
      /** null in a tombstone. `json` and not `jsonb`: the text goes out as it came in (docs/decisions/0002). */
      document: json('document'),
      contentHash: bytea('content_hash'),
      findings: jsonb('findings'),
      qualifiers: jsonb('qualifiers'),
      plans: jsonb('plans'),
      createdAt: instant('created_at').notNull(),
      updatedAt: instant('updated_at').notNull(),
      ...Object.fromEntries(figures),
    },
    (t) => [
      primaryKey({ columns: [t.periodId, t.townshipCode] }),
      index(`${table}_township_period`).on(t.townshipCode, t.periodId),
    ],
  )
}

export const disputes = recordTable('disputes')
export const enforcement = recordTable('enforcement')
export const legalAdvisers = recordTable('legalAdvisers')
export const publicity = recordTable('publicity')
export const governance = recordTable('governance')
export const recordTables = { disputes, enforcement, legalAdvisers, publicity, governance }

/** Every version of every record, written by the statement that writes the record: the history, and the order of changes. */
export const recordRevisions = pgTable(
  'record_revisions',
  {
    category: text('category').notNull(),
    periodId: integer('period_id').notNull(),
    townshipCode: code('township_code').notNull(),
    revision: integer('revision').notNull(),
    /** null where this revision deleted the record. */
    document: json('document'),
    actor: text('actor').notNull(),
    reason: text('reason'),
    importId: bigint('import_id', { mode: 'number' }),
    recordedAt: instant('recorded_at').notNull(),
    /** Transaction ids can be compared within an epoch only. A new epoch changes the column's default, so that writes need not ask for it. */
    epoch: integer('epoch').notNull().default(1),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    /** The place in the order of changes, taken when the record was locked, or some time after; see `changes.ts`. */
    position: xid8('position').notNull().default(sql`change_position()`),
    seq: bigint('seq', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
  },
  (t) => [
    primaryKey({ columns: [t.townshipCode, t.periodId, t.category, t.revision] }),
    index('record_revisions_order').on(t.epoch, t.position, t.seq),
    index('record_revisions_import').on(t.importId, t.seq).where(sql`import_id is not null`),
  ],
)

/** One row: the database that the history was last written in, and how many there have been. */
export const changeEpoch = pgTable('change_epoch', {
  id: smallint('id').primaryKey().default(1),
  epoch: integer('epoch').notNull(),
  systemIdentifier: text('system_identifier').notNull(),
  databaseOid: text('database_oid').notNull(),
  nextXid: xid8('next_xid').notNull(),
})

/**
 * Files that were imported, whatever became of them, and imports that were taken back, which had no file; every revision names the import
 * that wrote it.
 */
export const imports = pgTable(
  'imports',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    actor: text('actor').notNull(),
    /** The region of who sent it, '' for the whole country. */
    region: code('region').notNull().default(''),
    recordedAt: instant('recorded_at').notNull().default(sql`now()`),
    fileName: text('file_name'),
    sha256: text('sha256'),
    bytes: bigint('bytes', { mode: 'number' }),
    format: text('format', { enum: ['json', 'ndjson', 'csv'] }),
    mode: text('mode', { enum: ['atomic', 'partial'] }).notNull(),
    rows: integer('rows').notNull(),
    created: integer('created').notNull(),
    updated: integer('updated').notNull(),
    unchanged: integer('unchanged').notNull(),
    deleted: integer('deleted').notNull(),
    rejected: integer('rejected').notNull(),
    notApplied: integer('not_applied').notNull(),
    /** Rows that were taken and have findings; unknown of imports before it was counted. */
    withFindings: integer('with_findings'),
    /** The first thousand errors as codes with parameters, so that they can be told in either language. */
    errors: jsonb('errors').notNull(),
    errorCount: integer('error_count').notNull(),
    /** The import that this one takes back. */
    reverts: bigint('reverts', { mode: 'number' }),
  },
  (t) => [index('imports_reverts').on(t.reverts).where(sql`reverts is not null`)],
)

/** Keys of systems and people. The key itself is nowhere: only its SHA-256, and how it begins, by which its holder knows it again. */
export const apiKeys = pgTable('api_keys', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull(),
  role: text('role', { enum: ['reader', 'reporter', 'steward', 'admin'] }).notNull(),
  /** '' for the whole country. */
  region: code('region').notNull(),
  hash: bytea('hash').notNull().unique(),
  hint: text('hint').notNull(),
  createdAt: instant('created_at').notNull().default(sql`now()`),
  createdBy: text('created_by').notNull(),
  expiresAt: instant('expires_at'),
  lastUsedAt: instant('last_used_at'),
  revokedAt: instant('revoked_at'),
  revokedBy: text('revoked_by'),
  /** Its successor, beside which it may stay valid for a while. */
  replacedBy: bigint('replaced_by', { mode: 'number' }),
})

/** Answers by the key that a client gave its request, kept for some time. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    caller: text('caller').notNull(),
    key: text('key').notNull(),
    request: bytea('request').notNull(),
    status: smallint('status').notNull(),
    headers: json('headers').notNull(),
    body: text('body').notNull(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.caller, t.key] }), index('idempotency_keys_created').on(t.createdAt)],
)

/** Who did what, and who was refused. Rows are only ever added. */
export const audit = pgTable('audit', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  recordedAt: instant('recorded_at').notNull(),
  actor: text('actor').notNull(),
  role: text('role').notNull(),
  keyId: bigint('key_id', { mode: 'number' }),
  address: text('address').notNull(),
  requestId: text('request_id').notNull(),
  /** The operation of the document, such as `putDisputes`. */
  operation: text('operation').notNull(),
  outcome: text('outcome', { enum: ['done', 'refused'] }).notNull(),
  /** The code of the problem where it was refused. */
  problem: text('problem'),
  /** What it concerned: the code of a township or region, '' where it concerned the whole country. */
  region: code('region').notNull(),
  /** The resource below /v1. */
  target: text('target').notNull(),
  revision: integer('revision'),
  reason: text('reason'),
})
