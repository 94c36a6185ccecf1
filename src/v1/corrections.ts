/**
 * Corrections: a closed period takes writes of a steward who names what is corrected (If-Match) and says why. Whoever lacks something is
 * told what; nobody else is told more than that the period is closed.
 */
import type { FastifyRequest } from 'fastify'
import { hasRole } from '../http/caller.ts'
import { invalid, ProblemError } from '../http/problems.ts'
import type { Authorship } from '../storage/records.ts'
import { authorOf } from './author.ts'

/** Whether a condition says what is corrected; `If-Match: *` says no more than that there is something. */
const namesWhat = ({ if: condition }: { if: string }) => condition !== 'any' && condition !== 'exists'

/** The author of a write that has a condition or has none; a correction where all that one needs is there. */
export function correctorOf(request: FastifyRequest, condition: { if: string }): Authorship {
  const by = authorOf(request)
  const correction = hasRole(request.caller, 'steward') && by.reason !== undefined && namesWhat(condition)
  return { ...by, correction }
}

/** Why a write into a closed period was refused: 409, or what a steward's correction lacks (428, 400). */
export function closedProblem(request: FastifyRequest, condition: { if: string }, period: string): ProblemError {
  if (!hasRole(request.caller, 'steward')) return new ProblemError('period-closed', { period })
  if (!namesWhat(condition)) return new ProblemError('correction-needs-condition', { period })
  return invalid('invalid-request', [{ parameter: 'reason', code: 'correction-reason', params: { period } }])
}
