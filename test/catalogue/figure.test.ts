/**
 * One line is all that the project knows of a figure, so a wrong line must not compile. The `@ts-expect-error` lines are the test of
 * that: `tsc --noEmit` fails when one of them compiles after all. Beside each stands what happens to the same mistake at run time.
 */
import { test } from 'tap'
import { siteTier } from '../../src/catalogue/codelists.ts'
import {
  aggregationOf,
  breakdownOf,
  type Category,
  category,
  countsTwice,
  deprecated,
  flow,
  kinds,
  money,
  opening,
  partsOf,
  rate,
  score,
  since,
  stock,
} from '../../src/catalogue/figure.ts'
import { catalogue, type FiguresOf, findFigure, leaves } from '../../src/catalogue/index.ts'
import { balance, breakdown, memberWithin, rateOf, within } from '../../src/catalogue/rules.ts'
import { errorsOf } from '../support/schemas.ts'
import { problemsOf } from './lint.ts'

await test('a body of figures is typed by the catalogue', async (t) => {
  const right: FiguresOf<'disputes'> = { identified: 382, resolutionRate: 98.5, resolvedByAgreement: { oral: 344 } }
  t.strictSame(errorsOf('DisputeFigures', right), [])
  const twoRules: FiguresOf<'enforcement'> = { hazardsRectifiedByLevel: { general: 62, major: 3 } }
  t.strictSame(errorsOf('EnforcementFigures', twoRules), [], 'a breakdown with a second rule')
})

await test('what is no figure of the category does not compile, and is refused', async (t) => {
  // @ts-expect-error inspections are a figure of enforcement
  const elsewhere: FiguresOf<'disputes'> = { inspections: 5 }
  t.strictSame(errorsOf('DisputeFigures', elsewhere), ['additionalProperties'])
  t.equal(findFigure('inspections')?.category.name, 'enforcement')

  // @ts-expect-error identifyed is misspelt
  const misspelt: FiguresOf<'disputes'> = { identifyed: 382 }
  t.strictSame(errorsOf('DisputeFigures', misspelt), ['additionalProperties'])

  // @ts-expect-error orall is misspelt
  const member: FiguresOf<'disputes'> = { resolvedByAgreement: { orall: 344 } }
  t.strictSame(errorsOf('DisputeFigures', member), ['/resolvedByAgreement additionalProperties'])

  // @ts-expect-error smoke is no member of that codelist
  const stranger: FiguresOf<'enforcement'> = { hazardsFoundByLevel: { smoke: 1 } }
  t.strictSame(errorsOf('EnforcementFigures', stranger), ['/hazardsFoundByLevel additionalProperties'])

  // @ts-expect-error a path is no key of figures
  const path: FiguresOf<'disputes'> = { 'resolvedByAgreement.oral': 344 }
  t.strictSame(errorsOf('DisputeFigures', path), ['additionalProperties'])
})

await test('what is no number does not compile, and is refused', async (t) => {
  // @ts-expect-error a string
  const text: FiguresOf<'disputes'> = { identified: '382' }
  t.strictSame(errorsOf('DisputeFigures', text), ['/identified type'])

  // @ts-expect-error null
  const nothing: FiguresOf<'disputes'> = { identified: null }
  t.strictSame(errorsOf('DisputeFigures', nothing), ['/identified type'])

  // @ts-expect-error undefined is not the same as absent
  const absent: FiguresOf<'disputes'> = { identified: undefined }
  t.equal(JSON.stringify(absent), '{}', 'and has no JSON')

  // @ts-expect-error a number for a breakdown
  const whole: FiguresOf<'disputes'> = { resolvedByAgreement: 360 }
  t.strictSame(errorsOf('DisputeFigures', whole), ['/resolvedByAgreement type'])

  // @ts-expect-error a breakdown for a number
  const split: FiguresOf<'disputes'> = { resolved: { oral: 344 } }
  t.strictSame(errorsOf('DisputeFigures', split), ['/resolved type'])
})

await test('a rule points at figures of its own category, or does not compile', async (t) => {
  const head = { name: 'visits', path: 'visits', component: 'Visit', labels: { zh: '走访', en: 'Visits' } }
  const visits = flow('走访', 'Visits', '次', '')
  const right = category(head, { visits, homes: flow('入户', 'Homes', '次', '', within('visits')) })
  t.strictSame(Object.keys(right.figures), ['visits', 'homes'])

  // @ts-expect-error visit is misspelt
  const misspelt = category(head, { visits, homes: flow('入户', 'Homes', '次', '', within('visit')) })
  // @ts-expect-error accepted is a figure of disputes
  const elsewhere = category(head, { visits, homes: flow('入户', 'Homes', '次', '', within('accepted')) })
  // @ts-expect-error the second whole is misspelt
  const second = category(head, { visits, homes: flow('入户', 'Homes', '次', '', within('visits', 'visit')) })
  // @ts-expect-error the whole of a breakdown
  const split = category(head, { tiers: stock('分级', 'Tiers', '个', '', breakdown('sites', siteTier, 'partial')) })
  // @ts-expect-error the other breakdown
  const member = category(head, { tiers: stock('分级', 'Tiers', '个', '', memberWithin('sitesByTier')) })
  // @ts-expect-error a part of a rate
  const part = category(head, { visits, share: rate('占比', 'Share', '%', '', rateOf('homes', 'visits')) })
  // @ts-expect-error a side of a balance
  const side = category(head, { visits, homes: flow('入户', 'Homes', '次', '', balance(['visits'], ['homes', 'shops'])) })
  // @ts-expect-error the second rule
  const later = category(head, { visits, homes: flow('入户', 'Homes', '次', '', within('visits'), within('shops')) })

  const wrong: Category[] = [misspelt, elsewhere, second, split, member, part, side, later]
  for (const one of wrong) {
    t.ok(
      problemsOf([one]).some((problem) => problem.endsWith('points at no other figure of visits')),
      problemsOf([one]).join('; '),
    )
  }
})

await test('a kind says what a value may be, how it is kept and how it adds up', async (t) => {
  const lines = {
    flow: flow('甲', 'A', '件', ''),
    stock: stock('甲', 'A', '件', ''),
    opening: opening('甲', 'A', '件', ''),
    money: money('甲', 'A', '元', ''),
    rate: rate('甲', 'A', '%', ''),
    score: score('甲', 'A', '分', ''),
  }
  const table = Object.entries(lines).map(([name, figure]) => {
    const { min, max, decimals, column, overTime } = kinds[figure.kind]
    return [name, min, max, decimals, column, aggregationOf(figure), overTime]
  })
  t.strictSame(table, [
    ['flow', 0, 2147483647, 0, 'integer', 'sum', 'sum'],
    ['stock', 0, 2147483647, 0, 'integer', 'sum', 'last'],
    ['opening', 0, 2147483647, 0, 'integer', 'sum', 'first'],
    ['money', 0, 9999999999999.99, 2, 'numeric(15,2)', 'sum', 'sum'],
    ['rate', 0, 1000, 4, 'numeric', 'none', 'none'],
    ['score', 0, 10000, 4, 'numeric', 'none', 'none'],
  ])
})

await test('a rate is recomputed from its parts where they are known, and never averaged', async (t) => {
  const { resolutionRate, petitionOnTimeRate } = catalogue.disputes.figures
  t.equal(aggregationOf(resolutionRate), 'recomputed')
  t.equal(partsOf(resolutionRate)?.numerator, 'resolved')
  t.strictSame(partsOf(resolutionRate)?.denominators, ['accepted', 'identified'])
  t.equal(aggregationOf(petitionOnTimeRate), 'none')
  t.equal(partsOf(petitionOnTimeRate), undefined)
})

await test('a breakdown knows its codelist, and has one value a member', async (t) => {
  const { resolved, resolvedByAgreement } = catalogue.disputes.figures
  t.equal(breakdownOf(resolved), undefined)
  t.equal(breakdownOf(resolvedByAgreement)?.codelist.name, 'agreementForm')
  const values = leaves('disputes').filter(({ code }) => code === 'resolvedByAgreement')
  t.strictSame(
    values.map(({ path }) => path),
    ['resolvedByAgreement.oral', 'resolvedByAgreement.written'],
  )
})

await test('what more can be said of a line stands around it', async (t) => {
  const line = flow('甲', 'A', '件', '')
  t.strictSame(since('2027.1', line), { ...line, since: '2027.1' })
  t.strictSame(deprecated('accepted', line), { ...line, deprecated: { use: 'accepted' } })
  t.strictSame(countsTwice(line), { ...line, countsTwice: true })
  t.strictSame(line, { kind: 'flow', labels: { zh: '甲', en: 'A' }, unit: '件', basis: '', rules: [], since: '2026.1' })
  t.equal(catalogue.legalAdvisers.figures.villageAdvisers.countsTwice, true, 'one adviser serves several villages')
})
