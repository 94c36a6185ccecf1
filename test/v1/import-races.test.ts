/** Imports while others write the same records: no row is lost, none is rejected without a word, and what a row leaves alone stays. */
import { test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { writeRecord } from '../../src/storage/records.ts'
import { api } from '../support/api.ts'
import { cangtou, csv, send } from '../support/imports.ts'
import { asAdmin } from '../support/keys.ts'
import { until } from '../support/process.ts'

type Report = { rows: number; created: number; updated: number; unchanged: number; rejected: number; errorCount: number }
const writers = 6

await test('a sheet with one column, while others make and change the same records', async (t) => {
  const service = await api(t)
  const { rows } = await service.database.pool.query<{ code: string }>(
    "select code from townships where kind <> 'other' order by md5(code) limit 800",
  )
  const townships = rows.map(({ code }) => code)
  let [written, lost] = [0, 0]
  const from = performance.now()
  for (const year of [2016, 2017, 2018]) {
    const sheet = `乡镇代码,报告期,services\n${townships.map((code) => `${code},${year},5\n`).join('')}`
    let done = false
    const patched: string[] = []
    // Each writer goes through townships of its own, and begins where the others do not.
    const write = async (writer: number) => {
      for (let step = writer; step < townships.length && !done; step += writers) {
        const path = `/v1/legal-advisers/${townships[step]}/${year}`
        const put = await service.put(path, { figures: { villages: 99 } }, { 'if-none-match': '*' })
        const made = put.status === 201
        const patch = await service.patch(path, { figures: { villageAdvisers: 7 } })
        if (made && patch.status === 200) patched.push(path)
      }
    }
    const importing = service.app
      .inject({
        method: 'POST',
        url: '/v1/imports?category=legalAdvisers&mode=partial',
        headers: { ...asAdmin, 'content-type': 'text/csv' },
        payload: sheet,
      })
      .finally(() => {
        done = true
      })
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
    const answer = await importing
    const report: Report = JSON.parse(answer.body)
    t.same([answer.statusCode, report.rejected, report.errorCount], [200, 0, 0], `${year}: every row is taken`)
    t.equal(report.created + report.updated + report.unchanged, townships.length)
    t.ok(patched.length > 0, 'others did write')
    const wrong: unknown[] = []
    for (const path of patched) {
      const { figures } = (await service.get(path)).json
      if (figures.villages !== 99 || figures.villageAdvisers !== 7 || figures.services !== 5) wrong.push({ path, figures })
    }
    written += patched.length
    lost += wrong.length
    t.same(wrong, [], `${year}: what the sheet has no column for is as it was written`)
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  t.comment(`${writers} writers, ${written} records of theirs, 3 files of ${townships.length} rows, ${seconds} s, ${lost} lost`)
})

await test('a note explains what is impossible, and what the sheet has no column for stays all the same', async (t) => {
  const service = await api(t)
  const other = await service.database.connections.connect()
  await other.query('begin; select from periods for update')
  const remarks = JSON.stringify({ certifiedOfficers: { note: '含借调人员' } }).replaceAll('"', '""')
  const sheet = `township,period,officers,certifiedOfficers,remarks\n${cangtou},2024,20,30,"${remarks}"\n`
  const importing = send(service, sheet, csv, 'category=enforcement')
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await until('the file was read', async () => (await service.database.connections.query(waiting)).rowCount === 1)
  const period = parsePeriod('2024')
  if (!period) throw new Error('no period')
  const place = { category: 'enforcement' as const, period, township: cangtou }
  await writeRecord(other, place, { figures: { teams: 4 } }, [], { if: 'any' }, { actor: 'other' })
  await other.query('commit')
  other.release()
  t.match([(await importing).status, (await importing).report], [200, { rows: 1, created: 0, updated: 1 }])
  const { figures } = (await service.get(`/v1/enforcement/${cangtou}/2024`)).json
  t.same(figures, { teams: 4, officers: 20, certifiedOfficers: 30 })
})
