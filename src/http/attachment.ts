/** `Content-Disposition` of a file to save (RFC 6266): an ASCII name for old clients, and the real one encoded by RFC 8187. */

const encoded = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** The header for a file whose plain name is ASCII without quotes. */
export function attachment(plain: string, name: string): string {
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded(name)}`
}
