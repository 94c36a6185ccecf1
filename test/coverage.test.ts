/**
 * The coverage gate can fail. This holds the very commands of `npm test` against a small project with a function that nobody calls.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { root } from '../src/root.ts'

const project = fileURLToPath(root)
const called = 'export function called(): number {\n  return 1\n}\n'
const uncalled = `export function uncalled(): number {\n${'  Math.random()\n'.repeat(20)}  return 2\n}\n`

async function gate(source: string): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gate-'))
  const { scripts }: { scripts: { pretest: string; test: string } } = JSON.parse(
    await readFile(join(project, 'package.json'), 'utf8'),
  )
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'src/one.ts'), source)
  await mkdir(join(folder, 'test'))
  await writeFile(join(folder, 'test/run.ts'), "import { called } from '../src/one.ts'\ncalled()\n")
  await cp(join(project, 'build.mjs'), join(folder, 'build.mjs'))
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  const bin = join(project, 'node_modules/.bin')
  const command = [scripts.pretest, scripts.test]
    .join(' && ')
    .replace('tap build && node build.mjs', 'true')
    .replace('c8', join(bin, 'c8'))
    .replace('tap run', 'node .tests/test/run.js')
  // Not left out of `env`: Node hands NODE_V8_COVERAGE on by itself, and the gate would clear the coverage of this very run.
  const result = await new Promise<{ code: number; output: string }>((done) => {
    execFile('env', ['--unset=NODE_V8_COVERAGE', 'sh', '-c', command], { cwd: folder }, (error, stdout, stderr) =>
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
