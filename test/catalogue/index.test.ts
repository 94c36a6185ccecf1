/** The catalogue as a whole: what it holds, that it is sound, and that nothing which was released is taken back. */
import { test } from 'tap'
import * as codelists from '../../src/catalogue/codelists.ts'
import { breakdownOf, type Category, deprecated, flow, money, rate, stock } from '../../src/catalogue/figure.ts'
import { categories, columnOf, findCategory, findFigure, findLeaf, leaves, leavesOf } from '../../src/catalogue/index.ts'
import { balance, breakdown, memberWithin, perUnit, rateOf, within } from '../../src/catalogue/rules.ts'
import { breaksBetween, type Entry, entriesOf, released } from './compatibility.ts'
import { problemsOf } from './lint.ts'

await test('the catalogue holds 175 figures in five categories, and 14 codelists', async (t) => {
  const sizes = categories.map(({ name, figures }) => [name, Object.keys(figures).length])
  t.strictSame(sizes, [
    ['disputes', 39],
    ['enforcement', 49],
    ['legalAdvisers', 19],
    ['publicity', 34],
    ['governance', 34],
  ])
  t.equal(
    sizes.reduce((all, [, size]) => all + Number(size), 0),
    175,
  )
  const lists = Object.entries(codelists)
  t.equal(lists.length, 14)
  for (const [name, list] of lists) t.equal(list.name, name)
  const used = new Set(
    categories.flatMap((one) => Object.values(one.figures).map((figure) => breakdownOf(figure)?.codelist.name)),
  )
  t.strictSame(
    lists.map(([name]) => name).filter((name) => !used.has(name)),
    [],
    'every codelist splits a figure',
  )
})

await test('the catalogue is sound', async (t) => {
  t.strictSame(problemsOf(categories), [])
})

await test('and the check of it finds what is not', async (t) => {
  const visits = flow('走访', 'Visits', '次', '')
  const whole = { visits, sites: stock('阵地', 'Sites', '个', ''), fines: money('罚款', 'Fines', '元', '') }
  const problemsWith = (figures: Category['figures']) =>
    problemsOf([
      {
        name: 'visiting',
        path: 'visiting',
        component: 'Visit',
        labels: { zh: '走访', en: 'Visiting' },
        figures: { ...whole, ...figures },
      },
    ])
  const tiers = codelists.siteTier
  t.strictSame(problemsWith({}), [], 'these three are fine')

  const cases: [figures: Category['figures'], problem: string][] = [
    [{ homes: flow('', 'Homes', '户', '') }, 'homes: no Chinese label'],
    [{ homes: flow('Homes', 'Homes', '户', '') }, 'homes: one label for both languages'],
    [{ homes: flow('入户', '入户', '户', '') }, 'homes: no English label'],
    [{ homes: flow('入户', 'Homes', '', '') }, 'homes: no unit'],
    [{ share: rate('占比', 'Share', '次', '') }, 'share: a rate is in %'],
    [{ home_visits: flow('入户', 'Homes', '户', '') }, 'home_visits: not a camelCase code'],
    [{ homes: { ...flow('入户', 'Homes', '户', ''), since: 'soon' } }, 'homes: since no release'],
    [{ homes: deprecated('houses', flow('入户', 'Homes', '户', '')) }, 'homes: deprecated for no known figure'],
    [{ homes: { ...rate('入户率', 'Homes', '%', ''), countsTwice: true } }, 'homes: is not summed, so nothing counts twice'],
    [{ homes: flow('走访', 'Homes', '户', '') }, '走访: Chinese label twice'],
    [{ homes: flow('入户', 'Visits', '户', '') }, 'Visits: English label twice'],
    [{ homes: flow('入户', 'Homes', '次', '', within('visited')) }, 'homes: within points at no other figure of visiting'],
    [{ homes: flow('入户', 'Homes', '次', '', within('homes')) }, 'homes: within points at no other figure of visiting'],
    [{ homes: flow('入户', 'Homes', '户', '', within('visits')) }, 'homes: within(visits) makes no sense'],
    [{ homes: flow('入户', 'Homes', '元', '', within('fines')) }, 'homes: within(fines) makes no sense'],
    [{ homes: flow('入户', 'Homes', '次', '', within('visits'), within('visits')) }, 'homes: within twice'],
    [{ tiers: flow('分级', 'Tiers', '个', '', breakdown('sites', tiers, 'partial')) }, 'tiers: breakdown(sites) makes no sense'],
    [
      { tiers: stock('分级', 'Tiers', '个', '', breakdown('sites', tiers, 'partial'), memberWithin('visits')) },
      'tiers: memberWithin(visits) makes no sense',
    ],
    [{ share: rate('占比', 'Share', '%', '', rateOf('fines', 'visits')) }, 'share: rateOf(fines, visits) makes no sense'],
    [{ share: rate('占比', 'Share', '%', '', rateOf('sites', 'visits')) }, 'share: sites is not said to be within visits'],
    [{ homes: flow('入户', 'Homes', '次', '', balance(['homes'], ['sites'])) }, 'homes: balance(homes, sites) makes no sense'],
    [{ homes: flow('入户', 'Homes', '户', '', perUnit('visits', 3)) }, 'homes: perUnit(visits) makes no sense'],
    [{ periodId: flow('期次', 'Period', '个', '') }, 'period_id: a column that every record has already'],
    [{ [`v${'x'.repeat(63)}`]: flow('长', 'Long', '个', '') }, `v${'x'.repeat(63)}: longer than PostgreSQL keeps`],
    [
      {
        sitesByTier: stock('分级', 'Tiers', '个', '', breakdown('sites', tiers, 'partial')),
        sitesByTierGroup: stock('组级', 'Groups', '个', ''),
      },
      'sites_by_tier_group: column twice',
    ],
  ]
  for (const [figures, problem] of cases) {
    t.ok(problemsWith(figures).includes(problem), problem)
  }
  const twice = problemsOf([...categories, ...categories.slice(0, 1)])
  t.ok(twice.includes('accepted: code twice'), 'a code is unique over all categories')
})

await test('a path is a column, whatever its humps', async (t) => {
  const columns = {
    identified: 'identified',
    inspectionsByDomain: 'inspections_by_domain',
    'inspectionsByDomain.roadTraffic': 'inspections_by_domain_road_traffic',
    ledBroadcasts: 'led_broadcasts',
  }
  for (const [path, column] of Object.entries(columns)) t.equal(columnOf(path), column)
})

await test('one more line is one more value with its column and labels; a breakdown one a member', async (t) => {
  const [first] = categories
  if (!first) throw new Error('no category')
  const labels = { zh: '夜间巡查', en: 'Night patrols' }
  const line = flow(labels.zh, labels.en, '次', '')
  const split = flow(
    '夜间巡查（按层级）',
    'Night patrols by level',
    '次',
    '',
    breakdown('nightPatrols', codelists.mediationLevel, 'partial'),
  )
  const grown = leavesOf({ ...first, figures: { ...first.figures, nightPatrols: line, nightPatrolsByLevel: split } })
  t.strictSame(grown.slice(0, -3), leaves('disputes'), 'what was there stays as it was')
  t.strictSame(
    grown.slice(-3).map(({ path, column, labels: { zh, en } }) => ({ path, column, zh, en })),
    [
      { path: 'nightPatrols', column: 'night_patrols', ...labels },
      {
        path: 'nightPatrolsByLevel.village',
        column: 'night_patrols_by_level_village',
        zh: '夜间巡查（按层级）：村级',
        en: 'Night patrols by level: village',
      },
      {
        path: 'nightPatrolsByLevel.township',
        column: 'night_patrols_by_level_township',
        zh: '夜间巡查（按层级）：镇级',
        en: 'Night patrols by level: township',
      },
    ],
  )
})

await test('figures, values and categories are found by name', async (t) => {
  t.equal(findCategory('legalAdvisers')?.path, 'legal-advisers')
  t.equal(findCategory('legal-advisers'), undefined)
  t.equal(findFigure('fines')?.category.name, 'enforcement')
  t.equal(findFigure('finesByProcedure.simple'), undefined, 'a member is no figure')
  t.equal(findLeaf('finesByProcedure.simple')?.leaf.column, 'fines_by_procedure_simple')
  t.equal(findLeaf('finesByProcedure'), undefined, 'a breakdown is no value')
  t.equal(findFigure('constructor'), undefined)
  for (const { name } of categories) {
    for (const leaf of leaves(name)) {
      const found = findLeaf(leaf.path)
      if (found?.leaf !== leaf || found.category.name !== name) t.fail(`${leaf.path} is not found`)
    }
  }
})

await test('nothing that was released is removed, renamed or re-typed', async (t) => {
  t.ok(released().length >= 175)
  t.strictSame(breaksBetween(released(), entriesOf(categories)), [])
})

await test('and the comparison with the release finds it when it is', async (t) => {
  const entry = { category: 'disputes', code: 'accepted', kind: 'flow', unit: '件' }
  const split = { ...entry, code: 'acceptedByForm', members: ['oral', 'written'] }
  const after: [story: string, entries: Entry[], breaks: string[]][] = [
    ['the same', [entry, split], []],
    ['in another order', [split, entry], []],
    ['a new figure', [entry, split, { ...entry, code: 'refused' }], []],
    ['a new member', [entry, { ...split, members: ['oral', 'video', 'written'] }], []],
    ['a figure less', [entry], ['acceptedByForm was removed']],
    ['renamed', [{ ...entry, code: 'taken' }, split], ['accepted was removed']],
    ['another kind', [{ ...entry, kind: 'stock' }, split], ['accepted: kind was flow, is stock']],
    ['another unit', [{ ...entry, unit: '起' }, split], ['accepted: unit was 件, is 起']],
    ['another category', [{ ...entry, category: 'governance' }, split], ['accepted: category was disputes, is governance']],
    ['a member less', [entry, { ...split, members: ['written'] }], ['acceptedByForm.oral was removed']],
    ['split', [{ ...entry, members: ['oral'] }, split], ['accepted was a number, is a breakdown']],
    ['no longer split', [entry, { ...entry, code: split.code }], ['acceptedByForm was a breakdown, is a number']],
  ]
  for (const [story, entries, breaks] of after) t.strictSame(breaksBetween([entry, split], entries), breaks, story)

  const [disputes, ...others] = categories
  if (!disputes) throw new Error('no category')
  const { accepted, ...figures } = disputes.figures
  t.ok(accepted)
  t.strictSame(breaksBetween(released(), entriesOf([{ ...disputes, figures }, ...others])), ['accepted was removed'])
})
