/**
 * Who may do what, made from the document: every operation, every kind of caller, inside and outside of the caller's region. A new operation
 * without a line in the table fails.
 */
import { test } from 'tap'
import { type Role, roles } from '../../src/http/caller.ts'
import { type Api, api, type Headers } from '../support/api.ts'
import { readUntil } from '../support/feed.ts'
import { bearer } from '../support/keys.ts'
import { type Document, documentOf, examplesOf, operationsOf, type Told } from './document.ts'

/**
 * `open`: nobody's figures. `figures`: read everywhere, or where `READ_SCOPE` is `own` in the own region. `place`: in the own region
 * always. `country`: not with a region. `hidden`: what is asked for here belongs to nobody's region, and is not shown to one that has one.
 */
type Kind = 'open' | 'figures' | 'place' | 'country' | 'hidden'
const stems = 'Disputes|Enforcement|LegalAdvisers|Publicity|Governance'
const table: [operations: string, role: Role | 'anyone', kind: Kind][] = [
  ['getLiveness|getReadiness', 'anyone', 'open'],
  [`list(${stems})|get(${stems})(Revision|Difference)?|list(${stems})Revisions|getReport`, 'reader', 'figures'],
  ['getStatistics|getCoverage|listFindings|listChanges|getImportTemplate', 'reader', 'figures'],
  ['listImports', 'reader', 'open'],
  ['(list|get)(Indicators?|Regions?|Townships?|Periods?|Extensions?)|listSuccessions', 'reader', 'open'],
  [`(put|patch|delete)(${stems})|(put|delete)Report`, 'reporter', 'place'],
  // Rows of other regions are rejected one by one.
  ['createImport', 'reporter', 'open'],
  ['(close|reopen|create)Period', 'steward', 'country'],
  ['(put|delete)Extension|(record|withdraw)Succession', 'steward', 'place'],
  ['revertImport', 'steward', 'hidden'],
  // The new code lies outside of the county's own.
  ['recodeCounty', 'steward', 'country'],
  ['listAudit', 'steward', 'place'],
  ['createTownship|putTownship|issueKey', 'admin', 'place'],
  ['listKeys', 'admin', 'open'],
  ['getKey|rotateKey|revokeKey', 'admin', 'hidden'],
]
/** Where only the scope of readers makes a difference. */
const hiddenFromOwn = ['getImport']

const inside = { region: '410423', township: '410423209' }
const outside = { region: '500229', township: '500229107' }
type Place = typeof inside

const bodies: Record<string, (place: Place) => unknown> = {
  createTownship: ({ region }) => ({ code: `${region}299`, name: '试验乡', validFrom: '2025-01-01' }),
  putTownship: ({ township }) => ({ code: township, name: '某乡' }),
  recordSuccession: () => ({ kind: 'rename', effectiveOn: '2025-01-01', successors: [] }),
  recodeCounty: ({ region }) => ({ newCode: `${region.slice(0, 5)}9`, effectiveOn: '2025-01-01' }),
  issueKey: ({ region }) => ({ name: '试验', role: 'reader', region }),
}
const queries: Record<string, (place: Place) => string> = {
  revertImport: () => '?reason=x',
  listAudit: ({ region }) => `?region=${region}`,
  listFindings: ({ region }) => `?period=2024&region=${region}`,
  getCoverage: ({ region }) => `?period=2024&region=${region}`,
  getStatistics: ({ region }) => `?period=2024&region=${region}&by=county`,
  getImportTemplate: ({ region }) => `?category=disputes&period=2024&region=${region}`,
}

function lineOf(operationId: string) {
  const found = table.filter(([operations]) => new RegExp(`^(${operations})$`).test(operationId))
  return found.length === 1 ? found[0] : undefined
}

/** An operation as a request about a place. What it names beside the place does not exist, so that it is done to nothing. */
function requestOf(service: Api, document: Document, { method, path, operation }: Told, place: Place, kind: Kind) {
  const values: Record<string, string> = {
    ...place,
    county: place.region,
    period: '2024',
    id: '999999',
    revision: '1',
    category: 'disputes',
    code: path.includes('townships') ? place.township : path.includes('indicators') ? 'identified' : place.region,
  }
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name)
  const collection = kind === 'figures' && !path.includes('{') ? `?region=${place.region}` : ''
  const query = queries[operation.operationId]?.(place) ?? collection
  const [type = '', media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  const example = Object.values(examplesOf(document, media))[0]?.value
  const body = type === '' ? undefined : (bodies[operation.operationId]?.(place) ?? example)
  const send = (headers: Headers) =>
    service.request(method.toUpperCase(), address + query, body, { ...(type && { 'content-type': type }), ...headers })
  return send
}

type Verdict = 'in' | 401 | 403
const verdictOf = (status: number): Verdict => (status === 401 || status === 403 ? status : 'in')

async function callers(service: Api) {
  const expired = await service.as('admin')
  await service.database.pool.query(
    `update api_keys set expires_at = now() - interval '1 second' where id = (select max(id) from api_keys)`,
  )
  const revoked = await service.as('admin')
  const { rows } = await service.database.pool.query<{ id: string }>('select max(id) as id from api_keys')
  await service.del(`/v1/api-keys/${rows[0]?.id}`)
  const strangers: [string, Headers][] = [
    ['no key', { authorization: '' }],
    ['garbage', { authorization: 'Bearer garbage' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a key that was never issued', bearer(`trlr_${'x'.repeat(43)}`)],
    ['an expired key', expired],
    ['a revoked key', revoked],
  ]
  const holders: [Role, country: Headers, county: Headers][] = []
  for (const role of roles) holders.push([role, await service.as(role), await service.as(role, inside.region)])
  return { strangers, holders }
}

for (const readScope of ['all', 'own'] as const) {
  await test(`every operation and every caller, READ_SCOPE=${readScope}`, async (t) => {
    const service = await api(t, { readScope })
    const { strangers, holders } = await callers(service)
    let judged = 0
    const document = documentOf(service.app)
    for (const told of operationsOf(document)) {
      const { operationId } = told.operation
      const [, least, kind] =
        lineOf(operationId) ?? (hiddenFromOwn.includes(operationId) ? ['', 'reader' as const, 'open' as const] : [])
      if (least === undefined || kind === undefined) {
        t.fail(`${operationId}: nothing in this table says who may call it`)
        continue
      }
      const judge = async (who: string, headers: Headers, place: Place, expected: Verdict) => {
        const answer = await requestOf(service, document, told, place, kind)(headers)
        judged++
        const story = `${operationId}: ${who} ${place === inside ? 'in' : 'outside of'} the region → ${answer.status}`
        if (answer.status >= 500 || verdictOf(answer.status) !== expected) t.fail(story, { expected, answer: answer.json })
        if (answer.status === 401)
          t.match(answer.headers['www-authenticate'], /^Bearer realm="register"/, `${story}, with a challenge`)
        return answer
      }
      // Who has no valid key is refused before any scope is looked at.
      if (readScope === 'all')
        for (const [who, headers] of strangers) await judge(who, headers, inside, least === 'anyone' ? 'in' : 401)
      for (const [role, country, county] of holders) {
        const enough = least === 'anyone' || roles.indexOf(role) >= roles.indexOf(least)
        const bound = kind === 'place' || (kind === 'figures' && readScope === 'own')
        const shut = kind === 'country' || kind === 'hidden' || (readScope === 'own' && hiddenFromOwn.includes(operationId))
        await judge(`${role} of the country`, country, outside, enough ? 'in' : 403)
        await judge(`${role} of a county`, county, inside, enough && !shut ? 'in' : 403)
        const foreign = await judge(`${role} of a county`, county, outside, enough && !shut && !bound ? 'in' : 403)
        if (enough && bound && foreign.json.code !== 'country-only')
          t.equal(foreign.json.code, 'outside-region', `${operationId}: it is told why`)
      }
    }
    t.comment(`${judged} verdicts`)
    t.ok(judged > 800)
  })
}

await test('a role that is not enough is told by its name, in Chinese as well', async (t) => {
  const service = await api(t)
  const reader = await service.as('reader')
  const refusal = async (language: string) =>
    (await service.post('/v1/periods', { period: '2031' }, { ...reader, 'accept-language': language })).json.detail
  t.equal(await refusal('zh'), '需要数据主管（steward）权限，当前为查阅员（reader）')
  t.equal(await refusal('en'), 'This needs the role steward; yours is reader')
})

await test('who may see only its own region learns nothing of another', async (t) => {
  const service = await api(t, { readScope: 'own' })
  await service.put(`/v1/disputes/${outside.township}/2024`, { figures: { identified: 1 } })
  await service.put(`/v1/disputes/${inside.township}/2024`, { figures: { identified: 2 } })
  const county = await service.as('steward', inside.region)
  const told = async (path: string) => {
    const { status, json } = await service.get(path, county)
    return [status, json.code, json.detail]
  }
  for (const rest of ['', '/revisions', '/revisions/1', '/revisions/1/difference'])
    t.same(
      await told(`/v1/disputes/${outside.township}/2024${rest}`),
      await told(`/v1/disputes/${outside.township}/2023${rest}`),
      'a record that is there and one that is not are refused in the same words',
    )
  const townships = async (path: string) => (await service.get(path, county)).json.items.map(({ township }) => township)
  t.same(await townships('/v1/disputes'), [inside.township], 'a list without a filter is that of the own region')
  t.same(await townships(`/v1/disputes?township=${inside.township}`), [inside.township])
  const feed = await readUntil(
    { ...service, get: (path) => service.get(path, county) },
    (one) => one.township === inside.township,
  )
  t.same(
    feed.items.map(({ township }) => township),
    [inside.township],
  )
  t.equal((await service.get('/v1/disputes?format=ndjson', county)).text.trim().split('\n').length, 1)
  t.match((await service.get('/v1/disputes?count=true', county)).json, { count: 1 })
  const own = await service.as('reporter', inside.township)
  t.same((await service.get('/v1/disputes', own)).json.items.length, 1, 'a township sees itself')
  const neighbour = '410423210'
  await service.put(`/v1/disputes/${neighbour}/2024`, { figures: { identified: 3 } })
  await service.put(`/v1/disputes/${inside.township}/2024`, { figures: { identified: 4 } })
  const ofOne = await readUntil({ ...service, get: (path) => service.get(path, own) }, ({ revision }) => revision === 2)
  t.same([...new Set(ofOne.items.map(({ township }) => township))], [inside.township], 'and its own changes alone')
  for (const query of [`township=${neighbour}`, `region=${inside.region}`])
    t.equal((await service.get(`/v1/changes?${query}`, own)).json.code, 'outside-region', query)
  t.equal((await service.get(`/v1/changes?township=${outside.township}`, county)).json.code, 'outside-region')
  t.equal((await service.get('/v1/coverage?period=2024', own)).json.code, 'country-only', 'and no roll-ups')
})
