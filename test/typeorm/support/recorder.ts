import { type EntitySubscriberInterface, EventSubscriber, type Logger } from 'typeorm'

/** A logger that writes down all that TypeORM tells it, but for durations. */
export function recordingLogger(seen: unknown[]): Logger {
  const note = (kind: string, ...facts: readonly unknown[]) => void seen.push([kind, ...facts.map(copyOf)])
  return {
    logQuery: (query, parameters) => note('log query', query, parameters),
    logQueryError: (error, query, parameters) => note('log error', messageOf(error), query, parameters),
    logQuerySlow: (_time, query, parameters) => note('log slow', query, parameters),
    logSchemaBuild: (message) => note('log schema', message),
    logMigration: (message) => note('log migration', message),
    log: (level, message) => note(`log ${level}`, message),
  }
}

const events = [
  'afterLoad',
  'beforeQuery',
  'afterQuery',
  'beforeInsert',
  'afterInsert',
  'beforeUpdate',
  'afterUpdate',
  'beforeRemove',
  'afterRemove',
  'beforeSoftRemove',
  'afterSoftRemove',
  'beforeRecover',
  'afterRecover',
  'beforeTransactionStart',
  'afterTransactionStart',
  'beforeTransactionCommit',
  'afterTransactionCommit',
  'beforeTransactionRollback',
  'afterTransactionRollback',
] as const

/** A subscriber class that writes down every event of its data source. */
export function recordingSubscriber(seen: unknown[]): new () => EntitySubscriberInterface {
  class RecordingSubscriber {}
  for (const event of events) {
    const note = (facts: object) => void seen.push([event, readEvent(event, facts)])
    Object.defineProperty(RecordingSubscriber.prototype, event, { value: note })
  }
  EventSubscriber()(RecordingSubscriber)
  return RecordingSubscriber
}

const told = ['entity', 'databaseEntity', 'entityId', 'query', 'parameters', 'success', 'rawResults'] as const

function readEvent(event: string, facts: object): unknown {
  if (event === 'afterLoad') return copyOf(facts)
  const read = told.filter((name) => Reflect.get(facts, name) !== undefined)
  const fields = read.map((name) => [name, copyOf(Reflect.get(facts, name))] as const)
  const error = 'error' in facts && facts.error !== undefined ? { error: messageOf(facts.error) } : {}
  return { ...Object.fromEntries(fields), ...error, ...columnsOf(facts), ...metadataOf(facts) }
}

function columnsOf(facts: object): object {
  if (!('updatedColumns' in facts) || !Array.isArray(facts.updatedColumns)) return {}
  return { updatedColumns: facts.updatedColumns.map(({ propertyPath }) => propertyPath) }
}

function metadataOf(facts: object): object {
  return 'metadata' in facts ? { of: (facts.metadata as { name: string }).name } : {}
}

/** Values of this moment: what is told is often changed afterwards. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(copyOf)
  // Tables have other ids in other databases.
  const kept = Object.entries(value).filter(([name]) => name[0] !== '_' && name !== 'tableID')
  return Object.fromEntries(kept.map(([name, part]) => [name, copyOf(part)]))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
