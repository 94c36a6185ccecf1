/**
 * What the rules say of a record. A row is a story, a content and the findings as `severity rule figures: actual relation
 * expected`; an empty list is as much a promise as a full one, since real reports truncate, round, and name the main kinds only.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { type Finding, findingsOf } from '../../src/catalogue/findings.ts'
import { type CategoryName, categories } from '../../src/catalogue/index.ts'
import { type Content, canonical, type Remark, valuesOf } from '../../src/catalogue/record.ts'
import { jump } from '../../src/catalogue/rules.ts'
import { recordsOf, samples } from '../../src/samples/index.ts'
import { anyRecord, shuffled } from '../support/arbitraries.ts'
import { holds } from '../support/properties.ts'

type Row = [story: string, figures: Content['figures'], remarks: Record<string, Remark>, findings: string[]]

const line = (one: Finding) =>
  `${one.severity} ${one.rule} ${one.figures.join(' ')}: ${one.actual} ${one.relation} ${one.expected}`

type Comparing = { strictSame(found: unknown, wanted: unknown, story: string): unknown }

/** A test that goes through a table. */
function rows(name: CategoryName, ...table: Row[]) {
  return async (t: Comparing) => {
    for (const [story, figures, remarks, expected] of table) {
      t.strictSame(findingsOf(name, canonical(name, { figures, remarks })).map(line), expected, story)
    }
  }
}

await test(
  'within: a part is not more than its whole',
  rows(
    'disputes',
    ['fewer', { petitionsReceived: 12, petitionsClosed: 11 }, {}, []],
    ['as many', { petitionsReceived: 12, petitionsClosed: 12 }, {}, []],
    ['more', { petitionsReceived: 12, petitionsClosed: 13 }, {}, ['warning within petitionsClosed petitionsReceived: 13 <= 12']],
    ['more than a reported zero', { accepted: 0, resolved: 1 }, {}, ['warning within resolved accepted: 1 <= 0']],
    ['without the whole nothing can be said', { petitionsClosed: 13 }, {}, []],
    ['resolved is compared with accepted', { accepted: 48, identified: 10, resolved: 47 }, {}, []],
    [
      'and with identified where accepted is not reported',
      { identified: 10, resolved: 47 },
      {},
      ['warning within resolved identified: 47 <= 10'],
    ],
    [
      'only the first that is reported counts',
      { accepted: 10, identified: 100, resolved: 47 },
      {},
      ['warning within resolved accepted: 47 <= 10'],
    ],
  ),
)

await test(
  'within!: some excesses are not odd but impossible',
  rows(
    'enforcement',
    ['all officers certified', { officers: 6, certifiedOfficers: 6 }, {}, []],
    [
      'more certified officers than officers',
      { officers: 5, certifiedOfficers: 6 },
      {},
      ['impossible within certifiedOfficers officers: 6 <= 5'],
    ],
    [
      'a note does not silence the finding; it only lets the record in',
      { officers: 5, certifiedOfficers: 6 },
      { certifiedOfficers: { note: '含借调人员' } },
      ['impossible within certifiedOfficers officers: 6 <= 5'],
    ],
    ['an aim is not a result', { officers: 5, certifiedOfficers: 6 }, { certifiedOfficers: { basis: 'target' } }, []],
    ['nor is a plan', { officers: 5, certifiedOfficers: 6 }, { officers: { basis: 'planned' } }, []],
    [
      'what is stated is a result',
      { officers: 5, certifiedOfficers: 6 },
      { officers: { basis: 'stated' } },
      ['impossible within certifiedOfficers officers: 6 <= 5'],
    ],
  ),
)

await test(
  'a qualified value is an interval, and speaks only where it is certain',
  rows(
    'disputes',
    ['30 of 20余 may be', { accepted: 20, resolved: 30 }, { accepted: { qualifier: 'atLeast' } }, []],
    ['30 of about 20 may be', { accepted: 20, resolved: 30 }, { accepted: { qualifier: 'about' } }, []],
    ['about 30 of 20 may be', { accepted: 20, resolved: 30 }, { resolved: { qualifier: 'about' } }, []],
    ['at most 30 of 20 may be', { accepted: 20, resolved: 30 }, { resolved: { qualifier: 'atMost' } }, []],
    [
      '30余 of 20 cannot be',
      { accepted: 20, resolved: 30 },
      { resolved: { qualifier: 'atLeast' } },
      ['warning within resolved accepted: 30 <= 20'],
    ],
    [
      '30 of at most 20 cannot be',
      { accepted: 20, resolved: 30 },
      { accepted: { qualifier: 'atMost' } },
      ['warning within resolved accepted: 30 <= 20'],
    ],
  ),
)

await test(
  'breakdown, exhaustive: equal to the whole only when every member and the whole are given',
  rows(
    'disputes',
    ['344 + 16 = 360', { resolved: 360, resolvedByAgreement: { oral: 344, written: 16 } }, {}, []],
    ['prose names the main kinds only', { resolved: 360, resolvedByAgreement: { oral: 344 } }, {}, []],
    [
      'but even those cannot exceed it',
      { resolved: 340, resolvedByAgreement: { oral: 344 } },
      {},
      ['warning breakdown resolvedByAgreement.oral resolved: 344 <= 340'],
    ],
    [
      'one is missing in all',
      { resolved: 361, resolvedByAgreement: { oral: 344, written: 16 } },
      {},
      ['warning breakdown resolvedByAgreement.oral resolvedByAgreement.written resolved: 360 = 361'],
    ],
    ['without the whole nothing can be said', { resolvedByAgreement: { oral: 344, written: 16 } }, {}, []],
    [
      'a reported zero is a given member',
      { resolved: 360, resolvedByAgreement: { oral: 344, written: 0 } },
      {},
      ['warning breakdown resolvedByAgreement.oral resolvedByAgreement.written resolved: 344 = 360'],
    ],
    [
      'a qualified member is exempt from equality',
      { resolved: 365, resolvedByAgreement: { oral: 340, written: 16 } },
      { 'resolvedByAgreement.oral': { qualifier: 'atLeast' } },
      [],
    ],
    [
      'and its certain part is still bounded',
      { resolved: 350, resolvedByAgreement: { oral: 340, written: 16 } },
      { 'resolvedByAgreement.oral': { qualifier: 'atLeast' } },
      ['warning breakdown resolvedByAgreement.oral resolvedByAgreement.written resolved: 356 <= 350'],
    ],
    [
      'of an approximate member nothing is certain',
      { resolved: 350, resolvedByAgreement: { oral: 340, written: 16 } },
      { 'resolvedByAgreement.oral': { qualifier: 'about' } },
      [],
    ],
    [
      'it counts for nothing, and the certain ones count',
      { resolved: 340, resolvedByAgreement: { oral: 344, written: 16 } },
      { 'resolvedByAgreement.written': { qualifier: 'about' } },
      ['warning breakdown resolvedByAgreement.oral resolvedByAgreement.written resolved: 344 <= 340'],
    ],
    [
      'a qualified whole is exempt',
      { resolved: 350, resolvedByAgreement: { oral: 344, written: 16 } },
      { resolved: { qualifier: 'atLeast' } },
      [],
    ],
    [
      'though parts cannot exceed a whole of at most so many',
      { resolved: 350, resolvedByAgreement: { oral: 344, written: 16 } },
      { resolved: { qualifier: 'atMost' } },
      ['warning breakdown resolvedByAgreement.oral resolvedByAgreement.written resolved: 360 <= 350'],
    ],
    [
      'a planned member is left out, so that not all are given',
      { resolved: 344, resolvedByAgreement: { oral: 340, written: 16 } },
      { 'resolvedByAgreement.written': { basis: 'planned' } },
      [],
    ],
  ),
)

await test(
  'breakdown of money: fen add up although binary fractions do not',
  rows(
    'enforcement',
    ['0.1 + 0.2 = 0.3', { fines: 0.3, finesByProcedure: { simple: 0.1, ordinary: 0.2 } }, {}, []],
    [
      'one fen too few',
      { fines: 0.31, finesByProcedure: { simple: 0.1, ordinary: 0.2 } },
      {},
      ['warning breakdown finesByProcedure.simple finesByProcedure.ordinary fines: 0.3 = 0.31'],
    ],
  ),
)

await test(
  'breakdown, partial: the parts together are not more than the whole',
  rows(
    'enforcement',
    ['less', { cases: 806, casesByDomain: { roadTraffic: 249, foodDrug: 1, forestry: 13 } }, {}, []],
    [
      'more',
      { cases: 250, casesByDomain: { roadTraffic: 249, foodDrug: 2 } },
      {},
      ['warning breakdown casesByDomain.roadTraffic casesByDomain.foodDrug cases: 251 <= 250'],
    ],
    ['without the whole', { casesByDomain: { roadTraffic: 249 } }, {}, []],
  ),
)

await test('breakdown, partial: all members given still need not make up the whole', async (t) => {
  const figures = { resolved: 100, resolvedByLevel: { village: 60, township: 30 } }
  t.strictSame(findingsOf('disputes', { figures }), [])
  const over = { resolved: 80, resolvedByLevel: { village: 60, township: 30 } }
  t.strictSame(findingsOf('disputes', { figures: over }).map(line), [
    'warning breakdown resolvedByLevel.village resolvedByLevel.township resolved: 90 <= 80',
  ])
})

await test(
  'breakdown, overlapping: one activity may count in several members',
  rows(
    'publicity',
    ['each less, together more', { activities: 27, activitiesByKind: { outreach: 22, school: 22 } }, {}, []],
    [
      'one more, and only that one is named',
      { activities: 20, activitiesByKind: { outreach: 22, school: 5 } },
      {},
      ['warning breakdown activitiesByKind.outreach activities: 22 <= 20'],
    ],
    ['20余 is no bound', { activities: 20, activitiesByKind: { outreach: 22 } }, { activities: { qualifier: 'atLeast' } }, []],
  ),
)

await test(
  'memberWithin: a member is not more than the same member of the other breakdown',
  rows(
    'enforcement',
    [
      'all were rectified',
      { hazardsFoundByLevel: { general: 62, major: 3 }, hazardsRectifiedByLevel: { general: 62, major: 3 } },
      {},
      [],
    ],
    [
      'one more major hazard rectified than found',
      { hazardsFoundByLevel: { general: 62, major: 3 }, hazardsRectifiedByLevel: { general: 60, major: 4 } },
      {},
      ['warning memberWithin hazardsRectifiedByLevel.major hazardsFoundByLevel.major: 4 <= 3'],
    ],
    ['another member is no measure', { hazardsFoundByLevel: { general: 1 }, hazardsRectifiedByLevel: { major: 4 } }, {}, []],
    [
      'both members can be wrong at once',
      { hazardsFoundByLevel: { general: 1, major: 1 }, hazardsRectifiedByLevel: { general: 2, major: 3 } },
      {},
      [
        'warning memberWithin hazardsRectifiedByLevel.general hazardsFoundByLevel.general: 2 <= 1',
        'warning memberWithin hazardsRectifiedByLevel.major hazardsFoundByLevel.major: 3 <= 1',
      ],
    ],
  ),
)

await test(
  'rateOf: a printed rate is off only by a unit of its last printed digit',
  rows(
    'disputes',
    ['328/378 = 86.77 may be truncated to 86.7', { accepted: 378, resolved: 328, resolutionRate: 86.7 }, {}, []],
    ['or rounded to 86.8', { accepted: 378, resolved: 328, resolutionRate: 86.8 }, {}, []],
    ['86.71 may be rounded up to 86.8', { accepted: 10_000, resolved: 8671, resolutionRate: 86.8 }, {}, []],
    [
      'but is not 86.9',
      { accepted: 378, resolved: 328, resolutionRate: 86.9 },
      {},
      ['warning rateOf resolutionRate resolved accepted: 86.9 = 86.7725'],
    ],
    [
      'nor 86.6',
      { accepted: 378, resolved: 328, resolutionRate: 86.6 },
      {},
      ['warning rateOf resolutionRate resolved accepted: 86.6 = 86.7725'],
    ],
    ['47/48 = 97.92 is printed 98', { accepted: 48, resolved: 47, resolutionRate: 98 }, {}, []],
    ['or 97', { accepted: 48, resolved: 47, resolutionRate: 97 }, {}, []],
    [
      'a whole unit off is a finding',
      { accepted: 100, resolved: 97, resolutionRate: 98 },
      {},
      ['warning rateOf resolutionRate resolved accepted: 98 = 97'],
    ],
    [
      'a tenth off is one too, whatever binary fractions make of 86.9 - 86.8',
      { accepted: 1000, resolved: 868, resolutionRate: 86.9 },
      {},
      ['warning rateOf resolutionRate resolved accepted: 86.9 = 86.8'],
    ],
    [
      '46/47 = 97.87 is printed 98, but the quote tells that 98.0 was printed',
      { accepted: 47, resolved: 46, resolutionRate: 98 },
      { resolutionRate: { quote: '化解率为98.0%' } },
      ['warning rateOf resolutionRate resolved accepted: 98 = 97.8723'],
    ],
    [
      'other numbers of the quote tell nothing',
      { accepted: 47, resolved: 46, resolutionRate: 98 },
      { resolutionRate: { quote: '较上年提高1.25个百分点，化解率为98%' } },
      [],
    ],
    [
      'a quote in full-width digits',
      { accepted: 48, resolved: 47, resolutionRate: 98 },
      { resolutionRate: { quote: '９８％' } },
      [],
    ],
  ),
)

await test(
  'rateOf: any denominator that the catalogue allows will do',
  rows(
    'disputes',
    ['of accepted', { accepted: 400, identified: 500, resolved: 360, resolutionRate: 90 }, {}, []],
    ['of identified', { accepted: 400, identified: 500, resolved: 360, resolutionRate: 72 }, {}, []],
    ['of identified alone', { identified: 500, resolved: 360, resolutionRate: 72 }, {}, []],
    [
      'of neither: the first is named',
      { accepted: 400, identified: 500, resolved: 360, resolutionRate: 80 },
      {},
      ['warning rateOf resolutionRate resolved accepted: 80 = 90'],
    ],
    [
      '90 may be the rate of 400余, though it is not that of 500',
      { accepted: 390, identified: 500, resolved: 360, resolutionRate: 90 },
      { accepted: { qualifier: 'atLeast' } },
      [],
    ],
    [
      'a planned denominator is none',
      { accepted: 400, identified: 500, resolved: 360, resolutionRate: 90 },
      { accepted: { basis: 'planned' } },
      ['warning rateOf resolutionRate resolved identified: 90 = 72'],
    ],
    ['nothing divides by zero', { accepted: 0, resolved: 0, resolutionRate: 100 }, {}, []],
    ['a rate without its parts', { petitionsReceived: 93, petitionClosureRate: 97 }, {}, []],
    [
      'a rate of a qualified numerator',
      { accepted: 48, resolved: 20, resolutionRate: 98 },
      { resolved: { qualifier: 'about' } },
      [],
    ],
    [
      'a rate of a qualified denominator',
      { accepted: 48, resolved: 20, resolutionRate: 98 },
      { accepted: { qualifier: 'atLeast' } },
      [],
    ],
    ['a rate of 95以上', { accepted: 48, resolved: 20, resolutionRate: 95 }, { resolutionRate: { qualifier: 'atLeast' } }, []],
    ['an aim of 95', { accepted: 48, resolved: 20, resolutionRate: 95 }, { resolutionRate: { basis: 'target' } }, []],
  ),
)

await test(
  'a rate that looks like a fraction',
  rows(
    'disputes',
    ['98.5 % written as 0.985', { resolutionRate: 0.985 }, {}, ['warning rateRange resolutionRate: 0.985 = 98.5']],
    ['all of it', { petitionOnTimeRate: 1 }, {}, ['warning rateRange petitionOnTimeRate: 1 = 100']],
    ['none', { petitionOnTimeRate: 0 }, {}, []],
    ['a little more than one percent', { petitionOnTimeRate: 1.1 }, {}, []],
    ['about as much', { petitionOnTimeRate: 0.98 }, { petitionOnTimeRate: { qualifier: 'about' } }, []],
    ['an aim', { petitionOnTimeRate: 0.98 }, { petitionOnTimeRate: { basis: 'target' } }, []],
    [
      'the parts say what it should be, and the fraction is told all the same',
      { accepted: 200, resolved: 197, resolutionRate: 0.985 },
      {},
      ['warning rateOf resolutionRate resolved accepted: 0.985 = 98.5', 'warning rateRange resolutionRate: 0.985 = 98.5'],
    ],
    ['the parts say that it is that small', { accepted: 200, resolved: 1, resolutionRate: 0.5 }, {}, []],
    ['or only nearly', { accepted: 3000, resolved: 44, resolutionRate: 1 }, {}, []],
  ),
)

await test('a rate over one hundred: odd, or impossible where the numerator is within! the denominator', async (t) => {
  await t.test(
    'odd',
    rows(
      'disputes',
      ['exactly one hundred', { resolutionRate: 100 }, {}, []],
      ['a little more', { resolutionRate: 100.1 }, {}, ['warning rateRange resolutionRate: 100.1 <= 100']],
      [
        'a rate that has no parts in the catalogue',
        { petitionOnTimeRate: 120 },
        {},
        ['warning rateRange petitionOnTimeRate: 120 <= 100'],
      ],
      ['an aim may be anything', { resolutionRate: 120 }, { resolutionRate: { basis: 'target' } }, []],
      ['at most 120 is no excess', { resolutionRate: 120 }, { resolutionRate: { qualifier: 'atMost' } }, []],
      [
        'it can be what the parts give, and is told all the same',
        { accepted: 100, resolved: 120, resolutionRate: 120 },
        {},
        ['warning within resolved accepted: 120 <= 100', 'warning rateRange resolutionRate: 120 <= 100'],
      ],
    ),
  )
  await t.test(
    'impossible',
    rows(
      'enforcement',
      ['more certified than officers', { certificationRate: 101 }, {}, ['impossible rateRange certificationRate: 101 <= 100']],
      [
        'more passed than sat the exam',
        { certificationExamPassRate: 100.5 },
        {},
        ['impossible rateRange certificationExamPassRate: 100.5 <= 100'],
      ],
      ['no parts, no proof', { disclosureRate: 101 }, {}, ['warning rateRange disclosureRate: 101 <= 100']],
    ),
  )
})

await test(
  'balance: both sides add up when all four are given',
  rows(
    'governance',
    [
      '10 + 2 = 9 + 3',
      {
        disclosureRequests: 10,
        disclosureRequestsCarriedIn: 2,
        disclosureRequestsHandled: 9,
        disclosureRequestsCarriedOut: 3,
      },
      {},
      [],
    ],
    [
      '10 + 2 is not 9 + 2',
      {
        disclosureRequests: 10,
        disclosureRequestsCarriedIn: 2,
        disclosureRequestsHandled: 9,
        disclosureRequestsCarriedOut: 2,
      },
      {},
      [
        'warning balance disclosureRequests disclosureRequestsCarriedIn disclosureRequestsHandled disclosureRequestsCarriedOut: 12 = 11',
      ],
    ],
    ['one is not reported', { disclosureRequests: 10, disclosureRequestsCarriedIn: 2, disclosureRequestsHandled: 9 }, {}, []],
    ['one of the other side', { disclosureRequests: 10, disclosureRequestsHandled: 9, disclosureRequestsCarriedOut: 3 }, {}, []],
    [
      'one is qualified',
      {
        disclosureRequests: 10,
        disclosureRequestsCarriedIn: 2,
        disclosureRequestsHandled: 9,
        disclosureRequestsCarriedOut: 2,
      },
      { disclosureRequests: { qualifier: 'atLeast' } },
      [],
    ],
  ),
)

await test(
  'balance: certified and uncertified officers are all officers',
  rows(
    'enforcement',
    ['5 + 1 = 6', { officers: 6, certifiedOfficers: 5, uncertifiedOfficers: 1 }, {}, []],
    [
      '5 + 2 is not 6',
      { officers: 6, certifiedOfficers: 5, uncertifiedOfficers: 2 },
      {},
      ['warning balance certifiedOfficers uncertifiedOfficers officers: 7 = 6'],
    ],
  ),
)

await test(
  'perUnit: three legal-literate residents a village',
  rows(
    'legalAdvisers',
    ['33 in 11 villages', { villages: 11, legalLiteratePersons: 33 }, {}, []],
    [
      '32 are one too few',
      { villages: 11, legalLiteratePersons: 32 },
      {},
      ['warning perUnit legalLiteratePersons villages: 32 >= 33'],
    ],
    ['30余 may be 33', { villages: 11, legalLiteratePersons: 30 }, { legalLiteratePersons: { qualifier: 'atLeast' } }, []],
    [
      'at most 30 are too few',
      { villages: 11, legalLiteratePersons: 30 },
      { legalLiteratePersons: { qualifier: 'atMost' } },
      ['warning perUnit legalLiteratePersons villages: 30 >= 33'],
    ],
    ['about 11 villages may be 10', { villages: 11, legalLiteratePersons: 30 }, { villages: { qualifier: 'about' } }, []],
    ['a plan of 30', { villages: 11, legalLiteratePersons: 30 }, { legalLiteratePersons: { basis: 'planned' } }, []],
    ['villages are not known', { legalLiteratePersons: 3 }, {}, []],
  ),
)

await test('jump: looks at two records, so that no record alone has such a finding', async (t) => {
  t.strictSame(jump, { rule: 'jump', refs: [], factor: 5, distance: 20 })
  const stated = categories.flatMap(({ figures }) => Object.values(figures).flatMap(({ rules }) => rules.map(({ rule }) => rule)))
  t.strictSame(
    [...new Set<string>(stated)].sort(),
    ['balance', 'breakdown', 'memberWithin', 'perUnit', 'rateOf', 'within'],
    'the other six are all stated of a figure',
  )
})

await test('a finding says in both languages what was found', async (t) => {
  const [within] = findingsOf('disputes', { figures: { identified: 10, resolved: 47 } })
  t.strictSame(within?.message, {
    zh: '调解（化解）成功（47）大于排查发现矛盾纠纷（10）',
    en: 'Disputes resolved (47) exceeds Disputes identified by screening (10)',
  })
  const [few] = findingsOf('legalAdvisers', { figures: { villages: 11, legalLiteratePersons: 32 } })
  t.strictSame(few?.message, {
    zh: '法律明白人（32）小于行政村（社区）总数×3（33）',
    en: 'Legal-literate residents (法律明白人) (32) is less than Villages and communities × 3 (33)',
  })
})

await test('the nineteen real records contradict none of the rules', async (t) => {
  const told = samples.flatMap(recordsOf).map((record) => {
    const { category, township, period, content } = record
    return [`${category}/${township}/${period}`, ...findingsOf(category, content).map(line)]
  })
  t.strictSame(told, [
    ['disputes/500229107/2024'],
    ['enforcement/500229107/2024'],
    ['legalAdvisers/500229107/2024'],
    ['publicity/500229107/2024'],
    ['governance/500229107/2024'],
    ['disputes/511402113/2023'],
    ['legalAdvisers/511402113/2023'],
    ['publicity/511402113/2023'],
    ['disputes/500114108/2024'],
    ['enforcement/500114108/2024'],
    ['publicity/500114108/2024'],
    ['governance/500114108/2024'],
    ['disputes/410421106/2024'],
    ['enforcement/410421106/2024'],
    ['legalAdvisers/410421106/2024'],
    ['publicity/410421106/2024'],
    ['governance/410421106/2024'],
    ['disputes/410423209/2024'],
    ['publicity/410423209/2024'],
  ])
})

await test('but one misread digit of a real record is found', async (t) => {
  const misread = (township: string, category: CategoryName, figures: Content['figures']) => {
    const record = samples.flatMap(recordsOf).find((one) => one.township === township && one.category === category)
    if (!record) throw new Error(`no sample ${category}/${township}`)
    const { content } = record
    return findingsOf(category, { ...content, figures: { ...content.figures, ...figures } }).map(line)
  }
  t.strictSame(misread('410423209', 'disputes', { resolvedByAgreement: { oral: 345, written: 16 } }), [
    'warning breakdown resolvedByAgreement.oral resolvedByAgreement.written resolved: 361 = 360',
  ])
  t.strictSame(misread('511402113', 'disputes', { resolutionRate: 89 }), [
    'warning rateOf resolutionRate resolved accepted: 89 = 97.9167',
  ])
  t.strictSame(misread('500114108', 'enforcement', { certifiedOfficers: 15 }), [
    'impossible within certifiedOfficers officers: 15 <= 6',
  ])
  t.strictSame(misread('500114108', 'enforcement', { cases: 206 }), [
    'warning breakdown casesByDomain.roadTraffic casesByDomain.foodDrug casesByDomain.forestry cases: 263 <= 206',
  ])
})

/** The content with the same said of every value. */
function said(name: CategoryName, content: Content, remark: Remark): Content {
  const paths = valuesOf(name, content).map(({ leaf }) => leaf.path)
  return canonical(name, { ...content, remarks: Object.fromEntries(paths.map((path) => [path, remark])) })
}

await test('whatever the record', async (t) => {
  holds(
    t,
    'its order, its notes, its others and its source change nothing',
    fc.property(anyRecord, fc.integer(), ({ name, content }, seed) => {
      const { figures, remarks } = content
      const noted = Object.entries(remarks ?? {}).map(([path, remark]) => [path, { ...remark, note: '说明' }])
      const other = shuffled({ figures, remarks: Object.fromEntries(noted) }, seed)
      return isDeepStrictEqual(findingsOf(name, other), findingsOf(name, content))
    }),
  )
  holds(
    t,
    'plans and aims have no findings',
    fc.property(anyRecord, fc.constantFrom('planned', 'target'), ({ name, content }, basis) => {
      return findingsOf(name, said(name, content, { basis })).length === 0
    }),
  )
  holds(
    t,
    'approximate values have none, and other qualified ones none of equality',
    fc.property(anyRecord, fc.constantFrom('atLeast', 'atMost'), ({ name, content }, qualifier) => {
      const some = findingsOf(name, said(name, content, { qualifier }))
      return (
        some.every(({ relation }) => relation !== '=') &&
        findingsOf(name, said(name, content, { qualifier: 'about' })).length === 0
      )
    }),
  )
  holds(
    t,
    'a finding names reported figures, and what it demands is not met',
    fc.property(anyRecord, ({ name, content }) => {
      const paths = new Set(valuesOf(name, content).map(({ leaf }) => leaf.path))
      return findingsOf(name, content).every(({ figures, actual, relation, expected }) => {
        const met = { '<=': actual <= expected, '=': actual === expected, '>=': actual >= expected }[relation]
        return !met && figures.length > 0 && figures.every((path) => paths.has(path))
      })
    }),
  )
})
