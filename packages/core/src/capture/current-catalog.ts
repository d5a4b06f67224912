import type { AuditDatabase, AuditQueryable } from '../store/audit-database.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import { type Catalog, loadCatalog } from './catalog.ts'

/** The catalog that the connections of one pool share, kept up to date. */
export interface CurrentCatalog {
  get(): Catalog
  /**
   * Loads it anew, or joins a load under way.
   *
   * @param over A connection that the caller holds. All others of the pool may wait for the same, so none is asked for.
   */
  refresh(over?: AuditQueryable): Promise<void>
  /** Says that it is known to be out of date: the next user must refresh before he relies on it. */
  expire(): void
  readonly expired: boolean
  /** Loads it anew in the background when it has grown old. Nobody waits, a failure is reported. */
  refreshIfOld(): void
}

/** What a shared catalog is made of. */
export interface CurrentCatalogParts {
  /** As loaded at connect. */
  readonly catalog: Catalog
  readonly database: AuditDatabase
  readonly options: Pick<ResolvedCaptureOptions, 'completeness'>
  /** Told when a load found another schema than before. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
  readonly now: () => number
}

// A migration run by another process is noticed within this time; one of our own, or an unknown name, at once.
const lifetime = 10_000

/** Creates the catalog of one pool. */
export function createCurrentCatalog({
  database,
  options,
  onChange,
  onError,
  now,
  ...parts
}: CurrentCatalogParts): CurrentCatalog {
  let catalog = parts.catalog
  let loadedAt = now()
  let expired = false
  let loading: Promise<void> | undefined
  let [begun, taken] = [0, 0]

  async function load(over?: AuditQueryable): Promise<void> {
    loadedAt = now()
    expired = false
    begun += 1
    const turn = begun
    const fresh = await (over === undefined ? loadQuickly(database, options) : loadOver(over, options))
    // A load that began later has seen more.
    if (turn < taken) return
    taken = turn
    if (fresh.text === catalog.text) return
    catalog = fresh
    onChange()
  }

  function refresh(over?: AuditQueryable): Promise<void> {
    // Never joins a load that may itself wait for a connection of the pool.
    if (over !== undefined) return load(over)
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }

  return {
    get: () => catalog,
    refresh,
    expire: () => {
      expired = true
    },
    get expired() {
      return expired
    },
    refreshIfOld() {
      if (now() - loadedAt > lifetime && loading === undefined) refresh().catch(onError)
    },
  }
}

// Whoever had the connection before may have changed what its names and rights are: the catalog is of what connections begin with.
const startSettings = `select ${[
  'session_authorization',
  'role',
  'search_path',
  'row_security',
  'standard_conforming_strings',
  'extra_float_digits',
]
  .map((setting) => `pg_catalog.set_config('${setting}', null, true)`)
  .join(', ')}`

/** On its own connection and with a limit, so that whatever blocks a catalog does not take the pool with it. */
function loadQuickly(database: AuditDatabase, options: CurrentCatalogParts['options']): Promise<Catalog> {
  return database.transaction(async (tx) => {
    await tx.query('set local statement_timeout = 10000')
    await tx.query(startSettings)
    return await loadCatalog(tx, options)
  })
}

async function loadOver(over: AuditQueryable, options: CurrentCatalogParts['options']): Promise<Catalog> {
  await over.query('begin isolation level read committed')
  try {
    await over.query(startSettings)
    return await loadCatalog(over, options)
  } finally {
    await over.query('rollback')
  }
}
