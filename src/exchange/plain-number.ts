/** Numbers as they are usually written: digits, a point, digits. */

/** What was read: `end` is where it began if it is no such number, or one that JavaScript writes otherwise. */
type PlainNumber = { value: number; decimals: number; end: number }

const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)
/** So many digits a double holds exactly, and of two such numbers the quotient is the nearest one. */
const most = 15
/** Smaller ones JavaScript writes as 1e-7. */
const smallest = 0.000_001
const found: PlainNumber = { value: 0, decimals: 0, end: 0 }

/** The number that begins there, written as JavaScript writes it: `20`, `0.5`, not `020`, `20.0` or `2e1`. Its answer holds until the next. */
export function plainNumber(text: string, from: number): PlainNumber {
  let [value, at] = [0, from]
  let digit = text.charCodeAt(at) - 48
  for (; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) value = value * 10 + digit
  const point = at
  let last = 1
  if (digit === -2)
    for (digit = text.charCodeAt(++at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) {
      value = value * 10 + digit
      last = digit
    }
  const decimals = at === point ? 0 : at - point - 1
  const digits = point - from + decimals
  const padded = point - from > 1 && text.charCodeAt(from) === 48
  found.value = value / (powers[decimals] ?? 1)
  const tiny = found.value > 0 && found.value < smallest
  const wrong = point === from || padded || digits > most || last === 0 || tiny || (at > point && decimals === 0)
  found.decimals = decimals
  found.end = wrong ? from : at
  return found
}
