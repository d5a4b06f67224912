import { fromPgPool, migrate } from '@indelible/core'
import type { ShopSession } from '../conformance/orm-harness.ts'
import { createRowOracle } from '../conformance/row-oracle.ts'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import type { Random } from '../sql/random.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'
import { killSometimes, optionsOf } from './fuzz-database.ts'
import { expectComplete, expectReplayed, expectSound } from './judge.ts'
import { countCalls, randomCalls, runCalls } from './model-calls.ts'
import type { FuzzSchema } from './random-schema.ts'
import type { Round } from './rounds.ts'

interface Client extends ShopSession {
  close(): Promise<void>
}

type Opener = (url: string, options: Parameters<typeof prisma.open>[1]) => Promise<Client>
const openers: readonly [Opener, ...Opener[]] = [prisma.open, typeorm.open, mikroOrm.open]

/** Four clients of the shop write its products at once by the calls of their ORMs, and some of their sessions are cut off. */
export async function runModels(random: Random, length: number): Promise<Round> {
  const schema = shop(random.below(3) === 0)
  const programs = Array.from({ length: 4 }, () => randomCalls(random, length / 2))
  const database = await createDatabase()
  database.pool.on('error', () => undefined)
  try {
    await migrate(fromPgPool(database.pool))
    const oracle = await createRowOracle(database)
    const open = () => random.pick(openers)(database.url, { audit: optionsOf(schema), poolSize: 3 })
    const clients = await Promise.all(programs.map(open))
    const observation = await oracle.observe(async () => {
      const killing = killSometimes(random, database)
      await Promise.all(programs.map((calls, at) => clients[at] && runCalls(clients[at], calls)))
      await killing
    })
    await Promise.all(clients.map((client) => client.close()))
    expectComplete(observation, schema, database)
    await expectReplayed(schema, database)
    await expectSound(database)
    return { statements: countCalls(programs.flat()), refused: 0 }
  } finally {
    await database.drop()
  }
}

function shop(compared: boolean): FuzzSchema {
  const tables = [{ name: '"Product"', key: [{ name: 'id', kind: 'int' }], columns: [] }] as const
  return { sql: '', tables, watched: [], compared, recorded: false }
}
