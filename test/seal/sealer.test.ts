import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SealedCheckpoint } from '../../packages/core/src/seal/seal-report.ts'
import { createSealer, type Sealer, type SealerOptions } from '../../packages/core/src/seal/sealer.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { verifyLog } from '../../packages/core/src/verify/verify-log.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
})

afterAll(() => database.drop())

test('an entry is linked within the interval, without being asked', async () => {
  const sealer = createSealer(audit, { interval: 50, onError: throwError })
  await write(3)
  sealer.wake()
  await expect.poll(countLinks, { timeout: 5000 }).toBe(3)
  await sealer.close()
})

test('entries of processes that never wake it are found too', async () => {
  const sealer = createSealer(audit, { interval: 20, onError: throwError })
  await expect.poll(countLinks, { timeout: 5000 }).toBe(3)
  await write(1)
  await expect.poll(countLinks, { timeout: 5000 }).toBe(4)
  await sealer.close()
})

test('each checkpoint is handed out once it is committed', async () => {
  const seen: SealedCheckpoint[] = []
  const onCheckpoint = async (checkpoint: SealedCheckpoint) => {
    const rows = await database.query('select note from indelible.checkpoint where size = $1', [
      checkpoint.size,
    ])
    expect(rows).toEqual([{ note: checkpoint.note }])
    seen.push(checkpoint)
  }
  const options = { checkpointInterval: 1, onCheckpoint, onError: throwError }
  await write(1)
  const background = createSealer(audit, { ...options, interval: 20 })
  background.wake()
  await expect.poll(() => seen.map(({ size }) => size), { timeout: 5000 }).toEqual([5])
  await background.close()
  const asked = createSealer(audit, { ...options, interval: 60_000 })
  await write(1)
  await asked.seal()
  expect(seen.map(({ size }) => size)).toEqual([5, 6])
  await asked.close()
})

test('seal links everything, in however many batches, and writes one checkpoint', async () => {
  const sealer = createSealer(audit, { batch: 7, onError: throwError })
  await write(30)
  expect(await sealer.seal()).toMatchObject({ sealed: 30, size: 36, checkpoint: { size: 36 } })
  expect(await sealer.seal()).toEqual({ sealed: 0, size: 36, checkpoint: null })
  await sealer.close()
})

test('two sealers in one process share the work', async () => {
  const sealers = [1, 2].map(() => createSealer(audit, { interval: 5, batch: 3, onError: throwError }))
  for (let i = 0; i < 20; i += 1) {
    await write(4)
    for (const sealer of sealers) sealer.wake()
  }
  await Promise.all(sealers.map((sealer) => sealer.seal()))
  await Promise.all(sealers.map((sealer) => sealer.close()))
  expect(await countLinks()).toBe(116)
  expect((await verifyLog(audit)).findings).toEqual([])
})

describe('by the clock', () => {
  let clock: ReturnType<typeof createClock>

  beforeEach(() => {
    clock = createClock()
  })

  test('it waits an interval after work, ten when idle, and one again when woken', async () => {
    const sealer = start({ interval: 1000 })
    expect(clock.delays()).toEqual([1000])
    await write(1)
    await clock.tick()
    expect(clock.delays()).toEqual([1000])
    await clock.tick()
    expect(clock.delays()).toEqual([10_000])
    sealer.wake()
    sealer.wake()
    expect(clock.delays()).toEqual([1000])
    await sealer.close()
    expect(clock.delays()).toEqual([])
  })

  test('it looks less and less often while nothing happens, where it may', async () => {
    const sealer = start({ interval: 1000, longestIdle: 50_000 })
    const pauses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      await clock.tick()
      pauses.push(...clock.delays())
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 50_000])
    await write(1)
    await clock.tick()
    await clock.tick()
    expect(clock.delays()).toEqual([10_000])
    await sealer.close()
  })

  test('a wake during a round shortens the pause after it', async () => {
    const sealer = start({ interval: 1000 })
    const round = clock.tick()
    sealer.wake()
    await round
    expect(clock.delays()).toEqual([1000])
    await sealer.close()
  })

  test('failures are reported, and each makes the next pause longer, up to a minute', async () => {
    const errors: unknown[] = []
    const failing = { ...audit, transaction: () => Promise.reject(new Error('no connection')) }
    const sealer = createSealer(failing, { schedule: clock.schedule, onError: (error) => errors.push(error) })
    const pauses: number[] = []
    for (let i = 0; i < 8; i += 1) {
      await clock.tick()
      pauses.push(...clock.delays())
      sealer.wake()
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
    expect(errors.length).toBe(8)
    await sealer.close()
  })

  test('a report that throws itself ends neither the sealer nor the process', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const failing = { ...audit, transaction: () => Promise.reject(new Error('no connection')) }
    const sealer = createSealer(failing, { schedule: clock.schedule, onError: throwError })
    await clock.tick()
    expect(clock.delays()).toEqual([2000])
    expect(warning).toHaveBeenCalledOnce()
    warning.mockRestore()
    await sealer.close()
  })

  test('a publisher that fails is reported and does not slow the sealing', async () => {
    const errors: unknown[] = []
    const sealer = start({
      checkpointInterval: 1,
      onCheckpoint: () => Promise.reject(new Error('no disk')),
      onError: (error) => errors.push(error),
    })
    await write(1)
    await clock.tick()
    expect(errors).toEqual([new Error('no disk')])
    expect(clock.delays()).toEqual([1000])
    await sealer.close()
  })

  test('ids without entry are reported once, not every second', async () => {
    const errors: { code?: string }[] = []
    await database.query('insert into indelible.pending values (-1)')
    const sealer = start({ onError: (error) => errors.push(error as { code?: string }) })
    for (let i = 0; i < 3; i += 1) await clock.tick()
    expect(errors.map(({ code }) => code)).toEqual(['AUDIT_ENTRY_NOT_FOUND'])
    await database.query('delete from indelible.pending')
    await sealer.close()
  })

  test('a refused checkpoint is reported, tried again after its interval only, and stops no sealing', async () => {
    const errors: { code?: string }[] = []
    await database.query(`alter table indelible.checkpoint disable trigger append_only;
      create table kept as table indelible.checkpoint; update indelible.checkpoint set root = sha256('forged');
      update indelible.checkpoint set at = at - interval '1 day'`)
    const before = await countLinks()
    const options = { interval: 1000, checkpointInterval: 3000 }
    const sealer = start({ ...options, onError: (error) => errors.push(error as { code?: string }) })
    const counts: number[] = []
    for (let i = 0; i < 5; i += 1) {
      await write(1)
      await clock.tick()
      counts.push(errors.length)
    }
    expect(counts).toEqual([1, 1, 1, 2, 2])
    expect(errors[0]?.code).toBe('AUDIT_NOTE_INVALID')
    expect(await countLinks()).toBe(before + 5)
    await write(1)
    await expect(sealer.seal()).rejects.toMatchObject({ code: 'AUDIT_NOTE_INVALID' })
    expect(await countLinks()).toBe(before + 6)
    await sealer.close()
    await database.query(`delete from indelible.checkpoint; insert into indelible.checkpoint select * from kept; drop table kept;
      alter table indelible.checkpoint enable always trigger append_only`)
  })

  test('close waits for the batch under way', async () => {
    const sealer = start()
    await write(1)
    const before = await countLinks()
    const round = clock.tick(100)
    await sealer.close()
    expect(await countLinks()).toBe(before + 1)
    await round
    expect(clock.delays()).toEqual([])
    sealer.wake()
    expect(clock.delays()).toEqual([])
  })

  function start(options: Partial<SealerOptions> = {}): Sealer {
    return createSealer(audit, { schedule: clock.schedule, onError: throwError, ...options })
  }
})

test.each([{ interval: 0 }, { batch: -1 }, { checkpointInterval: 0.5 }, { interval: Number.NaN }])(
  'the option %j is refused',
  (options) => {
    const create = () => createSealer(audit, { ...options, onError: throwError })
    expect(create).toThrow(expect.objectContaining({ code: 'AUDIT_OPTION_INVALID' }))
  },
)

/** Timers that only run when told to. `tick` runs the planned work and waits until it has planned its successor. */
function createClock() {
  let planned: { work: () => void; delay: number }[] = []
  const schedule = (work: () => void, delay: number) => {
    const plan = { work, delay }
    planned.push(plan)
    return () => {
      planned = planned.filter((other) => other !== plan)
    }
  }
  return {
    schedule,
    delays: () => planned.map(({ delay }) => delay),
    tick: async (timeout = 5000) => {
      const [plan] = planned.splice(0)
      plan?.work()
      await vi.waitUntil(() => planned.length > 0, { timeout, interval: 1 }).catch(() => undefined)
    },
  }
}

function throwError(error: unknown): never {
  throw error
}

async function write(count: number): Promise<void> {
  await database.query(
    `select indelible.log('insert', 's', 't', i::text, null, '{"a":1}', null) from generate_series(1, ${count}) i`,
  )
}

async function countLinks(): Promise<number> {
  const [row] = await database.query<{ count: number }>('select count(*)::int from indelible.link')
  return row?.count ?? -1
}
