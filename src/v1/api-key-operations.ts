/** The operations on keys as the document tells them. */
import Type from 'typebox'
import { about, ref } from '../catalogue/schema.ts'
import { documented } from '../http/document.ts'
import { paging } from '../http/paging.ts'
import { bodyProblems, empty, json, responses, worked } from '../http/responses.ts'
import { ApiKeyCreate, ApiKeyRotation, type ApiKeyView, asking, exampleKey, exampleSecret, rotating } from './api-key-schemas.ts'
import { listAnswer, listParameters, type Sheet } from './list-file.ts'
import { WriteQuery } from './schemas.ts'

const closed = { additionalProperties: false } as const
const NoQuery = Type.Object({}, closed)
const tags = ['api-keys']
const params = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: 2 ** 53 - 1, ...about('编号', 'Id', exampleKey.id) }) },
  closed,
)
const issued = (zh: string, en: string) =>
  json(
    `${zh} / ${en}`,
    { $ref: 'IssuedApiKey#' },
    {
      headers: ['Location'],
      examples: { county: worked('一个县', 'A county', { ...exampleKey, key: exampleSecret }) },
    },
  )

export const keySheet: Sheet<Omit<ApiKeyView, 'role' | 'state'> & { role: string; state: string }> = {
  names: ['api-keys', '密钥'],
  columns: [
    ['id', '编号', ({ id }) => id],
    ['name', '名称', ({ name }) => name],
    ['role', '权限', ({ role }) => role],
    ['region', '区划代码', ({ region }) => region],
    ['state', '状态', ({ state }) => state],
    ['hint', '密钥开头', ({ hint }) => hint],
    ['createdAt', '签发时间', ({ createdAt }) => createdAt],
    ['createdBy', '签发人', ({ createdBy }) => createdBy],
    ['expiresAt', '有效期至', ({ expiresAt }) => expiresAt],
    ['lastUsedAt', '最近使用', ({ lastUsedAt }) => lastUsedAt],
    ['revokedAt', '吊销时间', ({ revokedAt }) => revokedAt],
    ['revokedBy', '吊销人', ({ revokedBy }) => revokedBy],
    ['replacedBy', '更换后的密钥编号', ({ replacedBy }) => replacedBy],
  ],
}

export const keyOperations = {
  issue: {
    operationId: 'issueKey',
    summary: '签发密钥 / Issue a key',
    description: '密钥只在应答中显示一次，请当面或经安全渠道转交。 / The key is shown in this answer alone; hand it over safely.',
    tags,
    querystring: NoQuery,
    body: ref(ApiKeyCreate),
    response: responses({ 201: issued('已签发', 'Issued') }, 'invalid-request', 'invalid-body', ...bodyProblems, 'answer-sealed'),
    ...documented({ examples: { county: worked('一个县的填报密钥', 'A county that reports', asking) } }),
  },
  list: {
    operationId: 'listKeys',
    summary: '密钥列表 / List keys',
    tags,
    querystring: Type.Object({ ...paging, ...listParameters }, closed),
    response: responses(
      {
        200: listAnswer(
          '密钥，新的在前 / Keys, the newest first',
          { $ref: 'ApiKeyList#' },
          { page: { items: [exampleKey] }, sheet: keySheet },
          ['Link'],
        ),
      },
      'invalid-request',
      'not-acceptable',
      'exports-busy',
      'invalid-cursor',
      'cursor-of-another-filter',
    ),
  },
  get: {
    operationId: 'getKey',
    summary: '一个密钥 / One key',
    tags,
    params,
    querystring: NoQuery,
    response: responses(
      { 200: json('密钥 / The key', { $ref: 'ApiKey#' }, { examples: { county: worked('一个县', 'A county', exampleKey) } }) },
      'invalid-request',
      'unknown-key',
    ),
  },
  rotate: {
    operationId: 'rotateKey',
    summary: '更换密钥 / Replace a key',
    description:
      '名称、权限和范围不变，未给出 expiresAt 则有效期也不变。给出 oldValidUntil 则旧密钥到时失效，便于逐步更换；否则立即吊销（密钥更换自身时，宜给出，以便未收到应答时可以重复请求）。每个密钥只能更换一次，之后更换其后继。 / Name, role and region stay, and the expiry unless `expiresAt` is given. With `oldValidUntil` the old key stays valid until then, so that systems can change over; without it, it ends now. A key that replaces itself had better name it: else it cannot repeat a request whose answer was lost. A key is replaced once; after that, its successor is.',
    tags,
    params,
    querystring: NoQuery,
    body: ref(ApiKeyRotation),
    response: responses(
      { 201: issued('新的密钥', 'The new key') },
      'invalid-request',
      'invalid-body',
      ...bodyProblems,
      'unknown-key',
      'key-not-active',
      'key-replaced',
      'answer-sealed',
    ),
    ...documented({
      examples: {
        overlap: worked('旧密钥保留一段时间', 'The old one stays for a while', rotating),
        now: worked('立即更换', 'At once', {}),
      },
    }),
  },
  revoke: {
    operationId: 'revokeKey',
    summary: '吊销密钥 / Revoke a key',
    description:
      '立即失效（其他进程 5 秒内）；记录保留，重复吊销不作改变。 / It ends at once (within 5 seconds in other processes of the service); its trace stays, and revoking it again changes nothing.',
    tags,
    params,
    querystring: WriteQuery,
    response: responses({ 204: empty('已吊销 / Revoked') }, 'invalid-request', 'unknown-key'),
  },
}
