/** One record through its life: reported, read, corrected, sent back unchanged, deleted, reported again; and what preconditions protect. */

import { deepStrictEqual } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { type CategoryName, categories, rulesVersion } from '../../src/catalogue/index.ts'
import { type Content, flatten } from '../../src/catalogue/record.ts'
import { recordsOf, samples } from '../../src/samples/index.ts'
import { type Api, api, type Headers, type Response } from '../support/api.ts'
import { record } from '../support/arbitraries.ts'
import { named } from '../support/columns.ts'

const path = '/v1/disputes/410423209/2025'
const first = { figures: { identified: 382, resolved: 360, resolvedByAgreement: { oral: 344, written: 16 } } }

type Revision = { revision: number; document: Content | null; actor: string }
async function history({ database }: Api): Promise<Revision[]> {
  const { rows } = await database.pool.query<Revision>('select revision, document, actor from record_revisions order by seq')
  return rows
}

await test('a record lives', async (t) => {
  const service = await api(t)
  const created = await service.put(path, first)
  t.equal(created.status, 201)
  t.equal(created.headers.location, path)
  t.match(created.json, { township: '410423209', period: '2025', revision: 1, ...first, findings: [], updatedBy: 'admin' })
  t.match(created.headers, { etag: `"1-${rulesVersion}"`, 'api-version': '1.0.0' })

  const read = await service.get(path)
  t.same(read.json, created.json, 'a read gives what the write answered')
  t.equal((await service.get(path, { 'if-none-match': `"1-${rulesVersion}"` })).status, 304)
  t.equal((await service.get(path, { 'if-none-match': `"0-${rulesVersion}"` })).status, 200)

  const same = await service.put(path, read.json)
  t.equal(same.status, 200)
  t.same(same.json, read.json, 'what was read, sent back as it is, changes nothing')

  const replaced = await service.put(path, { figures: { identified: 390 } })
  t.equal(replaced.status, 200)
  t.match(replaced.json, { revision: 2, figures: { identified: 390 } })
  t.notOk(replaced.json.figures.resolved, 'PUT replaces')

  t.equal((await service.put(path, read.json)).json.code, 'precondition-failed', 'a stale revision in the body is an If-Match')

  t.equal((await service.del(path)).status, 204)
  t.equal((await service.get(path)).json.code, 'record-absent')
  t.equal((await service.del(path)).status, 404)
  t.equal((await service.patch(path, first)).status, 404)

  const again = await service.put(path, first)
  t.equal(again.status, 201)
  t.equal(again.json.revision, 4, 'the tombstone was revision 3')
  t.same(
    (await history(service)).map(({ revision, document }) => [revision, document?.figures.identified ?? null]),
    [
      [1, 382],
      [2, 390],
      [3, null],
      [4, 382],
    ],
  )
})

await test('preconditions', async (t) => {
  const service = await api(t)
  t.equal((await service.put(path, first, { 'if-match': '*' })).status, 412, 'nothing to match yet')
  t.equal((await service.put(path, first, { 'if-none-match': '*' })).status, 201)
  t.equal((await service.put(path, first, { 'if-none-match': '*' })).status, 412, 'creates only')
  t.equal((await service.put(path, first, { 'if-match': `"2-${rulesVersion}"` })).status, 412, 'checked before the no-op')
  t.equal((await service.put(path, first, { 'if-match': `W/"1-${rulesVersion}"` })).status, 412, 'a weak tag never matches')
  t.equal(
    (await service.put(path, { figures: { identified: 1 } }, { 'if-match': `"9-${rulesVersion}", "1-${rulesVersion}"` })).json
      .revision,
    2,
  )
  t.equal((await service.put(path, { figures: { identified: 2 }, revision: 2 }, { 'if-match': '*' })).json.revision, 3)
  t.equal(
    (await service.put(path, { figures: { identified: 3 }, revision: 2 }, { 'if-match': `"3-${rulesVersion}"` })).status,
    412,
    'both must hold',
  )
  t.equal((await service.patch(path, { figures: { identified: 4 } }, { 'if-match': `"1-${rulesVersion}"` })).status, 412)
  t.equal((await service.patch(path, { figures: { identified: 4 } }, { 'if-match': `"3-${rulesVersion}"` })).json.revision, 4)
  t.equal((await service.del(path, { 'if-match': `"3-${rulesVersion}"` })).status, 412)
  t.equal((await service.del(path, { 'if-match': `"4-${rulesVersion}"` })).status, 204)
  t.equal((await service.put(path, first, { 'if-match': '*' })).status, 412, 'a tombstone is not there')
  t.equal((await history(service)).length, 5)
})

await test('PATCH merges', async (t) => {
  const service = await api(t)
  const remarks = { identified: { quote: '排查382件' }, 'resolvedByAgreement.oral': { quote: '口头344件' } }
  await service.put(path, { ...first, remarks, others: [{ label: '甲', value: 1, unit: '次' }], source: { title: '报告' } })
  const patched = await service.patch(path, {
    figures: { resolved: null, resolvedByAgreement: { oral: null }, accepted: 400 },
    others: [{ label: '乙', unit: '次' }],
  })
  t.same(patched.json.figures, { identified: 382, accepted: 400, resolvedByAgreement: { written: 16 } })
  t.same(patched.json.remarks, { identified: { quote: '排查382件' } }, 'the remark of a removed figure went with it')
  t.same(patched.json.others, [{ label: '乙', unit: '次' }], 'a list is replaced whole')
  t.same(patched.json.source, { title: '报告' })

  const explained = await service.patch(path, {
    figures: { identified: null },
    remarks: { identified: { missing: 'unquantified', quote: '多次排查' } },
  })
  t.same(
    explained.json.remarks,
    { identified: { missing: 'unquantified', quote: '多次排查' } },
    'a new remark in the same patch stays',
  )
  const bounded = { figures: { accepted: 400 }, remarks: { accepted: { qualifier: 'atLeast', quote: '400余件' } } }
  await service.patch(path, bounded)
  const withheld = await service.patch(path, { figures: { accepted: null }, remarks: { accepted: { missing: 'withheld' } } })
  t.same(withheld.json.remarks?.accepted, { missing: 'withheld' }, 'nothing of the old remark stands beside it')
  const again = await service.patch(path, { figures: { accepted: 400 }, remarks: { accepted: null } })
  t.equal(
    (await service.patch(path, { figures: { accepted: 400 } })).json.revision,
    again.json.revision,
    'no change, no revision',
  )

  const bad = await service.patch(path, { figures: { accepted: '400', nothing: null } })
  t.same(bad.json.errors.map(({ pointer, code }) => [pointer, code]).sort(), [
    ['/figures/accepted', 'wrong-type'],
    ['/figures/nothing', 'unknown-figure'],
  ])
})

await test('PATCH: null for a part of the record removes all of it', async (t) => {
  const service = await api(t)
  const remarks = { identified: { quote: '排查382件' }, prevented: { missing: 'unquantified', quote: '多次' } }
  const others = [{ label: '甲', value: 1, unit: '次' }]
  const whole = { ...first, remarks, others, source: { title: '报告' } }
  const content = ({ figures, remarks, others, source }: Content) => ({ figures, remarks, others, source })
  const without = { figures: first.figures, remarks, others, source: { title: '报告' } }
  const cases = [
    [{ remarks: null }, { ...without, remarks: undefined }],
    [{ others: null }, { ...without, others: undefined }],
    [{ source: null }, { ...without, source: undefined }],
    [{ figures: null }, { ...without, figures: {}, remarks: undefined }],
    [
      { figures: null, remarks: { prevented: { quote: '数次' } } },
      { ...without, figures: {}, remarks: { prevented: { missing: 'unquantified', quote: '数次' } } },
    ],
    [
      { figures: null, remarks: null, others: null, source: null },
      { figures: {}, remarks: undefined, others: undefined, source: undefined },
    ],
  ] as const
  for (const [patch, expected] of cases) {
    await service.put(path, whole)
    const patched = await service.patch(path, patch)
    t.equal(patched.status, 200, patched.text)
    t.strictSame(content(patched.json), expected, JSON.stringify(patch))
    t.equal((await service.get(path)).text, patched.text)
  }
  await service.put(path, whole)
  const row = { category: 'disputes', township: '410423209', period: '2025', mode: 'patch', figures: null }
  t.equal((await service.post('/v1/imports', [row])).status, 200)
  t.strictSame(
    content((await service.get(path)).json),
    { ...without, figures: {}, remarks: undefined },
    'a row of a file as well',
  )
})

await test('PATCH is atomic under many writers', async (t) => {
  const service = await api(t)
  await service.put(path, { figures: { identified: 0 } })
  const names = ['prevented', 'accepted', 'parties', 'screenings', 'escalated', 'mediators']
  const answers = await Promise.all(names.map((name) => service.patch(path, { figures: { [name]: 7 } })))
  t.same(
    answers.map(({ status }) => status),
    names.map(() => 200),
  )
  t.same(
    (await service.get(path)).json.figures,
    { identified: 0, ...Object.fromEntries(names.map((name) => [name, 7])) },
    'no change is lost',
  )
})

await test('of many who create at once one creates', async (t) => {
  const service = await api(t)
  const answers = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => service.put(path, { figures: { identified: n } }, { 'if-none-match': '*' })),
  )
  t.same(answers.map(({ status }) => status).sort(), [201, 412, 412, 412, 412, 412])
  const open = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => service.put(path, { figures: { accepted: n } })))
  t.same(
    open.map(({ json }) => json.revision).sort(),
    [2, 3, 4, 5, 6, 7],
    'without a condition the last write wins and every version is kept',
  )
})

await test('the 19 records of the samples read back equal', async (t) => {
  const service = await api(t)
  const records = samples.flatMap(recordsOf)
  t.equal(records.length, 19)
  for (const { category, township, period, content } of records) {
    const at = `/v1/${categories.find(({ name }) => name === category)?.path}/${township}/${period}`
    t.equal((await service.put(at, content)).status, 201, at)
    const { json } = await service.get(at)
    const { figures, remarks, others, source } = json
    t.same(JSON.parse(JSON.stringify({ figures, remarks, others, source })), content)
    t.same(Object.keys(json.figures).length, Object.keys(content.figures).length)
    t.equal((await service.put(at, json)).json.revision, 1)
  }
})

await test('any valid record reads back equal, and its columns agree', async (t) => {
  const service = await api(t)
  for (const { name, path: segment } of categories) {
    await t.test(name, async (t) => {
      await fc.assert(
        fc.asyncProperty(record(name), async (content) => {
          const put = await service.put(`/v1/${segment}/410423209/2025`, content)
          if (put.status >= 300) throw new Error(put.text)
          const { json } = await service.get(`/v1/${segment}/410423209/2025`)
          const { figures, remarks, others, source } = json
          t.same(JSON.parse(JSON.stringify({ figures, remarks, others, source })), content)
          t.same(await columns(service, name), named(name, flatten(name, content)))
        }),
        { numRuns: 30 },
      )
    })
  }
})

/** The typed columns of the record that the property wrote, without the empty ones. */
async function columns({ database }: Api, name: CategoryName) {
  const table = name === 'legalAdvisers' ? 'legal_advisers' : name
  const { rows } = await database.pool.query<{ row: Record<string, unknown> }>(
    `select jsonb_strip_nulls(to_jsonb(t) - array['period_id','township_code','revision','created_revision','rules_version','document','content_hash','findings','created_at','updated_at']) as row from ${table} t`,
  )
  const { qualifiers = null, plans = null, ...values } = rows[0]?.row ?? {}
  return { values, qualifiers, plans }
}

type Figures = { meetings?: number; issuesResolved?: number }
type Conditional = 'none' | 'right' | 'wrong' | 'exists' | 'absent'
/** One record as anybody would keep it by hand: what stands there now, and every version that ever stood there. */
type Model = { now: Figures | null; versions: (Figures | null)[] }

function headersOf(condition: Conditional, revision: number): Headers {
  const tags = {
    right: `"${revision}-${rulesVersion}"`,
    wrong: `"${revision + 1}-${rulesVersion}", W/"${revision}-${rulesVersion}"`,
    exists: '*',
  }
  if (condition === 'none') return {}
  return condition === 'absent' ? { 'if-none-match': '*' } : { 'if-match': tags[condition] }
}

/** The status that a write must have. `next` is what it would leave; null where it deletes. */
function expected(method: string, { now }: Model, condition: Conditional, next: Figures | null): number {
  if (now === null) {
    if (method === 'PATCH') return 404
    if (['right', 'wrong', 'exists'].includes(condition)) return 412
    return method === 'PUT' ? 201 : 404
  }
  if (condition === 'wrong' || condition === 'absent') return 412
  return next === null ? 204 : 200
}

await test('any history of writes to two records is what a simple model says', async (t) => {
  const service = await api(t)
  const townships = ['500229107', '410423209']
  const value = fc.option(fc.nat(2), { nil: undefined })
  const step = fc.record({
    record: fc.nat(1),
    method: fc.constantFrom('PUT', 'PUT', 'PUT', 'PATCH', 'PATCH', 'DELETE'),
    same: fc.boolean(),
    meetings: value,
    issuesResolved: value,
    condition: fc.constantFrom<Conditional[]>('none', 'none', 'right', 'right', 'exists', 'wrong', 'absent'),
  })
  const met = new Set<string>()
  const history = async (steps: (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
    await service.database.pool.query('truncate governance, record_revisions')
    const models = townships.map((): Model => ({ now: null, versions: [] }))
    for (const { record, method, same, meetings, issuesResolved, condition } of steps) {
      const at = `/v1/governance/${townships[record]}/2024`
      const model = models[record]
      if (!model) throw new Error(at)
      const given: Figures = {
        ...(meetings !== undefined && { meetings }),
        ...(issuesResolved !== undefined && { issuesResolved }),
      }
      const sent = same && model.now ? model.now : given
      const patch = { meetings: null, ...sent }
      const { meetings: _removed, ...rest } = model.now ?? {}
      const next = method === 'DELETE' ? null : method === 'PUT' ? sent : { ...rest, ...sent }
      const status = expected(method, model, condition, next)
      const story = `${method} ${JSON.stringify(next)} after ${JSON.stringify(model.versions)}, If-Match ${condition}`
      const body = method === 'DELETE' ? undefined : { figures: method === 'PUT' ? sent : patch }
      const answer = await service.request(method, at, body, headersOf(condition, model.versions.length))
      if (answer.status !== status) throw new Error(`${story}: ${answer.status} and not ${status}`)
      const written = status < 300 && !isDeepStrictEqual(ordered(next), ordered(model.now))
      if (written) {
        model.versions.push(next)
        model.now = next
      }
      met.add(`${method} ${status}${status === 200 && !written ? ' unchanged' : ''}`)
      if (answer.status < 204) isThere(answer, model, story)
      const read = await service.get(at)
      if (model.now) isThere(read, model, story)
      else if (read.json.code !== 'record-absent') throw new Error(`${story}: it is still there`)
    }
    const { rows } = await service.database.pool.query<Revision & { township: string }>(
      'select township_code as township, revision, document from record_revisions order by seq',
    )
    for (const [index, { versions }] of models.entries()) {
      const kept = rows.filter(({ township }) => township === townships[index])
      deepStrictEqual(
        kept.map(({ revision, document }) => [revision, ordered(document?.figures ?? null)]),
        versions.map((figures, before) => [before + 1, ordered(figures)]),
      )
    }
  }
  const steps = fc.array(step, { minLength: 30, maxLength: 60, size: 'max' })
  // The story of the step that failed says enough; to shrink the history would take a minute.
  await fc.assert(fc.asyncProperty(steps, history), { numRuns: 6, endOnFailure: true })
  t.same(
    ['PUT 201', 'PUT 200', 'PUT 200 unchanged', 'PUT 412', 'PATCH 200', 'PATCH 404', 'PATCH 412', 'DELETE 204'].filter(
      (one) => !met.has(one),
    ),
    [],
    'every kind of answer was met',
  )
})

/** Figures in one order of keys, so that they compare. */
function ordered(figures: Content['figures'] | Figures | null) {
  return figures && Object.fromEntries(Object.entries(figures).sort())
}

/** An answer shows what the model holds, as its last revision, under its ETag. */
function isThere({ status, headers, json }: Response, { now, versions }: Model, story: string): void {
  const shown = [status < 300, json.revision, headers.etag, ordered(json.figures)]
  deepStrictEqual(shown, [true, versions.length, `"${versions.length}-${rulesVersion}"`, ordered(now)], story)
}
