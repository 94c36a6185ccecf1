/**
 * Idempotency of what has a transaction of its own and runs for long: imports and what takes them back. The key is taken and the answer kept
 * in that transaction; before it, a look whether the answer is there saves the work.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../http/caller.ts'
import { assertFree, digestOf, type KeptAnswer, keyOf, replay } from '../http/idempotency.ts'
import type { Database } from '../storage/database.ts'
import { findAnswer, keepAnswer, takeKey } from '../storage/idempotency.ts'
import { send } from './import-report.ts'
import type { Done, Keeper } from './import-work.ts'

/** Thrown inside the transaction to undo it: the answer was kept by another meanwhile. */
class Answered extends Error {
  readonly answer: KeptAnswer
  constructor(answer: KeptAnswer) {
    super('answered before')
    this.answer = answer
  }
}

type Once = {
  /** What tells this body from others. */
  body: string
  seconds: number
  work: (keeper?: Keeper) => Promise<Done>
  told: (done: Done) => KeptAnswer
}

/** Does the work and answers; or answers as before, where the request has a key that was used for the same. */
export async function onceOnly(
  { connections }: Pick<Database, 'connections'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { body, seconds, work, told }: Once,
) {
  const key = keyOf(request)
  if (key === undefined) return send(reply, told(await work()))
  const asked = { caller: callerOf(request), key, request: digestOf(request, body) }
  const before = await findAnswer(connections, asked, seconds)
  if (before.state === 'kept') return replay(reply, before.answer)
  assertFree(before.state)
  try {
    const done = await work({
      async take(client) {
        const found = await takeKey(client, asked, seconds)
        if (found.state === 'kept') throw new Answered(found.answer)
        assertFree(found.state)
      },
      keep: (client, result) => keepAnswer(client, asked, told(result), seconds),
    })
    return send(reply, told(done))
  } catch (error) {
    if (error instanceof Answered) return replay(reply, error.answer)
    throw error
  }
}
