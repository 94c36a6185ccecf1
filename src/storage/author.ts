/** Who writes and from where: what history and audit keep beside what is written. */

/** Where a write comes from. What the service writes by itself has no origin and no entry. */
export type Origin = { role: string; keyId: number | undefined; address: string; requestId: string; operation: string }
export type Author = { actor: string; origin?: Origin }

/** The columns that every entry has, in the order of `originValues`. */
export const originColumns = 'actor, role, key_id, address, request_id, operation'
/** Parameters for those columns; all null but the actor where there is no origin. */
export const originValues = ({ actor, origin }: Author): unknown[] => [
  actor,
  origin?.role ?? null,
  origin?.keyId ?? null,
  origin?.address ?? null,
  origin?.requestId ?? null,
  origin?.operation ?? null,
]
