/** The cell that says whether a row deletes its record, in sheets of what has changed since an export. */

/** As sheets are written with it. */
export const deletedWords = { codes: 'true', zh: '是' } as const

const yes: ReadonlySet<string> = new Set([...Object.values(deletedWords), '1', 'yes'])
const no: ReadonlySet<string> = new Set(['', 'false', '否', '0', 'no'])

/** Whether the row deletes; undefined where the cell does not say it. */
export function readDeleted(text: string): boolean | undefined {
  const folded = text.toLowerCase()
  return no.has(folded) ? false : yes.has(folded) ? true : undefined
}
