import fc from 'fast-check'
import { type Test, test } from 'tap'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { expectedCondition } from '../../src/storage/places.ts'
import type { Change, Pair, SuccessionKind } from '../../src/storage/succession-rules.ts'
import { withdrawSuccessions } from '../../src/storage/succession-withdrawal.ts'
import { recordSuccessions } from '../../src/storage/succession-writes.ts'
import { currentPlaces } from '../../src/storage/successions.ts'
import { cloneTemplate } from '../support/cluster.ts'

async function open(t: Test): Promise<Database> {
  const { url, drop } = await cloneTemplate()
  const database = openDatabase(url, { pool: 4 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  return database
}

/** Some in one county, some beside it, in another prefecture and in another province; and some that are not there yet. */
const known = [
  '500229107',
  '500229108',
  '500229109',
  '500229201',
  '500230101',
  '500230102',
  '500101001',
  '500101002',
  '410423209',
]
const fresh = ['500229113', '500229114', '500229115', '500230150', '500230151', '410423150']
const codes = [...known, ...fresh]
const day = (year: number) => `${year}-01-01`
const eveOf = (year: number) => `${year - 1}-12-31`
const pairs = (predecessors: string[], successors: string[]): Pair[] =>
  predecessors.flatMap((predecessor) => successors.map((successor) => ({ predecessor, successor })))
const named = (all: Pair[]) => all.map((pair) => (fresh.includes(pair.successor) ? { ...pair, name: '新镇' } : pair))

async function record(database: Database, kind: SuccessionKind, year: number, predecessors: string[], successors: string[]) {
  const all = pairs(predecessors, successors).filter((pair) => kind !== 'merge' || pair.predecessor !== pair.successor)
  return recordSuccessions(database, { kind, effectiveOn: day(year), pairs: named(all) }, { actor: 'test' })
}
async function clear({ pool }: Database): Promise<void> {
  await pool.query('truncate successions, township_names')
  await pool.query('update townships set valid_to = null, valid_from = null where code = any($1)', [known])
  await pool.query('delete from townships where code = any($1)', [fresh])
}

/** What a set of codes counts as: written out again, so that it is not the code under test that says what is right. */
function placeOf(ends: ReadonlySet<string>): string | null {
  const [first = '', ...others] = ends
  if (others.length === 0) return first
  return (
    [6, 4, 2].map((length) => first.slice(0, length)).find((region) => others.every((code) => code.startsWith(region))) ?? null
  )
}

/**
 * History played forward, a day at a time, from what every code stood for in the beginning. Of a township that stays in use only those are
 * touched that came to it before, and its own figures of periods that ended before.
 */
function played(history: readonly Change[], endsOn?: string): Map<string, string | null> {
  const stands = new Map(codes.map((code) => [code, new Set([code])]))
  for (const today of [...new Set(history.map((change) => change.effectiveOn))].sort()) {
    const before = new Map([...stands].map(([code, set]) => [code, new Set(set)]))
    const all = history
      .filter((change) => change.effectiveOn === today && change.kind !== 'rename')
      .flatMap((change) => change.pairs)
    for (const gone of new Set(all.map((pair) => pair.predecessor))) {
      const became = all.filter((pair) => pair.predecessor === gone).map((pair) => pair.successor)
      const stays = became.includes(gone)
      for (const [origin, set] of before) {
        const untouched = stays && origin === gone && (endsOn === undefined || today <= endsOn)
        if (!set.has(gone) || untouched) continue
        if (!stays) stands.get(origin)?.delete(gone)
        for (const code of became) stands.get(origin)?.add(code)
      }
    }
  }
  const places = [...stands].map(([code, set]) => [code, placeOf(set)] as const)
  return new Map(places.filter(([code, place]) => code !== place).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const year = fc.integer({ min: 2016, max: 2024 })
const some = (minLength: number, maxLength: number) => fc.uniqueArray(fc.constantFrom(...codes), { minLength, maxLength })
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('merge' as const), year, from: some(1, 3), to: some(1, 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('split' as const), year, from: some(1, 1), to: some(2, 3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recode' as const), year, from: some(1, 1), to: some(1, 1) }) },
)

/** Most are told in the order of their days, as they happen; some in any order, as they are found. */
const history = fc
  .tuple(fc.array(step, { minLength: 3, maxLength: 14 }), fc.integer({ min: 0, max: 3 }))
  .map(([steps, order]) => (order === 0 ? steps : steps.sort((a, b) => a.year - b.year)))

await test('random histories: every code counts once, where a naive replay says', async (t) => {
  const database = await open(t)
  let [accepted, refused] = [0, 0]
  const property = fc.asyncProperty(history, async (steps) => {
    await clear(database)
    const told: Change[] = []
    for (const { kind, year, from, to } of steps) {
      const all = pairs(from, to).filter((pair) => kind === 'split' || pair.predecessor !== pair.successor)
      if (all.length === 0) continue
      const result = await record(database, kind, year, from, to)
      if (result.outcome === 'refused') refused++
      else {
        accepted++
        told.push({ kind, effectiveOn: day(year), pairs: all })
        const again = await record(database, kind, year, from, to)
        if (again.outcome !== 'unchanged') throw new Error(`recorded again: ${JSON.stringify(again)}`)
      }
    }
    for (const endsOn of [undefined, eveOf(2017), eveOf(2021)]) {
      const rows = await currentPlaces(database.pool, endsOn)
      const mapped = rows.map(({ code, place }) => [code, place])
      const naive = [...played(told, endsOn)]
      if (JSON.stringify(mapped) !== JSON.stringify(naive))
        throw new Error(`${endsOn}: ${JSON.stringify(mapped)} is not ${JSON.stringify(naive)} after ${JSON.stringify(told)}`)
    }
  })
  await t.resolves(fc.assert(property, { numRuns: 40 }))
  t.comment(`${accepted} recorded, ${refused} refused`)
  t.ok(accepted > 30 && refused > 30, 'both what may be and what may not be was tried')
})

/** All that is kept of the places of these tests, a line a row; a township that never was is as one that is not there. */
async function stateOf({ pool }: Database): Promise<string[]> {
  const texts = [
    `select concat_ws(' ', predecessor, successor, effective_on, kind, ended, made) as line from successions`,
    `select concat_ws(' ', code, name, kind, valid_from, '-', valid_to) as line from townships
      where code = any($1) and (valid_to < valid_from) is not true order by code`,
  ]
  const [all, places] = [
    await pool.query<{ line: string }>(`${texts[0]} order by 1`),
    await pool.query<{ line: string }>(`${texts[1]}`, [codes]),
  ]
  return [...all.rows, ...places.rows].map(({ line }) => line)
}

await test('whatever was recorded last, withdrawing it leaves all as it was', async (t) => {
  const database = await open(t)
  let withdrawn = 0
  const property = fc.asyncProperty(history, async (steps) => {
    await clear(database)
    for (const { kind, year, from, to } of steps) {
      const before = await stateOf(database)
      const taken = await record(database, kind, year, from, to)
      if (taken.outcome !== 'recorded') continue
      const own = taken.items.map((one) => `${one.predecessor.code} ${one.successor.code} ${day(year)}`)
      const added = (await stateOf(database)).filter((line) => !before.includes(line) && / (merge|split|recode) /.test(line))
      // What is recorded beside something of that day is not withdrawn alone.
      const [code = ''] = to
      const alone = before.every(
        (line) => !line.includes(day(year)) || !own.some((one) => one.split(' ').some((part) => line.includes(part))),
      )
      if (alone && (kind === 'split' || to.length === 1) && added.length === own.length) {
        const at = kind === 'split' ? (from[0] ?? '') : code
        const result = await withdrawSuccessions(database, { code: at, day: day(year) }, { actor: 'test' }, () => {}, false)
        if (result.outcome === 'refused') continue
        withdrawn++
        const after = await stateOf(database)
        const different = [...after.filter((line) => !before.includes(line)), ...before.filter((line) => !after.includes(line))]
        if (different.length > 0) throw new Error(`${different.join('; ')} after ${added.join('; ')}`)
        await record(database, kind, year, from, to)
      }
    }
  })
  await t.resolves(fc.assert(property, { numRuns: 20 }))
  t.ok(withdrawn > 20, `${withdrawn} withdrawn`)
})

await test('chains are followed, and a split counts at the lowest region that holds all', async (t) => {
  const database = await open(t)
  await record(database, 'merge', 2020, ['500229107', '500229108'], ['500229113'])
  t.strictSame(await currentPlaces(database.pool), [
    { code: '500229107', place: '500229113' },
    { code: '500229108', place: '500229113' },
  ])
  await record(database, 'recode', 2021, ['500229113'], ['500229114'])
  t.match(await currentPlaces(database.pool), [
    { place: '500229114' },
    { place: '500229114' },
    { code: '500229113', place: '500229114' },
  ])
  await record(database, 'split', 2022, ['500229114'], ['500229106', '500229105'])
  t.strictSame(new Set((await currentPlaces(database.pool)).map(({ place }) => place)), new Set(['500229']))
  await record(database, 'merge', 2023, ['500229105'], ['500230101'])
  t.strictSame(new Set((await currentPlaces(database.pool)).map(({ place }) => place)), new Set(['5002', '500230101']))
  await record(database, 'merge', 2024, ['500229106'], ['410423209'])
  const last = await currentPlaces(database.pool)
  t.equal(last.find(({ code }) => code === '500229107')?.place, null, 'no region holds both: unallocated')
  t.equal(last.find(({ code }) => code === '500229106')?.place, '410423209')
})

await test('what stands for itself is not listed', async (t) => {
  const database = await open(t)
  await database.pool.query(`update townships set valid_to = '2020-12-31' where code = '500229105'`)
  await recordSuccessions(
    database,
    { kind: 'rename', effectiveOn: day(2020), pairs: [{ predecessor: '500229106', successor: '500229106', name: '新名镇' }] },
    { actor: 'test' },
  )
  await record(database, 'split', 2020, ['500229107'], ['500229107', '500229113'])
  t.strictSame(
    await currentPlaces(database.pool),
    [],
    'closed without successor, renamed, still in use after a part was split off',
  )
  t.strictSame(
    await currentPlaces(database.pool, eveOf(2020)),
    [{ code: '500229107', place: '500229' }],
    'what was reported before the split',
  )
  t.strictSame(await currentPlaces(database.pool, '2020-12-31'), [])
})

await test('of two opposite successions at once one is recorded and the other refused', async (t) => {
  const database = await open(t)
  const towns = (
    await database.pool.query<{ code: string }>(`select code from townships where code like '5002301%' order by code limit 20`)
  ).rows
  for (let index = 0; index + 1 < towns.length; index += 2) {
    const [a = '', b = ''] = [towns[index]?.code, towns[index + 1]?.code]
    const results = await Promise.all([record(database, 'merge', 2020, [a], [b]), record(database, 'merge', 2020, [b], [a])])
    t.strictSame(results.map(({ outcome }) => outcome).sort(), ['recorded', 'refused'])
    const refusal = results.find(({ outcome }) => outcome === 'refused')
    t.ok(refusal?.outcome === 'refused' && refusal.refusals.some(({ why }) => why === 'cycle'))
  }
  const { rows } = await database.pool.query(
    'select from successions a join successions b on a.predecessor = b.successor and a.successor = b.predecessor',
  )
  t.equal(rows.length, 0)
})

await test('the same succession at once is recorded once', async (t) => {
  const database = await open(t)
  const results = await Promise.all(
    [1, 2, 3].map(() => record(database, 'merge', 2020, ['500229107', '500229108'], ['500229113'])),
  )
  t.strictSame(results.map(({ outcome }) => outcome).sort(), ['recorded', 'unchanged', 'unchanged'])
})

await test('expected are those in use on the last day that are no statistical areas', async (t) => {
  const { pool } = await open(t)
  await pool.query(`update townships set valid_from = '2024-12-31' where code = '500229107'`)
  await pool.query(`update townships set valid_to = '2024-12-30' where code = '500229108'`)
  await pool.query(`update townships set valid_to = '2024-12-31' where code = '500229109'`)
  await pool.query(`update townships set kind = 'other' where code = '500229110'`)
  const expected = async (day: string) =>
    (
      await pool.query<{ code: string }>(
        `select code from townships t where code like '500229%' and ${expectedCondition('$1::date', 't')}`,
        [day],
      )
    ).rows.length
  t.equal(await expected('2024-12-31'), 23)
  t.equal(await expected('2024-12-30'), 23)
  t.equal(await expected('2025-01-01'), 22)
})
