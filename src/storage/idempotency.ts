/**
 * Answers by the key that a client gave its request (draft-ietf-httpapi-idempotency-key-header), stored by the transaction that has the
 * effect: either both are there or neither is. While a request runs its key is locked by an advisory lock, which others see at once; a row
 * that is not committed they would not see.
 */
import { type Ambient, inside } from './ambient.ts'
import { type Database, hold, type Queryable } from './database.ts'

/** Whose key it is, the key, and the SHA-256 of the request that it stands for. */
export type RequestKey = { caller: string; key: string; request: Buffer }
/** An answer as it went out. */
export type KeptAnswer = { status: number; headers: Record<string, string>; body: string }
export type Found = { state: 'new' } | { state: 'running' } | { state: 'other' } | { state: 'kept'; answer: KeptAnswer }

const lookup = {
  name: 'idempotency-lookup',
  text: `select request, status, headers, body from idempotency_keys where caller = $1 and key = $2 and created_at > now() - make_interval(secs => $3)`,
}
/** What has expired is removed by those who come after, a few rows each; what one of them is removing is nothing to wait for. */
const keep = {
  name: 'idempotency-keep',
  text: `with gone as (delete from idempotency_keys where (caller, key) in (
      select caller, key from idempotency_keys where created_at <= now() - make_interval(secs => $7) and (caller, key) <> ($1, $2)
      order by created_at limit 5 for update skip locked))
    insert into idempotency_keys (caller, key, request, status, headers, body) values ($1, $2, $3, $4, $5, $6)
    on conflict (caller, key) do update set request = excluded.request, status = excluded.status, headers = excluded.headers,
      body = excluded.body, created_at = excluded.created_at`,
}

type Row = { request: Buffer; status: number; headers: Record<string, string>; body: string }

/** What is kept under a key, whoever runs. */
export async function findAnswer(on: Queryable, { caller, key, request }: RequestKey, seconds: number): Promise<Found> {
  const { rows } = await on.query<Row>({ ...lookup, values: [caller, key, seconds] })
  const [row] = rows
  if (!row) return { state: 'new' }
  if (!row.request.equals(request)) return { state: 'other' }
  const { status, headers, body } = row
  return { state: 'kept', answer: { status, headers, body } }
}

/** Takes the key until the end of the transaction of `on`; `running` where another has it. */
export async function takeKey(on: Queryable, asked: RequestKey, seconds: number): Promise<Found> {
  const { rows } = await on.query<{ taken: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended($1, 20261125)) as taken`,
    [JSON.stringify([asked.caller, asked.key])],
  )
  if (!rows[0]?.taken) return { state: 'running' }
  return findAnswer(on, asked, seconds)
}

/** Keeps an answer, in the transaction of `on`. */
export async function keepAnswer(
  on: Queryable,
  { caller, key, request }: RequestKey,
  answer: KeptAnswer,
  seconds: number,
): Promise<void> {
  const { status, headers, body } = answer
  await on.query({ ...keep, values: [caller, key, request, status, JSON.stringify(headers), body, seconds] })
}

/** A transaction that spans a request: begun before its handler, ended when its answer is known. */
export type Spanning = {
  run: (work: () => void) => void
  keep: (answer: KeptAnswer, effect: boolean) => Promise<void>
  cancel: () => Promise<void>
}

/**
 * Begins one and takes the key. `run` does work inside of it; `keep` stores the answer and commits, with the effect or, where the answer is a refusal, without it;
 * `cancel` undoes everything. One of both must be called.
 */
export async function beginSpanning(
  { connections }: Pick<Database, 'connections'>,
  asked: RequestKey,
  seconds: number,
): Promise<Exclude<Found, { state: 'new' }> | ({ state: 'new' } & Spanning)> {
  const { client, free } = await hold(connections)
  const ambient: Ambient = { client, open: true, committed: [] }
  const end = async (statement: 'commit' | 'rollback') => {
    ambient.open = false
    let failed: Error | undefined
    try {
      await client.query(statement)
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      free(failed)
    }
  }
  const cancel = () => end('rollback').catch(() => {})
  try {
    await client.query('begin')
    const found = await takeKey(client, asked, seconds)
    if (found.state !== 'new') {
      await cancel()
      return found
    }
    await client.query('savepoint effect')
  } catch (error) {
    await cancel()
    throw error
  }
  return {
    state: 'new',
    run: (work) => inside(ambient, work),
    cancel,
    async keep(answer, effect) {
      try {
        if (!effect) await client.query('rollback to savepoint effect')
        await keepAnswer(client, asked, answer, seconds)
      } catch (error) {
        await cancel()
        throw error
      }
      await end('commit')
      for (const work of ambient.committed) work()
    },
  }
}
