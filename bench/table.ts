/** The table of ratios, as Markdown, so that it can be kept. */
import { type Ratio, ratioOf, type Standing } from './race.ts'

/** One line of the table. `reach` is the ratio that is asked for. */
export type Line = {
  operation: string
  against: string
  ratio: Ratio
  reach?: number
  ours?: string
  theirs?: string
  peaks?: [ours: number | undefined, theirs: number | undefined]
}

const head = ['operation', 'against', 'ratio', 'min–max', 'reach', '', 'ours', 'theirs', 'peak MB ours / theirs']
const two = (value: number) => value.toFixed(2)
const perSecond = ({ rate }: Standing) => `${Math.round(rate)}/s`
const megabytes = (value: number | undefined) => (value === undefined ? '–' : `${Math.round(value)}`)

/** The line of two contenders of a race. */
export function lineOf(operation: string, ours: Standing, theirs: Standing, reach?: number): Line {
  return {
    operation,
    against: theirs.name,
    ratio: ratioOf(ours.rates, theirs.rates),
    ...(reach !== undefined && { reach }),
    ours: perSecond(ours),
    theirs: perSecond(theirs),
    peaks: [ours.peak, theirs.peak],
  }
}

/** The whole table. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.map(({ operation, against, ratio, reach, ours = '', theirs = '', peaks }) => [
    operation,
    against,
    two(ratio.median),
    `${two(ratio.min)}–${two(ratio.max)}`,
    reach === undefined ? '' : two(reach),
    reach === undefined ? '' : ratio.median >= reach ? 'reached' : 'missed',
    ours,
    theirs,
    peaks ? peaks.map(megabytes).join(' / ') : '',
  ])
  const cells = [head, head.map(() => '---'), ...rows]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
