/** What becomes of townships: merged, split, renamed, under another code. Figures stay on the code that reported them. */

import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { ref } from '../catalogue/schema.ts'
import { assertCovers } from '../http/access.ts'
import { documented } from '../http/document.ts'
import { requireMediaType } from '../http/media.ts'
import { ProblemError } from '../http/problems.ts'
import { bodyProblems, json, responses, worked } from '../http/responses.ts'
import { faultsOf } from '../http/validation.ts'
import type { Database } from '../storage/database.ts'
import { townshipExists } from '../storage/places.ts'
import { recordSuccessions } from '../storage/succession-writes.ts'
import { listSuccessions, type StoredSuccession } from '../storage/successions.ts'
import { authorOf } from './author.ts'
import { fileFormOf, listAnswer, listParameters, type Sheet, sendItems } from './list-file.ts'
import { placeProblem } from './place-refusals.ts'
import { assertSound } from './record-check.ts'
import { formErrors } from './records.ts'
import { like, TownshipCode } from './schemas.ts'
import { bodies, Dry, merged, SuccessionCreate } from './succession-schemas.ts'
import { changeOf, pointerOf } from './succession-sides.ts'

const closed = { additionalProperties: false } as const
const Township = Type.Object({ code: like(TownshipCode, '500229201') }, closed)
const list = { $ref: 'SuccessionList#' }
const sheet: Sheet<Omit<StoredSuccession, 'kind'> & { kind: string }> = {
  names: ['successions', '乡镇沿革'],
  columns: [
    ['kind', '类型', ({ kind }) => kind],
    ['effectiveOn', '生效日', ({ effectiveOn }) => effectiveOn],
    ['predecessor.code', '前身代码', ({ predecessor }) => predecessor.code],
    ['predecessor.name', '前身', ({ predecessor }) => predecessor.name],
    ['successor.code', '后继代码', ({ successor }) => successor.code],
    ['successor.name', '后继', ({ successor }) => successor.name],
    ['recordedAt', '登记时间', ({ recordedAt }) => recordedAt],
    ['recordedBy', '登记人', ({ recordedBy }) => recordedBy],
  ],
}

/** `GET` and `POST /v1/townships/{code}/successions`. */
export const successionRoutes =
  (database: Database): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/townships/:code/successions',
      {
        schema: {
          operationId: 'listSuccessions',
          summary: '乡镇沿革 / Successions of a township',
          description: '作为前身与后继的都列出，只列直接的。 / Both as predecessor and as successor; direct ones only.',
          tags: ['townships'],
          params: Township,
          querystring: Type.Object(listParameters, closed),
          response: responses(
            { 200: listAnswer('沿革，按生效日排序 / In the order of their days', list, { page: merged, sheet }) },
            'invalid-request',
            'not-acceptable',
            'unknown-township',
          ),
        },
      },
      async (request, reply) => {
        const { code } = request.params
        const form = fileFormOf(request, request.query)
        if (!(await townshipExists(database, code))) throw new ProblemError('unknown-township', { code })
        const items = await listSuccessions(database, code)
        return form ? sendItems(reply, form, sheet, items) : reply.header('vary', 'Accept').send({ items })
      },
    )

    app.post(
      '/townships/:code/successions',
      {
        attachValidation: true,
        preParsing: requireMediaType('application/json'),
        schema: {
          operationId: 'recordSuccession',
          summary: '登记沿革 / Record what became of a township',
          description:
            '路径中的乡镇是 body 未给出的一方：只给 successors 时为前身，只给 predecessors 时为后继。前身用至生效日前一日（拆分时列入后继的继续使用），尚不存在的后继随之新建；重复登记不产生变更。数据留在填报时的代码上。多对多的变更分几次登记，生效日相同即可；分入几处的乡镇须为 split。 / The township of the path is the side that the body leaves out: a predecessor where only `successors` are given, the successor where only `predecessors` are. Predecessors end on the day before (one that is among the successors of its split stays in use); successors that do not exist are created; recording the same again changes nothing. Figures stay on the code that reported them. What is many to many is recorded in several calls with one day, a township that goes to several as a split.',
          tags: ['townships'],
          params: Township,
          querystring: Type.Object(Dry, closed),
          body: ref(SuccessionCreate),
          response: responses(
            {
              200: json('此前已登记，未变更；或试运行 / Recorded before, nothing changed; or a dry run', list, {
                examples: { merge: worked('两乡合并', 'Two merged', merged) },
              }),
              201: json('已登记 / Recorded', list, {
                headers: ['Location'],
                examples: { merge: worked('两乡合并', 'Two merged', merged) },
              }),
            },
            'invalid-request',
            'invalid-body',
            ...bodyProblems,
            'unknown-township',
            'succession-cycle',
            'township-exists',
            'code-used-before',
            'township-not-in-use',
            'succession-conflict',
          ),
          ...documented({
            examples: {
              merge: worked('两乡合并设镇', 'Two townships merge into a new town', bodies.merge),
              absorb: worked('并入现有的镇', 'It becomes part of an existing town', bodies.absorb),
              split: worked('析出一个乡，自身继续使用', 'A part of it becomes a township; it stays in use', bodies.split),
              rename: worked('更名', 'A new name', bodies.rename),
              recode: worked('撤乡设镇，代码随之更换', 'It becomes a town, which changes its code', bodies.recode),
            },
          }),
        },
      },
      async (request, reply) => {
        assertSound(faultsOf(formErrors(request), 'body'))
        const { body } = request
        const { dryRun } = request.query
        const { change, faults } = changeOf(request.params.code, body)
        assertSound(faults)
        assertCovers(
          request.caller,
          change.pairs.flatMap(({ predecessor, successor }) => [predecessor, successor]),
        )
        const result = await recordSuccessions(database, change, authorOf(request), dryRun)
        if (result.outcome === 'refused') throw placeProblem(result.refusals, (code) => pointerOf(body, code))
        if (dryRun) return { dryRun, items: result.items }
        if (result.outcome === 'recorded') reply.status(201).header('location', request.url)
        return { items: result.items }
      },
    )
  }
