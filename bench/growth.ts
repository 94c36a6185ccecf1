/** Section `growth`: GET one and the one-year roll-up where the tables hold ten years of the whole country, against where they hold one. */
import { columnOf, leaves } from '../src/catalogue/index.ts'
import { categoryOf } from '../src/catalogue/record.ts'
import { requestText } from './client.ts'
import { copyOf, onClient } from './copy.ts'
import { fill } from './fill.ts'
import type { Load } from './load.ts'
import { type Pace, race, ratioOf } from './race.ts'
import { startOurs } from './servers.ts'
import { onStage, type Stage, someTownships } from './stage.ts'
import { askRollUp, category, country, milliseconds, onServer, told, year } from './statistics.ts'
import { type Line, lineOf } from './table.ts'

const firstYear = 2015
const periodId = (of: number) => of * 10_000 + 100
/** At most 1.3 times as long. */
const reach = 1 / 1.3

/** A copy of the database in which the year's records stand in nine years before it, too. */
async function grown(stage: Stage): Promise<string> {
  const copy = await copyOf(stage, 'ten_years')
  await onClient(copy, async (client) => {
    const table = columnOf(category)
    const fixed = ['township_code', 'revision', 'created_revision', 'rules_version', 'document', 'qualifiers', 'plans']
    const copied = [...fixed, 'created_at', 'updated_at', ...leaves(category).map(({ column }) => column)].join(', ')
    for (let before = firstYear; before < year; before++) {
      await client.query(
        `insert into ${table} (period_id, ${copied}) select ${periodId(before)}, ${copied} from ${table} where period_id = ${periodId(year)}`,
      )
    }
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  })
  return copy
}

/** Reads all over the country, so that what does not fit into a cache is seen. */
async function reads(stage: Stage, large: string, townships: readonly string[], pace: Pace): Promise<Line[]> {
  let turn = 0
  const next = () => {
    const township = townships[(turn++ * 7919) % townships.length] ?? ''
    return requestText('GET', `/v1/${categoryOf(category).path}/${township}/${year}`)
  }
  const contenders = [
    { name: 'ten years', start: () => startOurs(large), next },
    { name: 'itself, one year stored', start: () => startOurs(stage.url), next },
  ]
  const [ten, one] = await race(contenders, pace)
  return ten && one ? [lineOf('GET one, ten years stored', ten, one, reach)] : []
}

async function rollUps(stage: Stage, large: string, { rounds }: Pace): Promise<Line> {
  const times = { ten: [] as number[], one: [] as number[] }
  await onServer(stage.url, (one) =>
    onServer(large, async (ten) => {
      for (let round = 0; round < rounds; round++) {
        times.one.push(await milliseconds(() => askRollUp(one)))
        times.ten.push(await milliseconds(() => askRollUp(ten)))
      }
    }),
  )
  return {
    operation: 'national roll-up of one year by province, ten years stored',
    against: 'itself, one year stored',
    ratio: ratioOf(times.one, times.ten),
    reach,
    ours: told(times.ten),
    theirs: told(times.one),
  }
}

/** One year against ten. */
export const growth = (pace: Pace): Promise<Line[]> =>
  onStage(async (stage) => {
    const townships = await someTownships(stage, country)
    const load: Load = { ...pace.full, categories: [category], years: [year], townships }
    await fill(stage.database.pool, load)
    const large = await grown(stage)
    return [...(await reads(stage, large, townships, pace)), await rollUps(stage, large, pace)]
  })
