/**
 * Settings: environment -> one frozen, typed Config. The only reader of process.env. Each setting is one line here and one line
 * of the README's table; every mistake is told at once.
 */
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import Ajv from 'ajv'
import Type, { type Static } from 'typebox'
import { keyPattern } from './key.ts'

const settings = Type.Object({
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000, description: 'TCP port; 0 takes a free one' }),
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on; 0.0.0.0 for all' }),
  DATABASE_URL: Type.Optional(
    Type.String({
      format: 'database-url',
      must: 'must be a URL like postgresql://user:password@host:5432/database, special characters percent-encoded',
      description: 'PostgreSQL 15 or newer; without it the embedded PostgreSQL is started',
    }),
  ),
  MIGRATION_DATABASE_URL: Type.Optional(
    Type.String({
      format: 'database-url',
      must: 'must be a URL like postgresql://user:password@host:5432/database, special characters percent-encoded',
      description:
        'The same database as a role that owns the tables; then the role of DATABASE_URL can only add to history and audit',
    }),
  ),
  ADMIN_API_KEY: Type.Optional(
    Type.String({
      pattern: keyPattern.source,
      must: 'must be trlr_ and 43 letters, digits, - or _ (32 random bytes in base64url)',
      description: 'The first key, of an administrator, where the database has none yet',
    }),
  ),
  OIDC_ISSUER: Type.Optional(
    Type.String({
      format: 'issuer',
      must: 'must be an https URL, or http on this machine',
      description: 'Identity provider whose tokens are taken beside keys',
    }),
  ),
  OIDC_AUDIENCE: Type.Optional(Type.String({ description: 'Whom its tokens must be for' })),
  OIDC_ROLE_CLAIM: Type.String({ default: 'role', description: 'Where in a token the role stands; dots lead inwards' }),
  OIDC_REGION_CLAIM: Type.String({ default: 'region', description: 'Where in a token the region stands' }),
  OIDC_CLOCK_SKEW: Type.Integer({ minimum: 0, maximum: 300, default: 30, description: 'Seconds that clocks may differ' }),
  PUBLIC_READS: Type.Optional(
    Type.Boolean({ description: 'Whether anyone may read without a key; on for the embedded PostgreSQL, else off' }),
  ),
  READ_SCOPE: Type.Unsafe<'all' | 'own'>({
    type: 'string',
    enum: ['all', 'own'],
    must: 'must be all or own',
    default: 'all',
    description: 'Whether a key with a region reads all figures or those of its own region',
  }),
  DATA_DIR: Type.String({ default: '.data', description: 'Folder of the embedded PostgreSQL' }),
  LOG_LEVEL: Type.Unsafe<'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    must: 'must be fatal, error, warn, info, debug, trace or silent',
    default: 'info',
    description: 'debug also logs every request',
  }),
  TRUST_PROXY: Type.Optional(
    Type.String({
      format: 'proxies',
      must: 'must be addresses or CIDRs, separated by commas',
      description: 'Comma-separated addresses or CIDRs of proxies whose X-Forwarded-For is believed',
    }),
  ),
  BODY_LIMIT: Type.Integer({ minimum: 1024, default: 1_048_576, description: 'Largest request body in bytes' }),
  IMPORT_LIMIT: Type.Integer({ minimum: 1024, default: 268_435_456, description: 'Largest file to import in bytes, inflated' }),
  IMPORT_DIR: Type.Optional(
    Type.String({ description: 'Folder in which files are spooled while they are imported; the system’s own without it' }),
  ),
  RATE_LIMIT: Type.Integer({
    minimum: 0,
    default: 6000,
    description: 'Requests a minute of one key, or of one address without a key; 0 for no limit',
  }),
  AUTH_FAILURES: Type.Integer({
    minimum: 0,
    default: 20,
    description: 'Failed authentications a minute from one address before others that fail must wait; 0 for no limit',
  }),
  CORS_ORIGINS: Type.Optional(
    Type.String({
      format: 'origins',
      must: 'must be origins like https://example.gov.cn, separated by commas',
      description: 'Comma-separated origins whose pages may call the API; none without it',
    }),
  ),
  IDEMPOTENCY_HOURS: Type.Integer({
    minimum: 1,
    maximum: 8760,
    default: 24,
    description: 'For how many hours the answer to a request with an Idempotency-Key is kept',
  }),
  DATABASE_POOL: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 10,
    description: 'Connections for transactions and long statements',
  }),
  EXPORT_POOL: Type.Integer({ minimum: 1, maximum: 100, default: 4, description: 'Exports at a time; each holds a connection' }),
})

type Settings = Static<typeof settings>

export type Config = Readonly<{
  port: number
  host: string
  databaseUrl: string | undefined
  migrationUrl: string | undefined
  adminKey: string | undefined
  identityProvider: { issuer: string; audience: string; roleClaim: string; regionClaim: string; skew: number } | undefined
  publicReads: boolean
  readScope: Settings['READ_SCOPE']
  dataDir: string
  logLevel: Settings['LOG_LEVEL']
  trustProxy: string[] | false
  bodyLimit: number
  importLimit: number
  rateLimit: number
  authFailures: number
  corsOrigins: string[]
  importDir: string
  idempotencyHours: number
  databasePool: number
  exportPool: number
}>

/** One line for an operator: every setting that cannot be used, and why. */
export class ConfigError extends Error {}

/** The names of all settings and, where they have one, their default: what the README's table shows. */
export const settingDefaults: ReadonlyMap<string, string | undefined> = new Map(
  Object.entries(settings.properties).map(([name, schema]) => [name, 'default' in schema ? String(schema.default) : undefined]),
)

/** What is not repeated to whoever reads the terminal. */
const secret = new Set(['DATABASE_URL', 'MIGRATION_DATABASE_URL', 'ADMIN_API_KEY'])

const listed = (text: string) => text.split(',').map((part) => part.trim())

function isProxy(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0
  return most > 0 && rest.length === 0 && (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most))
}

/** In the clear only to this very machine. */
function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname))
}

const formats = {
  issuer: isIssuer,
  'database-url': (text: string) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
  proxies: (text: string) => listed(text).every(isProxy),
  // An origin as browsers send it: scheme, host and port, nothing behind.
  origins: (text: string) =>
    listed(text).every((origin) => /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin),
}

/** Settings that do not go together. */
function combinedFaults(given: Settings): string[] {
  const { DATABASE_URL, MIGRATION_DATABASE_URL, OIDC_ISSUER, OIDC_AUDIENCE, PUBLIC_READS, READ_SCOPE } = given
  return [
    ...((OIDC_ISSUER === undefined) !== (OIDC_AUDIENCE === undefined) ? ['OIDC_ISSUER and OIDC_AUDIENCE need each other'] : []),
    ...(MIGRATION_DATABASE_URL !== undefined && DATABASE_URL === undefined
      ? ['MIGRATION_DATABASE_URL needs DATABASE_URL beside it']
      : []),
    ...(READ_SCOPE === 'own' && (PUBLIC_READS ?? DATABASE_URL === undefined)
      ? ['READ_SCOPE=own needs PUBLIC_READS=false: what anyone reads is nobody’s own']
      : []),
  ]
}

/** Reads the settings. Throws a ConfigError that names every bad one. A blank variable counts as not set. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const names = Object.keys(settings.properties)
  const given = Object.fromEntries(names.flatMap((name) => (environment[name]?.trim() ? [[name, environment[name].trim()]] : [])))
  const ajv = new Ajv.Ajv({
    coerceTypes: true,
    useDefaults: true,
    allErrors: true,
    strict: false,
    validateSchema: false,
    verbose: true,
    formats,
  })
  const check = ajv.compile<Settings>(settings)
  if (!check(given)) {
    const faults = (check.errors ?? []).map(({ instancePath, message, parentSchema }) => {
      const name = instancePath.slice(1)
      const shown = secret.has(name) ? '' : `, not ${JSON.stringify(environment[name])}`
      return `${name} ${parentSchema?.must ?? message}${shown}`
    })
    throw new ConfigError(`Settings: ${faults.join('; ')}`)
  }
  const combined = combinedFaults(given)
  if (combined.length > 0) throw new ConfigError(`Settings: ${combined.join('; ')}`)
  return Object.freeze({
    port: given.PORT,
    host: given.HOST,
    databaseUrl: given.DATABASE_URL,
    migrationUrl: given.MIGRATION_DATABASE_URL,
    adminKey: given.ADMIN_API_KEY,
    identityProvider:
      given.OIDC_ISSUER === undefined || given.OIDC_AUDIENCE === undefined
        ? undefined
        : {
            issuer: given.OIDC_ISSUER,
            audience: given.OIDC_AUDIENCE,
            roleClaim: given.OIDC_ROLE_CLAIM,
            regionClaim: given.OIDC_REGION_CLAIM,
            skew: given.OIDC_CLOCK_SKEW,
          },
    publicReads: given.PUBLIC_READS ?? given.DATABASE_URL === undefined,
    readScope: given.READ_SCOPE,
    dataDir: given.DATA_DIR,
    logLevel: given.LOG_LEVEL,
    trustProxy: given.TRUST_PROXY ? listed(given.TRUST_PROXY) : false,
    bodyLimit: given.BODY_LIMIT,
    importLimit: given.IMPORT_LIMIT,
    rateLimit: given.RATE_LIMIT,
    authFailures: given.AUTH_FAILURES,
    corsOrigins: given.CORS_ORIGINS ? listed(given.CORS_ORIGINS) : [],
    importDir: given.IMPORT_DIR ?? tmpdir(),
    idempotencyHours: given.IDEMPOTENCY_HOURS,
    databasePool: given.DATABASE_POOL,
    exportPool: given.EXPORT_POOL,
  })
}
