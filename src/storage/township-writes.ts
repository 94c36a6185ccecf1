/** Townships are created, and replaced as far as what is recorded of them allows. None is ever deleted, and no code is used twice. */

import { and, eq } from 'drizzle-orm'
import { kindOfTownship } from '../registry/rules.ts'
import { audit } from './audit.ts'
import type { Author } from './author.ts'
import { dayBefore, today } from './calendar.ts'
import type { Database } from './database.ts'
import { regionExists } from './places.ts'
import { neverWas, type Refusal } from './succession-rules.ts'
import { withPlaces } from './succession-writes.ts'
import { findTownshipDetail, listSuccessions, type Orm, type StoredSuccession, type TownshipDetail } from './successions.ts'
import { townshipNames, townships } from './tables.ts'

export type NewTownship = { code: string; name: string; validFrom: string }
export type Replacement = { name: string; validFrom: string | null; validTo: string | null }
export type WriteOutcome = TownshipDetail | { refused: Refusal | { why: 'condition'; code: string } }

const ended = ({ validTo }: { validTo: string | null }) => validTo !== null && validTo < today()

/** Creates a township in a county that exists, under a code that none ever had, but for one that never was. */
export async function createTownship(
  database: Database,
  { code, name, validFrom }: NewTownship,
  by: Author,
): Promise<WriteOutcome> {
  return withPlaces(database, async (on, client): Promise<WriteOutcome> => {
    const [stored] = await on.orm.select().from(townships).where(eq(townships.code, code))
    const before = stored && neverWas(stored) ? undefined : stored
    if (before?.validTo && ended(before)) return { refused: { why: 'used-before', code, day: before.validTo } }
    if (before) return { refused: { why: 'exists', code, name: before.name } }
    if (!(await regionExists(on, code.slice(0, 6)))) return { refused: { why: 'unknown-county', code } }
    const row = { code, name, kind: kindOfTownship(code, name), validFrom, validTo: null }
    await on.orm.insert(townships).values(row).onConflictDoUpdate({ target: townships.code, set: row })
    await audit(client, by, { region: code, target: `townships/${code}` })
    return (await findTownshipDetail(on, code)) ?? { refused: { why: 'unknown-township', code } }
  })
}

/** The day of a succession that the township could no longer have a part in, if its validity were this one. */
function contradiction(code: string, { validFrom, validTo }: Replacement, all: readonly StoredSuccession[]): string | undefined {
  const staysOn = new Set(all.filter((one) => one.predecessor.code === one.successor.code).map((one) => one.effectiveOn))
  const broken = all.find(({ predecessor, successor, effectiveOn: day }) => {
    const eve = dayBefore(day)
    const received = successor.code === code
    const gave = predecessor.code === code
    if (gave && !staysOn.has(day) && validTo !== eve) return true
    if ((received || staysOn.has(day)) && validTo !== null && validTo < day) return true
    return validFrom !== null && validFrom > (gave ? eve : day)
  })
  return broken?.effectiveOn
}

/** The old name goes to the former ones; a name that lasted less than a day leaves no trace. */
async function keepName({ orm }: Orm, code: string, old: string, name: string): Promise<void> {
  const validTo = dayBefore(today())
  await orm.insert(townshipNames).values({ code, name: old, validTo }).onConflictDoNothing()
  const { code: of, name: called, validTo: until } = townshipNames
  await orm.delete(townshipNames).where(and(eq(of, code), eq(called, name), eq(until, validTo)))
}

/**
 * Replaces a township, where `matches` says that it is still what its writer saw. Its successions must remain possible. One that has ended
 * may be opened again under its own name only: that corrects a closing, another name would use the code twice.
 */
export async function replaceTownship(
  database: Database,
  code: string,
  replacement: Replacement,
  matches: (current: TownshipDetail) => boolean,
  by: Author,
): Promise<WriteOutcome> {
  return withPlaces(database, async (on, client): Promise<WriteOutcome> => {
    const current = await findTownshipDetail(on, code)
    if (!current) return { refused: { why: 'unknown-township', code } }
    if (!matches(current)) return { refused: { why: 'condition', code } }
    const { name, validFrom, validTo } = replacement
    if (name !== current.name && current.validTo !== null && ended(current))
      return { refused: { why: 'used-before', code, day: current.validTo } }
    const day = contradiction(code, replacement, await listSuccessions(on, code))
    if (day !== undefined) return { refused: { why: 'conflict', code, day } }
    if (name !== current.name) await keepName(on, code, current.name, name)
    await on.orm
      .update(townships)
      .set({ name, kind: kindOfTownship(code, name), validFrom, validTo })
      .where(eq(townships.code, code))
    await audit(client, by, { region: code, target: `townships/${code}` })
    return (await findTownshipDetail(on, code)) ?? { refused: { why: 'unknown-township', code } }
  })
}
