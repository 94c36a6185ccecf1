/**
 * Makes the registry's compact copy from lists of another vintage (columns: code, name, for regions also parent and kind):
 *
 *   npx tsx src/cli/registry.ts 2023-06-30 'origin and licence in one line' regions.tsv townships.tsv
 *
 * It writes `registry/regions.tsv` and `townships.txt`; review the difference and adapt the counts in the tests.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { packRegistry } from '../registry/pack.ts'
import { root } from '../root.ts'

const [vintage, origin, regionsPath, townshipsPath] = process.argv.slice(2)
if (!vintage || !origin || !regionsPath || !townshipsPath) {
  console.error('usage: registry <vintage> <origin and licence> <regions.tsv> <townships.tsv>')
  process.exitCode = 1
} else {
  const [regions, townships] = await Promise.all([readFile(regionsPath, 'utf8'), readFile(townshipsPath, 'utf8')])
  const files = packRegistry({ vintage, origin, regions, townships })
  const folder = new URL('registry/', root)
  await writeFile(new URL('regions.tsv', folder), files.regions)
  await writeFile(new URL('townships.txt', folder), files.townships)
}
