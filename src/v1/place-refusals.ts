/** From what storage refuses of places to the answers that clients see: mistakes of the body are told all at once, a state is told alone. */
import { type Fault, invalid, ProblemError } from '../http/problems.ts'
import type { RecodingRefusal } from '../storage/county-recoding.ts'

export type PlaceRefusal = RecodingRefusal | { why: 'condition'; code: string }
/** Where in the body a code stands; undefined for the code of the path. */
export type PointerOf = (code: string) => string | undefined

function faultOf({ why, code }: PlaceRefusal, pointerOf: PointerOf): Fault | undefined {
  const pointer = pointerOf(code)
  if (pointer === undefined) return undefined
  if (why === 'unknown-township') return { pointer, code: 'no-such-township', params: { code } }
  if (why === 'unknown-county') return { pointer, code: 'no-such-region', params: { code: code.slice(0, 6) } }
  if (why === 'unknown-prefecture') return { pointer, code: 'no-such-region', params: { code } }
  if (why === 'name-needed') return { pointer: pointer.replace(/code$/, 'name'), code: 'required', params: { name: 'name' } }
  return undefined
}

function problemOf(refusal: PlaceRefusal): ProblemError {
  const { why, code } = refusal
  const { day = '', name = '' } = {
    ...('day' in refusal && { day: refusal.day }),
    ...('name' in refusal && { name: refusal.name }),
  }
  switch (why) {
    case 'condition':
      return new ProblemError('precondition-failed')
    case 'unknown-region':
      return new ProblemError('unknown-region', { code })
    case 'unknown-township':
    case 'unknown-county':
    case 'name-needed':
    case 'unknown-prefecture':
      return new ProblemError('unknown-township', { code })
    case 'exists':
      return new ProblemError('township-exists', { code, name })
    case 'region-exists':
      return new ProblemError('region-exists', { code, name })
    case 'used-before':
      return new ProblemError('code-used-before', { code, day })
    case 'not-valid':
      return new ProblemError('township-not-in-use', { code, day })
    case 'cycle':
      return new ProblemError('succession-cycle', { code })
    case 'conflict':
      return new ProblemError('succession-conflict', { code, day })
  }
}

/** The answer to a change of places that storage refused. */
export function placeProblem(refusals: readonly PlaceRefusal[], pointerOf: PointerOf): ProblemError {
  const faults = refusals.flatMap((refusal) => faultOf(refusal, pointerOf) ?? [])
  const state = refusals.find(({ why }) => why === 'cycle') ?? refusals[0]
  return faults.length > 0 || !state ? invalid('invalid-body', faults) : problemOf(state)
}
