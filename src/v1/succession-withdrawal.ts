/** What was recorded of a township by mistake is withdrawn, with all that recording it did. */

import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { assertCovers } from '../http/access.ts'
import { ProblemError } from '../http/problems.ts'
import { json, responses, worked } from '../http/responses.ts'
import type { Database } from '../storage/database.ts'
import { townshipExists } from '../storage/places.ts'
import { withdrawSuccessions } from '../storage/succession-withdrawal.ts'
import { authorOf } from './author.ts'
import { PlaceDay } from './place-fields.ts'
import { placeProblem } from './place-refusals.ts'
import { like, Reason, TownshipCode } from './schemas.ts'
import { Dry, merged } from './succession-schemas.ts'

const closed = { additionalProperties: false } as const

/** `DELETE /v1/townships/{code}/successions/{effectiveOn}`. 409 where something came of it since, which has to be withdrawn first. */
export const successionWithdrawalRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.delete(
      '/townships/:code/successions/:effectiveOn',
      {
        schema: {
          operationId: 'withdrawSuccession',
          summary: '撤销误登的沿革 / Withdraw what was recorded by mistake',
          description:
            '撤销该乡镇在该日作为前身或后继的登记（拆分连同其全部后继），应答列出所撤销的内容。前身恢复使用；随登记新建的乡镇视为从未有过（validTo 为 validFrom 的前一日，代码可重新使用）；更名恢复原名。数据留在填报时的代码上。可先用 dryRun=true 查看。 / Withdraws what is recorded of the township on that day, as either side (a split with all its parts), and answers with it. Predecessors go on; a township that was created by it never was (`validTo` is the day before `validFrom`, and its code is free again); a new name gives way to the old one. Figures stay on the code that reported them. `dryRun=true` shows it first.',
          tags: ['townships'],
          params: Type.Object(
            {
              code: like(TownshipCode, '500229201'),
              effectiveOn: PlaceDay('所登记的生效日', 'The day from which it was recorded to hold'),
            },
            closed,
          ),
          querystring: Type.Object({ ...Dry, reason: Type.Optional(Reason) }, closed),
          response: responses(
            {
              200: json(
                '所撤销的 / What was withdrawn',
                { $ref: 'SuccessionList#' },
                {
                  examples: { merge: worked('两乡合并', 'Two merged', merged) },
                },
              ),
            },
            'invalid-request',
            'unknown-township',
            'succession-absent',
            'succession-conflict',
          ),
        },
      },
      async (request) => {
        const { code, effectiveOn: day } = request.params
        const { dryRun } = request.query
        if (!(await townshipExists(database, code))) throw new ProblemError('unknown-township', { code })
        const allowed = (codes: readonly string[]) => assertCovers(request.caller, codes)
        const result = await withdrawSuccessions(database, { code, day }, authorOf(request), allowed, dryRun)
        if (result.outcome === 'refused') throw placeProblem(result.refusals, () => undefined)
        if (result.outcome === 'unchanged') throw new ProblemError('succession-absent', { code, day })
        return { ...(dryRun && { dryRun }), items: result.items }
      },
    )
  }
