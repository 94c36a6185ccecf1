/** Sheets for tests: bytes in pieces, a small register of townships, and rows read to the end. */
import type { CategoryName } from '../../src/catalogue/index.ts'
import type { FileRow, RowFault, TownshipLookup } from '../../src/exchange/row.ts'
import { readSheet, type SheetOptions } from '../../src/exchange/sheet.ts'

/** The bytes as a stream, in pieces of that size. */
export async function* bytesOf(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Two of a county, two of the same name elsewhere, and a street as the register prints it. */
export const register: Record<string, string> = {
  '410423209': '仓头乡',
  '410423210': '董周乡',
  '150123100': '城关镇',
  '150124100': '城关镇',
  '110101001': '东华门街道',
}
const counties: Record<string, string[]> = {
  鲁山县: ['410423'],
  托克托县: ['150122'],
  和林格尔县: ['150123'],
  '150124': ['150124'],
}
export const townships: TownshipLookup = {
  byCode: (code) => code in register,
  bears: (code, name) => register[code] === name,
  byName: (name, within = ['']) =>
    Object.keys(register).filter((code) => register[code] === name && within.some((region) => code.startsWith(region))),
  like: () => [],
  resembles: () => true,
  onDay: (codes) => codes,
  regions: (text) => counties[text] ?? [],
}

/** Takes every code for a township, and knows no names. */
export const anywhere: TownshipLookup = {
  byCode: () => true,
  bears: () => true,
  byName: () => [],
  onDay: () => [],
  like: () => [],
  resembles: () => true,
  regions: () => [],
}

export async function rowsOf(sheet: string | Buffer, options: Partial<SheetOptions> = {}, size?: number): Promise<FileRow[]> {
  const rows: FileRow[] = []
  const category: CategoryName = 'disputes'
  const bytes = typeof sheet === 'string' ? Buffer.from(sheet) : sheet
  for await (const row of readSheet(bytesOf(bytes, size), { category, townships, ...options })) rows.push(...row)
  return rows
}

const faultText = ({ column, code }: RowFault) => (column === undefined ? code : `${code} @${column}`)

/** A row in one line: what it says of which record, or what is wrong with it. */
export function brief(row: FileRow): string {
  if (row.kind === 'rejected') return `${row.row}${row.whole ? ' file' : ''}: ${row.faults.map(faultText).join(', ')}`
  if (row.kind !== 'sheet') return `${row.row}: ${row.kind}`
  const { cells: said, columns, width } = row.sheet()
  const cells = [...columns.places].flatMap(([path, index]) => {
    const reading = said.find(({ leaf }) => leaf.path === path)?.reading
    if (!reading) return index < width ? [`${path}=`] : []
    return `${path}=${reading.state === 'missing' ? reading.missing : `${reading.value}${reading.qualifier ?? ''}`}`
  })
  return [`${row.row}: ${row.township} ${row.period.code}`, ...(row.expected ? [`r${row.expected}`] : []), ...cells].join(' ')
}
export const briefs = async (sheet: string | Buffer, options: Partial<SheetOptions> = {}) =>
  (await rowsOf(sheet, options)).map(brief)
