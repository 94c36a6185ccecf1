/**
 * Decimals are counted on the shortest decimal text of a number, never by division: 19.99 / 0.01 is not a whole number in
 * binary floating point, though 19.99 yuan are 1,999 fen.
 */

/** How many decimals the shortest text of a finite number has: 19.99 has 2, 1e-7 has 7, 1e21 has none. */
export function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const fraction = mantissa.split('.')[1]?.length ?? 0
  return Math.max(0, fraction - Number(exponent))
}

/** A number rounded to so many decimals, as the decimal text would be. */
export function roundTo(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}
