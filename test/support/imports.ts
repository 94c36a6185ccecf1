/** Files sent to `POST /v1/imports`, and what comes back. */
import type { Api, Headers } from './api.ts'
import { asAdmin } from './keys.ts'

export type Report = {
  id: number
  rows: number
  created: number
  updated: number
  unchanged: number
  deleted: number
  rejected: number
  notApplied: number
  errorCount: number
  errors: { row: number; column?: string; pointer?: string; code: string; detail: string }[]
  changes: {
    row: number
    township: string
    period: string
    action: string
    changes: unknown[]
    cleared?: string[]
    became?: unknown[]
  }[]
  changeCount: number
  clearings: { row: number; category: string; township: string; period: string; figures: string[] }[]
  clearingCount: number
}
export const ndjson = { 'content-type': 'application/x-ndjson' }
export const csv = { 'content-type': 'text/csv' }
export const [cangtou, zhangbaqiao, gaoguan] = ['410423209', '410421106', '500229107']

/** Sends a file as it is. */
export async function send(
  service: Api,
  payload: string | Buffer,
  headers: Headers,
  query = '',
): Promise<{ status: number; report: Report; text: string }> {
  const response = await service.app.inject({
    method: 'POST',
    url: `/v1/imports?${query}`,
    payload,
    headers: { ...asAdmin, ...headers },
  })
  return { status: response.statusCode, report: JSON.parse(response.body), text: response.body }
}
export const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
export const dispute = (township: string | undefined, identified: unknown, more: object = {}) => ({
  category: 'disputes',
  township,
  period: '2024',
  figures: { identified },
  ...more,
})
export const figures = async (service: Api, township: string | undefined) =>
  (await service.get(`/v1/disputes/${township}/2024`)).json.figures
/** How many revisions there are of all records. */
export async function revisions(service: Api): Promise<number> {
  const { rows } = await service.database.pool.query<{ n: number }>('select count(*)::int as n from record_revisions')
  return rows[0]?.n ?? -1
}
