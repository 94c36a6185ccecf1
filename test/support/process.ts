/** A program of this project as its operator runs it: a process of its own, what it prints, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { settingDefaults } from '../../src/config.ts'
import { root } from '../../src/root.ts'

/** As `npm start` runs it, or, for coverage, module by module. */
export type Path = `dist/${string}.js` | `.tests/src/${string}.js`

const patience = 60_000

export type Program = {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  /** The address of the service, as soon as it has told it. */
  address: () => Promise<string>
  /** The exit code, and the signal where one ended it. */
  ended: Promise<[code: number | null, signal: string | null]>
  /** Sends a signal and waits for the end. */
  stop: (signal: NodeJS.Signals) => Promise<[code: number | null, signal: string | null]>
}

/** Polls until a condition holds; fails by naming it. */
export async function until(what: string, holds: () => unknown): Promise<void> {
  for (const begun = Date.now(); !(await holds()); await pause(10))
    if (Date.now() - begun > patience) throw new Error(`not within ${patience / 1000} s: ${what}`)
}

/**
 * Runs a program with these settings and no others. Like a shell it gives the program a process group of its own. What still runs at the teardown is asked to stop: a program that is killed
 * writes no coverage.
 */
export function run(t: Test, program: Path, settings: Record<string, string>, cwd?: string): Program {
  const others = Object.entries(process.env).filter(([name]) => !settingDefaults.has(name))
  const path = fileURLToPath(new URL(program, root))
  // tap loads hooks into every Node that a test spawns, by NODE_OPTIONS; they cost it half a second.
  const unset = ['NODE_OPTIONS', ...(program.startsWith('dist/') ? ['NODE_V8_COVERAGE'] : [])].map((name) => `--unset=${name}`)
  const child = spawn('env', [...unset, process.execPath, path], {
    cwd,
    env: { ...Object.fromEntries(others), ...settings },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text
  })
  const ended = once(child, 'close').then(([code, signal]): [number | null, string | null] => [code, signal])
  const running = () => child.exitCode === null && child.signalCode === null
  const addressIn = (text: string) => /Swagger UI +(\S+)\/docs/.exec(text)?.[1]
  t.teardown(async () => {
    if (running()) child.kill('SIGTERM')
    await ended
  })
  return {
    child,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    async address() {
      await until('the service tells its address', () => addressIn(printed.stdout) ?? !running())
      const address = addressIn(printed.stdout)
      if (address === undefined) throw new Error(`the service ended: ${printed.stderr}`)
      return address
    },
    ended,
    stop(signal) {
      child.kill(signal)
      return ended
    },
  }
}
