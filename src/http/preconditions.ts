/**
 * Conditional requests (RFC 9110, 13). An ETag is strong: it is made of the record's revision and of the version of the rules, since
 * both decide every byte of the answer. The `revision` of a body that was read counts as If-Match.
 */
import type { IncomingHttpHeaders } from 'node:http'

/** `"3-1"`: revision 3 under rules version 1. */
export const etagOf = (stored: { revision: number; rulesVersion: number }) => `"${stored.revision}-${stored.rulesVersion}"`

function tags(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? []
}

/** Whether If-None-Match names this tag, so that a read is answered by 304. Weak comparison, as the RFC asks. */
export function notModified(headers: IncomingHttpHeaders, etag: string): boolean {
  const header = headers['if-none-match']
  if (header === undefined) return false
  return header.trim() === '*' || tags(header).some((tag) => tag.replace(/^W\//, '') === etag)
}

/** The tags of If-Match: undefined where there is none, '*' for any. Weak tags never match and are left out. */
export function ifMatch(headers: IncomingHttpHeaders): '*' | string[] | undefined {
  const header = headers['if-match']
  if (header === undefined) return undefined
  return header.trim() === '*' ? '*' : tags(header).filter((tag) => !tag.startsWith('W/'))
}

/** Whether the client asks to create only. Any other If-None-Match on a write has no meaning here and is not ignored: it fails. */
export function createOnly(headers: IncomingHttpHeaders): boolean {
  return headers['if-none-match'] !== undefined
}
