/** The encodings that Excel and WPS save in, told apart without being told. */
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { test } from 'tap'
import { type Charset, decode, EncodingError } from '../../src/exchange/charset.ts'
import { holds } from '../support/properties.ts'
import { bytesOf } from '../support/sheets.ts'

async function text(bytes: Buffer, charset?: Charset, size?: number): Promise<string> {
  let whole = ''
  for await (const piece of decode(bytesOf(bytes, size), charset)) whole += piece
  return whole
}
async function refusal(bytes: Buffer, charset?: Charset): Promise<string> {
  try {
    return `read ${await text(bytes, charset)}`
  } catch (error) {
    return error instanceof EncodingError ? `${error.code} ${error.charset}`.trim() : String(error)
  }
}

const sheet = '乡镇代码,乡镇名称,矛盾纠纷排查次数\r\n410423209,仓头乡,20余\r\n'

await test('marked and unmarked files', async (t) => {
  for (const size of [1, 3, 7, 1000]) {
    t.equal(await text(Buffer.from(sheet), undefined, size), sheet, 'UTF-8')
    t.equal(await text(Buffer.from(`\ufeff${sheet}`), undefined, size), sheet, 'UTF-8 with BOM')
    t.equal(await text(iconv.encode(sheet, 'gb18030'), undefined, size), sheet, 'GBK, as Excel on Chinese Windows saves')
    t.equal(await text(iconv.encode(sheet, 'gbk'), 'gbk', size), sheet, 'GBK, told')
    t.equal(await text(iconv.encode(sheet, 'utf16le', { addBOM: true }), undefined, size), sheet, '“Unicode text”')
    t.equal(await text(iconv.encode(sheet, 'utf16be', { addBOM: true }), undefined, size), sheet)
  }
  t.equal(await text(Buffer.from('')), '')
  t.equal(
    await text(iconv.encode('名称\n㐂𠮷镇\n', 'gb18030')),
    '名称\n㐂𠮷镇\n',
    'rare characters of place names, in four bytes',
  )
})

await test('a charset is chosen where the first character beyond ASCII stands, however late', async (t) => {
  const codes = `township,period\n${'410423209,2024\n'.repeat(20_000)}`
  t.equal(await text(iconv.encode(`${codes}合计,2024\n`, 'gb18030'), undefined, 65_536), `${codes}合计,2024\n`)
  t.equal(await text(Buffer.from(`${codes}合计,2024\n`), undefined, 65_536), `${codes}合计,2024\n`)
})

await test('what is no text of the charset is refused, never replaced', async (t) => {
  t.equal(await refusal(iconv.encode(sheet, 'gb18030'), 'utf-8'), 'file-encoding utf-8')
  t.equal(await refusal(Buffer.from([0x61, 0xff, 0xff, 0x0a])), 'file-encoding gb18030')
  t.equal(await refusal(Buffer.from(`PK\u0003\u0004${'x'.repeat(100)}`)), 'file-is-workbook')
  t.equal(await refusal(Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.alloc(100)])), 'file-is-workbook')
  t.equal(await refusal(Buffer.from('<html><table><tr><td>乡镇</td></tr></table>')), 'file-is-web-page')
})

await test('any Chinese text, in either encoding, cut anywhere', async (t) => {
  const chinese = fc.string({
    unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((c) => String.fromCodePoint(c)),
    minLength: 4,
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(chinese, fc.integer({ min: 1, max: 9 }), async (drawn, size) => {
      t.equal(await text(Buffer.from(drawn), undefined, size), drawn)
      t.equal(await text(iconv.encode(drawn, 'gb18030'), 'gb18030', size), drawn)
    }),
  )
  holds(
    t,
    'the library that encodes here agrees',
    fc.property(chinese, (drawn) => new TextDecoder('gb18030').decode(iconv.encode(drawn, 'gb18030')) === drawn),
  )
})
