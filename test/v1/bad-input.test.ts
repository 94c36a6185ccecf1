/** Every kind of bad input: a problem in English and Chinese that names the place of each mistake, and nothing written. */
import { type Test, test } from 'tap'
import { type Api, api, type Response } from '../support/api.ts'
import { asAdmin } from '../support/keys.ts'

const path = '/v1/disputes/410423209/2025'
const enforcement = '/v1/enforcement/410423209/2025'

type Told = [pointer: string, code: string, words: RegExp, wordsZh?: RegExp]
/** What was wrong, the body, and the mistakes it must be told: pointer, code, and words that the detail contains in English, in Chinese. */
const bodies: [what: string, path: string, body: unknown, errors: Told[]][] = [
  [
    'an unknown figure',
    path,
    { figures: { identfied: 1 } },
    [
      [
        '/figures/identfied',
        'unknown-figure',
        /identfied.*did you mean “identified” \(Disputes identified by screening\)/,
        /是否为“identified”（排查发现矛盾纠纷）/,
      ],
    ],
  ],
  [
    'an unknown member',
    path,
    { figures: { acceptedByKind: { neighbor: 1 } } },
    [['/figures/acceptedByKind/neighbor', 'unknown-figure', /acceptedByKind\.neighbour/]],
  ],
  [
    'a figure of another category',
    path,
    { figures: { penalties: 1 } },
    [['/figures/penalties', 'figure-of-another-category', /belongs to enforcement/, /属于“行政执法”类/]],
  ],
  [
    'text for a count',
    path,
    { figures: { identified: '5' } },
    [['/figures/identified', 'wrong-type', /must be integer, not "5"; send the number 5 without quotes/, /请填数字 5，不加引号/]],
  ],
  ...(
    [
      ['20余', 'acceptedByKind.neighbour', 20, 'atLeast'],
      ['千余', 'identified', 1000, 'atLeast'],
      ['约20000', 'identified', 20_000, 'about'],
      ['95%以上', 'resolutionRate', 95, 'atLeast'],
    ] as const
  ).map(([text, leaf, value, qualifier]): (typeof bodies)[number] => {
    const [code = '', member] = leaf.split('.')
    const remark = `\\{"${leaf}":\\{"qualifier":"${qualifier}"\\}\\}`
    return [
      `${text} as text`,
      path,
      { figures: { [code]: member === undefined ? text : { [member]: text } } },
      [
        [
          `/figures/${leaf.replace('.', '/')}`,
          'wrong-type',
          new RegExp(`send the number ${value} and, under remarks, ${remark}`),
          new RegExp(`请填数字 ${value}，并在 remarks 中填 ${remark}`),
        ],
      ],
    ]
  }),
  [
    'words for a value that has none',
    path,
    { figures: { identified: '若干' } },
    [['/figures/identified', 'wrong-type', /leave the figure out.*\{"identified":\{"missing":"unquantified"\}\}/]],
  ],
  ['text that is no number', path, { figures: { identified: 'many' } }, [['/figures/identified', 'wrong-type', /not "many"$/]]],
  [
    'texts with characters that are none',
    path,
    '{"source":{"title":"a\\u0000b"},"others":[{"label":"\\ud800","unit":"件"}],"remarks":{"identified":{"note":"\\udc00x"}}}',
    [
      ['/source/title', 'bad-text', /NUL or half/, /无效字符/],
      ['/others/0/label', 'bad-text', /NUL/],
      ['/remarks/identified/note', 'bad-text', /NUL/],
    ],
  ],
  ['a body that says nothing', path, {}, [['/figures', 'required', /“figures” is missing/, /缺少“figures”/]]],
  [
    'a figure beside the figures',
    path,
    { identified: 3 },
    [['/identified', 'unknown-property', /put it under figures/, /请写在 figures 中/]],
  ],
  [
    'keys that stand twice',
    path,
    '{"figures":{"identified":1,"accepted":2,"identi\\u0066ied":3},"others":[{"label":"\\"a\\":","unit":"次","unit":"次"}]}',
    [
      ['/figures/identified', 'repeated-key', /“identified” stands twice/, /“identified”.*重复/],
      ['/others/0/unit', 'repeated-key', /“unit”/],
    ],
  ],
  [
    'keys that could poison a prototype, and keys that stand twice, beside other mistakes',
    path,
    '{"__proto__":{"x":1},"figures":{"__proto__":1,"identified":"5","accepted":1,"accepted":2},"remarks":{"__proto__":{"note":"x"}},"constructor":{"prototype":{}},"others":[{"label":"x","unit":"次","\\u005f_proto__":{}}]}',
    [
      ['/__proto__', 'unknown-property', /“__proto__” is not known here/, /不支持“__proto__”/],
      ['/figures/__proto__', 'unknown-figure', /no figure “__proto__”/, /没有“__proto__”/],
      ['/figures/identified', 'wrong-type', /./],
      ['/figures/accepted', 'repeated-key', /“accepted” stands twice/],
      ['/remarks/__proto__', 'unknown-figure', /./],
      ['/constructor', 'unknown-property', /./],
      ['/others/0/__proto__', 'unknown-property', /./],
    ],
  ],
  [
    'numbers that would be rounded, though not those in texts',
    path,
    '{"figures":{"agreementAmount":12345678901.999999999,"identified":5.00000000000000000,"accepted":1e-400,"resolved":1e2},"remarks":{"identified":{"quote":"12345678901.999999999"}},"others":[{"label":"x","unit":"次","value":100.00000000000000001}]}',
    [
      [
        '/figures/agreementAmount',
        'too-many-digits',
        /^12345678901\.999999999 has more digits/,
        /^12345678901\.999999999 位数过多/,
      ],
      ['/figures/accepted', 'too-many-digits', /1e-400/],
      ['/others/0/value', 'too-many-digits', /at most 15/],
    ],
  ],
  ['a fraction for a count', path, { figures: { identified: 5.5 } }, [['/figures/identified', 'not-whole', /5\.5/]]],
  ['a negative count', path, { figures: { identified: -1 } }, [['/figures/identified', 'out-of-range', /0 to 2147483647/]]],
  ['null in PUT', path, { figures: { identified: null } }, [['/figures/identified', 'null-value', /PATCH/]]],
  ['an astronomical count', path, { figures: { identified: 1e30 } }, [['/figures/identified', 'out-of-range', /2147483647/]]],
  [
    'a count over 32 bits',
    path,
    { figures: { identified: 3_000_000_000 } },
    [['/figures/identified', 'out-of-range', /2147483647/]],
  ],
  ['true for a count', path, { figures: { identified: true } }, [['/figures/identified', 'wrong-type', /true/]]],
  ['a number for a breakdown', path, { figures: { acceptedByKind: 7 } }, [['/figures/acceptedByKind', 'wrong-type', /object/]]],
  ['a rate of 1001', path, { figures: { resolutionRate: 1001 } }, [['/figures/resolutionRate', 'out-of-range', /0 to 1000/]]],
  [
    'a rate with five decimals',
    path,
    { figures: { resolutionRate: 98.12345 } },
    [['/figures/resolutionRate', 'too-many-decimals', /4 decimals/]],
  ],
  [
    'money with three decimals',
    path,
    { figures: { agreementAmount: 19.999 } },
    [['/figures/agreementAmount', 'too-many-decimals', /2 decimals/]],
  ],
  [
    'an unknown qualifier',
    path,
    { figures: { identified: 1 }, remarks: { identified: { qualifier: 'roughly' } } },
    [['/remarks/identified/qualifier', 'not-allowed', /atLeast, atMost, about/]],
  ],
  [
    'a qualifier without a value',
    path,
    { remarks: { identified: { qualifier: 'about' } } },
    [['/remarks/identified/qualifier', 'qualifier-without-value', /value/]],
  ],
  [
    'a basis without a value',
    path,
    { remarks: { identified: { basis: 'planned' } } },
    [['/remarks/identified/basis', 'qualifier-without-value', /value/]],
  ],
  [
    'a remark on an unknown figure',
    path,
    { remarks: { identfied: { quote: 'x' } } },
    [['/remarks/identfied', 'unknown-figure', /identified/]],
  ],
  [
    'a remark on a breakdown',
    path,
    { remarks: { acceptedByKind: { quote: 'x' } } },
    [['/remarks/acceptedByKind', 'remark-on-breakdown', /acceptedByKind\.maritalFamily/]],
  ],
  [
    'missing beside a value',
    path,
    { figures: { identified: 1 }, remarks: { identified: { missing: 'withheld' } } },
    [['/remarks/identified/missing', 'missing-beside-value', /there is one/]],
  ],
  ['others without a unit', path, { others: [{ label: '劝阻无事酒', value: 9 }] }, [['/others/0/unit', 'required', /unit/]]],
  [
    'others: qualifier without a value',
    path,
    { others: [{ label: '会议', unit: '次', qualifier: 'about' }] },
    [['/others/0/qualifier', 'qualifier-without-value', /value/]],
  ],
  ['an unknown property', path, { figure: { identified: 1 } }, [['/figure', 'unknown-property', /figure/]]],
  [
    'another township in the body',
    path,
    { township: '500229107', figures: { identified: 1 } },
    [['/township', 'not-the-path', /500229107.*410423209/]],
  ],
  [
    'another period in the body',
    path,
    { period: '2024', figures: { identified: 1 } },
    [['/period', 'not-the-path', /2024.*2025/]],
  ],
  [
    'the impossible',
    enforcement,
    { figures: { officers: 5, certifiedOfficers: 6 } },
    [['/figures/certifiedOfficers', 'impossible', /note/]],
  ],
  ['a body that is no object', path, [1, 2], [['', 'wrong-type', /object/]]],
  [
    'several mistakes at once',
    path,
    {
      figures: { identfied: 1, resolved: '5', accepted: 2 },
      remarks: { accepted: { missing: 'withheld' }, prevented: { qualifier: 'about' } },
      others: [{ label: 'x' }],
    },
    [
      ['/figures/identfied', 'unknown-figure', /./],
      ['/figures/resolved', 'wrong-type', /./],
      ['/remarks/accepted/missing', 'missing-beside-value', /./],
      ['/remarks/prevented/qualifier', 'qualifier-without-value', /./],
      ['/others/0/unit', 'required', /./],
    ],
  ],
]

async function written(service: Api): Promise<number> {
  const { rows } = await service.database.pool.query<{ n: number }>('select count(*)::int as n from record_revisions')
  return rows[0]?.n ?? -1
}

/** The same problem in either language, in all its words. */
function isTold(t: Test, english: Response, chinese: Response, status: number, code: string): void {
  for (const [language, answer] of Object.entries({ en: english, zh: chinese })) {
    t.equal(answer.status, status, answer.text)
    t.equal(answer.json.status, status)
    t.equal(answer.json.code, code)
    t.match(answer.headers['content-type'], /^application\/problem\+json\b/)
    t.equal(answer.headers['content-language'], language)
    for (const text of [answer.json.title, answer.json.detail, ...(answer.json.errors ?? []).map(({ detail }) => detail)]) {
      t[language === 'zh' ? 'match' : 'notMatch'](text.replaceAll(/“[^”]*”|"[^"]*"/g, ''), /\p{Script=Han}/u)
      t.notMatch(text, /\{\w+\}/, 'every placeholder is filled')
    }
  }
}

await test('a value of the wrong type is one mistake, and a patch is judged with what is stored', async (t) => {
  const service = await api(t)
  const remarks = { identified: { qualifier: 'about' } }
  const put = await service.put(path, { figures: { identified: '5' }, remarks })
  t.same(
    put.json.errors.map(({ code }) => code),
    ['wrong-type'],
  )
  await service.put(path, { figures: { identified: 5 } })
  const patch = await service.patch(path, { figures: { accepted: '400' }, remarks })
  t.same(
    patch.json.errors.map(({ code }) => code),
    ['wrong-type'],
  )
})

await test('bad bodies', async (t) => {
  const service = await api(t)
  for (const [what, at, body, errors] of bodies) {
    await t.test(what, async (t) => {
      const english = await service.put(at, body)
      t.same(
        english.json.errors.map(({ pointer, code }) => [pointer, code]).sort(),
        errors.map(([pointer, code]) => [pointer, code]).sort(),
      )
      for (const [pointer, , words] of errors)
        t.match(english.json.errors.find((error) => error.pointer === pointer)?.detail, words)
      const chinese = await service.put(at, body, { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' })
      isTold(t, english, chinese, 400, 'invalid-body')
      for (const [pointer, , , words = /./] of errors)
        t.match(chinese.json.errors.find((error) => error.pointer === pointer)?.detail, words)
      t.equal(await written(service), 0, 'nothing was written')
    })
  }
  t.equal((await service.get(path)).json.code, 'record-absent')
})

await test('money keeps its fen', async (t) => {
  const service = await api(t)
  for (const amount of [19.99, 4.35, 0.07, 9_999_999_999_999.99]) {
    const put = await service.put(path, { figures: { agreementAmount: amount } })
    t.ok(put.status < 300, `${amount}`)
    t.equal((await service.get(path)).json.figures.agreementAmount, amount)
    const { rows } = await service.database.pool.query<{ amount: string }>(
      'select agreement_amount::text as amount from disputes',
    )
    t.equal(Number(rows[0]?.amount), amount)
  }
})

await test('an impossible figure passes with a note', async (t) => {
  const service = await api(t)
  const put = await service.put(enforcement, {
    figures: { officers: 5, certifiedOfficers: 6 },
    remarks: { certifiedOfficers: { note: '含派驻执法人员' } },
  })
  t.equal(put.status, 201)
  t.match(put.json.findings, [
    { rule: 'within', severity: 'impossible', figures: ['certifiedOfficers', 'officers'], expected: 5, actual: 6 },
  ])
})

const figures = { figures: { identified: 1 } }
type BadRequest = [
  what: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
  status: number,
  code: string,
  parameter?: string,
]
/**
 * Method, path, body, headers; expected status and code, and the name of the parameter where one is at fault. The cursor is one of the list
 * of 2024; the record at `existing` has revision 1.
 */
const requestsOf = (existing: string, cursor: string): BadRequest[] => [
  ['a township that does not exist', 'PUT', '/v1/disputes/999999999/2025', figures, {}, 404, 'unknown-township'],
  ['a township of 8 digits', 'PUT', '/v1/disputes/41042320/2025', figures, {}, 400, 'invalid-request', 'township'],
  ['a township of 12 digits', 'PUT', '/v1/disputes/410423209000/2025', figures, {}, 400, 'invalid-request', 'township'],
  ['an unknown period', 'PUT', '/v1/disputes/410423209/2025-H1', figures, {}, 404, 'unknown-period'],
  ['a thirteenth month', 'PUT', '/v1/disputes/410423209/2024-13', figures, {}, 400, 'invalid-request', 'period'],
  ['malformed JSON', 'PUT', path, '{"figures":', {}, 400, 'malformed-json'],
  ['no JSON at all', 'PUT', path, '', { 'content-length': '0' }, 400, 'malformed-json'],
  [
    'a body over the limit',
    'PUT',
    path,
    JSON.stringify({ others: [{ label: 'x'.repeat(1_100_000), unit: '次' }] }),
    {},
    413,
    'body-too-large',
  ],
  [
    'another content type',
    'PUT',
    path,
    'identified=1',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'unsupported-media-type',
  ],
  ['no content type', 'PUT', path, '{}', { 'content-type': '' }, 415, 'unsupported-media-type'],
  ['text', 'PUT', path, '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
  [
    'a merge patch in PUT',
    'PUT',
    path,
    figures,
    { 'content-type': 'application/merge-patch+json' },
    415,
    'unsupported-media-type',
  ],
  ['JSON in PATCH', 'PATCH', path, figures, { 'content-type': 'application/json' }, 415, 'unsupported-media-type'],
  ['an unknown query parameter', 'GET', '/v1/disputes?perod=2024', undefined, {}, 400, 'invalid-request', 'perod'],
  ['an unknown query parameter on one record', 'GET', `${path}?x=1`, undefined, {}, 400, 'invalid-request', 'x'],
  ['a repeated parameter', 'GET', '/v1/disputes?limit=5&limit=6', undefined, {}, 400, 'invalid-request', 'limit'],
  ['limit 0', 'GET', '/v1/disputes?limit=0', undefined, {}, 400, 'invalid-request', 'limit'],
  ['limit 1001', 'GET', '/v1/disputes?limit=1001', undefined, {}, 400, 'invalid-request', 'limit'],
  ['limit x', 'GET', '/v1/disputes?limit=x', undefined, {}, 400, 'invalid-request', 'limit'],
  ...['1e1', '0x5', '5.0', '+5', '-5', ' 5', '٣'].map(
    (text): BadRequest => [
      `limit ${text}`,
      'GET',
      `/v1/disputes?limit=${encodeURIComponent(text)}`,
      undefined,
      {},
      400,
      'invalid-request',
      'limit',
    ],
  ),
  ['a wait of 1e1', 'GET', '/v1/changes?wait=1e1', undefined, {}, 400, 'invalid-request', 'wait'],
  ['a revision 0x1', 'GET', `${existing}/revisions/0x1`, undefined, {}, 400, 'invalid-request', 'revision'],
  ['an import 1.0', 'GET', '/v1/imports/1.0', undefined, {}, 400, 'invalid-request', 'id'],
  ['a count of 1', 'GET', '/v1/disputes?count=1', undefined, {}, 400, 'invalid-request', 'count'],
  ['an empty limit', 'GET', '/v1/disputes?limit=', undefined, {}, 400, 'invalid-request', 'limit'],
  [
    'an instant that is none',
    'GET',
    '/v1/disputes?updatedAfter=yesterday',
    undefined,
    {},
    400,
    'invalid-request',
    'updatedAfter',
  ],
  ['a damaged cursor', 'GET', '/v1/disputes?cursor=abcdef', undefined, {}, 400, 'invalid-cursor'],
  ['a cursor of another filter', 'GET', `/v1/publicity?cursor=${cursor}`, undefined, {}, 400, 'cursor-of-another-filter'],
  ['an unknown region in a filter', 'GET', '/v1/disputes?region=99', undefined, {}, 400, 'invalid-request', 'region'],
  [
    'an unknown township in a filter',
    'GET',
    '/v1/disputes?township=999999999',
    undefined,
    {},
    400,
    'invalid-request',
    'township',
  ],
  ['an unknown period in a filter', 'GET', '/v1/disputes?period=2025-Q1', undefined, {}, 400, 'invalid-request', 'period'],
  ['If-Match on an absent record', 'PUT', path, figures, { 'if-match': '"1-1"' }, 412, 'precondition-failed'],
  ['If-Match that does not match', 'PUT', existing, figures, { 'if-match': '"2-1"' }, 412, 'precondition-failed'],
  ['If-Match that does not match', 'PATCH', existing, figures, { 'if-match': '"2-1"' }, 412, 'precondition-failed'],
  ['If-Match that does not match', 'DELETE', existing, undefined, { 'if-match': '"2-1"' }, 412, 'precondition-failed'],
  ['If-Match without quotes', 'PUT', existing, figures, { 'if-match': '1-1' }, 400, 'invalid-request'],
  ['If-Match half quoted', 'DELETE', existing, undefined, { 'if-match': '"1-1", 2-1' }, 400, 'invalid-request'],
  ['If-None-Match without quotes', 'GET', existing, undefined, { 'if-none-match': '1-1' }, 400, 'invalid-request'],
  ['If-None-Match without quotes', 'PUT', existing, figures, { 'if-none-match': '1-1' }, 400, 'invalid-request'],
  ['a body in brotli', 'PUT', path, figures, { 'content-encoding': 'br' }, 415, 'unsupported-encoding'],
  ['a body that is not the gzip it says', 'PUT', path, figures, { 'content-encoding': 'gzip' }, 400, 'malformed-gzip'],
  ['a method that is not allowed', 'POST', path, figures, {}, 405, 'method-not-allowed'],
  ['an unknown route', 'GET', '/v1/nothing', undefined, {}, 404, 'unknown-route'],
  ['a path that cannot be decoded', 'GET', '/v1/disputes/%zz/2024', undefined, {}, 400, 'bad-url'],
]

await test('bad requests', async (t) => {
  const service = await api(t)
  const existing = '/v1/disputes/500229107/2024'
  await service.put(existing, figures)
  for (const township of ['500229107', '410423209']) await service.put(`/v1/publicity/${township}/2024`, { figures: {} })
  const { next: cursor = '' } = (await service.get('/v1/publicity?period=2024&limit=1')).json
  t.not(cursor, '')
  const before = await written(service)
  for (const [what, method, at, body, headers, status, code, parameter] of requestsOf(existing, cursor)) {
    await t.test(`${what} (${method})`, async (t) => {
      const english = await service.request(method, at, body, headers)
      const chinese = await service.request(method, at, body, { ...headers, 'accept-language': 'zh' })
      isTold(t, english, chinese, status, code)
      if (parameter) t.equal(english.json.errors[0]?.parameter, parameter)
      t.equal(await written(service), before, 'nothing was written')
    })
  }
  const twelve = await service.put('/v1/disputes/410423209000/2025', figures)
  t.match(twelve.json.errors[0]?.detail, /use the first 9: 410423209/)
  const unquoted = await service.put(existing, figures, { 'if-match': '1-1' })
  t.match(unquoted.json.errors, [
    { header: 'If-Match', code: 'bad-etag', detail: /quotation marks included, such as "3-1".*received 1-1/ },
  ])
  const notAllowed = await service.post(path, figures)
  t.equal(notAllowed.headers.allow, 'DELETE, GET, HEAD, PATCH, PUT')
})

await test('a DELETE that says the type of a body that it does not send', async (t) => {
  const service = await api(t)
  for (const type of ['application/json', 'application/merge-patch+json', 'text/plain', 'application/x-www-form-urlencoded']) {
    await service.put(path, figures)
    t.equal((await service.del(path, { 'content-type': type })).status, 204, type)
    await service.put(path, figures)
    t.equal((await service.del(path, { 'content-type': type, 'content-length': '0' })).status, 204, `${type}, of no bytes`)
  }
  await service.put(path, figures)
  for (const type of ['application/json', 'text/plain']) {
    const refused = await service.request('DELETE', path, '{"reason":"重复"}', { 'content-type': type })
    t.match(
      refused,
      { status: 400, json: { errors: [{ pointer: '', code: 'no-body' }] } },
      'and what it does send is not ignored',
    )
  }
  t.equal((await service.get(path)).status, 200)
})

await test('a wrong method is told on every address, the document and its page among them', async (t) => {
  const { app } = await api(t)
  for (const url of [
    '/openapi.json',
    '/docs',
    '/docs/',
    '/docs/json',
    '/docs/yaml',
    '/docs/static/index.html',
    '/livez',
    '/readyz',
  ]) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const answer = await app.inject({ method, url, headers: { 'content-type': 'text/plain' } })
      t.equal(answer.statusCode, 405, `${method} ${url}`)
      t.equal(answer.headers.allow, 'GET, HEAD')
      t.equal(JSON.parse(answer.body).code, 'method-not-allowed')
    }
    t.ok((await app.inject({ url })).statusCode < 400)
  }
})

await test('HEAD is answered as GET without its content, a 304 without a length', async (t) => {
  const service = await api(t)
  const { headers } = await service.put(path, figures)
  const get = await service.app.inject({ url: path, headers: asAdmin })
  const head = await service.app.inject({ method: 'HEAD', url: path, headers: asAdmin })
  t.same([head.statusCode, head.headers['content-length'], head.body], [200, get.headers['content-length'], ''])
  for (const method of ['GET', 'HEAD'] as const) {
    const same = await service.app.inject({ method, url: path, headers: { ...asAdmin, 'if-none-match': headers.etag ?? '' } })
    t.same([same.statusCode, same.headers['content-length'], same.headers.etag], [304, undefined, headers.etag], method)
  }
})
