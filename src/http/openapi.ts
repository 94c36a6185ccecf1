/**
 * The OpenAPI 3.1 document, made from the very schemas that validate, and Swagger UI from our own server, so that it works offline.
 * The committed `openapi/v1.json` is this document; `npm run generate` writes it and CI compares.
 */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { apiVersion } from './answers.ts'

export type Tag = { name: string; description: string }

const description = `全国乡镇（街道）法治政府建设年度数据登记 API。每个乡镇每年一份报告，分五类数据；数据类型、口径与校验规则见 /v1/indicators。

The national register of what townships report on rule-of-law government. A record is one category of one township in one period;
a report is all five. An absent figure means not reported, 0 means a reported zero.`

/** Collects the routes from here on; must be awaited before they are added. */
export const openapi = fp(
  async function openapi(app: FastifyInstance, { tags }: { tags: Tag[] }) {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Township rule-of-law register 乡镇法治数据登记',
          version: apiVersion,
          description,
          license: { name: 'MIT', identifier: 'MIT' },
        },
        tags,
      },
      convertConstToEnum: false,
      refResolver: {
        buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `def-${index}`),
      },
    })
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: {
        docExpansion: 'list',
        defaultModelsExpandDepth: 0,
        displayRequestDuration: true,
        tryItOutEnabled: true,
        filter: true,
        deepLinking: true,
      },
      theme: { title: '乡镇法治数据登记 API' },
    })
  },
  { name: 'openapi' },
)

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!(value instanceof Object)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** The document as committed: paths and keys sorted where order means nothing, newline at the end. Call after `app.ready()`. */
export function documentText(app: FastifyInstance): string {
  const document = app.swagger()
  const { paths, components, ...head } = JSON.parse(JSON.stringify(document))
  return `${JSON.stringify({ ...head, paths: sorted(paths), components }, null, 1)}\n`
}
