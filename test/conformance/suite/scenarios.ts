import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrmClient, OrmHarness, Scenario } from '../orm-harness.ts'
import { expectComplete, type Observation } from '../row-oracle.ts'
import { createOrmDatabase, type OrmDatabase, readUserRows } from './twin-databases.ts'
import { visible } from './visible.ts'

/** All that an application can see of a scenario. */
interface Sight {
  readonly outcome: unknown
  readonly seen: unknown
  readonly rows: unknown
}

interface Side<Native> extends OrmDatabase<Native> {
  readonly client: OrmClient<Native>
}

/** Every scenario of an ORM is complete in the trail, and looks to the application as without Indelible. */
export function describeScenarios<Native>(harness: OrmHarness<Native>): void {
  let plain: Side<Native>
  let audited: Side<Native>

  beforeAll(async () => {
    plain = await createSide(harness, false)
    audited = await createSide(harness, true)
  })

  afterAll(() => Promise.all([plain?.close(), audited?.close()]))

  test('no two scenarios share a name', () => {
    const names = harness.scenarios.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  })

  test('the harness hears what the ORM logs', async () => {
    plain.client.seen.length = 0
    await plain.client.sql('select 1 as heard')
    await turn()
    expect(JSON.stringify(plain.client.seen)).toContain('select 1 as heard')
  })

  describe.each(harness.scenarios)('$name', (scenario) => {
    let without: Sight
    let within: Sight
    let observation: Observation<unknown>

    beforeAll(async () => {
      await Promise.all([plain, audited].map(({ client }) => scenario.arrange?.(client.native)))
      without = await look(plain, () => attempt(plain, scenario))
      within = await look(audited, async () => {
        observation = await audited.oracle.observe(() => attempt(audited, scenario))
        return observation.result
      })
    })

    test(
      scenario.fails ? 'it fails, as it says' : 'it succeeds; one that fails is listed by failing(…)',
      () => {
        expect(without.outcome).toHaveProperty(scenario.fails ? 'error' : 'result')
      },
    )

    test(claims[scenario.expects], () => {
      expectComplete(observation, scenario.expects === 'recorded' ? scenario.announces : [])
    })

    test('result, error, rows and logs are those that the application sees without Indelible', () => {
      expect(within).toEqual(without)
    })
  })
}

const claims = {
  exact: 'every change of a row is in the trail, exactly',
  recorded: 'what was not captured is announced, and the rest is in the trail, exactly',
}

async function createSide<Native>(harness: OrmHarness<Native>, withAudit: boolean): Promise<Side<Native>> {
  const made = await createOrmDatabase(harness, { withAudit })
  return { ...made, client: await made.open(withAudit ? {} : { audit: false }) }
}

async function look<Native>(
  { client, database }: Side<Native>,
  work: () => Promise<unknown>,
): Promise<Sight> {
  client.seen.length = 0
  const outcome = await work()
  // A logger may be told after the result.
  await turn()
  const seen = visible(client.seen)
  return { outcome, seen, rows: await readUserRows(database) }
}

async function attempt<Native>({ client }: Side<Native>, { run }: Scenario<Native>): Promise<unknown> {
  try {
    return { result: visible(await run(client.native)) }
  } catch (error) {
    return { error: visible(error) }
  }
}
