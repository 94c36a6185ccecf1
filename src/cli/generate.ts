/**
 * `npm run generate`: writes what is derived from the code and committed, `openapi/v1.json` and `openapi/routes.txt`. Migrations are
 * written by drizzle-kit just before. Needs no database: nothing is asked while the routes are registered.
 */
import { writeFile } from 'node:fs/promises'
import { documentFolder, generated } from './documents.ts'

for (const [name, text] of Object.entries(await generated())) await writeFile(new URL(name, documentFolder), text)
