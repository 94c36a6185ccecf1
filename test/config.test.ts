import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'tap'
import { ConfigError, readConfig, settingDefaults } from '../src/config.ts'
import { root } from '../src/root.ts'

function faults(environment: Record<string, string>): string {
  try {
    readConfig(environment)
    return ''
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`
  }
}

await test('without any setting the service runs with its own database on this machine', async (t) => {
  const config = readConfig({})
  t.strictSame(config, {
    port: 3000,
    host: '127.0.0.1',
    databaseUrl: undefined,
    migrationUrl: undefined,
    adminKey: undefined,
    identityProvider: undefined,
    publicReads: true,
    readScope: 'all',
    dataDir: '.data',
    logLevel: 'info',
    trustProxy: false,
    bodyLimit: 1_048_576,
    idempotencyHours: 24,
    databasePool: 10,
    exportPool: 4,
    importLimit: 268_435_456,
    rateLimit: 6000,
    authFailures: 20,
    corsOrigins: [],
    importDir: tmpdir(),
  })
  t.ok(Object.isFrozen(config))
  const unset = Object.fromEntries([...settingDefaults.keys()].map((name) => [name, ' ']))
  t.strictSame(readConfig(unset), config, 'a blank variable counts as not set')
  t.type(readConfig().port, 'number', 'the environment of the process is the default')
})

await test('settings are read with their types', async (t) => {
  const config = readConfig({
    PORT: ' 0 ',
    HOST: '::1',
    DATABASE_URL: 'postgres://register:s%40cret@db.example:6432/register?sslmode=require',
    MIGRATION_DATABASE_URL: 'postgres://owner@db.example:6432/register',
    ADMIN_API_KEY: `trlr_${'k'.repeat(43)}`,
    OIDC_ISSUER: 'https://login.example/realms/province',
    OIDC_AUDIENCE: 'register',
    OIDC_ROLE_CLAIM: 'realm_access.roles',
    OIDC_CLOCK_SKEW: '5',
    READ_SCOPE: 'own',
    DATA_DIR: '/var/lib/register',
    LOG_LEVEL: 'debug',
    TRUST_PROXY: '10.0.0.0/8, 192.0.2.1,fd00::/8',
    BODY_LIMIT: '4096',
    DATABASE_POOL: '1',
    IDEMPOTENCY_HOURS: '48',
    EXPORT_POOL: '2',
    IMPORT_LIMIT: '2048',
    RATE_LIMIT: '0',
    AUTH_FAILURES: '5',
    CORS_ORIGINS: 'https://data.example.gov.cn, http://localhost:8080',
    IMPORT_DIR: '/var/spool/register',
    PATH: '/usr/bin',
  })
  t.strictSame(config, {
    port: 0,
    host: '::1',
    databaseUrl: 'postgres://register:s%40cret@db.example:6432/register?sslmode=require',
    migrationUrl: 'postgres://owner@db.example:6432/register',
    adminKey: `trlr_${'k'.repeat(43)}`,
    identityProvider: {
      issuer: 'https://login.example/realms/province',
      audience: 'register',
      roleClaim: 'realm_access.roles',
      regionClaim: 'region',
      skew: 5,
    },
    publicReads: false,
    readScope: 'own',
    dataDir: '/var/lib/register',
    logLevel: 'debug',
    trustProxy: ['10.0.0.0/8', '192.0.2.1', 'fd00::/8'],
    bodyLimit: 4096,
    idempotencyHours: 48,
    databasePool: 1,
    exportPool: 2,
    importLimit: 2048,
    rateLimit: 0,
    authFailures: 5,
    corsOrigins: ['https://data.example.gov.cn', 'http://localhost:8080'],
    importDir: '/var/spool/register',
  })
  t.equal(readConfig({ DATABASE_URL: 'postgresql:///register?host=/run/postgresql' }).databaseUrl?.slice(0, 13), 'postgresql://')
})

await test('every bad setting is told at once, in one line, without a password', async (t) => {
  const line = faults({
    PORT: '65536',
    DATABASE_URL: 'mysql://register:secret@db.example/register',
    LOG_LEVEL: 'loud',
    TRUST_PROXY: 'true',
    BODY_LIMIT: '1 MiB',
    DATABASE_POOL: '0',
  })
  t.equal(
    line,
    'Settings: PORT must be <= 65535, not "65536"; ' +
      'DATABASE_URL must be a URL like postgresql://user:password@host:5432/database, special characters percent-encoded; ' +
      'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent, not "loud"; ' +
      'TRUST_PROXY must be addresses or CIDRs, separated by commas, not "true"; ' +
      'BODY_LIMIT must be integer, not "1 MiB"; DATABASE_POOL must be >= 1, not "0"',
  )
})

await test('what is nearly right is refused, too', async (t) => {
  for (const PORT of ['x', '-1', '3000.5', '3000x', '3000 3001'])
    t.match(faults({ PORT }), /^Settings: PORT must be [^;]+$/, PORT)
  for (const DATABASE_URL of ['localhost:5432', 'postgresql:register', 'postgresql://u:p#q@host/db', 'postgresql://host:port/db'])
    t.match(faults({ DATABASE_URL }), /^Settings: DATABASE_URL must be [^;]+$/, DATABASE_URL)
  for (const TRUST_PROXY of ['1', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/8/8', '::/129', '10.0.0', '10.0.0.1,', 'proxy.example'])
    t.match(faults({ TRUST_PROXY }), /^Settings: TRUST_PROXY must be [^;]+$/, TRUST_PROXY)
  for (const CORS_ORIGINS of [
    '*',
    'example.gov.cn',
    'https://example.gov.cn/',
    'https://example.gov.cn/app',
    'ftp://example.gov.cn',
    'https://a,',
  ])
    t.match(faults({ CORS_ORIGINS }), /^Settings: CORS_ORIGINS must be origins [^;]+$/, CORS_ORIGINS)
  for (const OIDC_ISSUER of ['http://login.example', 'login.example', 'ftp://login.example'])
    t.match(faults({ OIDC_ISSUER, OIDC_AUDIENCE: 'x' }), /^Settings: OIDC_ISSUER must be an https URL/, OIDC_ISSUER)
  t.match(faults({ OIDC_ISSUER: 'https://login.example' }), /OIDC_ISSUER and OIDC_AUDIENCE need each other/)
  t.match(faults({ MIGRATION_DATABASE_URL: 'postgres://a/b' }), /MIGRATION_DATABASE_URL needs DATABASE_URL/)
  t.match(faults({ READ_SCOPE: 'own' }), /READ_SCOPE=own needs PUBLIC_READS=false/)
  t.match(faults({ ADMIN_API_KEY: 'secret' }), /ADMIN_API_KEY must be trlr_ and 43 letters/)
  t.notMatch(faults({ ADMIN_API_KEY: 'secret' }), /secret/, 'and is not repeated')
  t.match(faults({ RATE_LIMIT: '-1' }), /^Settings: RATE_LIMIT must be >= 0/)
  t.match(faults({ BODY_LIMIT: '1023' }), /^Settings: BODY_LIMIT must be >= 1024/)
})

await test("the README's table has every setting with its default, and no other", async (t) => {
  const readme = await readFile(new URL('README.md', root), 'utf8')
  const rows = new Map([...readme.matchAll(/^\| *`([A-Z][A-Z_]+)` *\|(.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]))
  t.strictSame([...rows.keys()].sort(), [...settingDefaults.keys()].sort())
  for (const [name, value] of settingDefaults) if (value !== undefined) t.match(rows.get(name), `\`${value}\``, name)
})

await test('docker-compose.yml hands on every setting that does not belong to the container', async (t) => {
  const compose = await readFile(new URL('docker-compose.yml', root), 'utf8')
  const [, service = ''] = /^ {2}service:\n((?: {3,}.*\n|\n)*)/m.exec(compose) ?? []
  const [, environment = ''] = /^ {4}environment:\n((?: {6,}.*\n)*)/m.exec(service) ?? []
  const names = [...environment.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name = '']) => name)
  // Address, port and folder are the image's; there is no embedded PostgreSQL in it.
  const own = ['HOST', 'PORT', 'DATA_DIR']
  t.strictSame(
    names.filter((name) => name !== 'PGPASSWORD').sort(),
    [...settingDefaults.keys()].filter((name) => !own.includes(name)).sort(),
  )
})
