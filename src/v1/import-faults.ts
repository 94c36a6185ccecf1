/**
 * The mistakes of a file: all are counted, and the first thousand by row are listed, though they are not found in that order: a row that
 * stands twice is known at the second place, another revision only in the database.
 */
import type { CategoryName } from '../catalogue/index.ts'
import type { KeyKind } from '../exchange/headers.ts'
import type { Fault, FaultCode } from '../http/problems.ts'
import type { StoredFault } from '../storage/imports.ts'

export const listedFaults = 1000

/**
 * One mistake in a row. `column` is the header of a sheet, `pointer` the place in a JSON row; the record is named where no file does it.
 */
export type ImportFault = {
  row: number
  category?: CategoryName
  township?: string
  period?: string
  column?: string
  pointer?: string
  code: FaultCode
  params?: Record<string, string | number>
}

export type FaultList = {
  add: (fault: ImportFault) => void
  /** Counts mistakes that are not listed. */
  count: (more: number) => void
  total: () => number
  listed: () => ImportFault[]
}

const byRow = (a: ImportFault, b: ImportFault) => a.row - b.row

/** An empty list, or one that goes on from another without changing it. */
export function faultList(from?: FaultList): FaultList {
  let kept: ImportFault[] = from?.listed() ?? []
  let total = from?.total() ?? 0
  const cut = () => {
    kept = kept.sort(byRow).slice(0, listedFaults)
  }
  return {
    add(fault) {
      total++
      kept.push(fault)
      if (kept.length > 4 * listedFaults) cut()
    },
    count: (more) => {
      total += more
    },
    total: () => total,
    listed() {
      cut()
      return [...kept]
    },
  }
}

/** A mistake of a record as one of its row. In a sheet the pointer is told as a column: a figure's path, or the part it stands in. */
export function rowFault(row: number, { pointer, code, params }: Fault, sheet: boolean): ImportFault {
  const [, part = '', ...path] = (pointer ?? '').split('/')
  const column = part === 'figures' ? path.join('.') : part
  return {
    row,
    ...(sheet && column !== '' && { column }),
    ...(!sheet && pointer !== undefined && { pointer }),
    code,
    ...(params && { params }),
  }
}

/** Which key of its row is wrong, of mistakes that are found once the row is read. */
const keys: { [code in FaultCode]?: KeyKind } = {
  'no-such-township': 'township',
  'row-outside-region': 'township',
  'no-such-period': 'period',
  'period-closed': 'period',
  'revision-mismatch': 'revision',
  'record-absent': 'revision',
}
const keysOf = new Map<string, KeyKind>(Object.entries(keys))

/** The place of a key in every row of a file; undefined where rows have none. */
export type Where = (kind: KeyKind) => { column: string } | { pointer: string } | undefined

/** A mistake with its place, where it is of a key that the row says. */
export function placed(fault: StoredFault, where: Where): StoredFault {
  const kind = keysOf.get(fault.code)
  if (kind === undefined || fault.column !== undefined || fault.pointer !== undefined) return fault
  // A row that changes or deletes what is not there need not say a revision.
  if (kind === 'revision' && fault.params?.expected === undefined) return fault
  return { ...fault, ...where(kind) }
}
