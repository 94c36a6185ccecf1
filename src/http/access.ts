/** What an operation asks of its caller. Each has one; a route without one does not start. */
import type { FastifyRequest } from 'fastify'
import { type Caller, covers, hasRole, type Role, roleNames } from './caller.ts'
import { ProblemError } from './problems.ts'

export type Access = {
  /** The least role; `anyone` needs no credentials at all. */
  role: Role | 'anyone'
  /**
   * What must be the caller's: the place that a path parameter names, the whole country, or nothing. `filter` is a read that its query
   * narrows, `handler` an operation that looks at what its body or its resource names.
   */
  where: { path: string } | 'country' | 'nowhere' | 'filter' | 'handler'
}
/** Which regions a reader sees: all, or the own. */
export type ReadScope = 'all' | 'own'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Which of the parameters that name a place the query has. */
    places?: { region: boolean; township: boolean }
  }
}

/** Throws 403 where one of these codes is not the caller's; '' is the whole country. */
export function assertCovers(caller: Caller, codes: readonly string[]): void {
  const foreign = codes.find((code) => !covers(caller, code))
  if (foreign === undefined) return
  if (foreign === '') throw new ProblemError('country-only', { region: caller.region })
  throw new ProblemError('outside-region', { code: foreign, region: caller.region })
}

/** What a role may not do. */
export const roleTooLow = (role: Role, needed: Role) =>
  new ProblemError('role-too-low', { role, needed, roleZh: roleNames[role], neededZh: roleNames[needed] })

/** Throws 403 where the caller may not do this. A code that is none is left to validation, which says so. */
export function assertMay(caller: Caller, access: Access, request: FastifyRequest, scope: ReadScope): void {
  const { role, where } = access
  if (role === 'anyone') return
  if (!hasRole(caller, role)) throw roleTooLow(caller.role, role)
  if (caller.region === '' || (role === 'reader' && scope === 'all')) return
  if (where === 'country') throw new ProblemError('country-only', { region: caller.region })
  if (typeof where === 'string') return
  const code = propertiesOf(request.params)[where.path]
  if (typeof code !== 'string') throw new Error(`no parameter ${where.path}`)
  if (/^\d+$/.test(code)) assertCovers(caller, [code])
}

/** Parameters as Fastify has them: objects without a prototype. */
export const propertiesOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

/**
 * Narrows a read to the caller's region where readers see no other: a query that names no place gets it, one that names a foreign place is
 * 403, and so is one that a single township cannot ask, whether there is anything or not.
 */
export function narrow(request: FastifyRequest): void {
  const { caller } = request
  const { region: mayRegion, township: mayTownship } = request.routeOptions.config.places ?? { region: false, township: false }
  const query = propertiesOf(request.query)
  const named = [text(query.region), text(query.township)].filter((code) => code !== undefined)
  assertCovers(caller, named)
  if (named.length > 0) return
  const own = caller.region.length === 9 ? mayTownship && { township: caller.region } : mayRegion && { region: caller.region }
  if (!own) throw new ProblemError('country-only', { region: caller.region })
  request.query = { ...query, ...own }
}
