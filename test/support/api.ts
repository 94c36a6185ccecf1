/** The service as its users see it: a fresh database, the real application, requests over HTTP. Every answer is held against the document. */
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { type AppConfig, buildApp } from '../../src/app.ts'
import type { Finding } from '../../src/catalogue/findings.ts'
import type { Content } from '../../src/catalogue/record.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { cloneTemplate } from './cluster.ts'
import { contractOf } from './contract.ts'

export type Headers = Record<string, string>
/** What bodies of this API can hold; a test reads the part that it asked for. */
export type Body = Content & {
  [key: string]: unknown
  code: string
  title: string
  detail: string
  requestId: string
  errors: { pointer?: string; parameter?: string; code: string; detail: string }[]
  items: Body[]
  next?: string
  township: string
  period: string
  revision: number
  findings: Finding[]
  updatedAt: string
  name: string
  kind: string
}
export type Response = { status: number; headers: Record<string, string | undefined>; text: string; json: Body }
export type Request = (path: string, body?: unknown, headers?: Headers) => Promise<Response>
export type Api = {
  app: FastifyInstance
  database: Database
  url: string
  request: (method: string, path: string, body?: unknown, headers?: Headers) => Promise<Response>
  get: (path: string, headers?: Headers) => Promise<Response>
  del: (path: string, headers?: Headers) => Promise<Response>
  put: Request
  post: Request
  patch: Request
}

const contentTypes: Record<string, string> = { PATCH: 'application/merge-patch+json' }
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Starts the service for one test or test file; all is removed at its teardown. A string body is sent as it is. */
export async function api(t: Test, options: Partial<AppConfig> = {}): Promise<Api> {
  const { url, drop } = await cloneTemplate()
  const database = openDatabase(url, { pool: 8 })
  const app = await buildApp({ bodyLimit: 1_048_576, logLevel: 'silent', trustProxy: false, ...options }, database)
  const check = contractOf(app)
  t.teardown(async () => {
    await app.close()
    await database.close()
    await drop()
  })

  /** An empty header is none. */
  const sent = (headers: Headers): Headers => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))

  async function request(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Response> {
    const known = methods.find((one) => one === method) ?? 'GET'
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
    const type = body === undefined ? {} : { 'content-type': contentTypes[method] ?? 'application/json' }
    const response = await app.inject({ method: known, url: path, headers: sent({ ...type, ...headers }), ...payload })
    const contentType = response.headers['content-type']?.toString()
    check({ method, url: path, statusCode: response.statusCode, contentType, body: response.body })
    const json: Body = JSON.parse(/[/+]json\b/.test(contentType ?? '') && response.body !== '' ? response.body : '{}')
    const texts = Object.entries(response.headers).map(([name, value]) => [name, value?.toString()] as const)
    return { status: response.statusCode, headers: Object.fromEntries(texts), text: response.body, json }
  }

  return {
    app,
    database,
    url,
    request,
    get: (path, headers) => request('GET', path, undefined, headers),
    del: (path, headers) => request('DELETE', path, undefined, headers),
    put: (path, body, headers) => request('PUT', path, body, headers),
    post: (path, body, headers) => request('POST', path, body, headers),
    patch: (path, body, headers) => request('PATCH', path, body, headers),
  }
}
