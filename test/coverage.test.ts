/**
 * The coverage gate can fail. tap's own figure is false under tsx (it sees one line a file), so c8 measures; this holds the very command of
 * `npm test` against a small project with a function that nobody calls.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const called = 'export function called(): number {\n  return 1\n}\n'
const uncalled = `export function uncalled(): number {\n${'  Math.random()\n'.repeat(20)}  return 2\n}\n`

async function gate(source: string): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gate-'))
  const { scripts }: { scripts: { test: string } } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'src/one.ts'), source)
  await writeFile(join(folder, 'run.ts'), "import { called } from './src/one.ts'\ncalled()\n")
  const tsx = import.meta.resolve('tsx')
  const command = scripts.test
    .replace(/^c8/, join(root, 'node_modules/.bin/c8'))
    .replace('tap run', `node --import=${tsx} run.ts`)
  const { NODE_V8_COVERAGE: _, ...env } = process.env
  const result = await new Promise<{ code: number; output: string }>((done) => {
    execFile('sh', ['-c', command], { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    )
  })
  await rm(folder, { recursive: true })
  return result
}

await test('a file with an uncalled function fails the gate', async (t) => {
  const good = await gate(called)
  t.equal(good.code, 0, good.output)
  const bad = await gate(called + uncalled)
  t.equal(bad.code, 1)
  t.match(bad.output, /one\.ts.*\d+-\d+/, 'the lines are named')
})
