/** The application: one ordered list of plugins and routes. Reads no environment, opens no port, so that tests build it as it is. */
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance, LogController } from 'fastify'
import Type from 'typebox'
import { categories } from './catalogue/index.ts'
import type { Config } from './config.ts'
import answers, { answerClientError, sendProblem } from './http/answers.ts'
import authentication from './http/authentication.ts'
import crossOrigin from './http/cors.ts'
import drain from './http/drain.ts'
import health, { healthSchemas } from './http/health.ts'
import idempotency from './http/idempotency.ts'
import { identityProvider } from './http/identity-provider.ts'
import { parseJsonBodies } from './http/json-body.ts'
import { serializers } from './http/log.ts'
import { collectMethods } from './http/methods.ts'
import { documentText, openapi, type TagGroup } from './http/openapi.ts'
import { ProblemError } from './http/problems.ts'
import queryInstants from './http/query-instants.ts'
import { rateLimitOf, throttleOf } from './http/throttle.ts'
import { validatorCompiler } from './http/validation.ts'
import type { Database } from './storage/database.ts'
import { failureOf } from './storage/failures.ts'
import { beginSpanning } from './storage/idempotency.ts'
import { accessOf } from './v1/access.ts'
import { apiKeySchemas } from './v1/api-key-schemas.ts'
import { apiKeyRoutes } from './v1/api-keys.ts'
import { auditRoutes } from './v1/audit.ts'
import { auditSchemas } from './v1/audit-schemas.ts'
import { changeSchemas } from './v1/change-schemas.ts'
import { changeRoutes } from './v1/changes.ts'
import { countyRecodingRoutes } from './v1/county-recoding.ts'
import { coverageRoutes } from './v1/coverage.ts'
import { coverageSchemas } from './v1/coverage-schemas.ts'
import { exportSchemas } from './v1/export-query.ts'
import { findingListSchemas } from './v1/finding-schemas.ts'
import { findingRoutes } from './v1/findings.ts'
import { identities } from './v1/identities.ts'
import { importRevertRoutes } from './v1/import-reverts.ts'
import { importSchemas } from './v1/import-schemas.ts'
import { importTemplateRoutes } from './v1/import-template.ts'
import { importRoutes } from './v1/imports.ts'
import { indicatorSchemas } from './v1/indicator-schemas.ts'
import { indicatorRoutes } from './v1/indicators.ts'
import { periodChangeRoutes } from './v1/period-changes.ts'
import { periodExtensionRoutes } from './v1/period-extensions.ts'
import { periodSchemas } from './v1/period-schemas.ts'
import { periodRoutes } from './v1/periods.ts'
import { recordComponents } from './v1/record-schemas.ts'
import { recordRoutes } from './v1/records.ts'
import refusals from './v1/refusals.ts'
import { regionRoutes, regionSchemas } from './v1/regions.ts'
import { reportSchemas } from './v1/report-operations.ts'
import { reportRoutes } from './v1/reports.ts'
import { revisionSchemas } from './v1/revision-schemas.ts'
import { revisionRoutes } from './v1/revisions.ts'
import { sharedSchemas } from './v1/schemas.ts'
import { statisticsRoutes, statisticsSchemas } from './v1/statistics.ts'
import { successionSchemas } from './v1/succession-schemas.ts'
import { successionWithdrawalRoutes } from './v1/succession-withdrawal.ts'
import { successionRoutes } from './v1/successions.ts'
import { townshipSchemas } from './v1/township-schemas.ts'
import { townshipWriteRoutes } from './v1/township-writes.ts'
import { townshipRoutes } from './v1/townships.ts'

/** Headings and tags of the document, in the order of Swagger UI: what is reported, what is made of it, what it refers to. */
const groups: readonly TagGroup[] = [
  {
    name: '数据 / Figures',
    tags: [
      ...categories.map(({ path, labels }) => ({ name: path, description: `${labels.zh} / ${labels.en}` })),
      { name: 'reports', description: '整份报告，五类一并读写 / Whole reports, the five categories as one' },
      { name: 'imports', description: '批量导入 / Imports of whole files' },
      { name: 'changes', description: '变更记录，供保存副本的系统使用 / Changes in order, for systems that keep a copy' },
    ],
  },
  {
    name: '分析 / Analysis',
    tags: [
      { name: 'statistics', description: '汇总 / Roll-ups' },
      { name: 'coverage', description: '报送情况 / Who has reported, who has not' },
      { name: 'findings', description: '校验提示 / What does not add up' },
    ],
  },
  {
    name: '参照 / Reference',
    tags: [
      { name: 'indicators', description: '指标目录 / The catalogue of figures' },
      { name: 'townships', description: '乡镇（街道） / Townships' },
      { name: 'regions', description: '行政区划 / Provinces, prefectures, counties' },
      { name: 'periods', description: '报告期 / Reporting periods' },
    ],
  },
  {
    name: '管理 / Administration',
    tags: [
      { name: 'api-keys', description: '密钥 / Keys' },
      { name: 'audit', description: '审计 / Who did what' },
    ],
  },
  { name: '运行 / Operations', tags: [{ name: 'operations', description: '运行状态 / State of the service' }] },
]

const components = [
  ...sharedSchemas,
  ...healthSchemas,
  ...recordComponents,
  ...revisionSchemas,
  ...exportSchemas,
  ...reportSchemas,
  ...indicatorSchemas,
  ...regionSchemas,
  ...townshipSchemas,
  ...successionSchemas,
  ...periodSchemas,
  ...statisticsSchemas,
  ...coverageSchemas,
  ...findingListSchemas,
  ...importSchemas,
  ...changeSchemas,
  ...apiKeySchemas,
  ...auditSchemas,
]
/** Compiled once a process, however many applications it builds. */
const validators = validatorCompiler(components)

/** The settings that the application itself needs. */
export type AppConfig = Pick<Config, 'bodyLimit' | 'logLevel' | 'trustProxy'> &
  Partial<Pick<Config, 'importLimit' | 'importDir' | 'publicReads' | 'readScope' | 'identityProvider'>> &
  Partial<Pick<Config, 'idempotencyHours' | 'rateLimit' | 'authFailures' | 'corsOrigins'>>

/** Builds the service on a database. The caller listens and closes; `app.close()` does not close the database. */
export async function buildApp(config: AppConfig, database: Database): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: config.bodyLimit,
    trustProxy: config.trustProxy,
    genReqId: () => randomUUID(),
    logController: new LogController({ disableRequestLogging: config.logLevel !== 'debug' && config.logLevel !== 'trace' }),
    logger: config.logLevel === 'silent' ? false : { level: config.logLevel, serializers },
    return503OnClosing: false,
    routerOptions: { caseSensitive: true, maxParamLength: 200 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, request, reply) => sendProblem(new ProblemError('bad-url'), request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>()

  for (const component of components) app.addSchema(component)
  app.setValidatorCompiler(validators)
  // A response schema documents and is tested against; compiled as a serializer it would coerce null to 0.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  app.removeContentTypeParser('text/plain')
  parseJsonBodies(app, ['application/json', 'application/merge-patch+json'])

  await app.register(answers, { failureOf })
  await app.register(drain)
  await app.register(queryInstants)
  await app.register(crossOrigin, { origins: config.corsOrigins ?? [] })
  const addMissingMethods = collectMethods(app)
  await app.register(openapi, { groups, accessOf })
  const { publicReads = false, readScope = 'all' } = config
  const { identify, forget } = identities(
    database,
    throttleOf(config.authFailures ?? 0),
    config.identityProvider && identityProvider(config.identityProvider),
  )
  const rateLimit = rateLimitOf(config.rateLimit ?? 0)
  await app.register(authentication, { accessOf, identify, rateLimit, publicReads, readScope })
  await app.register(refusals, { database })
  const seconds = 3600 * (config.idempotencyHours ?? 24)
  await app.register(idempotency, { begin: (asked) => beginSpanning(database, asked, seconds) })
  await app.register(health, { ready: async () => void (await database.pool.query('select 1')) })
  await app.register(
    async (v1) => {
      await v1.register(indicatorRoutes)
      await v1.register(regionRoutes(database))
      await v1.register(townshipRoutes(database))
      await v1.register(townshipWriteRoutes(database))
      await v1.register(successionRoutes(database))
      await v1.register(successionWithdrawalRoutes(database))
      await v1.register(countyRecodingRoutes(database))
      await v1.register(periodRoutes(database))
      await v1.register(periodChangeRoutes(database))
      await v1.register(periodExtensionRoutes(database))
      for (const { name } of categories) await v1.register(recordRoutes(name, database))
      for (const { name } of categories) await v1.register(revisionRoutes(name, database))
      await v1.register(reportRoutes(database))
      await v1.register(importTemplateRoutes(database, { readScope }))
      await v1.register(
        importRoutes(database, {
          limit: config.importLimit ?? 268_435_456,
          folder: config.importDir ?? tmpdir(),
          readScope,
          seconds,
        }),
      )
      await v1.register(importRevertRoutes(database, seconds))
      await v1.register(changeRoutes(database))
      await v1.register(statisticsRoutes(database))
      await v1.register(coverageRoutes(database))
      await v1.register(findingRoutes(database, { readScope }))
      await v1.register(apiKeyRoutes(database, forget))
      await v1.register(auditRoutes(database))
    },
    { prefix: '/v1' },
  )
  let document: string | undefined
  app.get(
    '/openapi.json',
    { schema: { hide: true, querystring: Type.Object({}, { additionalProperties: false }) } },
    async (_request, reply) => {
      document ??= documentText(app)
      return reply.type('application/json; charset=utf-8').send(document)
    },
  )
  addMissingMethods()
  await app.ready()
  return app
}
