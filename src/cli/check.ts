/**
 * Part of `npm run check`: what is generated must be committed as it is. Fails where `openapi/` differs from the code, or where
 * drizzle-kit would write a migration that is not there.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrationsFolder } from '../storage/migrations.ts'
import { documentFolder, generated } from './documents.ts'

const stale = Object.entries(await generated())
  .filter(([name, text]) => readFileSync(new URL(name, documentFolder), 'utf8') !== text)
  .map(([name]) => `openapi/${name}`)

const scratch = mkdtempSync(join(tmpdir(), 'migrations-'))
cpSync(migrationsFolder, scratch, { recursive: true })
execFileSync(
  'npx',
  ['drizzle-kit', 'generate', '--dialect', 'postgresql', '--schema', './src/storage/tables.ts', '--out', scratch],
  { stdio: 'pipe' },
)
if (readdirSync(scratch).length !== readdirSync(migrationsFolder).length) stale.push('migrations/')
rmSync(scratch, { recursive: true })

if (stale.length > 0) {
  process.stderr.write(`Not up to date: ${stale.join(', ')}. Run npm run generate and commit what it writes.\n`)
  process.exitCode = 1
}
