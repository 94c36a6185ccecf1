/** The template over HTTP: who stands in it, how it is saved, and that it imports as it is. */
import { test } from 'tap'
import { api } from '../support/api.ts'

const sheetLines = (text: string) => text.trimEnd().split('\r\n')

await test('a template lists who is expected, and imports as it is', async (t) => {
  const { get, post, put } = await api(t)
  await put('/v1/legal-advisers/410423209/2022', {
    figures: { villages: 31, services: 9 },
    remarks: { villages: { qualifier: 'about' } },
  })
  const path = '/v1/imports/template?category=legalAdvisers&region=410423&period=2023'
  const empty = await get(path)
  t.equal(empty.status, 200)
  t.equal(empty.headers['content-type'], 'text/csv; charset=utf-8')
  t.equal(
    empty.headers['content-disposition'],
    `attachment; filename="template-legal-advisers-410423-2023.csv"; filename*=UTF-8''${encodeURIComponent('法律顾问与法律服务-鲁山县-2023.csv')}`,
  )
  const lines = sheetLines(empty.text)
  const { json: townships } = await get('/v1/townships?region=410423&limit=1000&validOn=2023-12-31')
  const expected = townships.items.filter(({ kind }) => kind !== 'other').map(({ code, name }) => `${code},${name},2023`)
  t.same(
    lines.slice(1).map((line) => line.split(',').slice(0, 3).join(',')),
    expected,
  )

  const type = { 'content-type': 'text/csv' }
  const nothing = await post('/v1/imports?category=legalAdvisers', empty.text, type)
  t.equal(nothing.status, 400, 'a template in which nobody filled in anything holds no row')

  const prefilled = await get(`${path}&prefill=stocks`)
  t.match(
    sheetLines(prefilled.text).find((line) => line.startsWith('410423209')),
    /^410423209,仓头乡,2023,约31,,+$/,
  )
  const done = await post('/v1/imports?category=legalAdvisers', prefilled.text, type)
  t.match(done, { status: 200, json: { rows: 1, created: 1, rejected: 0 } })
  const record = await get('/v1/legal-advisers/410423209/2023')
  t.same([record.json.figures, record.json.remarks], [{ villages: 31 }, { villages: { qualifier: 'about' } }])
  t.match(
    (await get(`${path.replace('2023', '2022')}&prefill=all&labels=codes`)).text,
    /^\ufefftownship,name,period,villages,/,
    'no period before',
  )
  t.match((await get(`${path}&prefill=all`)).text, /410423209,仓头乡,2023,约31,.*,9,/)
})

await test('a closed township is not asked, and a renamed one by its name of then', async (t) => {
  const { get, database } = await api(t)
  await database.pool.query(`update townships set valid_to = '2022-12-31' where code = '410423209'`)
  await database.pool.query(`insert into township_names (code, name, valid_to) values ('410423210', '旧名镇', '2023-12-31')`)
  const rows = async (year: number) =>
    sheetLines((await get(`/v1/imports/template?category=disputes&region=410423&period=${year}`)).text)
  const has = (lines: string[], start: string) => lines.some((line) => line.startsWith(start))
  t.ok(has(await rows(2022), '410423209,'))
  t.notOk(has(await rows(2023), '410423209,'))
  t.ok(has(await rows(2023), '410423210,旧名镇,'))
  t.notOk(has(await rows(2024), '410423210,旧名镇,'))
})

await test('what only a note explained is left to be filled in, and the sheet imports as it is', async (t) => {
  const { get, post, put } = await api(t)
  const path = '/v1/imports/template?category=legalAdvisers&region=410423&period=2023&labels=codes'
  const note = { note: '含两个已撤并的村' }
  const figures = { villages: 31, villagesWithAdviser: 33 }
  await put('/v1/legal-advisers/410423209/2022', { figures, remarks: { villagesWithAdviser: note } })
  for (const prefill of ['stocks', 'all']) {
    const sheet = (await get(`${path}&prefill=${prefill}`)).text
    const done = await post('/v1/imports?category=legalAdvisers&dryRun=true', sheet, { 'content-type': 'text/csv' })
    t.match(done, { status: 200, json: { rows: 1, created: 1, rejected: 0, changes: [{ changes: [{ figure: 'villages' }] }] } })
    t.equal(JSON.parse(done.text).changes[0].changes.length, 1, 'and nothing else')
  }
  await put('/v1/legal-advisers/410423209/2022', {
    figures,
    remarks: { villages: { basis: 'planned' }, villagesWithAdviser: note },
  })
  t.match((await get(`${path}&prefill=all`)).text, /410423209,仓头乡,2023,.*33,/, 'where nothing contradicts it, it stands')
})

await test('a name that a spreadsheet would compute is guarded, and imports as it is', async (t) => {
  const { get, post, database } = await api(t)
  const path = '/v1/imports/template?category=legalAdvisers&region=410423&period=2023&labels=codes'
  for (const name of ['=1+1', '+乡', '-乡', '@镇']) {
    await database.pool.query(`update townships set name = $1 where code = '410423209'`, [name])
    const sheet = (await get(path)).text
    const line = `410423209,'${name},2023,`
    t.ok(sheetLines(sheet).some((one) => one.startsWith(line)))
    const filled = sheet.replace(line, `${line}31`)
    const imported = await post('/v1/imports?category=legalAdvisers&dryRun=true', filled, { 'content-type': 'text/csv' })
    t.match(imported, { status: 200, json: { rows: 1, created: 1 } }, name)
    const byName = filled.replaceAll('410423209,', ',')
    const found = await post('/v1/imports?category=legalAdvisers&dryRun=true&region=410423', byName, {
      'content-type': 'text/csv',
    })
    t.match(found, { status: 200, json: { rows: 1, created: 1 } }, 'without the code it is found by that name')
  }
})

await test('what nobody knows is a 400 that names it', async (t) => {
  const { get } = await api(t)
  const query = async (text: string) =>
    (await get(`/v1/imports/template?${text}`)).json.errors?.map(({ parameter, code }) => `${parameter} ${code}`)
  t.same(await query('category=disputes&region=999999&period=2024-H1'), ['period no-such-period', 'region no-such-region'])
  t.same(await query('category=dispute&region=4&period=24&labels=en'), [
    'category not-allowed',
    'region bad-region',
    'period bad-period',
    'labels not-allowed',
  ])
  t.same(await query(''), ['category required', 'region required', 'period required'])
})

await test('a township that has got another code finds what it reported under the old one', async (t) => {
  const { get, post, put } = await api(t)
  await put('/v1/legal-advisers/410423209/2022', { figures: { villages: 31 } })
  const successors = [{ code: '410423299', name: '仓头镇' }]
  const done = await post('/v1/townships/410423209/successions', { kind: 'recode', effectiveOn: '2023-01-01', successors })
  t.equal(done.status, 201)
  const path = '/v1/imports/template?category=legalAdvisers&region=410423&period=2023&prefill=stocks'
  const row = async () => sheetLines((await get(path)).text).find((line) => line.startsWith('410423299'))
  t.match(await row(), /^410423299,仓头镇,2023,31,/)
  await put('/v1/legal-advisers/410423299/2022', { figures: { villages: 30 } })
  t.match(await row(), /^410423299,仓头镇,2023,30,/, 'what it reported itself goes before')
})
