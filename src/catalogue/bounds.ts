/**
 * Values as intervals, of which the rules are certain: `20余` is 20 or more, `约20` is anything near.
 */
import { roundTo } from './decimal.ts'
import type { Labels } from './figure.ts'
import type { Value } from './record.ts'

/** A value, or a sum of values, as an interval: `low` is undefined where nothing certain is known of its lower bound. */
export type Bounds = { low?: number; high?: number; labels: Labels; paths: string[] }

/** The interval of a value. */
export function boundsOf({ leaf, value, remark }: Value): Bounds {
  const { qualifier } = remark
  const bounds: Bounds = { labels: leaf.labels, paths: [leaf.path] }
  if (qualifier === undefined || qualifier === 'atLeast') bounds.low = value
  if (qualifier === undefined || qualifier === 'atMost') bounds.high = value
  return bounds
}

/** The interval of a sum; an end that is not known of every part is not known of it. */
export function sum(parts: readonly Bounds[], labels: Labels): Bounds {
  const total: Bounds = { labels, paths: parts.flatMap((part) => part.paths) }
  for (const bound of ['low', 'high'] as const) {
    let all: number | undefined = 0
    for (const part of parts) all = all === undefined || part[bound] === undefined ? undefined : all + part[bound]
    if (all !== undefined) total[bound] = Number.isInteger(all) ? all : roundTo(all, 4)
  }
  return total
}

/** Parts of which nothing certain is known count as zero: every figure is at least that. */
export const certainly = (part: Bounds): Bounds => ({ ...part, low: part.low ?? 0 })
