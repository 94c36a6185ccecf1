/** NestJS on Fastify with TypeORM, as in production: no logger, no synchronising, a pool of 10. Says its address; SIGTERM ends it. */
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { TypeOrmModule } from '@nestjs/typeorm'
import { Dispute } from './dispute.ts'
import { DisputesController } from './disputes.controller.ts'
import { DisputesService } from './disputes.service.ts'

const [, , url] = process.argv
if (!url) throw new Error('usage: nest/main.js <database url>')

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url, entities: [Dispute], synchronize: false, logging: false, poolSize: 10 }),
    TypeOrmModule.forFeature([Dispute]),
  ],
  controllers: [DisputesController],
  providers: [DisputesService],
})
class AppModule {}

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false })
await app.listen(0, '127.0.0.1')
process.stdout.write(`${await app.getUrl()}\n`)
process.on('SIGTERM', () => process.exit(0))
