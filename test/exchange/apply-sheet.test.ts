/** What a row of a sheet makes of a stored record: which remarks survive, what a cell clears, what columns of JSON decide. */
import { test } from 'tap'
import type { Content } from '../../src/catalogue/record.ts'
import { applySheet } from '../../src/exchange/apply-sheet.ts'
import { rowsOf } from '../support/sheets.ts'

const stored: Content = {
  figures: { identified: 382, accepted: 20, resolvedByAgreement: { oral: 344, written: 16 } },
  remarks: {
    identified: { quote: '排查各类矛盾纠纷382件', note: '含派驻机构' },
    accepted: { qualifier: 'atLeast', basis: 'planned', quote: '20余件' },
    prevented: { missing: 'unquantified', quote: '多次' },
    parties: { note: '未开展统计' },
  },
  others: [{ label: '劝阻无事酒', value: 9, unit: '起' }],
  source: { title: '报告' },
}

/** A sheet of one row, from its headers and cells. */
async function applied(cells: Record<string, string>, current: Content | 'none' = stored) {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const all = { township: '410423209', period: '2024', ...cells }
  const [row] = await rowsOf([Object.keys(all), Object.values(all)].map((line) => line.map(quoted).join(',')).join('\n'))
  if (row?.kind !== 'sheet') throw new Error(JSON.stringify(row))
  return applySheet('disputes', current === 'none' ? undefined : current, row.sheet())
}

await test('an absent column leaves its figure, an empty cell clears it with its remark', async (t) => {
  const { content, cleared, became } = await applied({ identified: '', 'resolvedByAgreement.written': '', screenings: '' })
  t.same(content.figures, { accepted: 20, resolvedByAgreement: { oral: 344 } })
  t.same(Object.keys(content.remarks ?? {}), ['prevented', 'accepted', 'parties'])
  t.same([content.others, content.source], [stored.others, stored.source])
  t.same(cleared, ['identified', 'resolvedByAgreement.written'])
  t.same(became, [])
  const all = await applied({ 'resolvedByAgreement.oral': '', 'resolvedByAgreement.written': '' })
  t.same(Object.keys(all.content.figures), ['identified', 'accepted'], 'a breakdown without members goes')
  const reason = await applied({ prevented: '', parties: '' })
  t.same(
    [reason.cleared, Object.keys(reason.content.remarks ?? {})],
    [['prevented'], ['identified', 'accepted', 'parties']],
    'a bare note beside an empty cell stays',
  )
})

await test('an equal value with its qualifier changes nothing', async (t) => {
  t.same((await applied({ identified: '382件', accepted: '20余', prevented: '多次' })).content, stored)
  t.same((await applied({})).content, stored)
})

await test('another value or qualifier drops quote and qualifier, and keeps note and basis', async (t) => {
  const { content, became } = await applied({ identified: '约400', accepted: '21' })
  t.same(content.figures, { ...stored.figures, identified: 400, accepted: 21 })
  t.same(content.remarks?.identified, { qualifier: 'about', note: '含派驻机构' })
  t.same(content.remarks?.accepted, { basis: 'planned' })
  t.same(became, [{ path: 'identified', cell: '约400', value: 400, qualifier: 'about' }])
})

await test('a bare number of the same value is no other value, unless qualifiers have a column', async (t) => {
  const bare = await applied({ accepted: '20', screenings: '3' })
  t.same(bare.content.remarks, stored.remarks)
  t.same(bare.became, [{ path: 'accepted', cell: '20', value: 20, qualifier: 'atLeast' }], 'the dry run says what it stands for')
  const exact = await applied({ accepted: '20', 'accepted:qualifier': '' })
  t.same([exact.content.remarks?.accepted, exact.became], [{ basis: 'planned' }, []])
  const [short] = await rowsOf('township,period,accepted,accepted:qualifier\n410423209,2024,20\n')
  if (short?.kind !== 'sheet') throw new Error(JSON.stringify(short))
  t.same(applySheet('disputes', stored, short.sheet()).content, stored, 'a row that ends before that column does not say it')
  const other = await applied({ accepted: '约20' })
  t.same(other.content.remarks?.accepted, { qualifier: 'about', basis: 'planned' })
})

await test('a reason for a missing value replaces the value', async (t) => {
  const { content, became } = await applied({ identified: '/', accepted: '若干件', prevented: '—', parties: '12' })
  t.same(content.figures, { parties: 12, resolvedByAgreement: { oral: 344, written: 16 } })
  t.same(content.remarks, {
    identified: { missing: 'notApplicable', note: '含派驻机构' },
    prevented: { missing: 'notApplicable' },
    accepted: { missing: 'unquantified', quote: '若干件' },
    parties: { note: '未开展统计' },
  })
  t.same(became[1], { path: 'accepted', cell: '若干件', missing: 'unquantified' })
  t.same((await applied({ prevented: '5' })).content.remarks?.prevented, undefined, 'a value ends the reason and its words')
})

await test('a qualifier without a number says why there is none, and quotes nobody', async (t) => {
  const { content, became } = await applied({ prevented: '', 'prevented:qualifier': '无确数' }, 'none')
  t.same(content, { figures: {}, remarks: { prevented: { missing: 'unquantified' } } })
  t.same(became, [{ path: 'prevented', cell: '无确数', missing: 'unquantified' }])
})

await test('columns of JSON decide for the record, and the cell for its value', async (t) => {
  const gone = await applied({ remarks: '', others: '', source: '' })
  t.same(gone.content, { figures: stored.figures })
  t.same(gone.cleared, ['remarks', 'others', 'source'])
  const carried = await applied({ identified: '383', remarks: JSON.stringify(stored.remarks) })
  t.same(carried.content.remarks?.identified, { note: '含派驻机构' }, 'a quote that was only carried along goes with its value')
  const spoken = await applied({ identified: '383', remarks: JSON.stringify({ identified: { quote: '383件' } }) })
  t.same(spoken.content.remarks, { identified: { quote: '383件' } }, 'a new quote belongs to the new value')
  const contrary = { accepted: '20', 'accepted:qualifier': 'about', remarks: JSON.stringify(stored.remarks) }
  const ofCell = await applied(contrary, 'none')
  t.same(ofCell.content.remarks?.accepted, { qualifier: 'about', basis: 'planned' }, 'the cell says how its value is qualified')
  const ofRow = await applied({ accepted: '20', remarks: JSON.stringify(stored.remarks) }, 'none')
  t.same(ofRow.content.remarks?.accepted, stored.remarks?.accepted, 'where it can, else the remark of the row does')
  const emptied = await applied({ identified: '', remarks: JSON.stringify(stored.remarks) })
  t.equal(emptied.content.remarks?.identified, undefined, 'the carried remark of a cleared figure goes too')
  const explained = await applied({ identified: '', remarks: JSON.stringify({ identified: { note: '已停办' } }) })
  t.same(explained.content.remarks, { identified: { note: '已停办' } }, 'a new note may say why there is no figure any more')
  t.same((await applied({ source: '{"title":"新"}' })).content.source, { title: '新' })
})

await test('onto nothing, and nothing onto nothing', async (t) => {
  t.same((await applied({ identified: '5', accepted: '' }, 'none')).content, { figures: { identified: 5 } })
  t.same((await applied({ identified: '' }, 'none')).content, { figures: {} })
})
