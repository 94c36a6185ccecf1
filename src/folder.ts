/**
 * Makes a folder that an operator named. Node's own `recursive` never comes back from a place where nothing can be made although its parent
 * is there, such as `/proc/nope`: it takes the refusal for a missing parent and begins again.
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** Makes the folder and those above it where they are missing, for this user alone. Throws what the system says. */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeFolder(parent)
  await mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
    // Another may have made it in between.
    if (!(await isFolder(path))) throw error
  })
}
