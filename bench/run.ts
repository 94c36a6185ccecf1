/** `npm run bench`: runs the sections that are named, or all but `peers`, and prints the table of ratios. */
import { parseArgs } from 'node:util'
import { documents } from './documents.ts'
import { exports } from './exports.ts'
import { growth } from './growth.ts'
import { imports } from './imports.ts'
import { fullness } from './load.ts'
import { peers } from './peers/peers.ts'
import { records } from './records.ts'
import { statistics } from './statistics.ts'
import { type Line, tableOf } from './table.ts'

const sections = { records, documents, exports, imports, statistics, growth, peers }
/** What needs more than the project's own installation runs only where it is named. */
const onlyByName = ['peers']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    dense: { type: 'boolean', default: false },
  },
})
const pace = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  full: values.dense ? fullness.dense : fullness.usual,
}
const unknown = positionals.filter((name) => !Object.hasOwn(sections, name))
if (unknown.length > 0) throw new Error(`no section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`)

const lines: Line[] = []
for (const [name, section] of Object.entries(sections)) {
  if (positionals.length > 0 ? !positionals.includes(name) : onlyByName.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  lines.push(...(await section(pace)))
}
if (lines.length > 0) process.stdout.write(`${tableOf(lines)}\n`)
