import 'reflect-metadata'
import { actorFromJwt } from '@indelible/http/jwt'
import { AuditModule } from '@indelible/http/nest'
import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm'
import type { DataSource } from 'typeorm'
import { Customer } from '../typeorm/entities.ts'
import { CustomersController } from './customers-controller.ts'

const url = process.env['DATABASE_URL'] ?? ''
const actor = actorFromJwt({ secret: process.env['JWT_SECRET'] ?? '', algorithms: ['HS256'] })

class AppModule {}

// `@Module({ … })` above the class where a compiler reads decorators: Node.js alone does not.
Module({
  imports: [
    AuditModule.forRootAsync({
      inject: [getDataSourceToken()],
      useFactory: (dataSource: DataSource) => ({ audit: auditOf(dataSource), actor }),
    }),
    TypeOrmModule.forRoot({ type: 'postgres', url, entities: [Customer], subscribers: [AuditSubscriber] }),
  ],
  controllers: [CustomersController],
})(AppModule)

const app = await NestFactory.create(AppModule, { logger: ['error'] })
await app.listen(Number(process.env['PORT'] ?? 3000))
console.log('listening at', app.getHttpServer().address())

process.once('SIGTERM', () => app.close()) // waits for the events that are being written
