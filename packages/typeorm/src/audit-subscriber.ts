import { AuditError, type AuditOptions } from '@indelible/core'
import {
  type BeforeQueryEvent,
  type DataSource,
  type EntitySubscriberInterface,
  EventSubscriber,
  type QueryRunner,
} from 'typeorm'
import { atInitialize } from './at-initialize.ts'
import { type CapturedSource, captureRunner, captureSource } from './captured-source.ts'

const capturedRunners = new WeakSet<QueryRunner>()

/**
 * Audits a TypeORM data source: every INSERT, UPDATE and DELETE that it sends leaves an entry, whatever call made it
 * (repositories, query builders, cascades, trees, many-to-many, raw SQL, the node-postgres client itself), in the same statement
 * and so in the same transaction. {@link auditOf} reads, seals and verifies the trail.
 *
 * It listens to queries only: other subscribers, entity listeners and loggers see what they would see without it. A data source
 * without it is not touched.
 *
 * `initialize` rejects with an AuditError: `AUDIT_SCHEMA_MISSING` where the audit schema was not migrated,
 * `AUDIT_DATABASE_UNSUPPORTED` for another database than PostgreSQL, `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * const dataSource = new DataSource({ type: 'postgres', url, entities, subscribers: [AuditSubscriber] })
 * await dataSource.initialize()
 * await runWithAuditContext({ actor: { id: 'u_42' } }, () => dataSource.getRepository(Order).save(order))
 */
export class AuditSubscriber implements EntitySubscriberInterface {
  /** What the application has chosen. */
  readonly options: AuditOptions = {}

  /**
   * Makes a subscriber class with options, to be registered in place of this one.
   *
   * @example
   * subscribers: [AuditSubscriber.with({ redact: { columns: ['iban'] } })]
   */
  static with(options: AuditOptions): new () => AuditSubscriber {
    class ConfiguredAuditSubscriber extends AuditSubscriber {
      override readonly options = options
    }
    EventSubscriber()(ConfiguredAuditSubscriber)
    return ConfiguredAuditSubscriber
  }

  /** Called by TypeORM, which awaits it before the statement is sent. */
  beforeQuery({ dataSource, queryRunner }: BeforeQueryEvent): Promise<void> | undefined {
    const source = getCapturedSource(dataSource)
    if (capturedRunners.has(queryRunner)) return undefined
    capturedRunners.add(queryRunner)
    return captureRunner(source, queryRunner)
  }
}

// TypeORM instantiates only what this decorator has marked.
EventSubscriber()(AuditSubscriber)

// A stream, or the node-postgres client itself, fires no event: without this they would pass unseen as the very first act.
atInitialize(async (dataSource) => {
  if (auditSubscribers(dataSource).length > 0) await getCapturedSource(dataSource).master.ready()
})

/**
 * Returns the audit of an initialized data source.
 *
 * @throws AuditError `AUDIT_NOT_INSTRUMENTED` when it has no audit subscriber or is not initialized.
 */
export function getCapturedSource(dataSource: DataSource): CapturedSource {
  return captureSource(dataSource, () => chooseOptions(dataSource))
}

function auditSubscribers({ subscribers }: DataSource): AuditSubscriber[] {
  return subscribers.filter((subscriber) => subscriber instanceof AuditSubscriber)
}

/** Subscribers without options may stand beside one with options; of two with options one would be lost silently. */
function chooseOptions(dataSource: DataSource): AuditOptions {
  const subscribers = auditSubscribers(dataSource)
  if (subscribers.length === 0) {
    throw new AuditError(
      'AUDIT_NOT_INSTRUMENTED',
      'This data source has no AuditSubscriber: add it to `subscribers`, then initialize.',
    )
  }
  const [chosen = {}, ...others] = new Set(
    subscribers.map(({ options }) => options).filter((options) => Object.keys(options).length > 0),
  )
  if (others.length === 0) return chosen
  throw new AuditError(
    'AUDIT_OPTION_INVALID',
    'This data source has audit subscribers with different options: give the options once.',
  )
}
