/**
 * The national registry as data: `regions.tsv` (code, name, and the kind where the rules do not give it) and `townships.txt` (the last
 * three digits and the name under `>county`). One line a place, since parent and kind follow from the code, so that the difference
 * between two vintages can be read. Names are kept as they are, byte for byte.
 */
import { readFile } from 'node:fs/promises'
import { root } from '../root.ts'
import { kindOfRegion, kindOfTownship, parentOf, type RegionKind, regionKinds, type TownshipKind } from './rules.ts'

export type Region = { code: string; name: string; parent: string | null; kind: RegionKind }
export type Township = { code: string; name: string; kind: TownshipKind }
export type Registry = { vintage: string; regions: Region[]; townships: Township[] }
export type RegistryFiles = { regions: string; townships: string }

const linesOf = (text: string) => text.split(/\r?\n/).filter((line) => line !== '')
const isContent = (line: string) => !line.startsWith('#')
const isRegionKind = (kind: string): kind is RegionKind => regionKinds.some((known) => known === kind)

/** The vintage that the head of a file names. */
export function vintageOf(text: string): string {
  const [, vintage] = /^# vintage (\S+)$/m.exec(text) ?? []
  if (!vintage) throw new Error('the registry data have no vintage in their head')
  return vintage
}

function parseRegions(text: string): Region[] {
  const rows = linesOf(text)
    .filter(isContent)
    .map((line) => line.split('\t'))
  const names = new Map(rows.map(([code = '', name = '']) => [code, name]))
  return rows.map(([code = '', name = '', told = '']) => {
    const parent = parentOf(code)
    const kind = isRegionKind(told) ? told : kindOfRegion(code, name, parent && names.get(parent))
    return { code, name, parent: parent ?? null, kind }
  })
}

function parseTownships(text: string): Township[] {
  const townships: Township[] = []
  let county = ''
  for (const line of linesOf(text).filter(isContent)) {
    if (line.startsWith('>')) {
      county = line.slice(1)
      continue
    }
    const code = county + line.slice(0, 3)
    const name = line.slice(3)
    townships.push({ code, name, kind: kindOfTownship(code, name) })
  }
  return townships
}

/** The registry in the two files' text. Throws where their heads name different vintages. */
export function parseRegistry({ regions, townships }: RegistryFiles): Registry {
  const vintage = vintageOf(regions)
  if (vintageOf(townships) !== vintage) throw new Error('regions and townships of the registry are of different vintages')
  return { vintage, regions: parseRegions(regions), townships: parseTownships(townships) }
}

/** The two files in `registry/`. */
export async function readRegistryFiles(): Promise<RegistryFiles> {
  const read = (name: string) => readFile(new URL(`registry/${name}`, root), 'utf8')
  const [regions, townships] = await Promise.all([read('regions.tsv'), read('townships.txt')])
  return { regions, townships }
}

/** The registry that this version of the service carries. */
export async function readRegistry(): Promise<Registry> {
  return parseRegistry(await readRegistryFiles())
}
