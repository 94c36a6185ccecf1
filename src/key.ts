/** What a key looks like: 256 random bits in base64url behind a prefix, by which scanners for leaked secrets and people recognise one. */
import { randomBytes } from 'node:crypto'

const prefix = 'trlr_'
export const keyPattern = /^trlr_[\w-]{43}$/
/** How many characters of a key may be shown, to know it again. */
export const hintLength = prefix.length + 4

export const makeKey = () => prefix + randomBytes(32).toString('base64url')

/** The name of a key, in one line. Brackets are for the subjects of tokens, so that no key passes for one. */
export const keyName = { longest: 100, pattern: '^(?=.*\\S)[^\\u0000-\\u001f<>]+$' }
export const isKeyName = (name: string) => new RegExp(keyName.pattern, 'u').test(name) && [...name].length <= keyName.longest
