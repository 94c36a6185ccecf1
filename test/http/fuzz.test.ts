/**
 * Whatever is sent, by whomever: no 5xx, no status that the document does not tell, no answer off its schema, and nothing of the inside in any
 * body. FUZZ_REQUESTS and FUZZ_SEED make it longer, or the same again.
 */
import { test } from 'tap'
import { roles } from '../../src/http/caller.ts'
import { samples } from '../../src/samples/index.ts'
import { recordsOf } from '../../src/samples/sample.ts'
import { type Api, api, type Headers } from '../support/api.ts'
import { documentOf } from './document.ts'
import { type Fuzzed, fuzzer, lots } from './fuzz.ts'

const requests = Number(process.env.FUZZ_REQUESTS ?? 400)
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** What only who wrote the service should see. */
const inside =
  /\n\s+at |node_modules|\/src\/|\.[jt]s:\d+|syntax error|relation "|column "|violates|insert into|select .* from |ECONN/i
const chunk = 1000

async function callers(service: Api): Promise<[string, Headers][]> {
  const known: [string, Headers][] = [
    ['nobody', { authorization: '' }],
    ['garbage', { authorization: 'Bearer x' }],
  ]
  for (const role of roles)
    for (const region of [undefined, '410423']) known.push([`${role} ${region ?? ''}`, await service.as(role, region)])
  return known
}

const admin: [string, Headers] = ['admin', {}]

async function fill(service: Api): Promise<void> {
  for (const { category, township, period, content } of samples.flatMap(recordsOf))
    await service.put(`/v1/${category === 'legalAdvisers' ? 'legal-advisers' : category}/${township}/${period}`, content)
}

await test(`${requests} random requests of seed ${seed}`, async (t) => {
  const from = performance.now()
  const lot = lots(seed)
  const statuses = new Map<number, number>()
  const operations = new Set<string>()
  const faults: string[] = []
  let done = 0
  // A new register for each thousand, since what is written changes what can be asked.
  while (done < requests && faults.length < 20)
    await t.test(`from ${done} on`, async (part) => {
      const service = await api(part)
      await fill(service)
      const who = await callers(service)
      const next = fuzzer(documentOf(service.app), lot)
      const send = async ({ operationId, method, url, headers, payload }: Fuzzed, [name, key]: [string, Headers]) => {
        const line = `${name}: ${method} ${url} ${JSON.stringify(headers)} ${payload?.slice(0, 300) ?? ''}`
        try {
          const { status, text } = await service.request(method, url, payload, { ...key, ...headers })
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          if (status >= 500 || (status >= 400 && inside.test(text))) faults.push(`${status} ${line} → ${text.slice(0, 300)}`)
        } catch (error) {
          faults.push(`${line} → ${String(error).slice(0, 600)}`)
        }
        operations.add(operationId)
      }
      for (const until = Math.min(requests, done + chunk); done < until; done++) {
        // Half of them by who may do anything, so that more than refusals is tried.
        const caller = lot(2) === 0 ? admin : who[lot(who.length)]
        if (caller) await send(next(), caller)
      }
    })
  const told = [...statuses].sort().map(([status, count]) => `${status}: ${count}`)
  t.comment(
    `${done} requests, ${operations.size} operations, ${((performance.now() - from) / 1000).toFixed(1)} s, ${told.join(', ')}`,
  )
  t.same(faults, [])
})
