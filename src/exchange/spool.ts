/**
 * A file that has no name: it is unlinked as soon as it is open, so that whatever ends the process, the system frees it, and no start
 * need look for what an earlier one left behind. What is spooled can be larger than memory.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeFolder } from '../folder.ts'

const chunk = 65_536

export type Spool = {
  append: (piece: Buffer) => Promise<void>
  /** The whole content from its start; may be asked again, and while nothing is appended. A piece holds until the next is asked for. */
  read: () => AsyncGenerator<Buffer>
  close: () => Promise<void>
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  for (let done = 0; done < piece.length; ) done += (await file.write(piece, done)).bytesWritten
}

/** Opens a spool in a folder, which is made where it does not exist. */
export async function openSpool(folder: string): Promise<Spool> {
  await makeFolder(resolve(folder))
  const name = join(folder, `import-${randomUUID()}`)
  const file = await open(name, 'wx+', 0o600)
  try {
    await unlink(name)
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    append: (piece) => writeAll(file, piece),
    async *read() {
      let at = 0
      // One for all: a new one for each piece would have the whole heap searched for garbage every few hundred.
      const buffer = Buffer.allocUnsafe(chunk)
      while (true) {
        const { bytesRead } = await file.read(buffer, 0, chunk, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    close: () => file.close(),
  }
}
