import { afterAll, test } from 'vitest'
import { createRandom, type Random } from '../sql/random.ts'
import { runModels } from './model-round.ts'
import { type Round, runOneClient, runSeveralClients } from './rounds.ts'

// The same seeds each time, beginning with the same one, so that a change is judged by what it changes. How many of them there is
// time for depends on the machine. FUZZ_SEED begins with another one, FUZZ_SECONDS takes longer.
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 30_334)
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 10)
const timeout = seconds * 1000 + 120_000
// Long runs take longer programs: making databases and clients would cost most of the time.
const length = seconds > 60 ? 600 : 300
const counts = { statements: 0, refused: 0, rounds: 0 }

afterAll(() =>
  console.log(
    `fuzz: ${counts.statements} statements in ${counts.rounds} rounds, ${counts.refused} of the first test's refused, first seed ${firstSeed}`,
  ),
)

test('one client at a time: same results as without Indelible, entries as the triggers saw it', {
  timeout,
}, async () => {
  await fuzz(runOneClient, 0.4)
})

test('several clients at once, some of them cut off: entries as the triggers saw it, and a sound chain', {
  timeout,
}, async () => {
  await fuzz(runSeveralClients, 0.4)
})

test('several clients at once by the calls of their ORMs: entries as the triggers saw it, and a sound chain', {
  timeout,
}, async () => {
  await fuzz(runModels, 0.2)
})

async function fuzz(run: (random: Random, length: number) => Promise<Round>, share: number): Promise<void> {
  const end = Date.now() + seconds * share * 1000
  for (let seed = firstSeed; Date.now() < end; seed += 1) {
    try {
      const { statements, refused } = await run(createRandom(seed), length)
      counts.statements += statements
      counts.refused += refused
      counts.rounds += 1
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} fails`, { cause: error })
    }
  }
}
