/**
 * What a body of a record is told about itself: every mistake at once, whether of form (Ajv, from the schema) or of meaning (the
 * catalogue's rules). A name that the catalogue does not know is answered by the nearest one that it knows, or by its category.
 */
import type { ErrorObject } from 'ajv'
import { closest, distance } from 'fastest-levenshtein'
import { breakdownOf, type Category } from '../catalogue/figure.ts'
import { type Finding, findingsOf, findingsOfValues } from '../catalogue/findings.ts'
import { didYouMean, typedHint } from '../catalogue/hints.ts'
import { type CategoryName, findFigure, findLeaf, type Leaf, leaves } from '../catalogue/index.ts'
import { type Plain, plainContent } from '../catalogue/plain.ts'
import {
  type Content,
  canonical,
  categoryOf,
  type NestedFigures,
  type Other,
  type Remark,
  type Value,
} from '../catalogue/record.ts'
import { type Fault, invalid, type Params } from '../http/problems.ts'
import { escapePointer, faultsOf } from '../http/validation.ts'

export type Checked = { content: Content; findings: Finding[]; faults: Fault[] }
type Loose = Record<string, unknown>

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectAt = (value: Loose, key: string): Loose => (isObject(value[key]) ? value[key] : {})

/** A hint at the nearest known name, empty where none is near. */
export function nearest(name: string, known: readonly string[]): { nearest: string; nearestZh: string } {
  const best = known.length > 0 ? closest(name, [...known]) : ''
  const near = best !== '' && distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(name.length / 3))
  return near ? didYouMean(best) : { nearest: '', nearestZh: '' }
}

/** A category as it is named in either language. */
export const categoryWords = ({ path, labels }: Category) => ({ category: path, categoryZh: labels.zh })

function unknownFigure(name: CategoryName, path: string): { code: Fault['code']; params: Params } {
  const [code = '', member] = path.split('.')
  const found = findFigure(code)
  if (found && found.category.name !== name)
    return { code: 'figure-of-another-category', params: { name: path, ...categoryWords(found.category) } }
  const split = found && breakdownOf(found.figure)
  if (found && split && member === undefined)
    return { code: 'remark-on-breakdown', params: { name: path, example: `${code}.${Object.keys(split.codelist.members)[0]}` } }
  const known =
    split && member !== undefined
      ? Object.keys(split.codelist.members).map((one) => `${code}.${one}`)
      : [...Object.keys(categoryOf(name).figures), ...leaves(name).map((leaf) => leaf.path)]
  return { code: 'unknown-figure', params: { name: path, ...nearest(path, known) } }
}

/** Ajv's mistakes about one record, in the words of the catalogue. `prefix` is the record's pointer inside the body. */
function formFaults(name: CategoryName, errors: readonly ErrorObject[], prefix: string): Fault[] {
  const own = errors.filter((error) => error.instancePath === prefix || error.instancePath.startsWith(`${prefix}/`))
  const worded = (fault: Fault, given: unknown): Fault => {
    const [, part = '', code = '', member] = (fault.pointer ?? '').slice(prefix.length).split('/')
    const path = member === undefined ? code : `${code}.${member}`
    if (fault.code === 'wrong-type' && part === 'figures' && typeof given === 'string') {
      const leaf = findLeaf(path)?.leaf
      return leaf ? { ...fault, params: { ...fault.params, ...typedHint(given, leaf) } } : fault
    }
    if (fault.code !== 'unknown-property') return fault
    if (code === '' && (findFigure(part) ?? findLeaf(part))?.category.name === name)
      return { ...fault, params: { name: part, hint: '; put it under figures', hintZh: '，请写在 figures 中' } }
    if (part === 'figures' && code) return { ...fault, ...unknownFigure(name, path) }
    if (part === 'remarks' && code && member === undefined) return { ...fault, ...unknownFigure(name, code) }
    return fault
  }
  return own.flatMap((error) => faultsOf([error], 'body').map((fault) => worded(fault, error.data)))
}

/** The parts of a body that have the right form, so that their meaning is checked although others are wrong. */
function sound(name: CategoryName, body: Loose): Partial<Content> {
  const given = objectAt(body, 'figures')
  const figures: NestedFigures = {}
  for (const leaf of leaves(name)) {
    const value = leaf.member === undefined ? given[leaf.code] : objectAt(given, leaf.code)[leaf.member]
    if (typeof value !== 'number') continue
    const nested = figures[leaf.code]
    if (leaf.member === undefined) figures[leaf.code] = value
    else figures[leaf.code] = { ...(typeof nested === 'object' && nested), [leaf.member]: value }
  }
  return { figures }
}

/** Whether a body gives anything at all for a leaf, right or wrong: a value of the wrong type is one mistake and not two. */
function isGiven(body: Loose, { code, member }: Leaf): boolean {
  const figures = objectAt(body, 'figures')
  return (member === undefined ? figures[code] : objectAt(figures, code)[member]) !== undefined
}

function remarkFaults(body: Loose, prefix: string): Fault[] {
  const told = (pointer: string, remark: Loose, hasValue: boolean): Fault[] => {
    if (hasValue) return remark.missing === undefined ? [] : [{ pointer: `${pointer}/missing`, code: 'missing-beside-value' }]
    return ['qualifier', 'basis']
      .filter((word) => remark[word] !== undefined)
      .map((word) => ({ pointer: `${pointer}/${word}`, code: 'qualifier-without-value', params: { word } }))
  }
  const remarks = Object.entries(objectAt(body, 'remarks')).flatMap(([path, remark]) => {
    const leaf = findLeaf(path)?.leaf
    if (!leaf || !isObject(remark)) return []
    return told(`${prefix}/remarks/${escapePointer(path)}`, remark, isGiven(body, leaf))
  })
  const others = Array.isArray(body.others) ? body.others : []
  return [
    ...remarks,
    ...others.flatMap((other, index) =>
      isObject(other) ? told(`${prefix}/others/${index}`, other, other.value !== undefined) : [],
    ),
  ]
}

/** Where a finding calls the record impossible and no note explains it. */
function impossibleFaults(findings: readonly Finding[], content: Content, prefix: string): Fault[] {
  return findings
    .filter((finding) => finding.severity === 'impossible')
    .flatMap((finding) => {
      const path = finding.figures[0] ?? ''
      if (content.remarks?.[path]?.note) return []
      return [
        {
          pointer: `${prefix}/figures/${path.replace('.', '/')}`,
          code: 'impossible' as const,
          params: {
            message: finding.message.en,
            messageZh: finding.message.zh,
            note: JSON.stringify({ [path]: { note: '…' } }),
          },
        },
      ]
    })
}

/** A body that says nothing is a script's mistake and would empty the record; who means that there is nothing sends `"figures": {}`. */
function silent(body: Loose, prefix: string): Fault[] {
  return ['figures', 'remarks', 'others'].some((part) => part in body)
    ? []
    : [{ pointer: `${prefix}/figures`, code: 'required', params: { name: 'figures' } }]
}

/** The body as valid content; only called where Ajv found nothing wrong with it. */
function contentOf(body: Loose): { figures?: NestedFigures; remarks?: Record<string, Remark>; others?: Other[] } {
  return body
}

/**
 * Checks the body of one record. `errors` are Ajv's, of the whole body; `prefix` says where in it the record stands; `path` is what
 * `township` and `period` in the body must repeat.
 */
export function checkRecord(
  name: CategoryName,
  body: unknown,
  errors: readonly ErrorObject[],
  path: Record<'township' | 'period', string>,
  prefix = '',
): Checked {
  const loose = isObject(body) ? body : {}
  const elsewhere = (['township', 'period'] as const).flatMap((key): Fault[] => {
    const received = loose[key]
    return typeof received === 'string' && received !== path[key]
      ? [{ pointer: `${prefix}/${key}`, code: 'not-the-path', params: { received, expected: path[key] } }]
      : []
  })
  if (errors.length + elsewhere.length === 0) {
    const plain = checkPlain(name, body)
    if (plain) return { ...plain, faults: [] }
  }
  const form = formFaults(name, errors, prefix)
  const content = canonical(name, form.length === 0 ? contentOf(loose) : sound(name, loose))
  const findings = findingsOf(name, content)
  const impossible =
    form.length === 0
      ? impossibleFaults(findings, content, prefix)
      : impossibleFaults(findings, { ...content, remarks: noted(loose) }, prefix)
  return {
    content,
    findings,
    faults: [
      ...form,
      ...(form.length === 0 ? silent(loose, prefix) : []),
      ...remarkFaults(loose, prefix),
      ...elsewhere,
      ...impossible,
    ],
  }
}

/** What a body of a file may hold besides figures and remarks: the row's own words, which were checked before, and what is ignored. */
const besideContent = new Set([
  ...['category', 'township', 'period', 'mode', 'delete', 'expectedRevision', 'revision'],
  ...['findings', 'createdAt', 'updatedAt', 'updatedBy'],
])

/** The mistakes of form of a merge patch; what its remarks mean can only be said of the record that it is merged with. */
export function patchFaults(name: CategoryName, errors: readonly ErrorObject[]): Fault[] {
  return formFaults(name, errors, '')
}

/** Whether a body is sound by its form, told by the quick way; false where a validator must be asked. */
export const isPlain = (name: CategoryName, body: unknown): boolean => plainContent(name, body, contentAlone) !== undefined
const contentAlone: ReadonlySet<string> = new Set()

/** The quick way to what `checkRecord` says of a body that is sound and needs nobody's explanation; undefined where it must be asked. */
export function checkPlain(name: CategoryName, body: unknown): (Plain & { findings: Finding[] }) | undefined {
  const plain = plainContent(name, body, besideContent)
  const findings = plain && possibleFindings(name, plain.values)
  return findings && { ...plain, findings }
}

/** The findings of values, undefined where one of them calls for an explanation. */
export function possibleFindings(name: CategoryName, values: readonly Value[]): Finding[] | undefined {
  const findings = findingsOfValues(name, values)
  return findings.some((finding) => finding.severity === 'impossible') ? undefined : findings
}

/** The notes of a body whose form is wrong elsewhere. */
function noted(body: Loose): Record<string, Remark> {
  return Object.fromEntries(
    Object.entries(objectAt(body, 'remarks')).flatMap(([path, remark]) =>
      isObject(remark) && typeof remark.note === 'string' ? [[path, { note: remark.note }]] : [],
    ),
  )
}

/** Throws `invalid-body` where there are mistakes. */
export function assertSound(faults: readonly Fault[]): void {
  if (faults.length > 0) throw invalid('invalid-body', faults)
}
