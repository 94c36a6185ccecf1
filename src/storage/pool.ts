/** Pools of connections that never end the process by breaking. */
import pg from 'pg'

/**
 * A pool whose connections are always listened to: the pool itself listens only while they are idle, and one that breaks unheard, in use or on
 * its way to whoever takes it, would end the process. What was under way is told by its own failure; `log` hears of idle ones.
 */
export function openPool(config: pg.PoolConfig, log?: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('error', (error) => log?.(error))
  return pool
}
