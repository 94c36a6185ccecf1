/** The cells that say which record a row is of: periods and townships as clerks and Excel write them. */
import fc from 'fast-check'
import { test } from 'tap'
import { parsePeriod } from '../../src/catalogue/period.ts'
import { readPeriod } from '../../src/exchange/period-cell.ts'
import { readTownship, rowThatIsNone } from '../../src/exchange/township-cell.ts'
import { holds } from '../support/properties.ts'
import { townships } from '../support/sheets.ts'

const period = (text: string) => {
  const reading = readPeriod(text)
  return 'code' in reading && 'id' in reading ? reading.code : `${reading.code} ${'hint' in reading ? reading.hint : ''}`.trim()
}

await test('periods', async (t) => {
  const table: Record<string, string> = {
    '2024': '2024 ２０２４ 2024年 2024年度 2024年全年 2024.0 ２０２４年度 2024年1-12月 \'2024 ="2024" 2,024 ２，０２４ 2,024.00',
    '2024-H1': '2024-H1 2024h1 2024年上半年 2024上半年 2024年度上半年 2024年1-6月 2024年1月至6月',
    '2024-H2': '2024-H2 2024年下半年 2024年7-12月',
    '2024-Q3': '2024-Q3 2024Q3 2024年第3季度 2024年3季度 2024年第三季度 2024年三季度 2024年７－９月',
    '2024-06': '2024-06 2024-6 2024/6 2024年6月 2024年06月 2024年6月份 202406 202,406 Jun-24 ２０２４年６月',
    'row-period-date 2024-06': '2024/6/1 2024-06-01 2024年6月1日 2024.6.1 2024/6/30',
    'row-period-unreadable':
      '24年 上半年 2024.6 2024年13月 2024-H3 202413 1999 Juni-24 2024年2-5月 2023-2024 4.5E+04 45292 45,292 20,24 2,0240 2,024,06 2,024.5 去年',
  }
  for (const [expected, texts] of Object.entries(table))
    for (const text of texts.split(' ')) t.equal(period(text), expected, text)
  t.equal(period('2024-06-01 00:00:00'), 'row-period-date 2024-06', 'as pandas prints a day')
  holds(
    t,
    'every period reads back, whatever is written round it',
    fc.property(
      fc.integer({ min: 2000, max: 2099 }),
      fc.constantFrom('', '-H1', '-H2', '-Q1', '-Q4', '-01', '-12'),
      (year, part) => {
        const code = `${year}${part}`
        return period(` ${code} `) === code && period(`'${code}`) === parsePeriod(code)?.code
      },
    ),
  )
})

const township = (code: string, name = '', region?: string, county = '') => {
  const reading = readTownship({ code, name, county }, townships, { region })
  return 'code' in reading ? reading.code : reading.fault
}

await test('townships by code', async (t) => {
  for (const text of [
    '410423209',
    '４１０４２３２０９',
    " '410423209 ",
    '="410423209"',
    '410423209000',
    '410423209.0',
    '410 423 209',
  ])
    t.equal(township(text), '410423209', text)
  t.equal(township('410423209001'), 'row-township-village')
  t.equal(township('999999999'), 'row-township-unknown')
  for (const text of ['4.10423E+08', '4.10423e+8', '4.1E8']) t.equal(township(text), 'row-township-scientific', text)
  t.equal(township('4.10423E+08', '仓头乡'), 'row-township-scientific', 'not matched by name either')
  for (const text of ['41042320', '4104232099', '410,423,209', '-410423209'])
    t.equal(township(text), 'row-township-unreadable', text)
  t.equal(township('', ''), 'row-township-missing')
  t.equal(township('410423209', '', '50'), 'row-township-outside')
})

await test('townships by name', async (t) => {
  for (const name of ['仓头乡', ' 仓头 乡', '仓头乡人民政府', '仓头乡政府']) t.equal(township('', name), '410423209', name)
  t.equal(township('仓头乡'), '410423209', 'a name where the code belongs')
  for (const name of ['东华门街道', '东华门街道办事处', '东华门街道办']) t.equal(township('', name), '110101001', name)
  t.equal(township('', '仓头'), 'row-township-unnamed', 'not completed: 镇 and 乡 of one name exist')
  t.match(readTownship({ code: '', name: '城关镇' }, townships), {
    fault: 'row-township-ambiguous',
    params: { count: '2', candidates: '150123100、150124100' },
  })
  t.equal(township('', '城关镇', '150123'), '150123100', 'within its region')
  t.equal(township('410423209', '董周乡'), 'row-township-mismatch', 'one column was sorted without the other')
  t.equal(township('410423209', '仓头'), '410423209', 'a name that is nobody’s does not matter beside a code')
})

await test('the county beside a township', async (t) => {
  t.equal(township('', '城关镇', undefined, '和林格尔县'), '150123100')
  t.equal(township('', '城关镇', '1501', ' 和林格尔县 '), '150123100')
  t.equal(township('', '城关镇', undefined, '150124000000'), '150124100')
  t.equal(township('', '仓头乡', undefined, '和林格尔县'), 'row-county-mismatch', 'it is the name of a township elsewhere')
  t.equal(township('410423209', '仓头乡', undefined, '和林格尔县'), 'row-county-mismatch')
  t.equal(township('410423209', '', undefined, '鲁山县'), '410423209')
  t.equal(township('410423209', '', undefined, '某经济开发区'), '410423209', 'a county that nobody knows, beside a code')
  t.equal(township('', '仓头乡', undefined, '某经济开发区'), 'row-county-unnamed')
  t.equal(township('', '仓头乡', '1501', '鲁山县'), 'row-county-unnamed', 'not of this region')
  t.equal(township('', '无名乡', undefined, '鲁山县'), 'row-township-unnamed')
})

await test('rows that are none', async (t) => {
  for (const text of [
    '合计',
    '合　计',
    '全县合计',
    '小计：',
    '总 计',
    '共计',
    '合计（12个乡镇）',
    '汇总',
    'Total',
    '累计',
    '全县',
  ])
    t.equal(rowThatIsNone([text]), 'row-total', text)
  for (const text of ['填表人：张三', '审核人：李四', '注：本表不含街道', '备注：', '制表单位', '单位负责人：'])
    t.equal(rowThatIsNone([text]), 'row-footnote', text)
  for (const text of ['仓头乡', '410423209', '1', '', '全州', '全州镇']) t.equal(rowThatIsNone([text]), undefined, text)
})
