/**
 * What a file would clear, told by a dry run row by row however many they are. The rows come through a cursor and not in one answer or in
 * pieces that each join anew: a file of the whole country holds two documents of every township.
 */
import type { PoolClient } from 'pg'
import { clearedBy } from '../catalogue/difference.ts'
import type { CategoryName } from '../catalogue/index.ts'
import type { Outcome } from './import-outcome.ts'
import { importStatements } from './import-statements.ts'

const batch = 500

type Row = { line: number; period: number; township: string; members: string; document: string }

/** Adds the clearings of a category to the outcome: the first `most` of the file, and how many there are. Runs in a transaction. */
export async function listClearings<F>(
  client: PoolClient,
  name: CategoryName,
  most: number,
  { clearings }: Outcome<F>,
): Promise<void> {
  await client.query(`declare clearings no scroll cursor for ${importStatements[name].replaced}`)
  while (true) {
    const { rows } = await client.query<Row>(`fetch ${batch} from clearings`)
    if (rows.length === 0) break
    for (const { line, period, township, members, document } of rows) {
      const figures = clearedBy(name, JSON.parse(document), JSON.parse(`{${members}}`))
      if (figures.length === 0) continue
      clearings.total++
      clearings.listed.push({ row: line, category: name, periodId: period, township, figures })
    }
    // Not at every batch, since it sorts.
    if (clearings.listed.length > 2 * most) cut(clearings, most)
  }
  await client.query('close clearings')
  cut(clearings, most)
}

function cut<F>(clearings: Outcome<F>['clearings'], most: number): void {
  clearings.listed = clearings.listed.sort((a, b) => a.row - b.row).slice(0, most)
}
