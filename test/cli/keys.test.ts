/** `npm run keys`: keys without the service, for operators who have the database. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Test, test } from 'tap'
import { root } from '../../src/root.ts'
import { api } from '../support/api.ts'
import { bearer } from '../support/keys.ts'

const program = fileURLToPath(new URL('.tests/src/cli/keys.js', root))
type Told = { code: number; stdout: string; stderr: string }

/** Runs the command on that database. tap loads hooks into every Node that a test spawns; they are not wanted here. */
function keys(url: string, ...args: string[]): Promise<Told> {
  return new Promise((done) => {
    const env = { ...process.env, DATABASE_URL: url, NODE_OPTIONS: '' }
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

function issued(t: Test, { code, stdout, stderr }: Told): [id: string, key: string] {
  t.equal(code, 0, stderr)
  const [id = '', key = ''] = stdout.trim().split('\t')
  t.match(key, /^trlr_[\w-]{43}$/)
  return [id, key]
}

await test('a key is issued, works, is replaced, listed and revoked', async (t) => {
  const service = await api(t)
  const [id, key] = issued(
    t,
    await keys(service.url, 'issue', '--name', '鲁山县司法局', '--role', 'reporter', '--region', '410423'),
  )
  const put = (with_: string) => service.put('/v1/disputes/410423209/2024', { figures: {} }, bearer(with_))
  t.equal((await put(key)).status, 201)
  const [second, successor] = issued(t, await keys(service.url, 'rotate', id, '--old-valid-until', '2098-01-01T00:00:00Z'))
  t.equal((await put(successor)).status, 200)
  const list = await keys(service.url, 'list')
  t.match(list.stdout, /^id\tkey\trole\tregion\tname\texpires\tlast used\n/)
  t.match(list.stdout, new RegExp(`^${second}\\t.*reporter\\t410423\\t鲁山县司法局\\t-`, 'm'))
  t.match(list.stdout, new RegExp(`^${id}\\t.*2098-01-01T00:00:00.000Z`, 'm'))
  t.notMatch(list.stdout, successor)
  t.equal((await keys(service.url, 'revoke', second, '--reason', '离职')).code, 0)
  t.match((await service.get('/v1/audit?operation=revokeKey')).json.items, [
    { address: 'local', reason: '离职', actor: /npm run keys/ },
  ])
})

await test('who reads a list may stop in the middle', async (t) => {
  const { url } = await api(t)
  const env = { ...process.env, DATABASE_URL: url, NODE_OPTIONS: '' }
  const child = spawn(process.execPath, [program, 'list'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  t.same([code, said], [0, ''])
})

await test('a mistake is one line', async (t) => {
  const { url } = await api(t)
  const refused: [args: string[], line: RegExp][] = [
    [['issue', '--name', '某县', '--role', 'reader', '--region', '999999'], /^999999 is neither a region nor a township\n$/],
    [['issue', '--name', '某县', '--role', 'reader', '--expires', '2020-01-01'], /^2020-01-01 is not an instant to come/],
    [['issue', '--name', '某县', '--role', 'owner'], /Allowed choices are reader, reporter, steward, admin/],
    ...['王敏 <u-1>', ' ', 'x'.repeat(101)].map((name): [string[], RegExp] => [
      ['issue', '--name', name, '--role', 'reader'],
      /^a name is one line of at most 100 characters, not blank, without < and >\n$/,
    ]),
    [['revoke', 'x'], /^no key has the id x\n$/],
  ]
  await Promise.all(
    refused.map(async ([args, line]) => {
      const { code, stderr } = await keys(url, ...args)
      t.equal(code, 1)
      t.match(stderr, line)
    }),
  )
})

await test('where there is no database none is made', async (t) => {
  const folder = t.testdir()
  const told = await new Promise<Told>((done) => {
    const env = { ...process.env, DATABASE_URL: '', DATA_DIR: folder, NODE_OPTIONS: '' }
    execFile(process.execPath, [program, 'list'], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
  t.match(told, { code: 1, stdout: '', stderr: /^there is no database in .*DATA_DIR or DATABASE_URL/ })
  t.same(await readdir(folder), [])
})
