/** Sheets as clerks make them: what is read of them, what is refused, what a row without a word means. */
import iconv from 'iconv-lite'
import { test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { eraseRecord } from '../../src/storage/records.ts'
import { api } from '../support/api.ts'
import { cangtou, csv, figures, gaoguan, revisions, send, zhangbaqiao } from '../support/imports.ts'
import { until } from '../support/process.ts'

await test('a record without figures comes back from its export; a row that was never one does not make one', async (t) => {
  const service = await api(t)
  const at = `/v1/disputes/${cangtou}/2024`
  await service.put(at, { figures: {} })
  const file = (await service.get('/v1/disputes?format=csv')).text
  await service.del(at)
  const taken = await send(service, file, csv, 'category=disputes&revisions=ignore')
  t.match(taken.report, { created: 1, unchanged: 0 })
  t.match((await service.get(at)).json, { revision: 3, figures: {} })
})

await test('a revision of a record that is not there: the same words, whatever columns the sheet has', async (t) => {
  const service = await api(t)
  const file = (await service.get('/v1/disputes?format=csv')).text.trimEnd()
  const width = file.split(',').length
  const whole = `${file}\n${Array.from({ length: width }, (_, at) => file.replace('\ufeff', '').split(',')[at] ?? '')
    .map((header) => ({ township: cangtou, period: '2024', revision: '3', identified: '1' })[header] ?? '')
    .join(',')}\n`
  for (const sheet of [whole, `township,period,revision,identified\n${cangtou},2024,3,1\n`])
    t.match((await send(service, sheet, csv, 'category=disputes')).report.errors, [
      { row: 2, column: 'revision', code: 'record-absent' },
    ])
  const deletes = `township,period,revision,deleted\n${cangtou},2024,,true\n`
  const [fault] = (await send(service, deletes, csv, 'category=disputes')).report.errors
  t.same([fault?.code, fault?.column], ['record-absent', undefined], 'a row that says no revision is not wrong in it')
})

await test('a value beside a reason for none is no value', async (t) => {
  const service = await api(t)
  const sheet = `township,period,identified,remarks\n${cangtou},2024,5,"{""identified"":{""missing"":""withheld""}}"\n`
  const { report } = await send(service, sheet, csv, 'category=disputes')
  t.match(report.errors, [{ row: 2, column: 'remarks', code: 'missing-beside-value' }])
})

await test('a number without its qualifier is what it was, in a sheet that has no qualifiers', async (t) => {
  const service = await api(t)
  const remark = { identified: { qualifier: 'atLeast', quote: '排查20余件' } }
  await service.put(`/v1/disputes/${cangtou}/2024`, { figures: { identified: 20, accepted: 3 }, remarks: remark })
  const sheet = (accepted: number) => `township,period,identified,accepted\n${cangtou},2024,20,${accepted}\n`
  t.match((await send(service, sheet(3), csv, 'category=disputes')).report, { unchanged: 1, updated: 0 })
  t.match((await send(service, sheet(4), csv, 'category=disputes')).report, { updated: 1 })
  t.match((await service.get(`/v1/disputes/${cangtou}/2024`)).json, { figures: { identified: 20, accepted: 4 }, remarks: remark })
})

await test('a sheet as Excel saves it: GBK, semicolons, Chinese headers, names for codes', async (t) => {
  const service = await api(t)
  const text =
    '乡镇名称;报告期;排查发现矛盾纠纷;协议涉及金额;化解（调解成功）率\r\n仓头乡;２０２４年;1,234;0.5万元;95%以上\r\n合计;2024;1,234;;\r\n'
  const refused = await send(service, iconv.encode(text, 'gbk'), csv, 'category=disputes&region=410423')
  t.equal(refused.status, 400)
  t.equal(refused.report.errors.length, 1, 'the total row is refused by name')
  const partial = await send(service, iconv.encode(text, 'gb18030'), csv, 'category=disputes&region=410423&mode=partial')
  t.match(partial.report, { rows: 2, created: 1, rejected: 1 })
  const { json } = await service.get(`/v1/disputes/${cangtou}/2024`)
  t.same(json.figures, { identified: 1234, agreementAmount: 5000, resolutionRate: 95 })
  t.same(json.remarks, { resolutionRate: { qualifier: 'atLeast' } })
})

await test('a row with an unreadable cell is told at once what else stands in its way', async (t) => {
  const service = await api(t)
  const county = await service.as('reporter', '410423')
  await service.post('/v1/periods/2019/close', { reason: '年度汇总完成' })
  const rows = [`${cangtou},2019,多少`, `${cangtou},2035,多少`, `${gaoguan},2024,多少`, `${cangtou},2024,1`]
  const sheet = ['township,period,identified', ...rows].join('\n')
  const { report } = await send(service, sheet, { ...csv, ...county }, 'category=disputes')
  t.same(
    report.errors.map(({ row, code, column }) => `${row} ${code} ${column}`),
    [
      '2 cell-unreadable identified',
      '2 period-closed period',
      '3 cell-unreadable identified',
      '3 no-such-period period',
      '4 cell-unreadable identified',
      '4 row-outside-region township',
    ],
  )
  t.match(report, { rows: 4, rejected: 3, notApplied: 1 })
  const json = [{ category: 'disputes', township: '410423999', period: '2024', mode: 'x', figures: {} }]
  const told = await send(service, JSON.stringify(json), { 'content-type': 'application/json' }, '')
  t.same(
    told.report.errors.map(({ code, pointer }) => `${code} ${pointer}`),
    ['not-allowed /mode', 'no-such-township /township'],
  )
  const closed = JSON.stringify([{ category: 'disputes', township: cangtou, figures: {} }])
  const late = await send(service, closed, { 'content-type': 'application/json' }, 'period=2019')
  t.match(late.report.errors, [{ code: 'period-closed' }])
  t.equal(late.report.errors[0]?.pointer, undefined, 'the period is that of the request')
})

await test('where the file itself is wrong, importing the sound rows alone is no advice', async (t) => {
  const service = await api(t)
  const detail = async (header: string, rows: string) => {
    const sheet = `township,period,${header}\n${rows}\n`
    const answer = await service.request('POST', '/v1/imports?category=disputes', sheet, { ...csv, 'accept-language': 'zh' })
    return String(answer.json.detail)
  }
  t.notMatch(await detail('identified,无此列', `${cangtou},2024,1,2`), /partial/)
  t.match(await detail('identified', `${cangtou},2024,1\n${gaoguan},2024,多少`), /mode=partial/)
})

await test('a row that was left blank is no report, and clears what was reported', async (t) => {
  const service = await api(t)
  const sheet = (...rows: string[]) => ['township,period,identified,resolved', ...rows].join('\n')
  const first = sheet(`${cangtou},2024,7,5`, `${zhangbaqiao},2024,,`, `${gaoguan},2024, ,`)
  t.match((await send(service, first, csv, 'category=disputes')).report, { rows: 3, created: 1, unchanged: 2 })
  t.equal(await revisions(service), 1)
  t.equal((await service.get(`/v1/disputes/${zhangbaqiao}/2024`)).status, 404)
  const only = await send(service, sheet(`${zhangbaqiao},2024,,`), csv, 'category=disputes')
  t.match([only.status, only.report], [200, { rows: 1, unchanged: 1 }])
  const again = await send(service, sheet(`${cangtou},2024,,5`), csv, 'category=disputes')
  t.match(again.report, { updated: 1 })
  t.same(await figures(service, cangtou), { resolved: 5 })
})

await test('a blank row does not bring back a record that was deleted while the file was read', async (t) => {
  const service = await api(t)
  await service.put(`/v1/disputes/${cangtou}/2024`, { figures: { identified: 7 } })
  const other = await service.database.connections.connect()
  await other.query('begin; select from periods for update')
  const sheet = `township,period,identified\n${cangtou},2024,\n${gaoguan},2024,1\n`
  const importing = send(service, sheet, csv, 'category=disputes')
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('the file was read', async () => (await service.database.connections.query(waiting)).rowCount === 1)
  const [category, period] = ['disputes' as const, parsePeriod('2024')]
  if (!period) throw new Error('no period')
  await eraseRecord(other, { category, period, township: cangtou }, { if: 'any' }, { actor: 'other' })
  await other.query('commit')
  other.release()
  t.match((await importing).report, { rows: 2, created: 1, updated: 0, unchanged: 1 })
  t.equal((await service.get(`/v1/disputes/${cangtou}/2024`)).status, 404)
})

await test('a unit above the header is not passed over', async (t) => {
  const service = await api(t)
  const sheet = (above: string, header: string) => `罚没情况统计表,,\n${above},,\n乡镇代码,年度,${header}\n${cangtou},2025,12.5\n`
  for (const above of [
    '单位：万元',
    '单位:人民币万元',
    '（单位：亿元）',
    '单位：件、万元',
    '协议情况（万元）',
    '单位：件；金额单位：万元',
  ]) {
    const { status, report } = await send(service, sheet(above, '协议涉及金额'), csv, 'category=disputes')
    t.match([status, report.errors], [400, [{ row: 3, column: '协议涉及金额', code: 'header-unit-above' }]], above)
  }
  for (const [above, header] of [
    ['单位：万元', '协议涉及金额（元）'],
    ['单位：元', '协议涉及金额'],
    ['填报单位：万元镇', '协议涉及金额'],
    ['单位：万件', '协议涉及金额'],
  ] as const)
    t.equal((await send(service, sheet(above, header), csv, 'category=disputes&dryRun=true')).status, 200, above + header)
})

await test('the sheet of another category is told once, by its name', async (t) => {
  const service = await api(t)
  const template = (await service.get('/v1/imports/template?category=enforcement&region=410423&period=2024')).text
  const { status, report } = await send(service, template, { ...csv, 'accept-language': 'zh' }, 'category=disputes')
  t.equal(status, 400)
  t.match(report.errors, [{ row: 1, code: 'sheet-of-another-category', detail: /^这是“行政执法”的表，不是“矛盾纠纷化解”的表/ }])
  t.equal(report.errors.filter(({ row }) => row === 1).length, 1)
})

await test('the sheet of another year is not filed under the year of the request', async (t) => {
  const service = await api(t)
  const sheet = (title: string) => `${title},\n乡镇代码,排查发现矛盾纠纷\n${cangtou},12\n`
  const told = async (title: string, period: string) => {
    const { report } = await send(service, sheet(title), csv, `category=disputes&dryRun=true&period=${period}`)
    return report.errors.map(({ row, code, detail }) => `${row} ${code} ${detail}`)
  }
  const other = '2 row-period-mismatch “2023年度” is not the period of this import, 2024'
  t.same(await told('鲁山县2023年度矛盾纠纷统计表', '2024'), [other])
  t.same(await told('鲁山县２０２３ 年度矛盾纠纷统计表', '2024'), [other])
  for (const title of ['2024年度统计表', '2024年度统计表（与2023年度比较）', '统计表 2025年1月5日填报'])
    t.same(await told(title, '2024'), [], title)
  const ownPeriods = `2023年度统计表,,\n乡镇代码,年度,排查发现矛盾纠纷\n${cangtou},2024,12\n`
  t.equal((await send(service, ownPeriods, csv, 'category=disputes&period=2024')).status, 200, 'the row says it itself')
})

await test('a unit in a note below the table holds for the whole table', async (t) => {
  const service = await api(t)
  const sheet = (note: string) => `乡镇代码,年度,协议涉及金额\n${cangtou},2025,12.5\n${note},,\n`
  for (const note of ['注：金额单位为万元', '说明：金额以万元计。', '单位：万元']) {
    const { status, report } = await send(service, sheet(note), csv, 'category=disputes&mode=partial')
    t.match(
      [status, report],
      [400, { created: 0, errors: [{ row: 3, column: '协议涉及金额', code: 'header-unit-above' }] }],
      note,
    )
  }
  const { report } = await send(service, sheet('注：不含万元镇'), csv, 'category=disputes&mode=partial')
  t.match(report, { created: 1, rejected: 1, errors: [{ row: 3, code: 'row-footnote' }] })
})

await test('a unit above the header multiplies counts too', async (t) => {
  const service = await api(t)
  const told = async (above: string) => {
    const sheet = `填报单位：万家镇,,,\n${above},,,\n乡镇代码,年度,排查发现矛盾纠纷,人民调解员（人）,涉及当事人\n${cangtou},2025,12,3,4\n`
    const { report } = await send(service, sheet, csv, 'category=disputes&dryRun=true')
    return report.errors.map(({ column, code }) => `${column} ${code}`)
  }
  t.same(await told('单位：百件'), ['排查发现矛盾纠纷 header-unit-above'])
  t.same(await told('单位：件、人'), [])
})
