/** Due days that are later for a region: set, read, withdrawn. They decide who is late and open nothing. */
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { ref } from '../catalogue/schema.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { ProblemError } from '../http/problems.ts'
import { bodyProblems, empty, json, responses, worked } from '../http/responses.ts'
import { faultsOf } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { extendPeriod, findExtension, listExtensions, withdrawExtension } from '../storage/period-extensions.ts'
import { regionExists } from '../storage/places.ts'
import { authorOf } from './author.ts'
import { fileFormOf, listAnswer, listParameters, type Sheet, sendItems } from './list-file.ts'
import { ExtensionWrite, exampleExtension, extending, extensionView } from './period-schemas.ts'
import { storedPeriod } from './periods.ts'
import { assertSound } from './record-check.ts'
import { formErrors, pathOf } from './records.ts'
import { like, PeriodCode, RegionCode, WriteQuery } from './schemas.ts'

const closed = { additionalProperties: false } as const
const NoQuery = Type.Object({}, closed)
const tags = ['periods']
const region = like(RegionCode, exampleExtension.region)
const examples = { county: worked('一个县', 'A county', exampleExtension) }
const extension = { $ref: 'Extension#' }
const one = { tags, params: Type.Object({ period: PeriodCode, region }, closed), querystring: NoQuery }
const unknown = ['invalid-request', 'unknown-period', 'unknown-region'] as const

const sheet: Sheet<ReturnType<typeof extensionView>> = {
  names: ['extensions', '延期'],
  columns: [
    ['region', '区划代码', (one) => one.region],
    ['dueOn', '截止日', ({ dueOn }) => dueOn],
    ['reason', '理由', ({ reason }) => reason],
    ['actor', '登记人', ({ actor }) => actor],
    ['recordedAt', '登记时间', ({ recordedAt }) => recordedAt],
  ],
}

const operations = {
  list: {
    operationId: 'listExtensions',
    summary: '报告期的延期 / Extensions of a period',
    tags,
    params: Type.Object({ period: PeriodCode }, closed),
    querystring: Type.Object(listParameters, closed),
    response: responses(
      {
        200: listAnswer('全部延期 / All extensions', { $ref: 'ExtensionList#' }, { page: { items: [exampleExtension] }, sheet }),
      },
      'invalid-request',
      'not-acceptable',
      'unknown-period',
    ),
  },
  get: {
    ...one,
    operationId: 'getExtension',
    summary: '一个地区的延期 / The extension of a region',
    response: responses({ 200: json('延期 / The extension', extension, { examples }) }, ...unknown, 'extension-absent'),
  },
  put: {
    ...one,
    operationId: 'putExtension',
    summary: '延长一个地区的报送截止日 / Extend the due day of a region',
    description:
      '只影响迟报的判断；一个乡镇以所属最小地区的延期为准。不得早于报告期的截止日。 / Decides only who is late: for a township the extension of its smallest region holds. Not before the due day of the period.',
    body: ref(ExtensionWrite),
    response: responses(
      {
        200: json('延期 / The extension', extension, { examples }),
        201: json('已登记 / Recorded', extension, { headers: ['Location'], examples }),
      },
      ...unknown,
      'invalid-body',
      ...bodyProblems,
    ),
    ...documented({ examples: { county: worked('延长一个月', 'A month more', extending) } }),
  },
  remove: {
    ...one,
    operationId: 'deleteExtension',
    summary: '撤销一个地区的延期 / Withdraw an extension',
    description:
      '记录保留；此后以上级地区的延期或报告期的截止日为准。 / Its trace stays; what holds then is that of a region above, or the due day of the period.',
    querystring: WriteQuery,
    response: responses({ 204: empty('已撤销 / Withdrawn') }, ...unknown, 'extension-absent'),
  },
}

/** The period and region of an address; throws where one is unknown. */
async function placeOf(database: Database, params: { period: string; region: string }) {
  const period = await storedPeriod(database, params.period)
  if (!(await regionExists(database, params.region))) throw new ProblemError('unknown-region', { code: params.region })
  return { period, region: params.region }
}

/** The routes. Takes the database. */
export const periodExtensionRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    const path = '/periods/:period/extensions'
    const absent = (params: { period: string; region: string }) => new ProblemError('extension-absent', params)

    app.get(path, { schema: operations.list }, async (request, reply) => {
      const form = fileFormOf(request, request.query)
      const { id } = await storedPeriod(database, request.params.period)
      const items = (await listExtensions(database, id)).map(extensionView)
      return form ? sendItems(reply, form, sheet, items) : reply.header('vary', 'Accept').send({ items })
    })

    app.get(`${path}/:region`, { schema: operations.get }, async (request) => {
      const { period, region: code } = await placeOf(database, request.params)
      const found = await findExtension(database.pool, period.id, code)
      if (!found) throw absent(request.params)
      return extensionView(found)
    })

    app.put(
      `${path}/:region`,
      { attachValidation: true, preParsing: requireMediaType('application/json'), schema: operations.put },
      async (request, reply) => {
        assertSound(faultsOf(formErrors(request), 'body'))
        const { period, region: code } = await placeOf(database, request.params)
        const { dueOn, reason } = request.body
        if (dueOn < period.dueOn) assertSound([{ pointer: '/dueOn', code: 'too-early', params: { day: period.dueOn } }])
        const { outcome, extension: told } = await extendPeriod(database, period.id, code, dueOn, {
          ...authorOf(request),
          reason,
        })
        if (outcome === 'created') reply.status(201).header('location', pathOf(request))
        return reply.send(extensionView(told))
      },
    )

    app.delete(`${path}/:region`, { schema: operations.remove }, async (request, reply) => {
      const { period, region: code } = await placeOf(database, request.params)
      if (!(await withdrawExtension(database, period.id, code, authorOf(request)))) throw absent(request.params)
      return reply.status(204).send()
    })
  }
