/**
 * Keys: 256 random bits behind a prefix by which scanners and people recognise one. Only the SHA-256 is stored (no salt: nothing that is
 * random throughout can be guessed), so a key is shown once, when it is issued.
 */
import { hash, randomUUID } from 'node:crypto'
import { and, desc, eq, isNull, like, lt, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { PoolClient } from 'pg'
import { hintLength, makeKey } from '../key.ts'
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import { type Database, transaction } from './database.ts'
import { instant } from './record-statements.ts'
import { apiKeys } from './tables.ts'

export type KeyRole = (typeof apiKeys.$inferSelect)['role']
export type NewKey = { name: string; role: KeyRole; region: string; expiresAt?: string | undefined }
export type StoredKey = Omit<typeof apiKeys.$inferSelect, 'hash'>
export type IssuedKey = StoredKey & { key: string }

const hashOf = (key: string) => hash('sha256', key, 'buffer')

const at = (column: string) => sql.raw(instant(column))
const columns = {
  id: apiKeys.id,
  name: apiKeys.name,
  role: apiKeys.role,
  region: apiKeys.region,
  hint: apiKeys.hint,
  createdAt: sql<string>`${at('created_at')}`,
  createdBy: apiKeys.createdBy,
  expiresAt: sql<string | null>`${at('expires_at')}`,
  lastUsedAt: sql<string | null>`${at('last_used_at')}`,
  revokedAt: sql<string | null>`${at('revoked_at')}`,
  revokedBy: apiKeys.revokedBy,
  replacedBy: apiKeys.replacedBy,
}

/** The key of that text, used or not any more; undefined where there is none. */
export async function findKey({ orm }: Pick<Database, 'orm'>, key: string): Promise<StoredKey | undefined> {
  const [found] = await orm
    .select(columns)
    .from(apiKeys)
    .where(eq(apiKeys.hash, hashOf(key)))
  return found
}

/** Notes that a key is in use; a minute is fine enough. */
export async function touchKey({ pool }: Pick<Database, 'pool'>, id: number): Promise<void> {
  await pool.query(
    `update api_keys set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [id],
  )
}

async function insertKey(
  on: PoolClient,
  { name, role, region, expiresAt }: NewKey,
  key: string,
  createdBy: string,
): Promise<IssuedKey> {
  const values = {
    name,
    role,
    region,
    hash: hashOf(key),
    hint: key.slice(0, hintLength),
    createdBy,
    expiresAt: expiresAt ?? null,
  }
  const [stored] = await drizzle(on).insert(apiKeys).values(values).returning(columns)
  if (!stored) throw new Error('a key was not stored')
  return { ...stored, key }
}

/** Issues a key. The answer is the only place where it is ever seen. */
export async function issueKey(database: Pick<Database, 'pool'>, asked: NewKey, by: Author): Promise<IssuedKey> {
  return transaction(database, async (client) => {
    const issued = await insertKey(client, asked, makeKey(), by.actor)
    await audit(client, by, { region: asked.region, target: `api-keys/${issued.id}` })
    return issued
  })
}

/** Makes this the first key, of an administrator of the whole country; false where there is any key already. */
export async function ensureFirstKey(database: Pick<Database, 'pool'>, key: string): Promise<boolean> {
  return transaction(database, async (client) => {
    await client.query('lock table api_keys in exclusive mode')
    const { rows } = await client.query('select from api_keys limit 1')
    if (rows.length > 0) return false
    const { id } = await insertKey(client, { name: 'admin', role: 'admin', region: '' }, key, 'setup')
    const origin = { role: 'admin', keyId: id, address: 'local', requestId: randomUUID(), operation: 'setup' }
    await audit(client, { actor: 'setup', origin }, { region: '', target: `api-keys/${id}` })
    return true
  })
}

/** Keys of a region, the newest first; `next` where there are more. */
export async function listKeys(
  { orm }: Pick<Database, 'orm'>,
  region: string,
  limit: number,
  before?: number,
): Promise<{ items: StoredKey[]; next?: number }> {
  const rows = await orm
    .select(columns)
    .from(apiKeys)
    .where(and(like(apiKeys.region, `${region}%`), before === undefined ? undefined : lt(apiKeys.id, before)))
    .orderBy(desc(apiKeys.id))
    .limit(limit + 1)
  const items = rows.slice(0, limit)
  const last = rows.length > limit ? items.at(-1) : undefined
  return { items, ...(last && { next: last.id }) }
}

export async function getKey({ orm }: Pick<Database, 'orm'>, id: number): Promise<StoredKey | undefined> {
  const [found] = await orm.select(columns).from(apiKeys).where(eq(apiKeys.id, id))
  return found
}

/** Ends a key now. Revoking it again changes nothing. */
export async function revokeKey(database: Pick<Database, 'pool'>, id: number, by: Author & { reason?: string }): Promise<void> {
  await transaction(database, async (client) => {
    const [revoked] = await drizzle(client)
      .update(apiKeys)
      .set({ revokedAt: sql`now()`, revokedBy: by.actor })
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .returning(columns)
    if (revoked) await audit(client, by, { region: revoked.region, target: `api-keys/${id}`, reason: by.reason })
  })
}

/**
 * Issues the successor of a key, with its name, role and region, and its expiry where no other is given. The old one ends at
 * `oldValidUntil`, or now. Undefined where the old one is not in use any more, or has a successor: of two who rotate at once, one does.
 */
export async function rotateKey(
  database: Pick<Database, 'pool'>,
  id: number,
  { expiresAt, oldValidUntil }: { expiresAt?: string | undefined; oldValidUntil?: string | undefined },
  by: Author,
): Promise<IssuedKey | undefined> {
  return transaction(database, async (client) => {
    const orm = drizzle(client)
    const unexpired = sql`coalesce(${apiKeys.expiresAt} > now(), true)`
    const active = and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt), isNull(apiKeys.replacedBy), unexpired)
    const [old] = await orm.select(columns).from(apiKeys).where(active).for('update')
    if (!old) return undefined
    const ends =
      oldValidUntil === undefined
        ? { revokedAt: sql`now()`, revokedBy: by.actor }
        : { expiresAt: sql`least(${apiKeys.expiresAt}, ${oldValidUntil}::timestamptz)` }
    const { name, role, region } = old
    const successor = { name, role, region, expiresAt: expiresAt ?? old.expiresAt ?? undefined }
    const issued = await insertKey(client, successor, makeKey(), by.actor)
    await orm
      .update(apiKeys)
      .set({ ...ends, replacedBy: issued.id })
      .where(eq(apiKeys.id, id))
    for (const key of [id, issued.id]) await audit(client, by, { region, target: `api-keys/${key}` })
    return issued
  })
}
