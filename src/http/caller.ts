/** Who makes a request: what a key or a token says of its holder. `authentication.ts` sets it before any handler runs. */
import type { FastifyRequest } from 'fastify'
import { networkOf } from './throttle.ts'

/** What a caller may do; each may do what those before it may. */
export const roles = ['reader', 'reporter', 'steward', 'admin'] as const
export type Role = (typeof roles)[number]
/** What they are called in Chinese. */
export const roleNames: Readonly<Record<Role, string>> = {
  reader: '查阅员',
  reporter: '填报员',
  steward: '数据主管',
  admin: '管理员',
}

export type Caller = {
  /** Tells callers apart: what is kept for one of them is not another's. */
  id: string
  /** Who it is, as history and `updatedBy` keep it: the name of a key, or the name and subject of a token. */
  actor: string
  role: Role
  /** The prefix of the codes that are the caller's: '' for the whole country, else 2, 4, 6 or 9 digits. */
  region: string
  keyId?: number
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
}

/** Who sends no credentials. */
export const anonymous: Caller = { id: 'anonymous', actor: 'anonymous', role: 'reader', region: '' }

/** Whether the caller has that role or a stronger one. */
export const hasRole = ({ role }: Pick<Caller, 'role'>, least: Role) => roles.indexOf(role) >= roles.indexOf(least)

/** Whether a region or township is the caller's. */
export const covers = ({ region }: Pick<Caller, 'region'>, code: string) => code.startsWith(region)

/** What tells this caller from others: the key or subject, or for the anonymous the address. */
export const callerOf = (request: FastifyRequest): string =>
  request.caller === anonymous ? `address:${networkOf(request.address)}` : request.caller.id
