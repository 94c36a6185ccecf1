/**
 * Worked examples of the record operations, taken from the real reports and computed by what computes the real answers. A test sends each
 * of them to the service and compares.
 */
import { breakdownOf } from '../catalogue/figure.ts'
import { findingsOf } from '../catalogue/findings.ts'
import { typedHint } from '../catalogue/hints.ts'
import { type CategoryName, categories, type Leaf, leaves } from '../catalogue/index.ts'
import { type Content, canonical, categoryOf, valueAt, valuesOf } from '../catalogue/record.ts'
import { mergePatch } from '../http/merge-patch.ts'
import type { Fault } from '../http/problems.ts'
import { worked } from '../http/responses.ts'
import { recordsOf, samples } from '../samples/index.ts'
import { categoryWords, nearest } from './record-check.ts'

/** The township whose report shows a category best; its place is the example of the path. */
const shown: Record<CategoryName, string> = {
  disputes: '410423209',
  enforcement: '410421106',
  legalAdvisers: '511402113',
  publicity: '410423209',
  governance: '500114108',
}
const reports = samples.flatMap(recordsOf)
const nested = ({ code, member }: Leaf, value: unknown) => ({ [code]: member === undefined ? value : { [member]: value } })

/** The record as it is read. */
export function readExample(name: CategoryName, at: { township: string; period: string }, content: Content, revision = 1) {
  const createdAt = '2025-03-01T08:00:00.000Z'
  return {
    township: at.township,
    period: at.period,
    revision,
    ...content,
    findings: findingsOf(name, content),
    createdAt,
    updatedAt: revision === 1 ? createdAt : '2025-03-03T02:30:00.000Z',
    updatedBy: 'admin',
  }
}

/** A record of a real report and its place. */
export function sampleOf(name: CategoryName) {
  const report = reports.find(({ category, township }) => category === name && township === shown[name])
  if (!report) throw new Error(`no sample of ${name}`)
  return report
}

function bodiesOf(name: CategoryName, content: Content) {
  const known = reports.filter(({ category }) => category === name)
  const values = known.flatMap((report) => valuesOf(name, report.content))
  const [first] = valuesOf(name, content)
  const qualified = values.find(({ remark }) => remark.qualifier === 'atLeast')
  const unsaid = leaves(name).find((leaf) => valueAt(content.figures, leaf) === undefined)
  const others = known.find((report) => report.content.others)?.content.others
  return {
    record: worked('一条完整的真实记录', 'A whole record of a real report', content),
    ...(first && {
      smallest: worked('最简：一个数据', 'The smallest: one figure', { figures: nested(first.leaf, first.value) }),
    }),
    ...(qualified && {
      qualified: worked('“……余”：数值加限定词', 'A qualified figure: “more than”', {
        figures: nested(qualified.leaf, qualified.value),
        remarks: { [qualified.leaf.path]: qualified.remark },
      }),
    }),
    ...(unsaid && {
      unquantified: worked('只写“多次”：说明为何没有数值', 'In words only: why there is no value', {
        remarks: { [unsaid.path]: { missing: 'unquantified', quote: '多次' } },
      }),
    }),
    ...(others && { others: worked('目录之外的数据', 'Figures outside the catalogue', { others }) }),
  }
}

function patchesOf(name: CategoryName, content: Content) {
  const [first, ...rest] = valuesOf(name, content)
  const last = rest.at(-1) ?? first
  if (!first || !last) return { patches: {}, patched: content }
  const correct = {
    figures: nested(first.leaf, first.value + 1),
    remarks: { [first.leaf.path]: { note: '复核后更正' } },
  }
  return {
    patches: {
      correct: worked('更正一个数据并说明', 'Correct a figure and say why', correct),
      remove: worked('删除一个数据及其说明', 'Remove a figure together with its remark', { figures: nested(last.leaf, null) }),
      clear: worked('删除全部数据及其说明', 'Remove all figures together with their remarks', { figures: null }),
    },
    patched: canonical(name, mergePatch(content, correct)),
  }
}

/** A body with several mistakes, and what it is told. `patch` where null would be allowed, `prefix` where the record is part of a report. */
export function mistakesOf(name: CategoryName, { patch = false, prefix = '' } = {}): { figures: object; faults: Fault[] } {
  const codes = Object.keys(categoryOf(name).figures)
  const leaf = leaves(name).find(({ figure, member }) => member === undefined && figure.kind === 'flow')
  const count = leaf?.code ?? ''
  const misspelt = count.slice(0, -2) + count.slice(-1)
  const elsewhere = categories.find((category) => category.name !== name)
  const foreign = Object.entries(elsewhere?.figures ?? {}).find(([, figure]) => !breakdownOf(figure))?.[0] ?? ''
  return {
    figures: { [misspelt]: 1, [foreign]: 2, [count]: '20余' },
    faults: [
      {
        pointer: `${prefix}/figures/${misspelt}`,
        code: 'unknown-figure',
        params: { name: misspelt, ...nearest(misspelt, [...codes, ...leaves(name).map(({ path }) => path)]) },
      },
      {
        pointer: `${prefix}/figures/${foreign}`,
        code: 'figure-of-another-category',
        params: { name: foreign, ...(elsewhere && categoryWords(elsewhere)) },
      },
      {
        pointer: `${prefix}/figures/${count}`,
        code: 'wrong-type',
        params: {
          expected: patch ? 'integer or null' : 'integer',
          expectedZh: patch ? '整数或 null' : '整数',
          received: '"20余"',
          ...(leaf && typedHint('20余', leaf)),
        },
      },
    ],
  }
}

/** A record of a real report and what it is after the correction that PATCH shows. */
export function correctionOf(name: CategoryName) {
  const { content, ...at } = sampleOf(name)
  const { patched } = patchesOf(name, content)
  return { at, before: content, after: patched, record: readExample(name, at, patched, 2) }
}

/** Everything that the operations of a category show. */
export function recordExamples(name: CategoryName) {
  const { content, ...at } = sampleOf(name)
  const { patches, patched } = patchesOf(name, content)
  const read = readExample(name, at, content)
  return {
    at,
    bodies: bodiesOf(name, content),
    patches,
    read: { record: worked('一条真实记录', 'A record of a real report', read) },
    patched: { correct: worked('更正之后', 'After the correction', readExample(name, at, patched, 2)) },
    list: { page: worked('一页，也是最后一页', 'A page, the last', { items: [read] }) },
  }
}
