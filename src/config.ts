/**
 * Settings: environment -> one frozen, typed Config. The only reader of process.env. Each setting is one line here and one line
 * of the README's table; every mistake is told at once.
 */
import Ajv from 'ajv'
import Type, { type Static } from 'typebox'

const settings = Type.Object({
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000, description: 'TCP port; 0 takes a free one' }),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on; 0.0.0.0 for all' }),
  DATABASE_URL: Type.String({
    default: '',
    description: 'PostgreSQL 15 or newer; without it the embedded PostgreSQL is started',
  }),
  DATA_DIR: Type.String({ minLength: 1, default: '.data', description: 'Folder of the embedded PostgreSQL' }),
  LOG_LEVEL: Type.Unsafe<'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>({
    type: 'string',
    enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    description: 'debug also logs every request',
  }),
  TRUST_PROXY: Type.String({
    default: '',
    description: 'Comma-separated addresses or CIDRs of proxies whose X-Forwarded-For is believed',
  }),
  BODY_LIMIT: Type.Integer({ minimum: 1024, default: 1_048_576, description: 'Largest request body in bytes' }),
  DATABASE_POOL: Type.Integer({ minimum: 1, maximum: 1000, default: 10, description: 'Connections for writes and transactions' }),
})

type Settings = Static<typeof settings>

export type Config = Readonly<{
  port: number
  host: string
  databaseUrl: string | undefined
  dataDir: string
  logLevel: Settings['LOG_LEVEL']
  trustProxy: string[] | false
  bodyLimit: number
  databasePool: number
}>

/** One line for an operator: every setting that cannot be used, and why. */
export class ConfigError extends Error {}

/** The names and defaults of all settings, for the README's test. */
export const settingNames = Object.keys(settings.properties)

/** Reads the settings. Throws a ConfigError that names every bad one. An empty variable counts as not set. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(settingNames.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])))
  const ajv = new Ajv.Ajv({ coerceTypes: true, useDefaults: true, allErrors: true, strict: false })
  const check = ajv.compile<Settings>(settings)
  if (!check(given)) {
    const lines = (check.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath.slice(1)} ${message}${params.allowedValues ? ` (${params.allowedValues.join(', ')})` : ''}`,
    )
    throw new ConfigError(`Settings: ${lines.join('; ')}`)
  }
  if (given.DATABASE_URL && !/^postgres(ql)?:\/\//.test(given.DATABASE_URL))
    throw new ConfigError('Settings: DATABASE_URL must begin with postgresql://')
  return Object.freeze({
    port: given.PORT,
    host: given.HOST,
    databaseUrl: given.DATABASE_URL || undefined,
    dataDir: given.DATA_DIR,
    logLevel: given.LOG_LEVEL,
    trustProxy: given.TRUST_PROXY ? given.TRUST_PROXY.split(',').map((part) => part.trim()) : false,
    bodyLimit: given.BODY_LIMIT,
    databasePool: given.DATABASE_POOL,
  })
}
