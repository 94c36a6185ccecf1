/** A file of records: told at once what is wrong with it, imported as a whole or row by row, compared before it is written. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { test } from 'tap'
import { api, type Headers } from '../support/api.ts'
import { cangtou, csv, dispute, figures, gaoguan, lines, ndjson, revisions, send, zhangbaqiao } from '../support/imports.ts'

await test('NDJSON and JSON: replaced, changed, deleted, unchanged', async (t) => {
  const service = await api(t)
  const rows = [
    dispute(cangtou, 1),
    dispute(zhangbaqiao, 2),
    { ...dispute(gaoguan, 3), category: 'disputes', remarks: { identified: { quote: '3件' } } },
  ]
  const first = await send(service, lines(rows), { ...ndjson, 'content-disposition': 'attachment; filename="a.ndjson"' })
  t.equal(first.status, 200, first.text)
  t.match(first.report, { rows: 3, created: 3, updated: 0, unchanged: 0, deleted: 0, rejected: 0, notApplied: 0, errors: [] })
  t.same(await figures(service, gaoguan), { identified: 3 })

  const again = await send(service, lines(rows), ndjson)
  t.match(again.report, { rows: 3, created: 0, unchanged: 3 })
  t.equal(await revisions(service), 3, 'unchanged rows write nothing')

  const mixed = [
    dispute(cangtou, 5),
    { category: 'disputes', township: zhangbaqiao, period: '2024', mode: 'patch', figures: { accepted: 9 } },
    { category: 'disputes', township: gaoguan, period: '2024', delete: true },
  ]
  const changed = await send(service, JSON.stringify(mixed), { 'content-type': 'application/json' })
  t.equal(changed.status, 200, changed.text)
  t.match(changed.report, { rows: 3, updated: 2, deleted: 1 })
  t.same(await figures(service, zhangbaqiao), { identified: 2, accepted: 9 })
  t.equal((await service.get(`/v1/disputes/${gaoguan}/2024`)).status, 404)

  const { rows: written } = await service.database.pool.query<{ id: string }>(
    'select distinct import_id::text as id from record_revisions order by 1',
  )
  t.same(
    written.map(({ id }) => Number(id)),
    [first.report.id, changed.report.id],
    'every revision knows its import',
  )
  const list = await service.get('/v1/imports')
  t.same(
    list.json.items.map(({ id }) => id),
    [changed.report.id, again.report.id, first.report.id],
    'newest first',
  )
  const one = await service.get(`/v1/imports/${first.report.id}`)
  t.match(one.json, {
    fileName: 'a.ndjson',
    format: 'ndjson',
    mode: 'atomic',
    rows: 3,
    created: 3,
    importedBy: 'admin',
    sha256: /^[0-9a-f]{64}$/,
  })
  t.equal((await service.get('/v1/imports/999')).json.code, 'unknown-import')
})

await test('a report counts the rows taken that do not add up; a dry run shows what would not', async (t) => {
  const service = await api(t)
  const doubtful = (township: string) => ({ ...dispute(township, 5), figures: { identified: 5, resolved: 9 } })
  const rejected = { ...doubtful(zhangbaqiao), others: [{ label: 'x' }] }
  const rows = lines([doubtful(cangtou), dispute(gaoguan, 5), rejected])

  const dry = await send(service, rows, ndjson, 'mode=partial&dryRun=true')
  t.match(dry.report, { created: 2, rejected: 1, withFindings: 1 })
  t.match(dry.report.changes, [{ row: 1, findings: [{ rule: 'within', figures: ['resolved', 'identified'] }] }, { row: 2 }])
  t.notOk('findings' in (dry.report.changes?.[1] ?? {}))

  t.match((await send(service, rows, ndjson)).report, { rejected: 1, withFindings: 0 }, 'nothing was taken')
  const done = await send(service, rows, ndjson, 'mode=partial')
  t.match(done.report, { created: 2, withFindings: 1 })
  t.match((await service.get(`/v1/imports/${done.report.id}`)).json, { withFindings: 1 })
  t.equal((await service.get('/v1/findings?period=2024')).json.items.length, 1)

  const more = [
    { ...doubtful(cangtou), category: 'disputes' },
    { category: 'disputes', township: gaoguan, period: '2024', mode: 'patch', figures: { resolved: 6 } },
    { ...doubtful(zhangbaqiao), expectedRevision: 7 },
  ]
  t.match(
    (await send(service, lines(more), ndjson, 'mode=partial')).report,
    { unchanged: 1, updated: 1, rejected: 1, withFindings: 2 },
    'of what is unchanged too, and not of a row that was refused late',
  )
  await service.database.pool.query('update imports set with_findings = null where id = $1', [done.report.id])
  t.notOk('withFindings' in (await service.get(`/v1/imports/${done.report.id}`)).json, 'unknown of imports before it was counted')
})

await test('what one register exported, another takes when it is told not to compare revisions', async (t) => {
  const [from, to] = [await api(t), await api(t)]
  for (const identified of [1, 2]) await send(from, lines([dispute(cangtou, identified), dispute(gaoguan, 7)]), ndjson)
  for (const [format, type] of [
    ['csv', 'text/csv'],
    ['ndjson', 'application/x-ndjson'],
  ]) {
    const file = (await from.get(`/v1/disputes?format=${format}`)).text
    const headers = { 'content-type': `${type}` }
    await to.database.pool.query('truncate disputes, record_revisions')
    const held = await to.request('POST', '/v1/imports?category=disputes', file, headers)
    t.match(held.json, { code: 'import-rejected', rows: 2, rejected: 2 }, `${format}: by default it is held to what was read`)
    const taken = await to.request('POST', '/v1/imports?category=disputes&revisions=ignore', file, headers)
    t.match(taken.json, { rows: 2, created: 2, rejected: 0 }, `${format}`)
    t.same(await figures(to, cangtou), { identified: 2 })
  }
})

await test('a row that is not JSON, and one whose keys stand twice', async (t) => {
  const service = await api(t)
  const place = `"category":"disputes","township":"${cangtou}"`
  const file = `{${place},"period":"2024","figures":{"identified":1,"identified":2}}\n{${place} "period":"2023"}\n`
  const { status, report } = await send(service, file, { ...ndjson, 'accept-language': 'zh' })
  t.equal(status, 400)
  t.match(report.errors, [
    { row: 1, pointer: '/figures/identified', code: 'repeated-key', detail: /“identified”.*重复/ },
    { row: 2, code: 'json-syntax', detail: /第 47 个字符处有误/ },
  ])
  t.equal(await revisions(service), 0)
})

await test('what JSON would change in silence is told in a cell as well, and in a row of numbers', async (t) => {
  const service = await api(t)
  const cell = (json: string) => `"${json.replaceAll('"', '""')}"`
  const other = (value: string) => cell(`[{"label":"a","unit":"b",${value}}]`)
  const sheet = ['township,period,identified,others,remarks']
  sheet.push(`${cangtou},2024,5,${other('"value":1,"value":2')},`)
  sheet.push(`${gaoguan},2024,5,${other('"value":1.00000000000000000001')},`)
  sheet.push(`${zhangbaqiao},2024,5,,${cell('{"identified":{"note":"a","note":"b"}}')}`)
  const told = await send(service, sheet.join('\n'), csv, 'category=disputes')
  t.match(told.report.errors, [
    { row: 2, column: 'others', code: 'repeated-key', detail: /“value” stands twice/ },
    { row: 3, column: 'others', code: 'too-many-digits' },
    { row: 4, column: 'remarks', code: 'repeated-key' },
  ])
  const row = `{"category":"enforcement","township":"${cangtou}","period":"2024","figures":{"fines":12345678901.999999999}}\n`
  t.match((await send(service, row, ndjson)).report.errors, [{ row: 1, pointer: '/figures/fines', code: 'too-many-digits' }])
  t.equal(await revisions(service), 0)
})

await test('every mistake of every row at once', async (t) => {
  const service = await api(t)
  const bad = [
    dispute(cangtou, 1),
    dispute(zhangbaqiao, '5'),
    dispute('999999999', 1),
    { ...dispute(gaoguan, 1), figures: { identfied: 1, accepted: -1 } },
    dispute('500114108', 1, { period: '2031' }),
    dispute('511402113', 1, { expectedRevision: 4 }),
    dispute('110101001', 7),
    dispute('110101001', 8),
  ]
  const broken = `${lines(bad)}{"category":\n`
  const atomic = await send(service, broken, ndjson)
  t.equal(atomic.status, 400)
  t.match(atomic.report, { code: 'import-rejected', rows: 9, created: 0, rejected: 8, notApplied: 1, detail: /mode=partial/ })
  const found = atomic.report.errors.map(({ row, code }) => `${row} ${code}`)
  for (const expected of [
    '2 wrong-type',
    '3 no-such-township',
    '4 unknown-figure',
    '4 out-of-range',
    '5 no-such-period',
    '6 record-absent',
  ])
    t.ok(found.includes(expected), expected)
  t.same(
    [...new Set(atomic.report.errors.map(({ row }) => row))].sort(),
    [2, 3, 4, 5, 6, 7, 8, 9],
    'both rows of the same place, and the line that is no JSON',
  )
  t.equal(await revisions(service), 0, 'nothing was written')

  const chinese = await send(service, broken, { ...ndjson, 'accept-language': 'zh' })
  for (const { detail } of chinese.report.errors) t.match(detail, /\p{Script=Han}/u)

  const partial = await send(service, broken, ndjson, 'mode=partial')
  t.equal(partial.status, 207)
  t.match(partial.report, { rows: 9, created: 1, rejected: 8, notApplied: 0 })
  t.same(await figures(service, cangtou), { identified: 1 })
  t.equal((await send(service, '', ndjson)).status, 400, 'an empty file is told')
})

await test('the same township and period twice: both rows are named, though one or both cannot be read', async (t) => {
  const service = await api(t)
  const header = 'township,period,identified'
  const sheet = [
    header,
    `${cangtou},2024,几`,
    `${gaoguan},2024,1`,
    `${cangtou},2024,5`,
    `${gaoguan},2024,abc`,
    `${cangtou},2024,x`,
  ]
  const unreadable = { mode: 'replace_' }
  const json = [
    { ...dispute(cangtou, 1), ...unreadable },
    dispute(gaoguan, 1),
    dispute(cangtou, 5),
    { ...dispute(gaoguan, 2), ...unreadable },
    dispute(cangtou, '7'),
  ]
  const twice = lines(json).replace('"identified":2', '"identified":2,"identified":3')
  for (const [file, type, first] of [
    [sheet.join('\n'), csv, 2],
    [lines(json), ndjson, 1],
    [twice, ndjson, 1],
  ] as const) {
    const { status, report } = await send(service, file, type, 'category=disputes&mode=partial')
    t.equal(status, 400)
    t.match(report, { rows: 5, created: 0, rejected: 5, notApplied: 0 })
    const repeated = report.errors.filter(({ code }) => code === 'row-repeated')
    t.same(
      repeated.map(({ row, detail }) => [row - first, Number(/\d+/.exec(detail)?.[0]) - first]),
      [
        [0, 2],
        [1, 3],
        [2, 0],
        [3, 1],
        [4, 0],
      ],
    )
  }
  t.equal(await revisions(service), 0)

  const county = await service.as('reporter', '4104')
  const foreign = [header, `${gaoguan},2024,abc`, `${gaoguan},2024,1`, `${gaoguan},2024,x`].join('\n')
  const told = await send(service, foreign, { ...csv, ...county }, 'category=disputes')
  t.same(
    told.report.errors.map(({ row, code }) => `${row} ${code}`),
    ['2 cell-unreadable', '2 row-outside-region', '3 row-outside-region', '4 cell-unreadable', '4 row-outside-region'],
    'of foreign rows nothing is counted',
  )
})

await test('a revision that no record can have is told of its row', async (t) => {
  const service = await api(t)
  const sheet = (revision: number) => `township,period,revision,deleted\n${cangtou},2024,${revision},true\n`
  for (const [revision, code] of [
    [9_999_999_999, 'row-revision'],
    [2_147_483_648, 'row-revision'],
    [2_147_483_647, 'record-absent'],
  ] as const) {
    const { status, report } = await send(service, sheet(revision), csv, 'category=disputes')
    t.match([status, report.errors], [400, [{ row: 2, code }]], `${revision}`)
  }
})

await test('a blank row and a filled one of the same township: neither is taken, and the counts add up', async (t) => {
  const service = await api(t)
  const sheet = ['township,period,identified', `${cangtou},2024,`, `${cangtou},2024,5`, `${gaoguan},2024,1`].join('\n')
  const { report } = await send(service, sheet, csv, 'category=disputes&mode=partial')
  t.match(report, { rows: 3, created: 1, unchanged: 0, rejected: 2, notApplied: 0 })
})

await test('a dry run tells what would change and writes nothing', async (t) => {
  const service = await api(t)
  await service.put(`/v1/disputes/${cangtou}/2024`, {
    figures: { identified: 1, accepted: 2 },
    remarks: { identified: { quote: '1件' } },
  })
  const sheet = '乡镇代码,报告期,identified,accepted,resolved\n410423209,2024,20余,,\n410421106,2024,多次,3,\n'
  const dry = await send(service, sheet, csv, 'dryRun=true&category=disputes')
  t.equal(dry.status, 200, dry.text)
  t.match(dry.report, { rows: 2, created: 1, updated: 1, changeCount: 2 })
  const [first] = dry.report.changes
  t.match(first, {
    row: 2,
    name: '仓头乡',
    action: 'update',
    cleared: ['accepted'],
    became: [{ path: 'identified', cell: '20余', value: 20, qualifier: 'atLeast' }],
  })
  t.match(first?.changes, [{ figure: 'identified', old: { value: 1, quote: '1件' }, new: { value: 20, qualifier: 'atLeast' } }])
  t.equal(await revisions(service), 1)
  t.same((await service.get('/v1/imports')).json.items, [])
})

await test('a dry run lists every clearing, though it lists only the first thousand changes', async (t) => {
  const service = await api(t)
  const { rows } = await service.database.pool.query<{ code: string; name: string }>(
    `select code, name from townships where code like '41%' order by code limit 1101`,
  )
  const codes = rows.map(({ code }) => code)
  await send(service, lines(codes.map((township) => dispute(township, 1))), ndjson)
  const sheet = codes.map((township, at) => `${township},2024,${at < 1000 ? 2 : ''}`)
  const { report } = await send(
    service,
    `township,period,identified\n${sheet.join('\n')}\n`,
    csv,
    'category=disputes&dryRun=true',
  )
  t.match([report.changes.length, report.changeCount, report.clearingCount], [1000, 1101, 101])
  t.same(
    report.clearings,
    rows.slice(1000).map(({ code: township, name }, at) => {
      return { row: 1002 + at, category: 'disputes', township, name, period: '2024', figures: ['identified'] }
    }),
  )
  t.notOk('clearings' in (await send(service, lines([dispute(cangtou, 1)]), ndjson)).report, 'told by dry runs alone')
})

await test('what counts as clearing: a figure, its reason, remarks, others and source, of JSON rows as well', async (t) => {
  const service = await api(t)
  const clears = async (file: string, type: Headers) => {
    const { report } = await send(service, file, type, 'category=disputes&dryRun=true')
    t.equal(report.clearingCount, report.clearings.length)
    t.same(
      report.changes.flatMap(({ row, cleared }) => (cleared ? [[row, cleared]] : [])),
      report.clearings.map(({ row, figures: paths }) => [row, paths]),
      'the same as beside the changes',
    )
    return report.clearings.map(({ row, figures: paths }) => `${row} ${paths}`)
  }
  const more = {
    remarks: { identified: { quote: '5件' }, accepted: { missing: 'notCollected' } },
    others: [{ label: '劝阻', value: 9, unit: '起' }],
    source: { title: '报告' },
  }
  await send(
    service,
    lines([dispute(cangtou, 5, more), dispute(gaoguan, 20, { remarks: { identified: { qualifier: 'about' } } })]),
    ndjson,
  )

  const bare = [dispute(cangtou, 5), dispute(gaoguan, 21), dispute(zhangbaqiao, 1)]
  t.same(await clears(lines(bare), ndjson), ['1 accepted,remarks,others,source'])
  const patched = { ...dispute(cangtou, null), mode: 'patch', remarks: null }
  t.same(await clears(lines([patched, { ...dispute(gaoguan, 1), figures: undefined, delete: true }]), ndjson), [
    '1 identified,accepted',
  ])

  const sheet = ['township,period,identified,accepted,remarks,others,source', `${cangtou},2024,5,,,,`, `${gaoguan},2024,约20,,,,`]
  t.same(await clears(sheet.join('\n'), csv), ['2 accepted,remarks,others,source'])
  t.same(await clears(`township,period,identified,accepted\n${cangtou},2024,,2\n`, csv), ['2 identified'])
  t.same(
    await clears(`township,period,identified,accepted\n${cangtou},2024,/,\n`, csv),
    ['2 accepted'],
    'a reason is no clearing',
  )
  t.same(await clears(`township,period,identified\n${cangtou},2024,7\n${zhangbaqiao},2024,\n`, csv), [])
})

await test('gzip, and files that are not what they say', async (t) => {
  const service = await api(t)
  const zipped = { ...ndjson, 'content-encoding': 'gzip' }
  t.match((await send(service, gzipSync(lines([dispute(cangtou, 1)])), zipped)).report, { created: 1 })
  t.equal((await send(service, 'no gzip', zipped)).status, 400)
  t.equal((await send(service, '{}', { 'content-type': 'application/xml' })).status, 415)
  t.equal((await send(service, '{"a":1}', { 'content-type': 'application/json' })).status, 400)
  t.equal((await send(service, '[{"category":"disputes"', { 'content-type': 'application/json' })).status, 400)
  t.equal(await revisions(service), 1)
})

await test('a mistake is kept whatever was received', async (t) => {
  const service = await api(t)
  const rows = ['\\u0000', '\\ud800'].map(
    (period) => `{"category":"disputes","township":"${cangtou}","period":"${period}","figures":{}}`,
  )
  const { json } = await service.request('POST', '/v1/imports', `[${rows}]`)
  t.match(json, { status: 400, rejected: 2 })
  const kept = (await service.get('/v1/imports/1')).json.errors
  t.match(kept, [
    { row: 1, code: 'bad-period', detail: /\ufffd/ },
    { row: 2, code: 'bad-period', detail: /\ufffd/ },
  ])
})

await test('a closed period takes no rows', async (t) => {
  const service = await api(t)
  await service.database.pool.query(`update periods set state = 'closed' where code = '2023'`)
  const { status, report } = await send(
    service,
    lines([dispute(cangtou, 1), dispute(gaoguan, 1, { period: '2023' })]),
    ndjson,
    'mode=partial',
  )
  t.equal(status, 207)
  t.match(report, { created: 1, rejected: 1, errors: [{ row: 2 }] })
})

await test('the counts always add up, and say what the register then holds', async (t) => {
  const service = await api(t)
  const row = fc.record({
    township: fc.constantFrom(cangtou, zhangbaqiao, gaoguan, '500114108', '999999999'),
    identified: fc.constantFrom(1, 2, 3, '4', -1),
    kind: fc.constantFrom('replace', 'patch', 'delete'),
  })
  const file = fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 6 }),
    mode: fc.constantFrom('atomic', 'partial'),
    dryRun: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(file, async ({ rows, mode, dryRun }) => {
      const before = await revisions(service)
      const body = rows.map(({ township, identified, kind }) =>
        kind === 'delete'
          ? { category: 'disputes', township, period: '2024', delete: true }
          : dispute(township, identified, kind === 'patch' ? { mode: 'patch' } : {}),
      )
      const { status, report } = await send(service, lines(body), ndjson, `mode=${mode}&dryRun=${dryRun}`)
      const { created, updated, unchanged, deleted, rejected, notApplied } = report
      t.equal(report.rows, rows.length)
      t.equal(created + updated + unchanged + deleted + rejected + notApplied, rows.length)
      t.equal(status, rejected + notApplied === rows.length ? 400 : rejected > 0 ? 207 : 200)
      if (mode === 'atomic' && rejected > 0) t.equal(notApplied, rows.length - rejected)
      t.equal((await revisions(service)) - before, dryRun ? 0 : created + updated + deleted)
    }),
    { numRuns: 40 },
  )
})

await test('imports of the same places at once lose nothing and do not deadlock', async (t) => {
  const service = await api(t)
  const { rows: places } = await service.database.pool.query<{ code: string }>(
    `select code from townships where code like '4104%' order by code`,
  )
  const codes = places.map(({ code }) => code)
  const names = ['accepted', 'identified', 'resolved', 'parties']
  t.equal((await send(service, lines(codes.map((township) => dispute(township, 0))), ndjson)).report.created, codes.length)
  const answers = await Promise.all(
    names.map((name, index) => {
      const order = index % 2 === 0 ? codes : codes.toReversed()
      return send(
        service,
        lines(order.map((township) => ({ ...dispute(township, 0), mode: 'patch', figures: { [name]: index + 1 } }))),
        ndjson,
      )
    }),
  )
  t.same(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  const { rows } = await service.database.pool.query<{ n: number }>(
    'select count(*)::int as n from disputes where accepted = 1 and identified = 2 and resolved = 3 and parties = 4',
  )
  t.equal(rows[0]?.n, codes.length, 'every figure of every import is there')
  t.equal(await revisions(service), codes.length * (names.length + 1))
})
