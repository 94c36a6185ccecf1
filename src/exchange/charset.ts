/**
 * The bytes of a file as text. Excel on Chinese Windows saves CSV as GBK without a mark, `CSV UTF-8` with one, and "Unicode text" as
 * UTF-16 with one. A file without a mark is UTF-8 where its first non-ASCII stretch is, else GB18030, of which GBK is a part: Chinese
 * text in GBK is never valid UTF-8 for long. What the charset does not allow is an error, never a replacement character.
 */
import { isAscii } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { slices } from '../slices.ts'

export const charsets = ['utf-8', 'gb18030', 'gbk'] as const
export type Charset = (typeof charsets)[number]
export type EncodingFault = 'file-encoding' | 'file-is-workbook' | 'file-is-web-page'

/** The bytes are no text, or not of the charset. */
export class EncodingError extends Error {
  readonly code: EncodingFault
  readonly charset: string
  constructor(code: EncodingFault, charset = '') {
    super(code)
    this.code = code
    this.charset = charset
  }
}

/** How much from the first non-ASCII byte on is looked at before a charset is chosen. */
const sample = 65_536
const utf8 = (bytes: Uint8Array, whole: boolean) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole })
    return true
  } catch {
    return false
  }
}
const starts = (bytes: Buffer, ...mark: number[]) => mark.every((byte, at) => bytes[at] === byte)

function markOf(bytes: Buffer): string | undefined {
  if (starts(bytes, 0xef, 0xbb, 0xbf)) return 'utf-8'
  if (starts(bytes, 0xff, 0xfe)) return 'utf-16le'
  if (starts(bytes, 0xfe, 0xff)) return 'utf-16be'
  if (starts(bytes, 0x84, 0x31, 0x95, 0x33)) return 'gb18030'
  return undefined
}

/** What people send for a CSV that is none, told by its first bytes. */
function refuseOthers(bytes: Buffer): void {
  if (starts(bytes, 0x50, 0x4b, 3, 4) || starts(bytes, 0xd0, 0xcf, 0x11, 0xe0)) throw new EncodingError('file-is-workbook')
  if (/^\s*<(?:!doctype|html|\?xml|table|meta)/i.test(bytes.toString('latin1', 0, 64)))
    throw new EncodingError('file-is-web-page')
}

/**
 * So many bytes become one text: of larger ones V8 keeps each by itself, and moves it to where garbage is seldom collected with the first row
 * that is still alive.
 */
const most = 16_384

/** Splits off what must be seen before anything is decided: at least four bytes, where there are so many. */
async function* pieces(bytes: AsyncIterable<Buffer>, least: number): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of bytes) {
    if (head === undefined) yield* slices(chunk, most)
    else {
      head = Buffer.concat([head, chunk])
      if (head.length < least) continue
      yield head
      head = undefined
    }
  }
  if (head?.length) yield head
}

/** Bytes to text, piece by piece. Throws an EncodingError at the first byte that the charset does not allow. */
export async function* decode(bytes: AsyncIterable<Buffer>, charset?: Charset): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let name = ''
  let held = Buffer.alloc(0)
  let first = true
  const start = (chosen: string) => {
    name = chosen
    decoder = new TextDecoder(chosen, { fatal: true })
  }
  const text = (piece?: Buffer) => {
    try {
      const decoded = piece ? decoder?.decode(piece, { stream: true }) : decoder?.decode()
      return decoded ?? ''
    } catch {
      throw new EncodingError('file-encoding', name)
    }
  }
  for await (const piece of pieces(bytes, 64)) {
    if (first) {
      refuseOthers(piece)
      const chosen = markOf(piece) ?? (charset === 'gbk' ? 'gb18030' : charset)
      if (chosen) start(chosen)
    }
    let next: Buffer = piece
    if (!decoder) {
      if (held.length === 0 && isAscii(piece)) {
        yield piece.toString('latin1')
        first = false
        continue
      }
      held = Buffer.concat([held, piece])
      if (held.length < sample) continue
      start(utf8(held, false) ? 'utf-8' : 'gb18030')
      next = held
    }
    const decoded = text(next)
    yield first ? decoded.replace(/^\ufeff/, '') : decoded
    first = false
  }
  if (!decoder) {
    if (held.length === 0) return
    start(utf8(held, true) ? 'utf-8' : 'gb18030')
    yield text(held)
  }
  yield text()
}
