/** The first key of an embedded database, in a file beside it that only its owner can read. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyPattern, makeKey } from '../key.ts'
import { EmbeddedError } from './postgres-folder.ts'

export const adminKeyPath = (dataDir: string) => join(dataDir, 'admin-key')

/**
 * The key of that data folder; made where there is none. It is in the file before it is in the database, so that a start that breaks off in
 * between loses nothing. Throws an EmbeddedError where the file holds something else.
 */
export async function readAdminKey(dataDir: string): Promise<string> {
  const path = adminKeyPath(dataDir)
  await writeFile(path, `${makeKey()}\n`, { mode: 0o600, flag: 'wx', flush: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw new EmbeddedError(`cannot write ${path}: ${error.message}`, error)
  })
  const key = (await readFile(path, 'utf8')).trim()
  if (!keyPattern.test(key)) throw new EmbeddedError(`${path} does not hold a key; remove it to have another made`)
  return key
}
