/**
 * Reading what the register held at an instant (`asOf`), by the time at which it was recorded. All that one transaction writes is recorded
 * at the instant at which it began, so what is still running may yet be recorded before the instant asked for: the answer says until when
 * the register is settled, and where the instant is later than that, that it is provisional.
 */
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { about } from '../catalogue/schema.ts'
import { type Fault, invalid, ProblemError } from '../http/problems.ts'
import { badFormat } from '../http/validation.ts'
import { beginning, readFeedState } from '../storage/changes.ts'
import type { Database } from '../storage/database.ts'
import { explainAbsence, type Place } from '../storage/records.ts'
import { refused } from './conditions.ts'
import { Instant } from './schemas.ts'

/** The query parameter. */
export const AsOf = Type.Optional(
  Instant(
    '登记库在此时刻（含）的内容，按登记时间，当时已删除的不列入；乡镇、区划和报告期以现在为准',
    'What the register held at this instant (inclusive), by the time of recording; what was deleted then is left out. Places and periods are those of today',
  ),
)
/** The headers of an answer of then. */
export const settledHeaders = ['Settled-Until', 'Provisional'] as const
/** The same in what is more than one record: a record is told as it was, and nothing is added to it. */
export const settledMembers = {
  settledUntil: Type.Optional(
    Instant(
      '仅当给出 asOf：此时刻之前的登记已全部完成，内容不会再变',
      'With asOf alone: all that is recorded before this instant is there; what was held then does not change any more',
    ),
  ),
  provisional: Type.Optional(
    Type.Literal(
      true,
      about(
        '仅当 asOf 不早于 settledUntil：内容还可能变化',
        'Only where asOf is not before settledUntil: what was held then may yet change',
        true,
      ),
    ),
  ),
}

/** The instant that was asked for, until when the register is settled, and whether the instant is not. */
export type Then = { asOf: string; settledUntil: string; provisional: boolean }

/** Those members as JSON text, to stand behind others; '' for what is held now. */
export const settledText = (then: Then | undefined) =>
  then ? `,"settledUntil":"${then.settledUntil}"${then.provisional ? ',"provisional":true' : ''}` : ''

/**
 * Must be called before what was held is read. Says in the headers until when the register is settled. Gives the instant to the
 * millisecond, as it is recorded; undefined where none was asked for. An instant that has not come yet is a 400.
 */
export async function settle(
  { pool }: Pick<Database, 'pool'>,
  asOf: string | undefined,
  reply: FastifyReply,
): Promise<Then | undefined> {
  if (asOf === undefined) return undefined
  const refuse = (fault: Omit<Fault, 'parameter'>) => invalid('invalid-request', [{ parameter: 'asOf', ...fault }])
  const milliseconds = Date.parse(asOf)
  // A leap second is a date-time of RFC 3339, but none of any clock here.
  if (Number.isNaN(milliseconds)) throw refuse(badFormat('date-time'))
  const { now, quietUntil } = await readFeedState(pool, beginning)
  if (milliseconds > Date.parse(now)) throw refuse({ code: 'in-the-future', params: { now } })
  reply.header('settled-until', quietUntil)
  // A transaction that runs since that very millisecond is recorded at it.
  const provisional = milliseconds >= Date.parse(quietUntil)
  if (provisional) reply.header('provisional', 'true')
  // Before 1970 nothing was recorded, and years that a database knows are fewer than those of JavaScript.
  return { asOf: new Date(Math.max(0, milliseconds)).toISOString(), settledUntil: quietUntil, provisional }
}

/** Why nothing was found of a place at an instant: it is unknown, or nothing was reported then. */
export async function absentThen({ pool }: Pick<Database, 'pool'>, place: Place, asOf: string): Promise<ProblemError> {
  const refusal = await explainAbsence(pool, place)
  if (refusal !== 'absent') return refused(refusal, place)
  return new ProblemError('absent-then', { township: place.township, period: place.period.code, asOf })
}
