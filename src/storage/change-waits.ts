/**
 * Waiting for changes. However many clients wait, one short read every so often looks whether the feed has grown, and none while nobody
 * waits. LISTEN/NOTIFY would say it sooner, but takes a lock of the whole database at every commit that notifies.
 */

import { type Position, readTail } from './changes.ts'
import type { Database } from './database.ts'

const interval = 200

type Waiter = { seen: string; wake: () => void }
export type Waits = {
  /** Resolves when the feed no longer ends there, after that many milliseconds, when the signal comes, or at `close`. */
  beyond: (seen: Position, milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Ends all waits, those to come as well. */
  close: () => void
  readonly closed: boolean
}

const textOf = ({ epoch, at, seq }: Position) => `${epoch}.${at}.${seq}`

/** The waits of one service. */
export function openWaits(database: Pick<Database, 'reader'>): Waits {
  const waiters = new Set<Waiter>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const wake = (which: (waiter: Waiter) => boolean) => {
    for (const waiter of waiters) if (which(waiter)) waiter.wake()
  }

  async function look(): Promise<void> {
    // Where it cannot be read, each waiter finds out by itself and says so.
    await readTail(database.reader).then(
      (tail) => {
        const now = textOf(tail)
        wake(({ seen }) => seen !== now)
      },
      () => wake(() => true),
    )
    timer = undefined
    lookLater()
  }

  function lookLater(): void {
    if (waiters.size > 0 && !closed) timer ??= setTimeout(() => void look(), interval)
  }

  return {
    async beyond(seen, milliseconds, signal) {
      if (closed || signal.aborted) return
      await new Promise<void>((resolve) => {
        const waiter = { seen: textOf(seen), wake }
        const limit = setTimeout(wake, milliseconds)
        function wake() {
          clearTimeout(limit)
          signal.removeEventListener('abort', wake)
          waiters.delete(waiter)
          resolve()
        }
        signal.addEventListener('abort', wake)
        waiters.add(waiter)
        lookLater()
      })
    },
    close() {
      closed = true
      clearTimeout(timer)
      wake(() => true)
    },
    get closed() {
      return closed
    },
  }
}
