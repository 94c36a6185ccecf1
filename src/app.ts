/** The application: one ordered list of plugins and routes. Reads no environment, opens no port, so that tests build it as it is. */
import { randomUUID } from 'node:crypto'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import { categories } from './catalogue/index.ts'
import type { Config } from './config.ts'
import answers, { answerClientError, sendProblem } from './http/answers.ts'
import health, { healthSchemas } from './http/health.ts'
import { collectMethods } from './http/methods.ts'
import { documentText, openapi } from './http/openapi.ts'
import { ProblemError } from './http/problems.ts'
import { validatorCompiler } from './http/validation.ts'
import type { Database } from './storage/database.ts'
import { failureOf } from './storage/failures.ts'
import { indicatorRoutes, indicatorSchemas } from './v1/indicators.ts'
import { periodRoutes, periodSchemas } from './v1/periods.ts'
import { recordComponents } from './v1/record-schemas.ts'
import { recordRoutes } from './v1/records.ts'
import { regionRoutes, regionSchemas } from './v1/regions.ts'
import { reportRoutes, reportSchemas } from './v1/reports.ts'
import { sharedSchemas } from './v1/schemas.ts'
import { townshipRoutes, townshipSchemas } from './v1/townships.ts'

const tags = [
  ...categories.map(({ path, labels }) => ({ name: path, description: `${labels.zh} / ${labels.en}` })),
  { name: 'reports', description: '整份报告 / Whole reports' },
  { name: 'indicators', description: '指标目录 / The catalogue of figures' },
  { name: 'regions', description: '行政区划 / Provinces, prefectures, counties' },
  { name: 'townships', description: '乡镇（街道） / Townships' },
  { name: 'periods', description: '报告期 / Reporting periods' },
  { name: 'operations', description: '运行状态 / Operations' },
]

/** The settings that the application itself needs. */
export type AppConfig = Pick<Config, 'bodyLimit' | 'logLevel' | 'trustProxy'>

/** Builds the service on a database. The caller listens and closes; `app.close()` does not close the database. */
export async function buildApp(config: AppConfig, database: Database): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: config.bodyLimit,
    trustProxy: config.trustProxy,
    genReqId: () => randomUUID(),
    logController: new LogController({ disableRequestLogging: config.logLevel !== 'debug' && config.logLevel !== 'trace' }),
    logger: config.logLevel === 'silent' ? false : { level: config.logLevel },
    routerOptions: { caseSensitive: true, maxParamLength: 200 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, request, reply) => sendProblem(new ProblemError('bad-url'), request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>()

  const components = [
    ...sharedSchemas,
    ...healthSchemas,
    ...recordComponents,
    ...reportSchemas,
    ...indicatorSchemas,
    ...regionSchemas,
    ...townshipSchemas,
    ...periodSchemas,
  ]
  for (const component of components) app.addSchema(component)
  app.setValidatorCompiler(validatorCompiler(components))
  // A response schema documents and is tested against; compiled as a serializer it would coerce null to 0.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/merge-patch+json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))

  await app.register(answers, { failureOf })
  await app.register(openapi, { tags })
  const addMissingMethods = collectMethods(app)
  // Authentication is registered here: before every route, after the form of errors.
  await app.register(health, { ready: async () => void (await database.pool.query('select 1')) })
  await app.register(
    async (v1) => {
      await v1.register(indicatorRoutes)
      await v1.register(regionRoutes(database))
      await v1.register(townshipRoutes(database))
      await v1.register(periodRoutes(database))
      for (const { name } of categories) await v1.register(recordRoutes(name, database))
      await v1.register(reportRoutes(database))
    },
    { prefix: '/v1' },
  )
  let document = ''
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document),
  )
  addMissingMethods()
  await app.ready()
  document = documentText(app)
  return app
}
