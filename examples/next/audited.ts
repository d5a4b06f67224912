import { actorFromJwt } from '@indelible/http/jwt'
import { auditRoute } from '@indelible/http/next'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client.ts'

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] })
export const prisma = new PrismaClient({ adapter }).$extends(auditExtension())

const actor = actorFromJwt({ secret: process.env['JWT_SECRET'] ?? '', algorithms: ['HS256'] })
export const audited = auditRoute({ audit: prisma.$audit, actor })
