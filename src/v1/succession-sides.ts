/** Who came before and who after, from a body that may leave out the township of the path; and what each kind asks of the two sides. */
import type { Fault } from '../http/problems.ts'
import { today } from '../storage/calendar.ts'
import type { Change, Pair, SuccessionKind } from '../storage/succession-rules.ts'
import type { SuccessionBody } from './succession-schemas.ts'

type Sides = { predecessors: string[]; successors: { code: string; name?: string | undefined }[] }

/** The township of the path is the side that the body leaves out; where it names both and not this one, it is one of the predecessors. */
function sidesOf(path: string, body: SuccessionBody): Sides {
  const { predecessors = [], successors = [{ code: path }] } = body
  const named = predecessors.includes(path) || successors.some(({ code }) => code === path)
  const before = predecessors.length === 0 || !named ? [path, ...predecessors] : predecessors
  return { predecessors: [...new Set(before)], successors }
}

const kindsZh: Record<SuccessionKind, string> = {
  merge: '合并',
  split: '拆分',
  rename: '更名',
  recode: '更换代码',
  transfer: '划转',
}
const one: readonly [string, string] = ['exactly one', '一个']
const numbers: Record<SuccessionKind, { before: readonly [string, string]; after: readonly [string, string] }> = {
  merge: { before: ['at least one predecessor besides its successor', '后继以外的至少一个前身'], after: one },
  split: { before: one, after: ['at least two successors, of which one may be itself', '至少两个后继，可含其自身'] },
  rename: { before: one, after: one },
  recode: { before: one, after: one },
  transfer: { before: one, after: one },
}

function counted(kind: SuccessionKind, { predecessors, successors }: Sides): Fault[] {
  const codes = new Set(successors.map(({ code }) => code))
  const others = predecessors.filter((code) => !codes.has(code))
  const right = {
    before: kind === 'merge' ? others.length > 0 : predecessors.length === 1,
    after: kind === 'split' ? codes.size > 1 : codes.size === 1,
  }
  const fault = (side: 'before' | 'after', pointer: string, noun: readonly [string, string]): Fault[] => {
    const [en, zh] = numbers[kind][side]
    const plain = numbers[kind][side] === one
    const expected = plain ? `${en} ${noun[0]}` : en
    const expectedZh = plain ? `${zh}${noun[1]}` : zh
    return right[side] ? [] : [{ pointer, code: 'wrong-number', params: { kind, kindZh: kindsZh[kind], expected, expectedZh } }]
  }
  return [...fault('before', '/predecessors', ['predecessor', '前身']), ...fault('after', '/successors', ['successor', '后继'])]
}

/** What a kind asks of its one predecessor and its one successor. */
function paired(body: SuccessionBody, path: string, { predecessors, successors }: Sides): Fault[] {
  const { kind, effectiveOn } = body
  const [from = ''] = predecessors
  const [to] = successors
  const pointer = '/successors/0/code'
  if (!to) return []
  if (kind === 'rename') {
    const late: Fault[] = effectiveOn > today() ? [{ pointer: '/effectiveOn', code: 'too-late', params: { day: today() } }] : []
    if (from !== path || to.code !== path)
      return [...late, { pointer, code: 'not-the-path', params: { received: to.code, expected: path } }]
    return to.name === undefined ? [...late, { pointer: '/successors/0/name', code: 'required', params: { name: 'name' } }] : late
  }
  if (kind !== 'recode' && kind !== 'transfer') return []
  if (from === to.code) return [{ pointer, code: 'same-code', params: { code: from } }]
  const county = from.slice(0, 6)
  return kind === 'transfer' && to.code.startsWith(county) ? [{ pointer, code: 'same-county', params: { county } }] : []
}

/** The change that a body asks for, or what is wrong with it. */
export function changeOf(path: string, body: SuccessionBody): { change: Change; faults: Fault[] } {
  const { kind, effectiveOn } = body
  const sides = sidesOf(path, body)
  const pairs = sides.predecessors.flatMap((predecessor) =>
    sides.successors.map(({ code, name }): Pair => ({ predecessor, successor: code, name })),
  )
  // Of a merge, the one that takes in the others simply goes on.
  const told = kind === 'merge' ? pairs.filter(({ predecessor, successor }) => predecessor !== successor) : pairs
  const faults = counted(kind, sides)
  return { change: { kind, effectiveOn, pairs: told }, faults: faults.length > 0 ? faults : paired(body, path, sides) }
}

/** Where in the body a code stands; undefined where only the path names it. */
export function pointerOf({ predecessors = [], successors = [] }: SuccessionBody, code: string): string | undefined {
  const [after, before] = [successors.findIndex((one) => one.code === code), predecessors.indexOf(code)]
  if (after >= 0) return `/successors/${after}/code`
  return before >= 0 ? `/predecessors/${before}` : undefined
}
