import {
  type AuditOptions,
  type AuditTrail,
  createAuditTrail,
  type InstrumentedPool,
  instrumentPgPool,
} from '@indelible/core'
import type { DataSource, QueryRunner } from 'typeorm'
import { type PostgresDriverLike, requirePostgresDriver } from './postgres-driver.ts'

/** The audit of a data source from its initialization to its destruction. */
export interface CapturedSource {
  readonly trail: AuditTrail
  readonly master: InstrumentedPool
  readonly slaves: readonly InstrumentedPool[]
}

// By the master's pool, of which every initialization makes a new one. So instrumenting twice captures once.
const sources = new WeakMap<object, CapturedSource>()

/**
 * Captures all that a data source sends, from the next statement on.
 *
 * @param chooseOptions Asked once for each initialization of the data source.
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option, and what {@link requirePostgresDriver} throws.
 */
export function captureSource(dataSource: DataSource, chooseOptions: () => AuditOptions): CapturedSource {
  const driver = requirePostgresDriver(dataSource)
  const known = sources.get(driver.master)
  if (known !== undefined) return known
  const source = instrumentPools(driver, chooseOptions())
  sources.set(driver.master, source)
  return source
}

function instrumentPools(
  { master: primary, slaves }: PostgresDriverLike,
  options: AuditOptions,
): CapturedSource {
  const trail = createAuditTrail({ options, open: () => master.ready() })
  const master = instrumentPgPool(primary, { trail })
  return {
    trail,
    master,
    slaves: slaves.map((slave) => instrumentPgPool(slave, { trail, primary })),
  }
}

/** Captures the client of a query runner, which may have been taken from its pool before the pool was instrumented. */
export async function captureRunner({ master, slaves }: CapturedSource, runner: QueryRunner): Promise<void> {
  const [pool = master] = runner.getReplicationMode() === 'slave' ? slaves : []
  pool.capture(await runner.connect())
}
