/** What a start does once, and what it refuses. */
import { test } from 'tap'
import { openDatabase } from '../../src/storage/database.ts'
import { prepareDatabase } from '../../src/storage/prepare.ts'
import { cloneTemplate, execute } from '../support/cluster.ts'

await test('a database whose transactions would not see what others commit is refused with the way out', async (t) => {
  const { url, drop } = await cloneTemplate()
  t.teardown(drop)
  const name = new URL(url).pathname.slice(1)
  const start = async () => {
    const database = openDatabase(url, { pool: 2 })
    try {
      return await prepareDatabase(database, { samples: false })
    } finally {
      await database.close()
    }
  }
  await execute(url, `alter database ${name} set default_transaction_isolation = 'serializable'`)
  await t.rejects(start(), {
    message:
      /^default_transaction_isolation is 'serializable' .* alter role "?\w+"? set default_transaction_isolation = 'read committed'$/,
  })
  await execute(url, `alter database ${name} reset default_transaction_isolation`)
  t.equal(await start(), false)
})

await test('the first key is told of in the audit', async (t) => {
  const { url, drop } = await cloneTemplate()
  t.teardown(drop)
  const database = openDatabase(url, { pool: 2 })
  t.teardown(() => database.close())
  await database.pool.query('truncate api_keys')
  const firstKey = `trlr_${'a'.repeat(43)}`
  t.equal(await prepareDatabase(database, { samples: false, firstKey }), true)
  t.equal(await prepareDatabase(database, { samples: false, firstKey }), false, 'once')
  const { rows } = await database.pool.query(
    `select a.actor, a.operation, a.target = 'api-keys/' || k.id as of_key, a.key_id = k.id as by_key from audit a, api_keys k where a.operation = 'setup'`,
  )
  t.same(rows.at(-1), { actor: 'setup', operation: 'setup', of_key: true, by_key: true })
})
