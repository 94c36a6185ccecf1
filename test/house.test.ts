/** The house rules that a reader relies on: imports point one way, one file reads the environment, one file ends the process. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { root } from '../src/root.ts'

const folder = fileURLToPath(root)
const src = join(folder, 'src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const textOf = (name: string) => readFileSync(join(src, name), 'utf8')

/** A layer is a folder of `src`, or a file that stands there by itself. */
const layerOf = (name: string) => (name.includes('/') ? (name.split('/')[0] ?? name) : name.replace('.ts', ''))

/** What each layer may import: the arrow of the design, written out. */
const mayImport: Record<string, string[]> = {
  server: ['app', 'config', 'samples', 'storage'],
  app: ['catalogue', 'config', 'http', 'storage', 'v1'],
  config: ['key'],
  root: [],
  key: [],
  folder: [],
  slices: [],
  v1: ['catalogue', 'exchange', 'http', 'key', 'registry', 'samples', 'storage'],
  exchange: ['catalogue', 'folder', 'json', 'registry', 'slices'],
  http: ['catalogue', 'json'],
  storage: ['catalogue', 'folder', 'key', 'registry', 'root', 'samples', 'slices'],
  samples: ['catalogue'],
  registry: ['root'],
  json: [],
  catalogue: [],
  cli: ['app', 'catalogue', 'config', 'exchange', 'http', 'key', 'registry', 'root', 'storage', 'v1'],
}

function imports(name: string): string[] {
  const sources = textOf(name).matchAll(/^(?:import|export)\b[^'"`]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)
  return [...sources].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

await test('imports point one way', async (t) => {
  for (const name of files) {
    const layer = layerOf(name)
    const targets = imports(name)
      .filter((target) => target.startsWith('.'))
      .map((target) => layerOf(relative(src, resolve(src, dirname(name), target))))
    const wrong = targets.filter((target) => target !== layer && !mayImport[layer]?.includes(target))
    t.same(wrong, [], `${name} imports only what its layer may`)
  }
  const packages = files
    .filter((name) => layerOf(name) === 'catalogue')
    .flatMap(imports)
    .filter((target) => !target.startsWith('.'))
  t.same([...new Set(packages)], ['typebox'], 'the catalogue needs nothing but typebox')
})

await test('one file reads the environment and one ends the process', async (t) => {
  t.same(
    files.filter((name) => /process\.env/.test(textOf(name))),
    ['config.ts'],
  )
  t.same(
    files.filter((name) => /process\.exit\(/.test(textOf(name))),
    ['server.ts'],
  )
})

await test('SQLSTATEs stop in storage, status codes in v1', async (t) => {
  const above = files.filter((name) => ['app', 'v1', 'http', 'catalogue'].includes(layerOf(name)))
  t.same(
    above.filter((name) => /'(08|22|23|40|53|55|57)[0-9A-Z]{3}'/.test(textOf(name))),
    [],
  )
  t.same(
    files.filter((name) => layerOf(name) === 'storage' && /\.status\(|statusCode|ProblemError/.test(textOf(name))),
    [],
  )
})

await test('every file says at its head why it is there', async (t) => {
  for (const name of files) t.match(textOf(name), /^(\/\*\*|\/\/ )/, name)
})

await test('the top level holds what the README says and nothing else', async (t) => {
  const expected = [
    '.ci',
    '.dockerignore',
    '.gitignore',
    '.npmrc',
    '.oxlintrc.json',
    '.taprc',
    'CHANGELOG.md',
    'Dockerfile',
    'LICENSE',
    'README.md',
    'bench',
    'biome.json',
    'build.mjs',
    'docker-compose.yml',
    'docs',
    'drizzle.config.ts',
    'migrations',
    'openapi',
    'package-lock.json',
    'package.json',
    'registry',
    'src',
    'test',
    'tsconfig.json',
  ]
  const generated = ['.git', '.data', '.tap', '.tests', 'coverage', 'dist', 'node_modules']
  // What the commands of docs/ leave where they are run.
  const tried = /\.(csv|ndjson)$|^headers\.txt$/
  t.same(
    readdirSync(folder)
      .filter((name) => !generated.includes(name) && !tried.test(name))
      .sort(),
    expected.sort(),
  )
})
