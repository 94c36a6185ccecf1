/** Nothing is lost: every version of a record can be read again, and what changed between two is told figure by figure. */
import { test } from 'tap'
import { samples } from '../../src/samples/index.ts'
import { api, type Body } from '../support/api.ts'

const record = '/v1/disputes/410423209/2025'
const revisions = `${record}/revisions`
const because = (reason: string) => `?reason=${encodeURIComponent(reason)}`
const told = (items: Body[]) => items.map(({ revision, deleted, reason }) => [revision, deleted, reason])

await test('a record is reported, corrected, qualified, deleted, and reported again', async (t) => {
  const service = await api(t)
  const created = await service.put(record, { figures: { identified: 382, resolved: 360 }, source: { title: '报告' } })
  const corrected = await service.patch(`${record}${because('县司法局复核后更正')}`, { figures: { resolved: 371 } })
  t.equal(corrected.status, 200)
  await service.patch(record, {
    remarks: { resolved: { qualifier: 'atLeast', quote: '化解370余件' } },
    others: [{ label: '劝阻无事酒', value: 9, unit: '起' }],
  })
  t.equal((await service.del(`${record}${because('误报到本镇')}`)).status, 204)
  const gone = await service.get(revisions)
  t.same(
    told(gone.json.items),
    [
      [4, true, '误报到本镇'],
      [3, false, undefined],
      [2, false, '县司法局复核后更正'],
      [1, false, undefined],
    ],
    'the newest first; a record that was deleted still has its history',
  )
  t.match(gone.json.items[3], { actor: 'admin', recordedAt: created.json.createdAt, importId: undefined })

  const again = await service.put(`${record}${because('重新填报')}`, { figures: { identified: 5 } })
  t.same([again.status, again.json.revision, again.headers.location], [201, 5, record])

  t.same((await service.get(`${revisions}/1`)).json.record, created.json, 'all of it as it was then')
  t.same((await service.get(`${revisions}/2`)).json, {
    revision: 2,
    recordedAt: corrected.json.updatedAt,
    actor: 'admin',
    reason: '县司法局复核后更正',
    deleted: false,
    record: corrected.json,
  })
  const tombstone = await service.get(`${revisions}/4`)
  t.match(tombstone.json, { revision: 4, deleted: true, reason: '误报到本镇', record: undefined })
  t.same((await service.get(`${revisions}/5`)).json.record, again.json)

  const difference = async (revision: number, query = '') =>
    (await service.get(`${revisions}/${revision}/difference${query}`)).json
  const others = [{ label: '劝阻无事酒', value: 9, unit: '起' }]
  t.same(await difference(2), {
    township: '410423209',
    period: '2025',
    from: 1,
    to: 2,
    changes: [{ figure: 'resolved', old: { value: 360 }, new: { value: 371 } }],
  })
  const qualified = { value: 371, qualifier: 'atLeast', quote: '化解370余件' }
  t.same((await difference(3)).changes, [
    { figure: 'resolved', old: { value: 371 }, new: qualified },
    { figure: 'others', new: others },
  ])
  t.same(
    (await difference(1)).changes,
    [
      { figure: 'identified', new: { value: 382 } },
      { figure: 'resolved', new: { value: 360 } },
      { figure: 'source', new: { title: '报告' } },
    ],
    'before the first there was nothing',
  )
  t.same((await difference(4)).changes, [
    { figure: 'identified', old: { value: 382 } },
    { figure: 'resolved', old: qualified },
    { figure: 'others', old: others },
    { figure: 'source', old: { title: '报告' } },
  ])
  t.same((await difference(5)).changes, [{ figure: 'identified', new: { value: 5 } }])
  t.same((await difference(1, '?from=3')).changes, [
    { figure: 'resolved', old: qualified, new: { value: 360 } },
    { figure: 'others', old: others },
  ])
  t.same((await difference(3, '?from=3')).changes, [], 'the same is the same')
  t.same((await difference(3, '?from=0')).from, 0)
})

await test('a history is paged', async (t) => {
  const service = await api(t)
  for (const identified of [1, 2, 3, 4, 5]) await service.put(record, { figures: { identified } })
  const seen: number[] = []
  let next: string | undefined
  do {
    const { json, headers } = await service.get(`${revisions}?limit=2${next ? `&cursor=${next}` : ''}`)
    seen.push(...json.items.map(({ revision }) => revision))
    t.equal(headers.link !== undefined, json.next !== undefined)
    next = json.next
    if (seen.length === 2) await service.put(record, { figures: { identified: 6 } })
  } while (next)
  t.same(seen, [5, 4, 3, 2, 1], 'what is written meanwhile moves no page')
  const { next: cursor } = (await service.get(`${revisions}?limit=2`)).json
  await service.put('/v1/disputes/410423209/2024', { figures: { identified: 1 } })
  const elsewhere = await service.get(`/v1/disputes/410423209/2024/revisions?limit=2&cursor=${cursor}`)
  t.equal(elsewhere.json.code, 'cursor-of-another-filter')
})

await test('what is not there', async (t) => {
  const service = await api(t)
  for (const tail of ['', '/1', '/1/difference']) {
    const code = async (at: string) => {
      const { status, json } = await service.get(`/v1/disputes/${at}/revisions${tail}`)
      return [status, json.code]
    }
    t.same(await code('410423209/2025'), [404, 'record-absent'])
    t.same(await code('999999999/2025'), [404, 'unknown-township'])
    t.same(await code('410423209/2099'), [404, 'unknown-period'])
    t.same(await code('410423/2025'), [400, 'invalid-request'])
  }
  await service.put(record, { figures: { identified: 1 } })
  await service.del(record)
  t.equal((await service.get('/v1/publicity/410423209/2025/revisions')).json.code, 'record-absent', 'another category')
  for (const tail of ['/3', '/3/difference']) {
    const { status, json } = await service.get(`${revisions}${tail}`)
    t.match([status, json.code, json.detail], [404, 'unknown-revision', /no revision 3; the newest is 2/])
  }
  for (const revision of ['0', '-1', '1.5', 'first', '2147483648'])
    t.same((await service.get(`${revisions}/${revision}`)).status, 400, revision)
  const from = await service.get(`${revisions}/2/difference?from=9`)
  t.match([from.status, from.json.errors], [400, [{ parameter: 'from', code: 'no-such-revision', detail: /newest is 2/ }]])
})

await test('what changes nothing keeps no reason, and a reason is one readable line', async (t) => {
  const service = await api(t)
  const body = { figures: { identified: 1 } }
  await service.put(`${record}${because('首次填报')}`, body)
  t.equal((await service.put(`${record}${because('再报一次')}`, body)).status, 200)
  t.equal((await service.patch(`${record}${because('再报一次')}`, body)).status, 200)
  t.same(told((await service.get(revisions)).json.items), [[1, false, '首次填报']])
  for (const reason of ['', '   ', 'x'.repeat(501), 'a\u0000b', 'a\nb']) {
    const { status, json } = await service.patch(`${record}${because(reason)}`, { figures: { identified: 2 } })
    t.match([status, json.errors], [400, [{ parameter: 'reason' }]], JSON.stringify(reason))
  }
  t.equal((await service.put(`${record}${because('因'.repeat(500))}`, { figures: { identified: 2 } })).status, 200)
})

await test('reports carry their reason to each record, and a deletion of the whole its own', async (t) => {
  const service = await api(t)
  const report = '/v1/reports/410423209/2025'
  const [sample] = samples
  const created = await service.put(`${report}${because('年度报告')}`, { source: sample?.source, ...sample?.records })
  t.equal(created.headers.location, report)
  await service.del(`${report}${because('作废')}`)
  for (const path of ['disputes', 'governance']) {
    const { items } = (await service.get(`/v1/${path}/410423209/2025/revisions`)).json
    t.same(told(items), [
      [2, true, '作废'],
      [1, false, '年度报告'],
    ])
  }
})

await test('an import is known by its id and its reason, whatever it did', async (t) => {
  const service = await api(t)
  const place = { category: 'disputes', township: '410423209', period: '2025' }
  const other = { ...place, township: '410421106' }
  await service.put(record, { figures: { identified: 1 } })
  const files = [
    [
      { ...place, figures: { identified: 2 } },
      { ...other, figures: { identified: 3 } },
    ],
    [
      { ...place, delete: true },
      { ...other, mode: 'patch', figures: { identified: 4 } },
    ],
  ]
  const ids: unknown[] = []
  for (const [index, file] of files.entries())
    ids.push((await service.post(`/v1/imports${because(`第${index + 1}批`)}`, file)).json.id)
  t.same(
    (await service.get(revisions)).json.items.map(({ revision, importId, reason, deleted }) => [
      revision,
      importId,
      reason,
      deleted,
    ]),
    [
      [3, ids[1], '第2批', true],
      [2, ids[0], '第1批', false],
      [1, undefined, undefined, false],
    ],
  )
  t.match((await service.get('/v1/disputes/410421106/2025/revisions/2')).json, {
    importId: ids[1],
    reason: '第2批',
    record: { figures: { identified: 4 } },
  })
  t.same((await service.get('/v1/disputes/410421106/2025/revisions/2/difference')).json.changes, [
    { figure: 'identified', old: { value: 3 }, new: { value: 4 } },
  ])
})
