/**
 * What may be recorded of townships that succeed one another. The rules see to it that every succession leads from a township that was
 * in use on the day before to one that is in use on the day itself, and that a township has received all before it ends. So days grow
 * along every chain: chains end, and none comes back to where it began.
 */
import { dayAfter, dayBefore } from './calendar.ts'
import type { successions, townships } from './tables.ts'

export type Succession = Pick<typeof successions.$inferSelect, 'predecessor' | 'successor' | 'effectiveOn' | 'kind'>
export type SuccessionKind = Succession['kind']
export const successionKinds = ['merge', 'split', 'rename', 'recode', 'transfer'] as const satisfies SuccessionKind[]

/** A predecessor with one of its successors; a name is the successor's. Twice the same code says that it stays in use, or is renamed. */
export type Pair = { predecessor: string; successor: string; name?: string | undefined }
export type Change = { kind: SuccessionKind; effectiveOn: string; pairs: Pair[] }

type Township = typeof townships.$inferSelect
/** What the database says of the places of a change: their rows and successions, former names, and the counties that exist. */
export type Known = {
  townships: Map<string, Township>
  successions: Succession[]
  formerNames: { code: string; name: string; validTo: string }[]
  counties: Set<string>
}
export type Refusal = {
  why: 'unknown-township' | 'unknown-county' | 'name-needed' | 'exists' | 'used-before' | 'not-valid' | 'conflict' | 'cycle'
  code: string
  /** The day that the refusal is about. */
  day?: string
  /** The name of the place that exists. */
  name?: string
}

/** Whether it was created by mistake: it ended before it began. Its code is free again. */
export const neverWas = ({ validFrom, validTo }: Pick<Township, 'validFrom' | 'validTo'>) =>
  validFrom !== null && validTo !== null && validTo < validFrom

/** The township that a successor's code stands for, undefined where it is to be created. */
export function existing({ townships: known }: Known, code: string): Township | undefined {
  const found = known.get(code)
  return found && !neverWas(found) ? found : undefined
}

/** One place becomes one other: what becomes of the figures is never a sum. */
const oneToOne = (kind: SuccessionKind) => kind === 'recode' || kind === 'transfer'
const isSelf = ({ predecessor, successor }: Pair) => predecessor === successor

/** Whether a succession is stored as this change tells it. */
export function isStored({ kind, effectiveOn }: Change, pair: Pair, stored: readonly Succession[]): boolean {
  return stored.some(
    (one) =>
      one.predecessor === pair.predecessor &&
      one.successor === pair.successor &&
      one.effectiveOn === effectiveOn &&
      one.kind === kind,
  )
}

/** Whether a predecessor of the change stays in use: a part of it became another. */
export const stays = ({ pairs }: Change, code: string) => pairs.some((pair) => isSelf(pair) && pair.predecessor === code)

/** The name that a successor takes where it is created. */
export function nameOf({ kind }: Change, { predecessor, name }: Pair, known: Known): string | undefined {
  return name ?? (oneToOne(kind) ? known.townships.get(predecessor)?.name : undefined)
}

/** Whether another succession says what this one excludes, of a predecessor that ends or of one that stays. */
function contradicts(change: Change, code: string, other: Succession): boolean {
  const { kind, effectiveOn: day } = change
  const remains = stays(change, code)
  if (isSelf(other)) return remains ? other.effectiveOn === day && other.kind !== kind : other.effectiveOn >= day
  if (other.successor === code) return !remains && other.effectiveOn >= day
  if (other.effectiveOn !== day) return !remains && other.effectiveOn > day
  const told = change.pairs.some((pair) => pair.predecessor === code && pair.successor === other.successor)
  // Only a split goes to several places, and so may be told in parts.
  return told ? other.kind !== kind : kind !== 'split' || other.kind !== 'split'
}

function predecessorRefusals(change: Change, code: string, known: Known): Refusal[] {
  const { effectiveOn: day } = change
  const eve = dayBefore(day)
  const township = known.townships.get(code)
  if (!township) return [{ why: 'unknown-township', code }]
  const { validFrom, validTo } = township
  if ((validFrom !== null && validFrom > eve) || (validTo !== null && validTo < eve))
    return [{ why: 'not-valid', code, day: eve }]
  const endsOtherwise = validTo !== null && (stays(change, code) ? validTo === eve : validTo !== eve)
  const own = known.successions.filter((one) => one.predecessor === code || one.successor === code)
  const other = own.find((one) => contradicts(change, code, one))
  return endsOtherwise || other ? [{ why: 'conflict', code, day: other?.effectiveOn ?? validTo ?? day }] : []
}

function successorRefusals(change: Change, pair: Pair, known: Known): Refusal[] {
  const { kind, effectiveOn: day } = change
  const { successor: code, predecessor } = pair
  const township = existing(known, code)
  const name = nameOf(change, pair, known)
  if (!township) {
    if (!known.counties.has(code.slice(0, 6))) return [{ why: 'unknown-county', code }]
    return name === undefined && known.townships.has(predecessor) ? [{ why: 'name-needed', code }] : []
  }
  const { validFrom, validTo } = township
  if (validTo !== null && validTo < day) return [{ why: 'used-before', code, day: validTo }]
  if (validFrom !== null && validFrom > day) return [{ why: 'not-valid', code, day }]
  const older = validFrom !== null && validFrom < day
  const touched = known.successions.some(
    (one) => (one.successor === code || one.predecessor === code) && one.predecessor !== predecessor && one.effectiveOn <= day,
  )
  const another = name !== undefined && name !== township.name
  return another || (oneToOne(kind) && (older || touched)) ? [{ why: 'exists', code, name: township.name }] : []
}

/** The name that a township bore from a day on, as it is known now. */
function nameFrom(day: string, { code, name }: Township, { formerNames }: Known): string {
  const later = formerNames.filter((one) => one.code === code && one.validTo >= day)
  return later.sort((a, b) => (a.validTo < b.validTo ? -1 : 1))[0]?.name ?? name
}

function renameRefusals({ effectiveOn: day }: Change, { predecessor: code, name }: Pair, known: Known): Refusal[] {
  const eve = dayBefore(day)
  const township = known.townships.get(code)
  if (!township) return [{ why: 'unknown-township', code }]
  if (name === undefined) return [{ why: 'name-needed', code }]
  const { validFrom, validTo } = township
  if ((validFrom !== null && validFrom > eve) || (validTo !== null && validTo < day)) return [{ why: 'not-valid', code, day }]
  const renames = known.successions.filter((one) => isSelf(one) && one.predecessor === code)
  const sameDay = renames.find((one) => one.effectiveOn === day)
  const later = renames.find((one) => one.effectiveOn > day)
  // The present name may have been given before its day was told: then one former name ends on a later day than it should.
  const names = known.formerNames.filter((one) => one.code === code && one.validTo >= eve)
  const [first, second] = names.map(({ validTo }) => dayAfter(validTo)).sort()
  const contradicting = name === township.name ? (later?.effectiveOn ?? second) : first
  const conflict = sameDay?.effectiveOn ?? contradicting
  return conflict === undefined ? [] : [{ why: 'conflict', code, day: conflict }]
}

/** The pairs of a change that are not recorded yet; none where it was recorded before, all of it. */
export function newPairs(change: Change, known: Known): Pair[] {
  return change.pairs.filter((pair) => {
    if (!isStored(change, pair, known.successions)) return true
    const township = known.townships.get(pair.predecessor)
    return change.kind === 'rename' && township !== undefined && nameFrom(change.effectiveOn, township, known) !== pair.name
  })
}

/** Everything that speaks against recording these pairs of a change; empty where it may be done. Cycles are found elsewhere. */
export function refusalsOf(change: Change, pairs: readonly Pair[], known: Known): Refusal[] {
  if (change.kind === 'rename') return pairs.flatMap((pair) => renameRefusals(change, pair, known))
  const predecessors = [...new Set(pairs.map((pair) => pair.predecessor))]
  const successors = [...new Map(pairs.filter((pair) => !isSelf(pair)).map((pair) => [pair.successor, pair])).values()]
  return [
    ...predecessors.flatMap((code) => predecessorRefusals(change, code, known)),
    ...successors.flatMap((pair) => successorRefusals(change, pair, known)),
  ]
}
