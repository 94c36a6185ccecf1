/** The worked examples of the document are true: requests are sent as they are shown, and answered as it is shown. */
import { test } from 'tap'
import { categories } from '../../src/catalogue/index.ts'
import { categoryOf } from '../../src/catalogue/record.ts'
import { mistakesOf, sampleOf } from '../../src/v1/record-examples.ts'
import { api, type Headers } from '../support/api.ts'
import { readUntil } from '../support/feed.ts'
import { documentOf, examplesOf, operationsOf } from './document.ts'
import { lasting, workedExamples } from './worked.ts'

const stems = {
  disputes: 'Disputes',
  enforcement: 'Enforcement',
  legalAdvisers: 'LegalAdvisers',
  publicity: 'Publicity',
  governance: 'Governance',
}

await test('a record of each category is created, read, corrected, replaced and deleted as shown', async (t) => {
  const service = await api(t)
  const examples = workedExamples(service)
  for (const { name } of categories) {
    const stem = stems[name]
    t.equal((await examples.send(t, `put${stem}`, 'record')).status, 201)
    t.equal((await examples.send(t, `put${stem}`, 'record')).status, 200, 'Try it out on what is there changes nothing')
    await examples.send(t, `get${stem}`)
    await examples.send(t, `list${stem}`)
    for (const body of examples.bodies(`patch${stem}`)) await examples.send(t, `patch${stem}`, body)
    t.same(examples.bodies(`patch${stem}`), ['correct', 'remove', 'clear'])
    const bodies = examples.bodies(`put${stem}`)
    t.match(bodies, ['record', 'smallest', 'qualified'])
    for (const body of bodies.slice(1)) await examples.send(t, `put${stem}`, body)
    await examples.send(t, `delete${stem}`)
  }
})

await test('the history of a record that was corrected is told as shown', async (t) => {
  const service = await api(t)
  const examples = workedExamples(service)
  for (const { name } of categories) {
    const stem = stems[name]
    await examples.send(t, `put${stem}`, 'record')
    await examples.send(t, `patch${stem}`, 'correct')
    await examples.send(t, `list${stem}Revisions`)
    await examples.send(t, `get${stem}Revision`)
    await examples.send(t, `get${stem}Difference`)
  }
})

await test('the feed shows a correction and a deletion as told', async (t) => {
  const service = await api(t)
  const examples = workedExamples(service)
  await examples.send(t, 'putDisputes', 'record')
  await examples.send(t, 'patchDisputes', 'correct')
  await examples.send(t, 'deleteDisputes')
  await readUntil(service, ({ action }) => action === 'delete')
  await examples.send(t, 'listChanges')
})

await test('removing a figure removes its remark, as the example says', async (t) => {
  const service = await api(t)
  const examples = workedExamples(service)
  const before = await examples.send(t, 'putPublicity', 'record')
  const after = await examples.send(t, 'patchPublicity', 'remove')
  t.equal(Object.keys(after.json.figures).length, Object.keys(before.json.figures).length - 1)
  t.equal(Object.keys(after.json.remarks ?? {}).length, Object.keys(before.json.remarks ?? {}).length - 1)
})

await test('a whole report', async (t) => {
  const examples = workedExamples(await api(t))
  t.equal((await examples.send(t, 'putReport', 'report')).status, 201)
  t.equal((await examples.send(t, 'putReport', 'report')).status, 200)
  await examples.send(t, 'getReport')
  await examples.send(t, 'deleteReport')
  await examples.send(t, 'putReport', 'smallest')
})

await test('reference data and the state of the service', async (t) => {
  const examples = workedExamples(await api(t))
  const reads = [
    'listIndicators',
    'getIndicator',
    'listRegions',
    'getRegion',
    'listTownships',
    'getTownship',
    'listPeriods',
    'getPeriod',
  ]
  for (const operation of [...reads, 'getLiveness', 'getReadiness']) await examples.send(t, operation)
  for (const body of examples.bodies('createPeriod')) t.equal((await examples.send(t, 'createPeriod', body)).status, 201)
})

await test('a period is extended for a county, closed and reopened', async (t) => {
  const examples = workedExamples(await api(t))
  t.equal((await examples.send(t, 'putExtension', 'county')).status, 201)
  for (const operation of ['getExtension', 'listExtensions', 'deleteExtension']) await examples.send(t, operation)
  for (const operation of ['closePeriod', 'reopenPeriod']) await examples.send(t, operation, 'year')
})

await test('a query parameter that the document does not tell is refused by every operation, but not where a probe asks', async (t) => {
  const service = await api(t)
  const examples = workedExamples(service)
  for (const { method, path, operation } of operationsOf(documentOf(service.app))) {
    const [body] = examples.bodies(operation.operationId)
    const answer = await examples.ask(operation.operationId, body, { 'no-such': '1' })
    const story = `${method} ${path}`
    if (operation.tags.includes('operations')) {
      t.equal(answer.status, 200, story)
      t.match(operation.description, /not looked at/)
    } else {
      t.match(answer, { status: 400, json: { code: 'invalid-request' } }, story)
      const unknown = answer.json.errors.filter(({ code }) => code === 'unknown-parameter')
      t.match(unknown, [{ parameter: 'no-such' }], story)
    }
  }
  t.equal((await service.app.inject({ url: '/openapi.json?lang=zh' })).statusCode, 400)
})

const record = '/v1/disputes/410423209'
/** What provokes a problem that stands in `components.examples`. */
const provoked: [example: string, method: string, path: string, body?: unknown, headers?: Headers][] = [
  ['InvalidRequest', 'GET', '/v1/indicators?page=2'],
  ['MalformedJson', 'PUT', `${record}/2024`, '{"figures":'],
  ['InvalidCursor', 'GET', '/v1/disputes?cursor=x'],
  ['UnknownIndicator', 'GET', '/v1/indicators/screening'],
  ['UnknownRegion', 'GET', '/v1/regions/999999'],
  ['UnknownTownship', 'GET', '/v1/townships/999999999'],
  ['UnknownTownship', 'PUT', '/v1/disputes/999999999/2024', { figures: {} }],
  ['UnknownPeriod', 'GET', `${record}/2099`],
  ['RecordAbsent', 'GET', `${record}/2023`],
  ['UnknownRevision', 'GET', '/v1/disputes/410421106/2024/revisions/7'],
  ['ReportAbsent', 'GET', '/v1/reports/410423209/2023'],
  ['ExtensionAbsent', 'GET', '/v1/periods/2023/extensions/410423'],
  ['CorrectionNeedsCondition', 'PUT', `${record}/2023`, { figures: {} }],
  ['CredentialsRequired', 'PUT', `${record}/2024`, { figures: {} }, { authorization: '' }],
  ['CredentialsInvalid', 'GET', `${record}/2024`, undefined, { authorization: 'Bearer x' }],
  ['UnknownKey', 'GET', '/v1/api-keys/42'],
  ['PeriodExists', 'POST', '/v1/periods', { period: '2024' }],
  ['PreconditionFailed', 'PUT', `${record}/2024`, { figures: {} }, { 'if-match': '"7-1"' }],
  ['UnsupportedMediaType', 'PUT', `${record}/2024`, '<figures/>', { 'content-type': 'application/xml' }],
]

await test('problems are answered as shown, in both languages', async (t) => {
  const service = await api(t)
  const { components } = documentOf(service.app)
  await service.put('/v1/reports/410423209/2024', {
    disputes: { figures: { identified: 1 } },
    publicity: { figures: { activities: 20 } },
  })
  await service.put('/v1/disputes/410421106/2024', { figures: { identified: 1 } })
  await service.patch('/v1/disputes/410421106/2024', { figures: { identified: 2 } })
  await service.post('/v1/periods/2023/close', { reason: '数据已汇总' })
  const [reader, reporter, county] = [
    await service.as('reader'),
    await service.as('reporter'),
    await service.as('reporter', '410423'),
  ]
  const cases: typeof provoked = [
    ...provoked,
    ['PeriodClosed', 'PUT', `${record}/2023`, { figures: {} }, reporter],
    ['RoleTooLow', 'PUT', `${record}/2024`, { figures: {} }, reader],
    ['OutsideRegion', 'PUT', '/v1/disputes/500229107/2024', { figures: {} }, county],
    ['PreconditionRequired', 'PUT', '/v1/reports/410423209/2024', { disputes: { figures: {} } }],
  ]
  for (const [name, method, path, body, headers] of cases) {
    for (const [language, suffix] of [
      ['en', ''],
      ['zh', 'Zh'],
    ] as const) {
      const answer = await service.request(method, path, body, { ...headers, 'accept-language': language })
      t.strictSame(
        lasting(answer.json),
        lasting(components.examples[name + suffix]?.value),
        `${name + suffix}: ${method} ${path}`,
      )
    }
  }
})

await test('a body with several mistakes is told all of them as shown', async (t) => {
  const service = await api(t)
  const document = documentOf(service.app)
  for (const { name } of categories) {
    const { path } = categoryOf(name)
    const { township, period, content } = sampleOf(name)
    const url = `/v1/${path}/${township}/${period}`
    await service.put(url, content)
    for (const method of ['PUT', 'PATCH']) {
      const { figures } = mistakesOf(name)
      const operation = document.paths[`/v1/${path}/{township}/{period}`]?.[method.toLowerCase()]
      const shown = examplesOf(document, operation?.responses[400]?.content?.['application/problem+json'])
      for (const [language, key] of [
        ['en', 'invalidBody'],
        ['zh', 'invalidBodyZh'],
      ] as const) {
        const answer = await service.request(method, url, { figures }, { 'accept-language': language })
        t.strictSame(lasting(answer.json), lasting(shown[key]?.value), `${method} ${path} ${language}`)
      }
    }
  }
  const shown = examplesOf(
    document,
    document.paths['/v1/reports/{township}/{period}']?.put?.responses[400]?.content?.['application/problem+json'],
  )
  const both = { disputes: { figures: mistakesOf('disputes').figures }, publicity: { figures: mistakesOf('publicity').figures } }
  const answer = await service.put('/v1/reports/410421106/2024', both)
  t.strictSame(lasting(answer.json), lasting(shown.invalidBody?.value), 'a report')
  const region = document.paths['/v1/disputes']?.get
  const filter = examplesOf(document, region?.responses[400]?.content?.['application/problem+json'])
  const list = await service.get('/v1/disputes?region=4104232&limit=1001&page=2')
  t.strictSame(lasting(list.json), lasting(filter.invalidRequest?.value), 'a filter')
})
