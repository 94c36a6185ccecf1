/**
 * The OpenAPI 3.1 document, made from the very schemas that validate, and Swagger UI from our own server, so that it works offline.
 * The committed `openapi/v1.json` is this document; `npm run generate` writes it and CI compares.
 */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { apiVersion } from './answers.ts'
import { type AccessOf, finished } from './document.ts'
import { problemComponents } from './problem-examples.ts'

/** Tags under a heading, in the order in which a reader meets them. */
export type TagGroup = { name: string; tags: readonly { name: string; description: string }[] }

const description = `全国乡镇（街道）法治政府建设年度数据登记。一个乡镇一个报告期为一份报告（report），分五类记录（record）。

The national register of what townships report on rule-of-law government. A report is one township in one period; it has five records, one a category.

- 没有的数据即未填报，\`0\` 表示填报为零。 — An absent figure means *not reported*; \`0\` is a reported zero.
- “20余次”记为 20，并在 \`remarks\` 中注明 \`qualifier: atLeast\`。 — “20余次” is 20 with the remark \`qualifier: atLeast\`.
- 读到的内容可原样写回，不产生变更。 — What was read may be sent back as it is and changes nothing.
- 错误一次全部列出，\`Accept-Language: zh\` 返回中文。 — All mistakes are told at once, in Chinese with \`Accept-Language: zh\`.
- 填报须有密钥（\`Authorization: Bearer …\`），本页右上角 Authorize 填入一次即可。 — Writes need a key; fill it in once under Authorize.
- 列表用 \`next\` 或 \`Link\` 翻页。 — Lists go on with \`next\` or \`Link\`.
- 路径不存在为 404，方法不支持为 405（见 \`Allow\`）。 — An unknown path is a 404, a method that a path has not a 405 with \`Allow\`.`

/** All groups on one screen: the page's own spacing shows nine. */
const compact = `.swagger-ui .info { margin: 24px 0 }
.swagger-ui .opblock-tag { font-size: 18px; margin: 0; padding: 2px 16px }
.swagger-ui .filter-container, .swagger-ui .filter .operation-filter-input { margin: 0 0 8px }
`

/** The page loads from its own server alone; React sets styles of single elements, and the icons stand in the style sheet. */
const pagePolicy = [
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

/** Collects the routes from here on; must be awaited before they are added. */
export const openapi = fp(
  async function openapi(app: FastifyInstance, { groups, accessOf }: { groups: readonly TagGroup[]; accessOf: AccessOf }) {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: '乡镇法治数据登记 Township rule-of-law register',
          version: apiVersion,
          description,
          license: { name: 'MIT', identifier: 'MIT' },
        },
        tags: groups.flatMap(({ tags }) => tags),
        components: {
          examples: problemComponents(),
          securitySchemes: {
            Key: {
              type: 'http',
              scheme: 'bearer',
              description:
                '密钥（trlr_…），或本单位身份平台签发的令牌 / A key of this register (trlr_…), or a token of the organisation’s identity provider',
            },
          },
        },
      },
      convertConstToEnum: false,
      refResolver: {
        buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `def-${index}`),
      },
      transformObject: (made) =>
        finished(JSON.parse(JSON.stringify('openapiObject' in made ? made.openapiObject : {})), accessOf, {
          'x-tagGroups': groups.map(({ name, tags }) => ({ name, tags: tags.map((tag) => tag.name) })),
        }),
    })
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: pagePolicy,
      uiConfig: {
        layout: 'BaseLayout',
        docExpansion: 'none',
        defaultModelsExpandDepth: 0,
        displayRequestDuration: true,
        persistAuthorization: true,
        tryItOutEnabled: true,
        filter: true,
        deepLinking: true,
      },
      theme: { title: '乡镇法治数据登记 API', css: [{ filename: 'compact.css', content: compact }] },
    })
  },
  { name: 'openapi' },
)

/** The document as committed, a newline at its end. Call after `app.ready()`. */
export function documentText(app: FastifyInstance): string {
  return `${JSON.stringify(app.swagger(), null, 1)}\n`
}
