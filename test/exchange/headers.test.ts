/** Headers by code and by label, the ways in which clerks vary them, and what is told of one that is not understood. */
import { test } from 'tap'
import { categories, leaves } from '../../src/catalogue/index.ts'
import {
  type Column,
  categoryOfHeaders,
  findCategoryCell,
  foldHeader,
  isKnownHeader,
  keyHeaders,
  labelHeader,
  letterOf,
  readHeaders,
} from '../../src/exchange/headers.ts'

const meaning = (column: Column | undefined) =>
  column?.kind === 'figure' ? [...column.leaves.values()].map((leaf) => leaf.path).join() : column?.kind
const means = (header: string, name: (typeof categories)[number]['name'] = 'disputes') =>
  meaning(readHeaders([header], [name]).columns[0])
const fault = (headers: string[], name: (typeof categories)[number]['name'] = 'disputes') => readHeaders(headers, [name]).faults

await test('every figure is found by its code, its label, and its label with unit; none is ambiguous', async (t) => {
  for (const { name } of categories) {
    for (const leaf of leaves(name)) {
      for (const header of [leaf.path, leaf.labels.zh, labelHeader(leaf)]) t.equal(means(header, name), leaf.path, header)
    }
    t.same(readHeaders(leaves(name).map(labelHeader), [name]).faults, [], `all labels of ${name} beside each other`)
  }
})

await test('every key column is found by all its names, and no figure is called like one', async (t) => {
  for (const [kind, words] of Object.entries(keyHeaders)) for (const word of words.split(' ')) t.equal(means(word), kind, word)
  const words = new Set(Object.values(keyHeaders).flatMap((line) => line.split(' ').map(foldHeader)))
  const figures = categories.flatMap(({ name }) => leaves(name).flatMap((leaf) => [leaf.path, leaf.labels.zh]))
  t.same(
    figures.filter((figure) => words.has(foldHeader(figure))),
    [],
  )
})

await test('width, spaces, line breaks, brackets, quotes and like units do not matter', async (t) => {
  t.equal(means('受理纠纷(按类型):婚姻家庭'), 'acceptedByKind.maritalFamily')
  t.equal(means(' 受理纠纷 【按类型】：\n婚姻家庭 （件） '), 'acceptedByKind.maritalFamily')
  t.equal(means('排查发现矛盾纠纷（起）'), 'identified', '起 for 件')
  t.equal(means('排查发现矛盾纠纷（单位：件）'), 'identified')
  t.equal(means('ACCEPTEDBYKIND.maritalfamily'), 'acceptedByKind.maritalFamily')
  t.equal(means('普法宣传活动(按形式):法律"N进"', 'publicity'), 'activitiesByKind.outreach')
  t.equal(means('ｔｏｗｎｓｈｉｐ'), 'township')
})

await test('a header that is not understood is told with the nearest', async (t) => {
  t.match(fault(['identfied']), [
    { column: 'identfied', code: 'header-unknown', params: { nearestZh: '，是否为“identified”（排查发现矛盾纠纷）？' } },
  ])
  t.match(fault(['排查发现纠纷']), [{ code: 'header-unknown', params: { nearest: '; did you mean “排查发现矛盾纠纷”?' } }])
  t.match(fault(['天气']), [{ code: 'header-unknown', params: { nearest: '' } }])
  t.match(fault(['inspections']), [{ code: 'header-of-another-category', params: { categoryZh: '行政执法' } }])
  t.match(fault(['协议涉及金额（万元）']), [{ code: 'header-unit', params: { given: '万元', allowed: '元' } }])
  t.match(fault(['identified', 'period', '排查发现矛盾纠纷']), [{ code: 'header-repeated', params: { column: 'C', other: 'A' } }])
  t.match(fault(['period', '年度']), [{ code: 'header-repeated' }])
  t.same(fault(['序号', '序号', '', '', '备注']), [], 'what is not read may stand twice')
  t.equal(isKnownHeader('2024年度矛盾纠纷统计表'), false)
  t.same([0, 25, 26, 701, 702].map(letterOf), ['A', 'Z', 'AA', 'ZZ', 'AAA'])
})

await test('a sheet of another category is one mistake, a stray column its own', async (t) => {
  for (const { name, labels } of categories.filter((one) => one.name !== 'disputes')) {
    for (const headers of [leaves(name).map(labelHeader), leaves(name).map((leaf) => `${leaf.path}`)]) {
      const count = String(headers.length)
      const params = { category: labels.en, categoryZh: labels.zh, count, expected: /./, expectedZh: '矛盾纠纷化解' }
      t.match(fault(['township', '年度', ...headers]), [{ code: 'sheet-of-another-category', params }])
      t.equal(fault(['township', '年度', ...headers]).length, 1, `${name}, and nothing of each column`)
    }
  }
  const codes = (headers: string[]) => fault(headers).map(({ column, code }) => `${code} ${column ?? ''}`.trim())
  const stray = ['header-of-another-category inspections']
  t.same(codes(['identified', 'inspections']), stray)
  t.same(codes(['inspections']), stray)
  t.same(codes(['identified', 'accepted', 'inspections', 'stallsCleared']), [
    ...stray,
    'header-of-another-category stallsCleared',
  ])
  t.same(codes(['identified', 'inspections', 'stallsCleared', 'villages', '天气']), [
    ...['header-of-another-category inspections', 'header-of-another-category stallsCleared'],
    ...['header-of-another-category villages', 'header-unknown 天气'],
  ])
  t.same(codes(['identified', 'inspections', 'stallsCleared', '天气']), ['sheet-of-another-category', 'header-unknown 天气'])
})

await test('headers that belong to one category alone settle it; cells name it in any way', async (t) => {
  t.equal(categoryOfHeaders(['township', 'identified', 'accepted']), 'disputes')
  t.equal(categoryOfHeaders(['乡镇', '行政检查（巡查）（次）']), 'enforcement')
  t.equal(categoryOfHeaders(['township', 'period']), undefined)
  t.equal(categoryOfHeaders(['identified', 'inspections']), undefined)
  t.same(
    ['legalAdvisers', 'legal-advisers', '法律顾问与法律服务', 'Legal advisers and services'].map(findCategoryCell),
    Array(4).fill('legalAdvisers'),
  )
  t.equal(findCategoryCell('别的'), undefined)
})
