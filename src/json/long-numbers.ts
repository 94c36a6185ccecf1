/**
 * Numbers with more digits than a number of JavaScript keeps: JSON.parse rounds them and says nothing, so that 2000000000.0000000001 would come
 * in as 2000000000, and 1e-400 as 0. Up to 15 digits are always kept. A text without a run that is long enough is not looked at any more
 * closely, which costs a microsecond.
 */
import { parse, type ValueNode } from '@humanwhocodes/momoa'

const suspicious = /[\d.]{17}|[eE][-+]?\d{3}/

/** Where the digits end that are no zeros at the end. A regular expression would try from every zero on. */
function withoutZeros(digits: string): string {
  let end = digits.length
  while (digits.charAt(end - 1) === '0') end--
  return digits.slice(0, end)
}

/** Digits without zeros before and after, and the power of ten of the last of them: equal for equal numbers, however they are written. */
function exact(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(literal) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const kept = withoutZeros(digits)
  if (kept === '') return '0'
  // No number that can be kept has such an exponent.
  if (exponent.length > 9) return literal
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}

function longIn(
  node: ValueNode,
  text: string,
  path: readonly (string | number)[],
): { path: readonly (string | number)[]; received: string }[] {
  if (node.type === 'Array') return node.elements.flatMap(({ value }, index) => longIn(value, text, [...path, index]))
  if (node.type === 'Object')
    return node.members.flatMap(({ name, value }) =>
      longIn(value, text, [...path, name.type === 'String' ? name.value : name.name]),
    )
  if (node.type !== 'Number') return []
  const received = text.slice(node.loc.start.offset, node.loc.end.offset)
  return exact(received) === exact(String(Number(received))) ? [] : [{ path, received }]
}

/** Where a JSON text, which was parsed without a mistake, has a number that cannot be kept as it is written; nearly always nowhere. */
export function longNumbers(text: string) {
  return suspicious.test(text) ? longIn(parse(text, { mode: 'json' }).body, text, []) : []
}
