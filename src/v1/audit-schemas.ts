/** Entries of the audit as clients see them. */
import Type, { type Static } from 'typebox'
import { about, literals, ref } from '../catalogue/schema.ts'
import { roles } from '../http/caller.ts'
import { faults, problems } from '../http/problems.ts'
import { Instant, NextCursor } from './schemas.ts'

const closed = { additionalProperties: false } as const

export const exampleEntry = {
  id: 4711,
  recordedAt: '2025-02-26T03:15:00.000Z',
  actor: '鲁山县司法局',
  role: 'reporter',
  keyId: 2,
  address: '10.41.4.23',
  requestId: '1f0c6e0e-6f0f-4c0e-9d2a-0a8a5d0b7b7e',
  operation: 'putDisputes',
  outcome: 'done',
  region: '410423209',
  target: 'disputes/410423209/2024',
  revision: 2,
  reason: '县司法局复核后更正',
} as const
export const exampleRefusal = {
  id: 4712,
  recordedAt: '2025-02-26T03:16:00.000Z',
  actor: '鲁山县司法局',
  role: 'reporter',
  keyId: 2,
  address: '10.41.4.23',
  requestId: '7d3b1a52-93e4-4a1f-8c55-0e2f6a9b0c1d',
  operation: 'putDisputes',
  outcome: 'refused',
  problem: 'outside-region',
  region: '500229107',
  target: 'disputes/500229107/2024',
} as const

const AuditEntry = Type.Object(
  {
    id: Type.Integer(about('编号，按先后递增', 'Id, in the order of writing', exampleEntry.id)),
    recordedAt: Instant('时间', 'When'),
    actor: Type.String(
      about(
        '何人：密钥的名称；使用令牌者为“姓名 <用户标识（sub）>”',
        'Who: the name of a key; of a token `name <sub>`',
        exampleEntry.actor,
      ),
    ),
    role: literals(roles, about('当时的权限', 'The role at that time', exampleEntry.role)),
    keyId: Type.Optional(Type.Integer(about('所用密钥的编号', 'The key that was used', exampleEntry.keyId))),
    address: Type.String(
      about(
        '来自何处；在服务器上执行的为 local',
        'From where; `local` for what was done on the server itself',
        exampleEntry.address,
      ),
    ),
    requestId: Type.String(about('请求编号', 'Id of the request', exampleEntry.requestId)),
    operation: Type.String(
      about(
        '操作（operationId）；setup 为首次启动时建立第一个密钥',
        'The operation, by its operationId; `setup` made the first key, at the first start',
        exampleEntry.operation,
      ),
    ),
    outcome: literals(['done', 'refused'], about('完成或被拒绝', 'Done, or refused', exampleEntry.outcome)),
    problem: Type.Optional(
      literals(Object.keys({ ...problems, ...faults }), about('拒绝的原因', 'Why it was refused', 'outside-region')),
    ),
    region: Type.Optional(
      Type.String(
        about(
          '涉及的乡镇或区划；没有即为全国',
          'The township or region concerned; absent for the whole country',
          exampleEntry.region,
        ),
      ),
    ),
    target: Type.String(about('涉及的资源，/v1 以下的路径', 'The resource, its path below /v1', exampleEntry.target)),
    revision: Type.Optional(Type.Integer(about('由此产生的版本', 'The revision that came of it', exampleEntry.revision))),
    reason: Type.Optional(Type.String(about('理由', 'Why', exampleEntry.reason))),
  },
  {
    ...closed,
    $id: 'AuditEntry',
    ...about('一次写入，或一次被拒绝的操作', 'A write, or an attempt that was refused', exampleEntry),
  },
)
const AuditList = Type.Object(
  { items: Type.Array(ref(AuditEntry), about('新的在前', 'The newest first', [exampleRefusal, exampleEntry])), next: NextCursor },
  { ...closed, $id: 'AuditList', ...about('审计记录', 'Entries of the audit', { items: [exampleRefusal, exampleEntry] }) },
)
export type AuditItem = Static<typeof AuditEntry>
export const auditSchemas = [AuditEntry, AuditList]
