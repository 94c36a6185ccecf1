/** The way into the compact copy: from lists of `code<TAB>name` to the two files that `registry.ts` reads. For the next vintage. */
import { parseRegistry, type RegistryFiles } from './registry.ts'
import { kindOfRegion, parentOf, regionKinds } from './rules.ts'

export type Source = { vintage: string; origin: string; regions: string; townships: string }

/** Rows that are no townships: a county that counts itself, and what the source invents for villages right below a county. */
const isPseudo = (code: string, name: string) => code.endsWith('000') || /(直辖村级区划|特殊乡镇|特殊街道|直属乡镇)$/.test(name)

const head = (what: string, { vintage, origin }: Source) =>
  [`# ${what}; see README.md beside this file`, `# vintage ${vintage}`, `# ${origin}`].join('\n')

function rowsOf(text: string): string[][] {
  const rows = text.split(/\r?\n/).map((line) => line.split('\t'))
  return rows.filter(([code = '']) => /^\d+$/.test(code)).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

function camelCase(kind: string): string {
  return kind.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

function packRegions(source: Source): string {
  const rows = rowsOf(source.regions)
  const names = new Map(rows.map(([code = '', name = '']) => [code, name]))
  const lines = rows.map(([code = '', name = '', , kind = '']) => {
    const told = regionKinds.find((known) => known === camelCase(kind))
    const ruled = kindOfRegion(code, name, names.get(parentOf(code) ?? ''))
    return told && told !== ruled ? `${code}\t${name}\t${told}` : `${code}\t${name}`
  })
  return `${[head('code, name, and the kind where the code does not tell it', source), ...lines].join('\n')}\n`
}

function packTownships(source: Source): string {
  const lines: string[] = []
  let county = ''
  for (const [code = '', name = ''] of rowsOf(source.townships)) {
    if (isPseudo(code, name)) continue
    if (!code.startsWith(county) || county === '') lines.push(`>${code.slice(0, 6)}`)
    county = code.slice(0, 6)
    lines.push(code.slice(6, 9) + name)
  }
  return `${[head('>county, then three digits and the name of each township', source), ...lines].join('\n')}\n`
}

/**
 * The two files. `regions` has the columns code, name, parent, kind (the last two may be absent), `townships` code and name; a line that
 * does not begin with a code is left out. Throws where a township's county is unknown or a code stands twice.
 */
export function packRegistry(source: Source): RegistryFiles {
  const files = { regions: packRegions(source), townships: packTownships(source) }
  const { regions, townships } = parseRegistry(files)
  const codes = new Set(regions.map(({ code }) => code))
  const orphans = [...regions, ...townships].filter(({ code }) => parentOf(code) && !codes.has(parentOf(code) ?? ''))
  if (orphans.length > 0) throw new Error(`no region above ${orphans.map(({ code }) => code).join(', ')}`)
  const places = [...regions, ...townships]
  if (new Set(places.map(({ code }) => code)).size !== places.length) throw new Error('a code stands twice')
  return files
}
