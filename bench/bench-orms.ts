import type { BenchOrm } from './bench-orm.ts'
import { mikroOrm } from './orms/mikro-orm.ts'
import { nodePostgres } from './orms/node-postgres.ts'
import { prisma } from './orms/prisma.ts'
import { typeorm } from './orms/typeorm.ts'

/** All that is measured, in the order of docs/benchmarks.md. */
export const benchOrms: readonly BenchOrm[] = [prisma, typeorm, mikroOrm, nodePostgres]
