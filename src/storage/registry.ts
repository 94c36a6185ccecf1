/**
 * Brings the national registry into the database, once a vintage. Townships are never deleted: figures stay on the code that reported
 * them, and a newer vintage only adds codes and corrects names and kinds. One that never was by what the register knew is in use where a vintage has it.
 */
import { parseRegistry, type Registry, readRegistryFiles, vintageOf } from '../registry/registry.ts'
import { type Database, transaction } from './database.ts'

const lock = 20_230_630

const known = 'select from registry_vintages where vintage = $1'
const loadRegions = `
  insert into regions (code, name, parent, kind)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
  on conflict (code) do update set name = excluded.name, parent = excluded.parent, kind = excluded.kind
  where (regions.name, regions.kind) is distinct from (excluded.name, excluded.kind)`
const loadTownships = `
  insert into townships (code, name, kind)
  select * from unnest($1::text[], $2::text[], $3::text[])
  on conflict (code) do update set name = excluded.name, kind = excluded.kind,
    valid_from = case when townships.valid_to < townships.valid_from then null else townships.valid_from end,
    valid_to = case when townships.valid_to < townships.valid_from then null else townships.valid_to end
  where (townships.name, townships.kind) is distinct from (excluded.name, excluded.kind) or townships.valid_to < townships.valid_from`

/**
 * Loads the registry that this version carries, where the database has not had that vintage; true where it did. All or nothing; of two
 * starts at once the second waits and finds it done.
 */
export async function loadRegistry(database: Database, registry?: Registry): Promise<boolean> {
  const files = await readRegistryFiles()
  const vintage = registry?.vintage ?? vintageOf(files.regions)
  if ((await database.pool.query(known, [vintage])).rowCount) return false
  const { regions, townships } = registry ?? parseRegistry(files)
  return transaction(database, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [lock])
    if ((await client.query(known, [vintage])).rowCount) return false
    const column = <T, K extends keyof T>(rows: readonly T[], key: K) => rows.map((row) => row[key])
    await client.query(loadRegions, [
      column(regions, 'code'),
      column(regions, 'name'),
      column(regions, 'parent'),
      column(regions, 'kind'),
    ])
    await client.query(loadTownships, [column(townships, 'code'), column(townships, 'name'), column(townships, 'kind')])
    await client.query('insert into registry_vintages (vintage) values ($1)', [vintage])
    return true
  })
}
