/** Roll-ups as a county, a province and the country read them. */
import { type Test, test } from 'tap'
import { disputeKind } from '../../src/catalogue/codelists.ts'
import { recordsOf, samples } from '../../src/samples/index.ts'
import { csvExample, statisticsExample, statisticsExampleQuery } from '../../src/v1/statistics-schemas.ts'
import { type Api, api } from '../support/api.ts'

type Cell = Record<string, unknown>
type Item = {
  region: { code: string; name: string }
  periods: { period: string; expected: number; doubleReports: number; figures: Record<string, Cell> }[]
}

async function roll(service: Api, path: string): Promise<Item[]> {
  const { status, text } = await service.get(`/v1/statistics/${path}`)
  if (status !== 200) throw new Error(text)
  const { items }: { items: Item[] } = JSON.parse(text)
  return items
}
/** The totals of one figure: one a group and period. */
async function cells(service: Api, path: string, figure: string): Promise<(Cell | undefined)[]> {
  const items = await roll(service, path)
  return items.flatMap(({ periods }) => periods.map(({ figures }) => figures[figure]))
}
async function report(service: Api, at: string, figures: object, remarks: object = {}): Promise<void> {
  const { status, text } = await service.put(`/v1/${at}`, { figures, remarks })
  if (status >= 300) throw new Error(text)
}
/** Two towns and a town of 城口县, a town of another county under the same heading, one of another prefecture. */
const [gaoguan, miaoba, gecheng, xinmin] = ['500229107', '500229104', '500229001', '500231101']

const clear = (service: Api) =>
  service.database.pool.query('truncate disputes, enforcement, legal_advisers, publicity, governance, record_revisions')

await test('roll-ups', async (t) => {
  const service = await api(t)
  t.beforeEach(() => clear(service))

  await t.test('50余 and 70 are 120余', async (t) => {
    const remark = (qualifier: string) => ({ resolved: { qualifier } })
    await report(service, `disputes/${gaoguan}/2024`, { resolved: 50 }, remark('atLeast'))
    await report(service, `disputes/${miaoba}/2024`, { resolved: 70 })
    const query = 'disputes?period=2024&region=500229&figures=resolved'
    const counts = { expected: 25, planned: 0, derived: 0 }
    t.strictSame(await roll(service, query), [
      {
        region: { code: '500229', name: '城口县' },
        periods: [
          {
            period: '2024',
            expected: 25,
            doubleReports: 0,
            figures: { resolved: { total: 120, reported: 2, qualified: 1, qualifier: 'atLeast', ...counts } },
          },
        ],
      },
    ])
    await report(service, `disputes/${gecheng}/2024`, { resolved: 0 }, remark('atMost'))
    t.match(await cells(service, query, 'resolved'), [{ total: 120, reported: 3, qualified: 2, qualifier: 'about' }])
    await report(service, `disputes/${gaoguan}/2024`, { resolved: 50 })
    t.match(await cells(service, query, 'resolved'), [{ qualified: 1, qualifier: 'atMost' }])
    await report(service, `disputes/${gecheng}/2024`, { resolved: 0 })
    const [exact] = await cells(service, query, 'resolved')
    t.match(exact, { total: 120, qualified: 0 })
    t.notOk(exact && 'qualifier' in exact)
  })

  await t.test('not reported is not zero, a plan is not a result', async (t) => {
    const query = 'disputes?period=2024&region=500229&figures=resolved'
    t.match(await cells(service, query, 'resolved'), [{ total: null, reported: 0, reason: 'not-reported' }])
    await report(service, `disputes/${gaoguan}/2024`, { resolved: 90 }, { resolved: { basis: 'planned', qualifier: 'atLeast' } })
    t.match(await cells(service, query, 'resolved'), [
      { total: null, reported: 0, reason: 'not-reported', planned: 1, qualified: 0 },
    ])
    await report(service, `disputes/${miaoba}/2024`, { resolved: 0 })
    t.match(await cells(service, query, 'resolved'), [{ total: 0, reported: 1, planned: 1 }])
    await service.del(`/v1/disputes/${miaoba}/2024`)
    t.match(await cells(service, query, 'resolved'), [{ total: null, reported: 0 }], 'a deleted record counts no more')
  })

  await t.test('totals beyond 32 bits and money are exact', async (t) => {
    const fines = '9999999999999.99'
    for (const township of [gaoguan, miaoba, gecheng])
      await service.put(`/v1/enforcement/${township}/2024`, `{"figures":{"inspections":2147483647,"fines":${fines}}}`)
    const { text } = await service.get('/v1/statistics/enforcement?period=2024&figures=inspections,fines')
    t.match(text, '"inspections":{"total":6442450941,')
    t.match(text, '"fines":{"total":29999999999999.97,')
  })

  await t.test('a rate is recomputed from its parts, with the denominator of each record', async (t) => {
    const query = 'disputes?period=2024&region=500229&figures=resolutionRate'
    await report(service, `disputes/${gaoguan}/2024`, { resolved: 9, accepted: 10, identified: 100, resolutionRate: 90 })
    await report(service, `disputes/${miaoba}/2024`, { resolved: 1, identified: 10 })
    await report(service, `disputes/${gecheng}/2024`, { resolutionRate: 100 })
    t.match(await cells(service, query, 'resolutionRate'), [
      { total: 50, reported: 2, basedOn: { used: 2, of: 3 }, qualified: 0, derived: 0 },
    ])
    await report(service, `disputes/${miaoba}/2024`, { resolved: 1, identified: 10 }, { identified: { qualifier: 'atLeast' } })
    t.match(await cells(service, query, 'resolutionRate'), [{ total: 50, qualified: 1, qualifier: 'atMost' }])
    await report(service, `disputes/${miaoba}/2024`, { resolved: 1, identified: 10 }, { resolved: { qualifier: 'atLeast' } })
    t.match(await cells(service, query, 'resolutionRate'), [{ qualifier: 'atLeast' }])
    await report(service, `disputes/${miaoba}/2024`, { resolved: 1, identified: 10 }, { identified: { basis: 'target' } })
    t.match(await cells(service, query, 'resolutionRate'), [{ total: 90, basedOn: { used: 1, of: 3 } }], 'plans are no parts')
  })

  await t.test('a record whose denominator is 0 has no share in a rate', async (t) => {
    const query = 'disputes?period=2023&region=500229&figures=resolutionRate'
    const note = { identified: { note: '含上年结转' }, resolved: { note: '含上年结转' } }
    await report(service, `disputes/${gaoguan}/2023`, { resolved: 30, identified: 0 }, note)
    await report(service, `disputes/${miaoba}/2023`, { resolved: 0, identified: 0 })
    t.match(await cells(service, query, 'resolutionRate'), [
      { total: null, reason: 'denominator-zero', basedOn: { used: 0, of: 2 } },
    ])
    await report(service, `disputes/${gecheng}/2023`, { resolved: 10, identified: 20 })
    t.match(await cells(service, query, 'resolutionRate'), [{ total: 50, basedOn: { used: 1, of: 3 } }])
  })

  await t.test('a rate without parts says why', async (t) => {
    const query = 'disputes?period=2024&region=500229&figures=resolutionRate,petitionClosureRate,mediationSatisfactionRate'
    await report(service, `disputes/${gaoguan}/2024`, {
      resolved: 0,
      accepted: 0,
      petitionsClosed: 3,
      petitionClosureRate: 97,
      mediationSatisfactionRate: 98,
    })
    t.match(await cells(service, query, 'resolutionRate'), [
      { total: null, reason: 'denominator-zero', basedOn: { used: 0, of: 1 } },
    ])
    t.match(await cells(service, query, 'petitionClosureRate'), [
      { total: null, reason: 'parts-missing', reported: 1, basedOn: { used: 0, of: 1 } },
    ])
    t.match(await cells(service, query, 'mediationSatisfactionRate'), [{ total: null, reason: 'not-additive', reported: 1 }])
    const [score] = await cells(service, 'publicity?period=2024&region=500229&figures=examAverageScore', 'examAverageScore')
    t.match(score, { total: null, reason: 'not-additive' })
  })

  await t.test('a missing whole is the sum of its complete breakdown; the document stays as it is', async (t) => {
    const query = 'disputes?period=2024&region=500229&figures=resolved,resolutionRate'
    const place = `disputes/${gaoguan}/2024`
    const byForm = { resolvedByAgreement: { oral: 7, written: 3 } }
    const qualified = { 'resolvedByAgreement.oral': { qualifier: 'atLeast' } }
    await report(service, place, { ...byForm, accepted: 20 }, qualified)
    await report(service, `disputes/${miaoba}/2024`, { resolved: 5, resolvedByAgreement: { oral: 1, written: 1 } })
    t.match(await cells(service, query, 'resolved'), [{ total: 15, reported: 2, derived: 1, qualified: 1, qualifier: 'atLeast' }])
    t.match(await cells(service, query, 'resolutionRate'), [
      { total: 50, derived: 1, qualified: 1, qualifier: 'atLeast', basedOn: { used: 1, of: 2 } },
    ])
    t.strictSame((await service.get(`/v1/${place}`)).json.figures, { accepted: 20, ...byForm })
    await report(service, place, { resolvedByAgreement: { oral: 7 } })
    t.match(await cells(service, query, 'resolved'), [{ total: 5, reported: 1, derived: 0 }], 'an incomplete one says nothing')
    await report(service, place, byForm, { 'resolvedByAgreement.oral': { basis: 'planned' } })
    t.match(await cells(service, query, 'resolved'), [{ total: 5, reported: 1, derived: 0 }], 'nor does one with a plan')
    await report(service, place, { ...byForm, resolved: 100 }, { resolved: { basis: 'target' } })
    t.match(await cells(service, query, 'resolved'), [{ total: 15, planned: 1, derived: 1 }], 'an aim is no whole')
    await clear(service)
    const kinds = Object.keys(disputeKind.members).map((member) => [member, 1])
    const twice = {
      acceptedByKind: Object.fromEntries(kinds),
      acceptedBySource: { ownInitiative: 8, onApplication: 4, referred: 5 },
    }
    await report(service, place, { resolved: 4, identified: 100, ...twice })
    t.match(
      await cells(service, 'disputes?period=2024&region=500229&figures=accepted', 'accepted'),
      [{ total: 16, derived: 1 }],
      'the first of two complete ones',
    )
    t.match(
      await cells(service, query, 'resolutionRate'),
      [{ total: 25, derived: 1 }],
      'before a denominator that stands in for it',
    )
    await report(service, place, { resolved: 4, accepted: 8, identified: 100, ...twice })
    t.match(await cells(service, query, 'resolutionRate'), [{ total: 50, derived: 0 }])
    const large = { hazardsFoundByLevel: { general: 2_147_483_647, major: 2_147_483_647 } }
    await report(service, `enforcement/${gaoguan}/2024`, large)
    t.match(await cells(service, 'enforcement?period=2024&figures=hazardsFound', 'hazardsFound'), [{ total: 4_294_967_294 }])
  })

  await t.test('people who may stand in several townships', async (t) => {
    const query = 'legal-advisers?period=2024&figures=villageAdvisers,governmentAdvisers'
    await report(service, `legal-advisers/${gaoguan}/2024`, { villageAdvisers: 2, governmentAdvisers: 1 })
    const [one] = await cells(service, query, 'villageAdvisers')
    t.equal(one?.mayCountTwice, undefined, 'within one township it is what it reported')
    await report(service, `legal-advisers/${miaoba}/2024`, { villageAdvisers: 2, governmentAdvisers: 1 })
    t.match(await cells(service, query, 'villageAdvisers'), [{ total: 4, mayCountTwice: true }])
    const [other] = await cells(service, query, 'governmentAdvisers')
    t.strictSame([other?.total, other?.mayCountTwice], [2, undefined])
  })

  await t.test('groups of every level, headings such as 5002 included', async (t) => {
    for (const township of [gaoguan, miaoba, xinmin, '500101001', '410423209'])
      await report(service, `disputes/${township}/2024`, { resolved: 1 })
    const told = async (query: string) =>
      (await roll(service, `disputes?period=2024&figures=resolved&${query}`))
        .map(({ region, periods }) => [region.code, region.name, periods[0]?.figures.resolved?.total])
        .filter(([, , total]) => total !== null)
    t.strictSame(await told(''), [['CN', '全国', 5]])
    t.strictSame(await told('by=province'), [
      ['41', '河南省', 1],
      ['50', '重庆市', 4],
    ])
    t.strictSame(await told('region=50&by=prefecture'), [
      ['5001', '市辖区', 1],
      ['5002', '县', 3],
    ])
    t.strictSame(await told('region=5002'), [['5002', '县', 3]])
    t.strictSame(await told('region=50&by=county'), [
      ['500101', '万州区', 1],
      ['500229', '城口县', 2],
      ['500231', '垫江县', 1],
    ])
    t.strictSame(await told('region=500229&by=township'), [
      [miaoba, '庙坝镇', 1],
      [gaoguan, '高观镇', 1],
    ])
    const counties = await roll(service, 'disputes?period=2024&figures=resolved&region=5002&by=county')
    t.equal(counties.length, 12, 'counties where nobody reported are there')
    const towns = await roll(service, 'disputes?period=2024&figures=resolved&region=500229&by=township')
    t.equal(towns.length, 25)
    t.ok(towns.every(({ periods }) => periods[0]?.expected === 1))
    const provinces = await roll(service, 'disputes?period=2024&figures=resolved&by=province')
    t.equal(provinces.length, 34)
    t.equal(
      provinces.reduce((sum, { periods }) => sum + (periods[0]?.expected ?? 0), 0),
      38_622,
    )
    t.strictSame(await roll(service, 'disputes?period=2024&region=71&by=county'), [], 'a province without counties')
  })

  await t.test('periods stand side by side', async (t) => {
    const years = { '2022': { resolved: 0 }, '2023': { resolved: 40 }, '2024': { resolved: 50 } }
    for (const [year, figures] of Object.entries(years)) await report(service, `disputes/${gaoguan}/${year}`, figures)
    const found = await cells(service, 'disputes?period=2021,2022,2023,2024&region=500229&figures=resolved', 'resolved')
    t.notOk(found[0] && 'change' in found[0], 'nothing is before the first')
    t.match(found.slice(1), [
      { total: 0, change: null, changeRate: null, changeReason: 'earlier-missing' },
      { total: 40, change: 40, changeRate: null, changeReason: 'earlier-zero' },
      { total: 50, change: 10, changeRate: 25 },
    ])
    t.match(await cells(service, 'disputes?period=2024,2023&region=500229&figures=resolved', 'resolved'), [
      { total: 50 },
      { total: 40, change: -10, changeRate: -20 },
    ])
  })

  await t.test('every mistake of a query is told at once', async (t) => {
    const told = async (path: string) =>
      (await service.get(`/v1/statistics/${path}`)).json.errors.map(({ parameter, code }) => `${parameter} ${code}`)
    t.strictSame(await told('disputes?period=2024,2024-H1,2024,x&region=5002&by=province&figures=officers,resolvd,accepted.x'), [
      'period bad-period',
      'period repeated-value',
      'period mixed-periods',
      'figures figure-of-another-category',
      'figures unknown-figure',
      'figures unknown-figure',
      'by by-not-finer',
      'period no-such-period',
    ])
    t.strictSame(await told('disputes?period=2024&region=99&by=county'), ['region no-such-region'])
    t.strictSame(await told('disputes?period=2024-06'), ['period no-such-period'])
    t.strictSame(await told('disputes'), ['period required'])
    t.strictSame(await told(`disputes?period=${Array.from({ length: 11 }, (_, year) => 2015 + year).join(',')}`), [
      'period too-many-values',
    ])
    t.strictSame(await told('disputes?period=2024&by=township'), ['by too-many-totals'])
    t.strictSame(await told('legalAdvisers?period=2024'), ['category not-allowed'])
    t.strictSame(await told('disputes?period=2024&by=village&boundaries=old&format=xlsx&labels=en&page=2'), [
      'page unknown-parameter',
      'by not-allowed',
      'boundaries not-allowed',
      'format not-allowed',
      'labels not-allowed',
    ])
    t.match((await service.get('/v1/statistics/disputes?period=2024&figures=resolvd')).json.errors, [
      { detail: 'the catalogue has no figure “resolvd”; did you mean “resolved” (Disputes resolved)?' },
    ])
    t.equal((await roll(service, 'disputes?period=2024&region=50&by=township&figures=resolved,accepted')).length > 1000, true)
  })

  await t.test('figures are named by code, path or breakdown', async (t) => {
    const named = async (figures: string) => {
      const [item] = await roll(service, `disputes?period=2024&region=500229&figures=${figures}`)
      return Object.keys(item?.periods[0]?.figures ?? {})
    }
    t.strictSame(await named('resolved,acceptedBySource.referred'), ['resolved', 'acceptedBySource.referred'])
    t.strictSame(await named('resolvedByAgreement.oral,resolvedByAgreement'), [
      'resolvedByAgreement.oral',
      'resolvedByAgreement.written',
    ])
  })

  await t.test('CSV: a row a group, periods side by side', async (t) => {
    await report(service, `disputes/${gaoguan}/2023`, { resolved: 50 }, { resolved: { qualifier: 'atLeast' } })
    await report(service, `disputes/${gaoguan}/2024`, { resolved: 40, accepted: 50, resolutionRate: 80 })
    const path = '/v1/statistics/disputes?period=2023,2024&region=500229&figures=resolved,resolutionRate'
    const csv = await service.get(path, { accept: 'text/csv' })
    t.equal(csv.headers['content-type'], 'text/csv; charset=utf-8')
    t.equal(csv.headers.vary, 'Accept')
    t.match(csv.headers['content-disposition'], 'filename="statistics-disputes-500229-2023-2024.csv"')
    const [head = '', ...rows] = csv.text.split('\r\n')
    const names = head.split(',')
    t.equal(names[0], '\ufeffregion', 'with BOM')
    const records = rows.slice(0, -1).map((row) => Object.fromEntries(row.split(',').map((cell, index) => [names[index], cell])))
    t.match(records, [
      {
        name: '城口县',
        'expected:2023': '25',
        'resolved:2023': '50',
        'resolved:2023:qualifier': 'atLeast',
        'resolved:2024': '40',
        'resolved:2024:qualifier': '',
        'resolved:2024:change': '-10',
        'resolved:2024:changeRate': '-20',
        'resolved:2024:changeQualifier': 'atMost',
        'resolutionRate:2023': '',
        'resolutionRate:2023:reason': 'parts-missing',
        'resolutionRate:2023:used': '0',
        'resolutionRate:2023:of': '1',
        'resolutionRate:2024': '80',
        'resolutionRate:2024:reported': '1',
      },
    ])
    t.equal(records.length, 1)
    t.notOk(names.includes('resolved:2023:change'), 'the first has none before it')
    t.equal((await service.get(`${path}&format=csv`)).text, csv.text, 'by parameter as by Accept')
    t.match((await service.get(`${path}&format=json`, { accept: 'text/csv' })).headers['content-type'], 'application/json')
    t.equal((await service.get(path, { accept: 'text/html' })).json.code, 'not-acceptable')
    const chinese = await service.get(`${path}&format=csv&labels=zh`)
    t.match(
      chinese.text,
      /^\ufeff地区代码,地区,2023 应报乡镇数,2023 重复填报数,2024 应报乡镇数,2024 重复填报数,2023 调解（化解）成功（件）,2023 调解（化解）成功（件） 限定词,.*2024 调解（化解）成功（件） 比 2023 增减%,/,
    )
    const inChinese = (row = '') =>
      row
        .replace('atLeast', '不少于')
        .replace('atMost', '不超过')
        .replace('parts-missing', '没有分子分母齐全的记录')
        .replaceAll('earlier-missing', '前期没有')
    t.same(chinese.text.split('\r\n').slice(1), rows.map(inChinese), 'only headers and words differ')
  })

  await t.test('the example of the document is what the real reports give', async (t) => {
    for (const { category, township, period, content } of samples.flatMap(recordsOf))
      await service.put(`/v1/${category === 'legalAdvisers' ? 'legal-advisers' : category}/${township}/${period}`, content)
    const { text } = await service.get(`/v1/statistics/disputes?${statisticsExampleQuery}`)
    t.strictSame(JSON.parse(text), statisticsExample)
    const csv = await service.get('/v1/statistics/disputes?period=2024&region=410423&figures=identified&format=csv')
    t.equal(csv.text, csvExample)
  })
})

async function successions(t: Test) {
  const service = await api(t)
  const become = async (code: string, body: object) => {
    const { status, text } = await service.post(`/v1/townships/${code}/successions`, body)
    if (status !== 201) throw new Error(text)
  }
  return { service, become }
}

await test('merged townships count in the successor, and as they were', async (t) => {
  const { service, become } = await successions(t)
  await report(service, `disputes/${gaoguan}/2022`, { resolved: 50, accepted: 100 }, { resolved: { qualifier: 'atLeast' } })
  await report(service, `disputes/${miaoba}/2022`, { resolved: 70, accepted: 80 })
  await become(gaoguan, { kind: 'merge', effectiveOn: '2023-06-01', successors: [{ code: miaoba }] })
  const query = 'disputes?period=2022&region=500229&by=township&figures=resolved,resolutionRate'
  const told = async (boundaries: string) =>
    (await roll(service, `${query}&boundaries=${boundaries}`))
      .filter(({ periods }) => Number(periods[0]?.figures.resolved?.reported) > 0)
      .map(({ region, periods }) => [region.code, periods[0]?.figures.resolved?.total, periods[0]?.figures.resolutionRate?.total])
  t.strictSame(await told('as-reported'), [
    [miaoba, 70, 87.5],
    [gaoguan, 50, 50],
  ])
  t.strictSame(await told('current'), [[miaoba, 120, 66.6667]])
  const [merged] = await cells(service, 'disputes?period=2022&region=500229&figures=resolved&boundaries=current', 'resolved')
  t.match(merged, { total: 120, reported: 2, expected: 25, qualifier: 'atLeast' }, 'never double')
})

await test('a split counts where all successors are, else unallocated', async (t) => {
  const { service, become } = await successions(t)
  await report(service, `disputes/${gaoguan}/2022`, { resolved: 50 })
  await report(service, `disputes/${miaoba}/2022`, { resolved: 7 })
  await become(gaoguan, { kind: 'split', effectiveOn: '2023-01-01', successors: [{ code: miaoba }, { code: xinmin }] })
  const told = async (query: string) =>
    (await roll(service, `disputes?period=2022&figures=resolved&boundaries=current&${query}`))
      .map(({ region, periods }) => [region.code, periods[0]?.figures.resolved?.total])
      .filter(([, total]) => total !== null)
  t.strictSame(await told('by=province'), [['50', 57]])
  t.strictSame(await told('by=prefecture'), [['5002', 57]])
  t.strictSame(await told('region=5002&by=county'), [
    ['500229', 7],
    ['unallocated', 50],
  ])
  t.strictSame(await told('region=500229'), [['500229', 7]])
  const years = await roll(service, 'disputes?period=2022,2024&figures=resolved&boundaries=current&region=5002&by=county')
  t.match(
    years.find(({ region }) => region.code === 'unallocated')?.periods.map(({ figures }) => figures.resolved),
    [{ total: 50 }, { total: null, reason: 'not-reported', changeReason: 'later-missing' }],
  )
  t.strictSame(await told('region=500231'), [])
  t.strictSame(await told(''), [['CN', 57]])
})

await test('a succession into another region moves the figures there', async (t) => {
  const { service, become } = await successions(t)
  await report(service, `disputes/${gaoguan}/2022`, { resolved: 50 })
  const successors = [{ code: '410423299', name: '高观镇' }]
  await become(gaoguan, { kind: 'transfer', effectiveOn: '2023-01-01', successors })
  const total = async (query: string) =>
    (await cells(service, `disputes?period=2022&figures=resolved&boundaries=${query}`, 'resolved')).map((cell) => cell?.total)
  t.strictSame(await total('current&region=410423'), [50])
  t.strictSame(await total('current&region=500229'), [null])
  t.strictSame(await total('as-reported&region=500229'), [50])
})

await test('what a township and its successor have both reported is told beside the sum', async (t) => {
  const { service, become } = await successions(t)
  const longping = '500229113'
  await report(service, `disputes/${gaoguan}/2022`, { resolved: 50 })
  await report(service, `disputes/${miaoba}/2022`, { resolved: 70 })
  await become(gaoguan, {
    kind: 'merge',
    effectiveOn: '2023-01-01',
    predecessors: [gaoguan, miaoba],
    successors: [{ code: longping, name: '龙屏镇' }],
  })
  const told = async (query: string) =>
    (await roll(service, `disputes?period=2022,2023&figures=resolved&${query}`))
      .filter(({ periods }) => periods[0]?.figures.resolved?.total !== null)
      .map(({ region, periods }) => [
        region.code,
        periods[0]?.figures.resolved?.total,
        ...periods.map((period) => period.doubleReports),
      ])
  t.strictSame(await told('region=500229&boundaries=current'), [['500229', 120, 0, 0]])
  const now = (await service.get(`/v1/disputes/${miaoba}/2022`)).json.updatedAt
  await report(service, `disputes/${longping}/2022`, { resolved: 120 })

  t.strictSame(await told('region=500229&by=township&boundaries=current'), [[longping, 240, 2, 0]])
  t.strictSame(await told('region=500229'), [['500229', 240, 2, 0]])
  t.strictSame(await told(''), [['CN', 240, 2, 0]])
  t.strictSame(
    await told('region=500229&by=township'),
    [
      [miaoba, 70, 0, 0],
      [gaoguan, 50, 0, 0],
      [longping, 120, 0, 0],
    ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )
  t.strictSame(await told(`region=500229&boundaries=current&asOf=${now}`), [['500229', 120, 0, 0]], 'not of then')
  const { text } = await service.get('/v1/statistics/disputes?period=2022&region=500229&figures=resolved&format=csv&labels=zh')
  t.match(text, /应报乡镇数,重复填报数,.*\r\n500229,城口县,2022,25,2,240/)
})
