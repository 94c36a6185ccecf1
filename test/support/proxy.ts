/** A way to a database that a test can cut: what is connected through it breaks, and new connections are refused until it is mended. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export type Way = { url: string; cut: () => Promise<void>; mend: () => Promise<void> }

/** Opens a way to the server of that URL, for as long as the test runs. */
export async function wayTo(t: Test, url: string): Promise<Way> {
  const open = new Set<Socket>()
  const { hostname, port, searchParams } = new URL(url)
  const folder = searchParams.get('host')
  const target = { host: hostname, port: Number(port || 5432) }
  const server = createServer((near) => {
    const far = folder ? connect(`${folder}/.s.PGSQL.${target.port}`) : connect(target)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => {}).on('close', () => open.delete(one) && other.destroy())
      one.pipe(other)
    }
  })
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const address = server.address()
  const own = address instanceof Object ? address.port : 0
  const cut = async () => {
    if (!server.listening) return
    server.close()
    for (const socket of open) socket.destroy()
    await once(server, 'close')
  }
  t.teardown(cut)
  const through = new URL(url)
  through.searchParams.delete('host')
  through.host = `127.0.0.1:${own}`
  return { url: through.href, cut, mend: () => listen(own) }
}
