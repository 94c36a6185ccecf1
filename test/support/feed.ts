/** Readers of the feed. Other tests write in the same cluster and may hold it back for a moment, so they wait for what must come. */
import type { Api, Body } from './api.ts'

/** What a test looks at in a change. */
export type Seen = Body & { category: string; action: string; transaction: string; document: Body | null }

const isSeen = (item: Body): item is Seen => typeof item.action === 'string'

/** One page: its changes, where to go on, and the rest of the answer. */
export async function page({ get }: Pick<Api, 'get'>, query = '', after?: string) {
  const { status, json } = await get(`/v1/changes?${query}${after === undefined ? '' : `&after=${after}`}`)
  if (status !== 200) throw new Error(`${status} ${json.code}`)
  return { items: json.items.filter(isSeen), next: json.next ?? '', json }
}

/** Reads on until the page that ends with such a change has come. */
export async function readUntil(service: Api, last: (change: Seen) => boolean, query = '', from?: string) {
  const items: Seen[] = []
  for (let after = from; ; ) {
    const read = await page(service, `wait=30&${query}`, after)
    items.push(...read.items)
    after = read.next
    if (read.items.some(last)) return { items, next: after }
  }
}

/** What a change is, in short. */
export const told = (items: readonly Seen[]) =>
  items.map(({ category, township, period, revision, action }) => `${category} ${township} ${period} ${revision} ${action}`)
