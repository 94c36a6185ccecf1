/** The servers of a race: processes of their own, compiled, so that none has the others' code, heap or garbage in it. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { CategoryName } from '../src/catalogue/index.ts'
import type { Target } from './client.ts'

export type Server = Target & {
  /** The largest resident memory so far in MB, where the system tells it. */
  peak: () => Promise<number | undefined>
  stop: () => Promise<void>
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Starts a program that says its address. `node` is the Node that runs it, if not the bench's own. */
export async function start(
  file: string,
  args: string[],
  settings: Record<string, string> = {},
  node: readonly string[] = [process.execPath],
): Promise<Server> {
  const [program = '', ...flags] = node
  const env = { ...process.env, ...settings, NODE_ENV: 'production' }
  const child = spawn(program, [...flags, file, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [found] = /http:\/\/[\d.]+:\d+/.exec(said) ?? []
      if (found) resolve(found)
    })
    child.once('exit', () => reject(new Error(`${file} did not start: ${said}`)))
  })
  const { hostname, port } = new URL(address)
  return {
    host: hostname,
    port: Number(port),
    peak: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
      const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(status) ?? []
      return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** What `npm start` tells Node of the heap. */
const flags = /"start": ".*node (.*) dist/.exec(readFileSync(fileOf('../package.json'), 'utf8'))?.[1]?.split(' ') ?? []

/** The service as `npm start` runs it, but for the number of requests that it takes of one address: they are counted all the same. */
export function startOurs(databaseUrl: string, node = process.execPath): Promise<Server> {
  const settings = { DATABASE_URL: databaseUrl, HOST: '127.0.0.1', PORT: '0', RATE_LIMIT: '1000000000' }
  return start(fileOf('../dist/server.js'), [], settings, [node, ...flags])
}

/** The bare server of one category. */
export const startBare = (databaseUrl: string, category: CategoryName) => start(fileOf('./dist/bare.js'), [category, databaseUrl])
