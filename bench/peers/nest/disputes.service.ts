/** What the controller asks of TypeORM: `find`, `findOneBy` and `upsert` of the entity's repository. No rules, no history, as the bare server. */
import { Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import type { Repository } from 'typeorm'
import { type Body, Dispute, figures } from './dispute.ts'

/** The key must be read, too: TypeORM makes no entity without it. */
const documentOnly = { periodId: true, townshipCode: true, document: true }

@Injectable()
export class DisputesService {
  private readonly disputes: Repository<Dispute>

  constructor(@InjectRepository(Dispute) disputes: Repository<Dispute>) {
    this.disputes = disputes
  }

  one(periodId: number, townshipCode: string): Promise<Dispute | null> {
    return this.disputes.findOneBy({ periodId, townshipCode })
  }

  async document(periodId: number, townshipCode: string): Promise<Body | null> {
    const found = await this.disputes.findOne({ select: documentOnly, where: { periodId, townshipCode } })
    return found?.document ?? null
  }

  list(periodId: number, limit: number): Promise<Dispute[]> {
    return this.disputes.find({ where: { periodId }, order: { townshipCode: 'ASC' }, take: limit })
  }

  async documents(periodId: number, limit: number): Promise<(Body | null)[]> {
    const found = await this.disputes.find({
      select: documentOnly,
      where: { periodId },
      order: { townshipCode: 'ASC' },
      take: limit,
    })
    return found.map(({ document }) => document)
  }

  /** Every column that the bare server's statement writes. `upsert` cannot count, so the revision stays what it was. */
  async put(periodId: number, townshipCode: string, body: Body): Promise<Body> {
    const values: Record<string, number | null> = {}
    const qualifiers: Record<string, string> = {}
    for (const { code, member, column, path } of figures) {
      const figure = body.figures[code]
      const value = typeof figure === 'object' ? figure[member ?? ''] : figure
      values[column] = value ?? null
      const qualifier = body.remarks?.[path]?.qualifier
      if (qualifier) qualifiers[column] = qualifier
    }
    const now = new Date()
    const first = { revision: 1, createdRevision: 1, createdAt: now }
    const qualified = Object.keys(qualifiers).length > 0 ? qualifiers : null
    const fixed = { rulesVersion: 1, document: body, contentHash: null, findings: null, qualifiers: qualified, updatedAt: now }
    await this.disputes.upsert({ periodId, townshipCode, ...first, ...fixed, ...values }, ['periodId', 'townshipCode'])
    return body
  }
}
