/**
 * A load generator: keep-alive connections, each with one request under way. It reads status and content-length and skips the body,
 * because what it costs is taken from the servers that share the machine with it.
 */
import { connect } from 'node:net'
import { makeKey } from '../src/key.ts'

/** The key of this run: every request is authenticated, as those of scripts are. */
export const key = makeKey()
export const authorization = `Bearer ${key}`

export type Target = { host: string; port: number }
/** The next request of a connection, as it goes over the wire. */
export type NextRequest = (connection: number) => string

/** A request as text. */
export function requestText(method: string, path: string, body?: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: ${authorization}\r\n`
  if (body === undefined) return `${head}\r\n`
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** The bytes that a response's body has by its head. Throws where the status is not 2xx: a bench of errors proves nothing. */
function bodyLength(head: string): number {
  const [, status = ''] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? []
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  if (!status.startsWith('2') || length === undefined) throw new Error(`not the answer to measure:\n${head}`)
  return Number(length)
}

/** Sends requests on one connection until `until` (ms, as `performance.now()`) and resolves to how many were answered by then. */
function drive({ host, port }: Target, next: () => string, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    let answered = 0
    let left = -1
    let head = ''
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    socket.on('error', fail)
    socket.on('close', () => reject(new Error('the server closed a connection')))
    socket.on('connect', () => socket.write(next()))
    socket.on('data', (chunk) => {
      if (left < 0) {
        head += chunk.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        try {
          left = bodyLength(head.slice(0, end)) - (head.length - end - 4)
        } catch (error) {
          return fail(error instanceof Error ? error : new Error(String(error)))
        }
        head = ''
      } else left -= chunk.length
      if (left > 0) return
      left = -1
      if (performance.now() < until) {
        answered++
        socket.write(next())
      } else {
        socket.destroy()
        resolve(answered)
      }
    })
  })
}

/** Answers a second that a server gives to so many connections. */
export async function throughput(target: Target, next: NextRequest, connections: number, seconds: number): Promise<number> {
  const begun = performance.now()
  const until = begun + seconds * 1000
  const each = Array.from({ length: connections }, (_, connection) => drive(target, () => next(connection), until))
  const answered = (await Promise.all(each)).reduce((sum, one) => sum + one, 0)
  return answered / seconds
}
