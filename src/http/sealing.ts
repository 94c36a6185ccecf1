/**
 * Answers that hold a secret are kept so that only who asked for them can read them: the key that opens one is made of the credential that
 * the request came with (HKDF, RFC 5869), which the register itself does not keep. AES-256-GCM, which also tells a text that was changed.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const sizes = { salt: 16, nonce: 12, tag: 16 }

function keyOf(credential: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', credential, salt, 'kept answer', 32))
}

/** A text that only `unseal` with the same credential gives back. */
export function seal(text: string, credential: string): string {
  const salt = randomBytes(sizes.salt)
  const nonce = randomBytes(sizes.nonce)
  const cipher = createCipheriv(algorithm, keyOf(credential, salt), nonce)
  const sealed = [cipher.update(text, 'utf8'), cipher.final()]
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), ...sealed]).toString('base64')
}

/** The text that was sealed; undefined with another credential. */
export function unseal(sealed: string, credential: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  const [salt, nonce, tag, text] = [0, sizes.salt, sizes.salt + sizes.nonce, sizes.salt + sizes.nonce + sizes.tag].map(
    (from, at, starts) => bytes.subarray(from, starts[at + 1]),
  )
  if (!salt || !nonce || !text || tag?.length !== sizes.tag) return undefined
  const decipher = createDecipheriv(algorithm, keyOf(credential, salt), nonce).setAuthTag(tag)
  try {
    return decipher.update(text, undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}
