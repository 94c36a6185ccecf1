/** The documents that are generated from the code: the OpenAPI document and a table of its operations for reviewers. */
import { buildApp } from '../app.ts'
import { documentText } from '../http/openapi.ts'
import { root } from '../root.ts'
import { openDatabase } from '../storage/database.ts'

export const documentFolder = new URL('openapi/', root)

type Operations = Record<string, Record<string, { operationId: string }>>

/** One line an operation: id, method, path, in the order of the paths. */
export function routesText(document: string): string {
  const { paths }: { paths: Operations } = JSON.parse(document)
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId }]) => `${operationId.padEnd(26)} ${method.toUpperCase().padEnd(6)} ${path}`,
    ),
  )
  return `${lines.join('\n')}\n`
}

/** File name -> text of everything in `openapi/`. The database is never connected to. */
export async function generated(): Promise<Record<string, string>> {
  const database = openDatabase('postgresql://nobody@localhost:1/none', { pool: 1 })
  const app = await buildApp({ bodyLimit: 1_048_576, logLevel: 'silent', trustProxy: false }, database)
  const document = documentText(app)
  await app.close()
  await database.close()
  return { 'v1.json': document, 'routes.txt': routesText(document) }
}
