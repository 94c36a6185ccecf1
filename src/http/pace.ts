/**
 * What an answer that holds something dear, such as a connection to the database, asks of its reader: to take a piece of so many bytes
 * within so long of the piece before. A timeout of the socket sees silence alone, and a reader that takes a few bytes now and then would
 * never be silent. Only a reader that keeps something waiting is held to it: where the database is slow, nothing waits.
 */
import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

export type Pace = { bytes: number; within: number }

/** 70 kB/s, which any line to a county office carries many times over; a pause of a minute is a reader that stores what it got. */
export const leastPace: Pace = { bytes: 4 * 1_048_576, within: 60_000 }
/** How often in `within` is looked, which is how much later than then a reader may be given up. */
const looks = 12

/** Gives up a response whose reader falls behind the pace; without its end it is no complete answer. */
export function keepPace(response: ServerResponse, { bytes, within }: Pace): void {
  const { socket } = response
  // An injected request has no socket, only a timer that would outlive it.
  if (!(socket instanceof Socket)) return
  const taken = () => socket.bytesWritten - socket.writableLength
  let mark = { at: performance.now(), taken: taken() }
  const timer = setInterval(() => {
    const now = { at: performance.now(), taken: taken() }
    if (socket.writableLength === 0 || now.taken - mark.taken >= bytes) mark = now
    else if (now.at - mark.at >= within) response.destroy()
  }, within / looks)
  response.once('close', () => clearInterval(timer))
}
