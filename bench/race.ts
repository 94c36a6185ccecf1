/**
 * A race: the same question to several servers in turn, round after round. What counts is the ratio within a round, since the machine's
 * own speed drifts; the order is reversed every other round, so that a drift favours nobody.
 */
import { type NextRequest, throughput } from './client.ts'
import type { Fullness } from './load.ts'
import type { Server } from './servers.ts'

export type Contender = { name: string; start: () => Promise<Server>; next: NextRequest }
export type Pace = { rounds: number; seconds: number; connections: number; full: Fullness }
export type Ratio = { median: number; min: number; max: number }
/** `peak` is in MB. */
export type Standing = { name: string; rates: number[]; rate: number; peak: number | undefined }

/**
 * Seconds before anything counts. V8 compiles what runs often, and goes on for some seconds where there is more code: a service that runs for
 * months is not measured in its first moments.
 */
export const warmUp = 8

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]]
  return (low + high) / 2
}

/** Round by round, what the first reached of the second. */
export function ratioOf(of: readonly number[], to: readonly number[]): Ratio {
  const ratios = of.map((one, round) => one / (to[round] ?? Number.NaN))
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
}

/** Starts the contenders in fresh processes, warms them up and lets them answer in turn. */
export async function race(contenders: readonly Contender[], pace: Pace): Promise<Standing[]> {
  const { rounds, seconds, connections } = pace
  const entries: (Contender & { server: Server; rates: number[] })[] = []
  try {
    for (const contender of contenders) entries.push({ ...contender, server: await contender.start(), rates: [] })
    for (const { server, next } of entries) await throughput(server, next, connections, warmUp)
    for (let round = 0; round < rounds; round++) {
      for (const { server, next, rates } of round % 2 === 0 ? entries : entries.toReversed()) {
        rates.push(await throughput(server, next, connections, seconds))
      }
    }
    const standings: Standing[] = []
    for (const { name, rates, server } of entries) {
      standings.push({ name, rates, rate: median(rates), peak: await server.peak() })
    }
    return standings
  } finally {
    for (const { server } of entries) await server.stop()
  }
}
