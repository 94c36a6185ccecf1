/**
 * What is still on its way when an answer is out, and when the service stops. A stop answers what is under way, late arrivals on open
 * connections included, and is held up by no connection. Node waits for those that go idle while the server closes (fastify#7044), for those that
 * browsers open ahead and never use, and for those that end in the middle of a request.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** How long a connection that was just opened may take to bring its first request, in a stop, in ms. */
const firstBytes = 100
/** How long a request may take to be whole, in a stop. */
const wholeHead = 1000
/** How long a client may go on sending what is not taken any more: it may not look for an answer before. */
const lingering = 5000

/**
 * The rest of a body that was refused is read and dropped, for a while: a socket that nobody reads does not tell that its client has gone, and
 * one that is closed under a client that is writing loses the answer.
 */
function dropRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  const end = setTimeout(() => request.socket.destroy(), lingering).unref()
  request.socket.once('close', () => clearTimeout(end))
  // Errors of a client that has gone are no news.
  request
    .on('error', () => {})
    .on('end', () => clearTimeout(end))
    .resume()
}

/** Hooks and listeners that let `app.close()` end as soon as the last request is answered. */
export default fp(
  async function drain(app) {
    let closing = false
    const open = new Set<Socket>()
    const underWay = new WeakMap<Socket, number>()
    const count = (socket: Socket, more: number) => underWay.set(socket, (underWay.get(socket) ?? 0) + more)
    app.server.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
    app.addHook('onRequest', (request, _reply, done) => {
      count(request.raw.socket, 1)
      done()
    })
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (closing) reply.header('connection', 'close')
      done()
    })
    app.addHook('onResponse', (request, _reply, done) => {
      count(request.raw.socket, -1)
      if (open.has(request.raw.socket)) dropRest(request.raw)
      done()
    })
    app.addHook('preClose', async () => {
      closing = true
      const after = (ms: number, isIdle: (socket: Socket) => boolean) =>
        setTimeout(() => {
          for (const socket of open) if (isIdle(socket)) socket.destroy()
        }, ms).unref()
      after(firstBytes, ({ bytesRead }) => bytesRead === 0)
      after(wholeHead, (socket) => (underWay.get(socket) ?? 0) <= 0)
    })
  },
  { name: 'drain' },
)
