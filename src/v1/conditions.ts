/** From headers and body to the condition of a write, and from storage's refusals to the answers that clients see. */
import type { IncomingHttpHeaders } from 'node:http'
import { rulesVersion } from '../catalogue/index.ts'
import { createOnly, ifMatch } from '../http/preconditions.ts'
import { ProblemError } from '../http/problems.ts'
import type { Condition, Place, Refusal } from '../storage/records.ts'

function revisionOf(tag: string): number[] {
  const [, revision, rules] = /^"(\d{1,9})-(\d+)"$/.exec(tag) ?? []
  return revision && Number(rules) === rulesVersion ? [Number(revision)] : []
}

/** The condition of a write: If-None-Match creates only, If-Match and the body's `revision` must both hold. */
export function conditionOf(headers: IncomingHttpHeaders, revision?: unknown): Condition {
  if (createOnly(headers)) return { if: 'absent' }
  const tags = ifMatch(headers)
  const own = typeof revision === 'number' ? [revision] : undefined
  if (tags === undefined || tags === '*') {
    if (own) return { if: 'revision', revisions: own }
    return tags === '*' ? { if: 'exists' } : { if: 'any' }
  }
  const revisions = tags.flatMap(revisionOf)
  return { if: 'revision', revisions: own ? revisions.filter((one) => own.includes(one)) : revisions }
}

/** The answer to a write, or a read, that storage refused. */
export function refused(refusal: Refusal, { period, township }: Pick<Place, 'period' | 'township'>): ProblemError {
  switch (refusal) {
    case 'unknown-period':
      return new ProblemError('unknown-period', { code: period.code })
    case 'unknown-township':
      return new ProblemError('unknown-township', { code: township })
    case 'period-closed':
      return new ProblemError('period-closed', { period: period.code })
    case 'condition':
      return new ProblemError('precondition-failed')
    case 'absent':
      return new ProblemError('record-absent', { township, period: period.code })
  }
}
