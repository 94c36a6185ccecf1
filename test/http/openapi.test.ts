/** The document that clients are generated from: complete, valid, committed as it is, and readable at /docs without a foreign host. */
import { readFile } from 'node:fs/promises'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { test } from 'tap'
import { documentFolder, generated } from '../../src/cli/documents.ts'
import { api } from '../support/api.ts'
import { type Document, documentOf, examplesOf, inlined, operationsOf } from './document.ts'
import { problemsOf } from './lint.ts'

const committed = (name: string) => readFile(new URL(name, documentFolder), 'utf8')
async function read(): Promise<Document> {
  return inlined(await committed('v1.json'))
}

await test('what is committed is what the code generates, byte for byte, every time', async (t) => {
  const [first, second] = [await generated(), await generated()]
  t.strictSame(second, first, 'a second run gives the same bytes')
  for (const [name, text] of Object.entries(first)) t.equal(text, await committed(name), `openapi/${name}`)
})

await test('everything is named, described in Chinese and English, and shown by an example', async (t) => {
  t.strictSame(problemsOf(await read()), [])
})

await test('the lint sees what is missing', async (t) => {
  const before = problemsOf(await read())
  const spoil = async (how: (document: Document) => void) => {
    const document = await read()
    how(document)
    return problemsOf(document).filter((problem) => !before.includes(problem))
  }
  const figures = ({ components }: Document) => components.schemas.DisputeFigures?.properties ?? {}
  const put = ({ paths }: Document) => paths['/v1/disputes/{township}/{period}']?.put
  t.strictSame(
    await spoil((document) => {
      figures(document).identified = { type: 'integer', description: 'Disputes identified', examples: [1] }
    }),
    ['DisputeFigures.identified: not described in both languages'],
  )
  t.strictSame(await spoil((document) => delete figures(document).acceptedByKind?.examples), [
    'DisputeFigures.acceptedByKind: no example',
  ])
  t.strictSame(await spoil((document) => delete figures(document).acceptedByKind?.additionalProperties), [
    'DisputeFigures.acceptedByKind: open to unknown properties',
  ])
  t.strictSame(await spoil((document) => delete put(document)?.requestBody?.content['application/json']?.examples), [
    'putDisputes body: no worked example',
  ])
  t.strictSame(await spoil((document) => delete put(document)?.responses[415]), ['putDisputes: 415 is not told'])
  t.strictSame(await spoil((document) => delete put(document)?.responses[201]?.headers?.Location), [
    'putDisputes 201: no Location',
  ])
  t.strictSame(await spoil((document) => Object.assign(put(document) ?? {}, { operationId: 'getDisputes' })), [
    'getDisputes: two operations of one name',
  ])
  t.strictSame(await spoil((document) => document.tags.push({ name: 'news', description: '新闻 / News' })), [
    'news: a tag without operations',
    'news: a tag in no group',
  ])
})

await test('a maintained validator finds it valid OpenAPI 3.1, every example included', async (t) => {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      'no-invalid-schema-examples': 'error',
      'no-invalid-parameter-examples': 'error',
      // The document is served by the service that it describes, which is what no server means.
      'no-empty-servers': 'off',
      // /livez and /readyz take nothing that could be wrong; of the others our own lint asks for 400.
      'operation-4xx-response': 'off',
    },
  })
  const lint = async (document: unknown) =>
    (await lintFromString({ source: JSON.stringify(document), config })).map(({ ruleId, message }) => `${ruleId}: ${message}`)
  const document = await read()
  t.match(document.openapi, /^3\.1\.\d$/)
  t.strictSame(await lint(JSON.parse(await committed('v1.json'))), [])

  const path = '/v1/disputes/{township}/{period}'
  const { put } = document.paths[path] ?? {}
  const record = examplesOf(document, put?.requestBody?.content['application/json']).record
  Object.assign(record ?? {}, { value: { figures: { resolved: '360' } } })
  t.match(await lint({ ...document, paths: { [path]: put ? { put } : {} } }), [/no-invalid-media-type-examples.*integer/])
})

await test('the document is served as it is committed', async (t) => {
  const { app } = await api(t)
  const response = await app.inject({ url: '/openapi.json' })
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(response.body, await committed('v1.json'))
  t.strictSame(inlined((await app.inject({ url: '/docs/json' })).body), await read(), 'Swagger UI shows the same')
})

await test('the table of routes has a line for every operation', async (t) => {
  const lines = (await committed('routes.txt')).trimEnd().split('\n')
  t.strictSame(
    lines.map((line) => line.split(/ +/)),
    operationsOf(await read()).map(({ method, path, operation }) => [operation.operationId, method.toUpperCase(), path]),
  )
})

await test('Swagger UI comes from our own server alone', async (t) => {
  const { app } = await api(t)
  const foreign = (text: string) => text.match(/(?:src|href)=["'](?:https?:)?\/\/[^"']+|url\(["']?(?:https?:)?\/\/[^)]+/g) ?? []
  const page = await app.inject({ url: '/docs' })
  t.match(page.body, /<title>乡镇法治数据登记 API<\/title>/)
  t.strictSame(foreign(page.body), [])
  const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(
    (match) => new URL(match[1] ?? '', 'http://here/docs').pathname,
  )
  t.ok(assets.length >= 6, 'scripts, styles and icons')
  for (const url of assets) {
    const asset = await app.inject({ url })
    t.equal(asset.statusCode, 200, url)
    if (/css/.test(String(asset.headers['content-type']))) t.strictSame(foreign(asset.body), [], url)
  }
  const settings = (await app.inject({ url: '/docs/static/swagger-initializer.js' })).body
  t.match(settings, /validatorUrl: null/, 'no badge of an online validator')
  t.match(settings, /resolveUrl\('\.\/json'\)/)
  t.notMatch(settings.replace(/\/\/ .*/g, ''), /https?:\/\//)
})

await test('nothing but what must be there is filled in beforehand', async (t) => {
  const { app } = await api(t)
  for (const { operation } of operationsOf(documentOf(app))) {
    for (const parameter of operation.parameters ?? []) {
      if ('$ref' in parameter) continue
      t.equal(parameter.example !== undefined, parameter.required === true, `${operation.operationId}(${parameter.name})`)
    }
  }
})
