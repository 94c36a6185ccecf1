/**
 * Conditional requests (RFC 9110, 13). An ETag is strong: it is made of the record's revision and of the version of the rules, since
 * both decide every byte of the answer. The `revision` of a body that was read counts as If-Match. A header that is no list of ETags is
 * a mistake and told as one: it would never match, and nobody would know why.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { invalid } from './problems.ts'

/** `"3-1"`: revision 3 under rules version 1. */
export const etagOf = (stored: { revision: number; rulesVersion: number }) => `"${stored.revision}-${stored.rulesVersion}"`

const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** The tags of a header: undefined where there is none, '*' for any. Throws 400 where it is neither. */
function tagsOf(headers: IncomingHttpHeaders, name: 'If-Match' | 'If-None-Match'): '*' | string[] | undefined {
  const header = headers[name === 'If-Match' ? 'if-match' : 'if-none-match']?.trim()
  if (header === undefined || header === '*') return header
  if (/[^\s,]/.test(header.replace(entityTag, '')))
    throw invalid('invalid-request', [{ header: name, code: 'bad-etag', params: { received: header.slice(0, 60) } }])
  return header.match(entityTag) ?? []
}

/** Whether If-None-Match names this tag, so that a read is answered by 304. Weak comparison, as the RFC asks. */
export function notModified(headers: IncomingHttpHeaders, etag: string): boolean {
  const tags = tagsOf(headers, 'If-None-Match') ?? []
  return tags === '*' || tags.some((tag) => tag.replace(/^W\//, '') === etag)
}

/** The tags of If-Match: undefined where there is none, '*' for any. Weak tags never match and are left out. */
export function ifMatch(headers: IncomingHttpHeaders): '*' | string[] | undefined {
  const tags = tagsOf(headers, 'If-Match')
  return Array.isArray(tags) ? tags.filter((tag) => !tag.startsWith('W/')) : tags
}

/** Whether the client asks to create only. Any other If-None-Match on a write has no meaning here and is not ignored: it fails. */
export function createOnly(headers: IncomingHttpHeaders): boolean {
  return tagsOf(headers, 'If-None-Match') !== undefined
}
