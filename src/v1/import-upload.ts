/**
 * A file on its way in: what it says of itself, and its bytes, counted, hashed and spooled as they are read: of gzip what is inside, so
 * that the hash is that of the file its sender has. It is held against the limit while it grows, so that a small file cannot become an
 * endless one.
 */
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { openSpool, type Spool } from '../exchange/spool.ts'
import { isGzip, problemOfGzip } from '../http/encoding.ts'
import { ProblemError } from '../http/problems.ts'
import type { ImportFormat } from '../storage/imports.ts'

export type Upload = { spool: Spool; sha256: string; bytes: number }

/** The media types of imports and the format that each stands for. */
export const formats: Record<string, ImportFormat> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
}

/** The format that the client says the body has. A body without a type is refused before this. */
export function formatOf(headers: IncomingHttpHeaders): ImportFormat {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  return formats[type] ?? 'json'
}

/** The charset of the content type, where it is one that sheets come in. */
export function charsetOf(headers: IncomingHttpHeaders): 'utf-8' | 'gb18030' | 'gbk' | undefined {
  const [, name = ''] = /;\s*charset="?([\w-]+)"?/i.exec(headers['content-type'] ?? '') ?? []
  const known = { 'utf-8': 'utf-8', utf8: 'utf-8', gb18030: 'gb18030', gbk: 'gbk', gb2312: 'gbk' } as const
  return Object.entries(known).find(([one]) => one === name.toLowerCase())?.[1]
}

/** The file name of Content-Disposition, by RFC 6266: `filename*` before `filename`. */
export function fileNameOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['content-disposition'] ?? ''
  const [, encoded] = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header) ?? []
  const [, quoted, plain] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header) ?? []
  let name = quoted?.replace(/\\(.)/g, '$1') ?? plain
  try {
    if (encoded !== undefined) name = decodeURIComponent(encoded)
  } catch {
    // Not what it says it is: the plain one may be there.
  }
  return name?.replaceAll('\0', '').slice(0, 255) || undefined
}

function problemOf(error: unknown, limit: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // The client went away: nobody reads the answer, but it is no defect of ours.
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return new ProblemError('upload-broken-off')
  return problemOfGzip(error, limit)
}

/** The pieces of a body, inflated. Whoever stops early leaves the body open: its rest is read and dropped once the answer is out. */
async function* piecesOf(body: Readable, gzip: boolean): AsyncGenerator<Buffer> {
  if (!gzip) return yield* body.iterator({ destroyOnReturn: false })
  const inflated = body.pipe(createGunzip())
  const broken = (error: Error) => inflated.destroy(error)
  // A pipe does not tell its end of a client that vanishes.
  const ended = finished(body, { writable: false, cleanup: true }).catch(broken)
  try {
    yield* inflated
    await ended
  } finally {
    body.unpipe(inflated)
  }
}

/** Takes a whole body into a spool in `folder`. What fails leaves nothing behind. */
export async function receive(
  body: Readable | undefined,
  headers: IncomingHttpHeaders,
  { folder, limit }: { folder: string; limit: number },
): Promise<Upload> {
  const gzip = isGzip(headers)
  const tooLarge = new ProblemError('body-too-large', { limit })
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge
  const spool = await openSpool(folder)
  const hash = createHash('sha256')
  let bytes = 0
  // One piece is written while the next is received and hashed.
  let writing: Promise<void> = Promise.resolve()
  try {
    for await (const piece of body ? piecesOf(body, gzip) : []) {
      bytes += piece.length
      if (bytes > limit) throw tooLarge
      hash.update(piece)
      await writing
      writing = spool.append(piece)
      // Whoever waits for it next hears of its failure.
      writing.catch(() => {})
    }
    await writing
    return { spool, sha256: hash.digest('hex'), bytes }
  } catch (error) {
    await writing.catch(() => {})
    await spool.close()
    throw problemOf(error, limit)
  }
}
