import { test } from 'tap'
import { cloneTemplate } from '../support/cluster.ts'
import { type Path, run } from '../support/process.ts'

await test('npm run migrate brings the database up to date, or says in one line why it cannot', async (t) => {
  const { url, drop } = await cloneTemplate()
  t.teardown(drop)
  const runs: [Path, Record<string, string>][] = [
    ['.tests/src/cli/migrate.js', { DATABASE_URL: url }],
    ['dist/migrate.js', {}],
    ['dist/migrate.js', { DATABASE_URL: 'postgresql://127.0.0.1:1/none' }],
  ]
  const programs = runs.map(([path, settings]) => run(t, path, settings))
  const ends = await Promise.all(programs.map(async ({ ended }) => (await ended)[0]))
  t.strictSame(ends, [0, 1, 1])
  t.strictSame(
    programs.map(({ stdout, stderr }) => stdout() + stderr()),
    [
      'The schema is up to date.\n',
      'Settings: DATABASE_URL must name the database to migrate\n',
      'DATABASE_URL cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    ],
  )
})
