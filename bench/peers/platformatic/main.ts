/**
 * Platformatic DB as in production: no logger, no metrics, no GraphQL, a pool of 10. All of its API is what it generates from the table
 * itself, so there is nothing here but its configuration. Says its address; SIGTERM ends it.
 */
import { create } from '@platformatic/db'

const [, , connectionString] = process.argv
if (!connectionString) throw new Error('usage: platformatic/main.js <database url>')

const server = await create(
  import.meta.dirname,
  {
    server: { hostname: '127.0.0.1', port: 0, logger: { level: 'silent' } },
    db: {
      connectionString,
      poolSize: 10,
      include: { disputes: true },
      // Otherwise it writes `created_at` and `updated_at` by itself; here they come with the request, as all other columns do.
      autoTimestamp: false,
      graphql: false,
      openapi: true,
      events: false,
    },
    watch: false,
  },
  { isProduction: true, isEntrypoint: true, metricsConfig: false },
)
process.stdout.write(`${await server.start({ listen: true })}\n`)
process.on('SIGTERM', () => process.exit(0))
