/**
 * One worked example of every problem, in both languages, for the document. The bodies are built by the function that builds the real
 * ones, so they cannot say what the service would not. The table is exhaustive: a new problem needs its example.
 */
import { didYouMean } from '../catalogue/hints.ts'
import { roleTooLow } from './access.ts'
import { invalid, type Language, type ProblemCode, ProblemError, problemBody, problems } from './problems.ts'

export type Examples = Record<string, { summary: string; value: unknown } | { $ref: string }>

const requestId = '1f0c6e0e-6f0f-4c0e-9d2a-0a8a5d0b7b7e'
const place = { township: '410423209', period: '2023' }

const examples: Record<ProblemCode, ProblemError> = {
  'invalid-request': invalid('invalid-request', [{ parameter: 'page', code: 'unknown-parameter', params: { name: 'page' } }]),
  'invalid-body': invalid('invalid-body', [
    { pointer: '/colour', code: 'unknown-property', params: { name: 'colour', hint: '', hintZh: '' } },
  ]),
  'malformed-json': new ProblemError('malformed-json', {
    reason: 'Unexpected end of JSON input',
    reasonZh: '：内容不完整',
  }),
  'import-rejected': new ProblemError('import-rejected', { count: 1, hint: '', hintZh: '' }),
  'import-empty': new ProblemError('import-empty'),
  'malformed-gzip': new ProblemError('malformed-gzip', { reason: 'incorrect header check' }),
  'upload-broken-off': new ProblemError('upload-broken-off'),
  'invalid-cursor': new ProblemError('invalid-cursor'),
  'cursor-of-another-filter': new ProblemError('cursor-of-another-filter'),
  'bad-url': new ProblemError('bad-url'),
  'credentials-required': new ProblemError('credentials-required'),
  'credentials-invalid': new ProblemError('credentials-invalid'),
  'key-expired': new ProblemError('key-expired', { until: '2026-01-01T00:00:00.000Z' }),
  'key-revoked': new ProblemError('key-revoked', { at: '2025-11-03T02:00:00.000Z' }),
  'token-expired': new ProblemError('token-expired'),
  'token-without-role': new ProblemError('token-without-role'),
  'role-too-low': roleTooLow('reader', 'reporter'),
  'outside-region': new ProblemError('outside-region', { code: '500229107', region: '410423' }),
  'country-only': new ProblemError('country-only', { region: '410423' }),
  'unknown-key': new ProblemError('unknown-key', { id: 42 }),
  'key-not-active': new ProblemError('key-not-active', { id: 42 }),
  'key-replaced': new ProblemError('key-replaced', { id: 42, successor: 43 }),
  'correction-needs-condition': new ProblemError('correction-needs-condition', { period: '2023' }),
  'unknown-route': new ProblemError('unknown-route', { method: 'GET', path: '/v1/dispute' }),
  'unknown-indicator': new ProblemError('unknown-indicator', {
    code: 'screening',
    ...didYouMean('screenings'),
  }),
  'unknown-region': new ProblemError('unknown-region', { code: '999999' }),
  'unknown-township': new ProblemError('unknown-township', { code: '999999999' }),
  'unknown-period': new ProblemError('unknown-period', { code: '2099' }),
  'record-absent': new ProblemError('record-absent', place),
  'report-absent': new ProblemError('report-absent', place),
  'absent-then': new ProblemError('absent-then', { ...place, asOf: '2024-06-30T16:00:00.000Z' }),
  'succession-absent': new ProblemError('succession-absent', { code: '500229201', day: '2025-01-01' }),
  'unknown-revision': new ProblemError('unknown-revision', { revision: 7, newest: 2 }),
  'extension-absent': new ProblemError('extension-absent', { region: '410423', period: '2023' }),
  'unknown-import': new ProblemError('unknown-import', { id: 42 }),
  'method-not-allowed': new ProblemError('method-not-allowed', { method: 'DELETE', allow: 'GET, HEAD' }),
  'period-closed': new ProblemError('period-closed', { period: '2023' }),
  'idempotency-running': new ProblemError('idempotency-running'),
  'answer-sealed': new ProblemError('answer-sealed', { location: '/v1/api-keys/42' }),
  'idempotency-key-reused': new ProblemError('idempotency-key-reused'),
  'period-exists': new ProblemError('period-exists', { period: '2024' }),
  'township-exists': new ProblemError('township-exists', { code: '500229107', name: '高观镇' }),
  'code-used-before': new ProblemError('code-used-before', { code: '500229201', day: '2024-12-31' }),
  'township-not-in-use': new ProblemError('township-not-in-use', { code: '500229201', day: '2025-06-30' }),
  'succession-cycle': new ProblemError('succession-cycle', { code: '500229201' }),
  'succession-conflict': new ProblemError('succession-conflict', { code: '500229201', day: '2025-01-01' }),
  'region-exists': new ProblemError('region-exists', { code: '500229', name: '城口县' }),
  'write-conflict': new ProblemError('write-conflict'),
  'cursor-of-another-database': new ProblemError('cursor-of-another-database', { parameter: 'after' }),
  'precondition-failed': new ProblemError('precondition-failed'),
  'not-acceptable': new ProblemError('not-acceptable', { offered: 'application/json, application/x-ndjson, text/csv' }),
  'body-too-large': new ProblemError('body-too-large', { limit: 1_048_576 }),
  'unsupported-media-type': new ProblemError('unsupported-media-type', {
    expected: 'application/json',
    received: 'application/xml',
  }),
  'too-many-requests': new ProblemError('too-many-requests', { limit: 6000, seconds: 12 }),
  'too-many-failures': new ProblemError('too-many-failures', { seconds: 12 }),
  'unsupported-encoding': new ProblemError('unsupported-encoding', { received: 'br' }),
  'precondition-required': new ProblemError('precondition-required', { names: 'publicity', namesZh: '普法宣传教育' }),
  'header-too-large': new ProblemError('header-too-large'),
  internal: new ProblemError('internal'),
  'exports-busy': new ProblemError('exports-busy'),
  unavailable: new ProblemError('unavailable'),
}

const pascal = (code: string) => code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

function told(error: ProblemError, language: Language) {
  const value = problemBody(error, language, requestId)
  return { summary: language === 'zh' ? `${value.title}（Accept-Language: zh）` : value.title, value }
}

/** Names of the two examples of a problem: the component, and in lower camel case the key of an example. */
function named(code: ProblemCode): { language: Language; component: string; key: string }[] {
  const component = pascal(code)
  const key = component.replace(/^./, (letter) => letter.toLowerCase())
  return [
    { language: 'en', component, key },
    { language: 'zh', component: `${component}Zh`, key: `${key}Zh` },
  ]
}

/** `components.examples`: every problem, in English and in Chinese. */
export function problemComponents(): Record<string, { summary: string; value: unknown }> {
  return Object.fromEntries(
    Object.values(examples).flatMap((error) =>
      named(error.code).map(({ component, language }) => [component, told(error, language)]),
    ),
  )
}

/** The examples of one problem: references to the components for a code, whole bodies for an error that an operation makes itself. */
export function problemExamples(problem: ProblemCode | ProblemError): Examples {
  const code = problem instanceof ProblemError ? problem.code : problem
  return Object.fromEntries(
    named(code).map(({ component, key, language }) => [
      key,
      problem instanceof ProblemError ? told(problem, language) : { $ref: `#/components/examples/${component}` },
    ]),
  )
}

/** The status that a problem is answered with. */
export const statusOf = (problem: ProblemCode | ProblemError): number =>
  problems[problem instanceof ProblemError ? problem.code : problem][0]
