/**
 * The entity of the table `disputes` as TypeORM has it: a class with a property for each column. The 76 figures are those of the
 * catalogue, so that the entity cannot fall behind the table. What a reader of figures does not need is not selected unless it is asked for.
 */
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { kinds } from '../../../src/catalogue/figure.ts'
import { leaves } from '../../../src/catalogue/index.ts'

export type Body = {
  figures: Record<string, number | Record<string, number>>
  remarks?: Record<string, { qualifier?: string }>
}

@Entity('disputes')
export class Dispute {
  @PrimaryColumn({ name: 'period_id', type: 'integer' })
  periodId!: number

  @PrimaryColumn({ name: 'township_code', type: 'text' })
  townshipCode!: string

  @Column({ type: 'integer', update: false })
  revision!: number

  @Column({ name: 'created_revision', type: 'integer', update: false, select: false })
  createdRevision!: number

  @Column({ name: 'rules_version', type: 'smallint', select: false })
  rulesVersion!: number

  @Column({ type: 'json', nullable: true, select: false })
  document!: Body | null

  @Column({ name: 'content_hash', type: 'bytea', nullable: true, select: false })
  contentHash!: Buffer | null

  @Column({ type: 'jsonb', nullable: true })
  findings!: object[] | null

  @Column({ type: 'jsonb', nullable: true })
  qualifiers!: Record<string, string> | null

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, update: false })
  createdAt!: Date

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3 })
  updatedAt!: Date
}

export const figures = leaves('disputes')
for (const { column, figure } of figures) {
  const [type, precision, scale] = kinds[figure.kind].column.match(/\w+/g) ?? []
  const size = precision && scale ? { precision: Number(precision), scale: Number(scale) } : {}
  Column({ type: type === 'integer' ? 'integer' : 'numeric', nullable: true, ...size })(Dispute.prototype, column)
}
