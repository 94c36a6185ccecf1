/** Keys as clients see them. */
import Type, { type Static } from 'typebox'
import { about, literals, ref } from '../catalogue/schema.ts'
import { roles } from '../http/caller.ts'
import { keyName } from '../key.ts'
import { Instant, NextCursor } from './schemas.ts'

const closed = { additionalProperties: false } as const

/** A key of the examples: a county's nightly job. */
export const exampleKey = {
  id: 2,
  name: '鲁山县司法局',
  role: 'reporter',
  region: '410423',
  state: 'active',
  hint: 'trlr_Xk3v',
  createdAt: '2025-01-06T01:30:00.000Z',
  createdBy: 'admin',
  expiresAt: '2027-03-31T16:00:00.000Z',
} as const
export const exampleSecret = 'trlr_Xk3v9Qe0Z7m2Lw5sYt8Bn4Hr6Jd1Gf3Ka9Pc2Uo7Mx0'
export const asking = { name: '鲁山县司法局', role: 'reporter', region: '410423', expiresAt: '2027-03-31T16:00:00.000Z' }

const Name = Type.String({
  minLength: 1,
  maxLength: keyName.longest,
  pattern: keyName.pattern,
  title: 'Key name',
  ...about(
    '使用者名称，单行，不得含 < 或 >；记入历史和审计',
    'Whose key it is, in one line without < and >; history and audit keep this name',
    exampleKey.name,
  ),
})
const Role = literals(
  roles,
  about(
    'reader 读取；reporter 填报本辖区；steward 另可更正已关闭的报告期、登记沿革；admin 另可管理密钥和乡镇',
    'reader reads; reporter also writes records of its region; steward also corrects closed periods and records successions; admin also manages keys and townships',
    exampleKey.role,
  ),
)
const Region = Type.String({
  pattern: '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9})$',
  title: 'Place code',
  ...about(
    '管辖范围：省、地、县或乡镇代码；没有即为全国',
    'Its region: the code of a province, prefecture, county or township; absent for the whole country',
    exampleKey.region,
  ),
})
const expiry = ['有效期至；没有即为长期有效', 'Valid until; absent where it does not expire'] as const

const fields = {
  id: Type.Integer(about('编号', 'Id', exampleKey.id)),
  name: Name,
  role: Role,
  region: Type.Optional(Region),
  state: literals(['active', 'expired', 'revoked'], about('状态', 'State', exampleKey.state)),
  hint: Type.String(about('密钥的开头，便于辨认', 'How the key begins, to know it again', exampleKey.hint)),
  createdAt: Instant('签发时间', 'When it was issued'),
  createdBy: Type.String(about('签发人', 'Who issued it', exampleKey.createdBy)),
  expiresAt: Type.Optional(Instant(...expiry)),
  lastUsedAt: Type.Optional(Instant('最近使用时间，精确到分钟', 'When it was last used, to the minute')),
  revokedAt: Type.Optional(Instant('吊销时间', 'When it was revoked')),
  revokedBy: Type.Optional(Type.String(about('吊销人', 'Who revoked it', 'admin'))),
  replacedBy: Type.Optional(Type.Integer(about('更换后的密钥编号', 'Id of its successor, where it was replaced', 43))),
}

export const ApiKey = Type.Object(fields, {
  ...closed,
  $id: 'ApiKey',
  ...about('密钥，不含其本身', 'A key, without itself', exampleKey),
})
export const IssuedApiKey = Type.Object(
  { ...fields, key: Type.String(about('密钥本身，只在此显示一次', 'The key itself; shown this once', exampleSecret)) },
  { ...closed, $id: 'IssuedApiKey', ...about('新签发的密钥', 'A key that was issued', { ...exampleKey, key: exampleSecret }) },
)
export const ApiKeyCreate = Type.Object(
  { name: Name, role: Role, region: Type.Optional(Region), expiresAt: Type.Optional(Instant(...expiry)) },
  { ...closed, $id: 'ApiKeyCreate', ...about('签发密钥', 'A key to be issued', asking) },
)
export const rotating = { oldValidUntil: '2027-01-15T00:00:00.000Z', expiresAt: '2028-03-31T16:00:00.000Z' }
export const ApiKeyRotation = Type.Object(
  {
    oldValidUntil: Type.Optional(
      Instant('旧密钥保留至；没有即立即吊销', 'Until when the old key stays valid as well; absent to revoke it now'),
    ),
    expiresAt: Type.Optional(
      Instant(
        '新密钥的有效期至；没有即与旧密钥相同',
        'Until when the new key is valid; absent for as long as the old one was to be',
      ),
    ),
  },
  { ...closed, $id: 'ApiKeyRotation', ...about('更换密钥', 'How a key is replaced', rotating) },
)
export const ApiKeyList = Type.Object(
  { items: Type.Array(ref(ApiKey), about('密钥，新的在前', 'Keys, the newest first', [exampleKey])), next: NextCursor },
  { ...closed, $id: 'ApiKeyList', ...about('密钥列表', 'Keys', { items: [exampleKey] }) },
)
export type ApiKeyView = Static<typeof ApiKey>
export const apiKeySchemas = [ApiKey, IssuedApiKey, ApiKeyCreate, ApiKeyRotation, ApiKeyList]
