/** One record through its life: reported, read, corrected, sent back unchanged, deleted, reported again; and what preconditions protect. */
import fc from 'fast-check'
import { test } from 'tap'
import { type CategoryName, categories } from '../../src/catalogue/index.ts'
import { type Content, flatten } from '../../src/catalogue/record.ts'
import { recordsOf, samples } from '../../src/samples/index.ts'
import { type Api, api } from '../support/api.ts'
import { record } from '../support/arbitraries.ts'

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
  t.match(created.json, { township: '410423209', period: '2025', revision: 1, ...first, findings: [], updatedBy: 'anonymous' })
  t.match(created.headers, { etag: '"1-1"', 'api-version': '1.0.0' })

  const read = await service.get(path)
  t.same(read.json, created.json, 'a read gives what the write answered')
  t.equal((await service.get(path, { 'if-none-match': '"1-1"' })).status, 304)
  t.equal((await service.get(path, { 'if-none-match': '"0-1"' })).status, 200)

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
  t.equal((await service.put(path, first, { 'if-match': '"2-1"' })).status, 412, 'checked before the no-op')
  t.equal((await service.put(path, first, { 'if-match': 'W/"1-1"' })).status, 412, 'a weak tag never matches')
  t.equal((await service.put(path, { figures: { identified: 1 } }, { 'if-match': '"9-1", "1-1"' })).json.revision, 2)
  t.equal((await service.put(path, { figures: { identified: 2 }, revision: 2 }, { 'if-match': '*' })).json.revision, 3)
  t.equal(
    (await service.put(path, { figures: { identified: 3 }, revision: 2 }, { 'if-match': '"3-1"' })).status,
    412,
    'both must hold',
  )
  t.equal((await service.patch(path, { figures: { identified: 4 } }, { 'if-match': '"1-1"' })).status, 412)
  t.equal((await service.patch(path, { figures: { identified: 4 } }, { 'if-match': '"3-1"' })).json.revision, 4)
  t.equal((await service.del(path, { 'if-match': '"3-1"' })).status, 412)
  t.equal((await service.del(path, { 'if-match': '"4-1"' })).status, 204)
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
  t.equal(
    (await service.patch(path, { figures: { accepted: 400 } })).json.revision,
    explained.json.revision,
    'no change, no revision',
  )

  const bad = await service.patch(path, { figures: { accepted: '400', nothing: null } })
  t.same(bad.json.errors.map(({ pointer, code }) => [pointer, code]).sort(), [
    ['/figures/accepted', 'wrong-type'],
    ['/figures/nothing', 'unknown-figure'],
  ])
  t.equal((await service.patch(path, { remarks: null, others: null, source: null })).json.source, undefined)
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
          t.same(await columns(service, name), flatten(name, content))
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

await test('in any order of writes revisions count up by one and history is complete', async (t) => {
  const service = await api(t)
  const step = fc.record({ action: fc.constantFrom('put', 'patch', 'delete', 'repeat'), value: fc.nat(3) })
  let year = 2015
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const at = `/v1/governance/500229107/${year++}`
      const kept: (number | null)[] = []
      for (const { action, value } of steps) {
        const before = await service.get(at)
        const figures = { meetings: value }
        if (action === 'put') await service.put(at, { figures })
        if (action === 'patch') await service.patch(at, { figures })
        if (action === 'delete') await service.del(at)
        if (action === 'repeat' && before.status === 200) await service.put(at, before.json)
        const after = await service.get(at)
        const changed = before.status !== after.status || before.json.revision !== after.json.revision
        if (changed) kept.push(after.status === 200 ? value : null)
        const writes =
          (action === 'put' && (before.status === 404 || before.json.figures.meetings !== value)) ||
          (action === 'patch' && before.status === 200 && before.json.figures.meetings !== value) ||
          (action === 'delete' && before.status === 200)
        t.equal(changed, writes, `${action} ${value}`)
      }
      const { rows } = await service.database.pool.query<Revision>(
        `select revision, document from record_revisions where period_id = $1 order by revision`,
        [(year - 1) * 10_000 + 100],
      )
      t.same(
        rows.map(({ revision, document }) => [revision, document?.figures.meetings ?? null]),
        kept.map((value, index) => [index + 1, value]),
      )
    }),
    { numRuns: 11 },
  )
})
