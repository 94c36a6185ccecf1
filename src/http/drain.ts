/**
 * A stop answers what is under way, late arrivals on open connections included, and is held up by no connection. Node waits for those
 * that go idle while the server closes (fastify#7044) and for those that browsers open ahead and never use.
 */
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** How long a connection that was just opened may take to bring its first request, in a stop. */
const firstBytes = 100

/** Hooks and listeners that let `app.close()` end as soon as the last request is answered. */
export default fp(
  async function drain(app) {
    let closing = false
    const open = new Set<Socket>()
    app.server.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (closing) reply.header('connection', 'close')
      done()
    })
    app.addHook('preClose', async () => {
      closing = true
      setTimeout(() => {
        for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
      }, firstBytes).unref()
    })
  },
  { name: 'drain' },
)
