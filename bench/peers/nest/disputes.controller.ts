/** The routes. With `fields=document` a read answers the stored document, otherwise the entity: a property for each figure. */
import { Body, Controller, Get, Inject, NotFoundException, Param, ParseIntPipe, Put, Query } from '@nestjs/common'
import type { Body as Content, Dispute } from './dispute.ts'
import { DisputesService } from './disputes.service.ts'

@Controller('disputes')
export class DisputesController {
  private readonly disputes: DisputesService

  constructor(@Inject(DisputesService) disputes: DisputesService) {
    this.disputes = disputes
  }

  @Get(':period/:township')
  async one(
    @Param('period', ParseIntPipe) period: number,
    @Param('township') township: string,
    @Query('fields') fields?: string,
  ): Promise<Dispute | Content> {
    const found =
      fields === 'document' ? await this.disputes.document(period, township) : await this.disputes.one(period, township)
    if (!found) throw new NotFoundException()
    return found
  }

  @Get()
  list(
    @Query('period', ParseIntPipe) period: number,
    @Query('limit', ParseIntPipe) limit: number,
    @Query('fields') fields?: string,
  ): Promise<(Dispute | Content | null)[]> {
    return fields === 'document' ? this.disputes.documents(period, limit) : this.disputes.list(period, limit)
  }

  @Put(':period/:township')
  put(
    @Param('period', ParseIntPipe) period: number,
    @Param('township') township: string,
    @Body() body: Content,
  ): Promise<Content> {
    return this.disputes.put(period, township, body)
  }
}
