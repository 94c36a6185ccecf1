/**
 * Adding a figure is one line and `npm run generate`. Proved on a copy of the project: the line goes into a category file, the real command
 * runs, and column, schema, document and service know the figure, and nothing else has changed.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Test, test } from 'tap'
import { root } from '../../src/root.ts'
import { cloneTemplate } from '../support/cluster.ts'
import { asAdmin } from '../support/keys.ts'

const project = fileURLToPath(root)
const line = "    legalQuizNights: flow('法治灯谜会', 'Legal quiz nights', '场', ''),"

/** What the figures are derived into, from the project or from its copy. */
type Modules = {
  app: typeof import('../../src/app.ts')
  database: typeof import('../../src/storage/database.ts')
  migrations: typeof import('../../src/storage/migrations.ts')
}
const execute = promisify(execFile)

async function load(folder: string): Promise<Modules> {
  const at = (path: string) => pathToFileURL(join(folder, '.tests', path)).href
  return {
    app: await import(at('src/app.js')),
    database: await import(at('src/storage/database.js')),
    migrations: await import(at('src/storage/migrations.js')),
  }
}

async function copied(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'growth-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const name of ['src', 'migrations', 'openapi', 'drizzle.config.ts', 'package.json', 'tsconfig.json', 'build.mjs'])
    await cp(join(project, name), join(folder, name), { recursive: true })
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** The pointers at which two JSON values differ. */
function differences(before: unknown, after: unknown, at = ''): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (!(before instanceof Object && after instanceof Object)) return [at]
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  if (Array.isArray(after)) {
    const known = new Set(old.values())
    return [...now.values()].filter((value) => !known.has(value)).map((value) => `${at}/${value}`)
  }
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => differences(old.get(key), now.get(key), `${at}/${key}`))
}

await test('one line adds a figure', async (t) => {
  const folder = await copied(t)
  const read = (path: string) => readFile(join(folder, path), 'utf8')
  const category = 'src/catalogue/governance.ts'
  const [journal, document, routes] = [
    await readdir(join(folder, 'migrations')),
    await read('openapi/v1.json'),
    await read('openapi/routes.txt'),
  ]

  const before = await read(category)
  await writeFile(join(folder, category), before.replace(/\n {2}\},\n\)\s*$/, `\n${line}\n  },\n)\n`))
  t.equal((await read(category)).split('\n').length, before.split('\n').length + 1)
  // Emptied and not left out: Node hands NODE_V8_COVERAGE on by itself, and the coverage of drizzle-kit takes seconds to write.
  const env = { ...process.env, NODE_V8_COVERAGE: '', NODE_OPTIONS: '' }
  await execute('npm', ['run', '--silent', 'generate'], { cwd: folder, env })

  const added = (await readdir(join(folder, 'migrations'))).filter((name) => !journal.includes(name))
  t.equal(added.length, 1, 'one migration')
  t.equal(await read(`migrations/${added[0]}`), 'ALTER TABLE "governance" ADD COLUMN "legal_quiz_nights" integer;')

  const changed = differences(JSON.parse(document), JSON.parse(await read('openapi/v1.json')))
  t.same(
    changed.filter((pointer) => !pointer.endsWith('/legalQuizNights')),
    [],
    'the document changes nowhere else',
  )
  for (const component of [
    'GovernanceFigures/properties',
    'GovernanceFiguresPatch/properties',
    'GovernanceRemarks/propertyNames/enum',
  ])
    t.ok(changed.includes(`/components/schemas/${component}/legalQuizNights`), component)
  t.equal(await read('openapi/routes.txt'), routes)

  await execute('node', ['build.mjs', 'tests'], { cwd: folder, env })
  const { app: application, database: storage, migrations } = await load(folder)
  const { url, drop } = await cloneTemplate()
  t.teardown(drop)
  await migrations.migrateDatabase(url)
  const database = storage.openDatabase(url, { pool: 2 })
  const app = await application.buildApp({ bodyLimit: 1_048_576, logLevel: 'silent', trustProxy: false }, database)
  t.teardown(async () => {
    await app.close()
    await database.close()
  })
  const indicator = await app.inject({ url: '/v1/indicators/legalQuizNights', headers: asAdmin })
  t.match(indicator.json(), {
    category: 'governance',
    labels: { zh: '法治灯谜会', en: 'Legal quiz nights' },
    unit: '场',
    kind: 'flow',
  })
  const record = '/v1/governance/410423209/2024'
  const wrong = await app.inject({ method: 'PUT', url: record, headers: asAdmin, payload: { figures: { legalQuizNights: '3' } } })
  t.match(wrong.json(), { errors: [{ pointer: '/figures/legalQuizNights', code: 'wrong-type' }] })
  const put = await app.inject({ method: 'PUT', url: record, headers: asAdmin, payload: { figures: { legalQuizNights: 3 } } })
  t.equal(put.statusCode, 201)
  const { rows } = await database.pool.query('select legal_quiz_nights from governance')
  t.same(rows, [{ legal_quiz_nights: 3 }], 'the column holds it')
})
