import type { Audit } from '../audit.ts'
import { AuditError } from '../errors.ts'
import type { AuditEvent, RecordedEvent, RecordOptions } from './audit-event.ts'
import { eventInvalid, fieldPath } from './event-invalid.ts'
import type { EventSchema, EventSchemaInput, EventSchemaIssue, EventSchemaResult } from './event-schema.ts'

/** The schemas of the actions that an application knows. */
export type EventSchemas = Readonly<Record<string, EventSchema>>

/** An event of a known action: its metadata are what the schema of the action takes. */
export type TypedAuditEvent<Schemas extends EventSchemas, Action extends keyof Schemas> = Omit<
  AuditEvent,
  'action' | 'metadata'
> & { readonly action: Action } & TypedMetadata<EventSchemaInput<Schemas[Action]>>

/** Metadata may be left out where the schema takes `undefined`. */
export type TypedMetadata<Input> = undefined extends Input
  ? { readonly metadata?: Input }
  : { readonly metadata: Input }

/** Records events of known actions only. */
export interface AuditEvents<Schemas extends EventSchemas> {
  /**
   * Checks the metadata by the schema of the action and records what that makes of them.
   *
   * @throws AuditError `AUDIT_EVENT_INVALID` for an unknown action, and where the metadata do not fit: it names their paths, and neither
   * values nor messages of the validator, which may hold secrets. Else what `audit.record` throws.
   */
  record<Action extends keyof Schemas & string>(
    event: TypedAuditEvent<Schemas, Action>,
    options?: RecordOptions,
  ): Promise<RecordedEvent>
}

/**
 * Makes the typed form of `audit.record` for the actions of an application.
 *
 * @param schemas By action, the schema of its metadata: zod, valibot, arktype or any other Standard Schema.
 *
 * @example
 * const events = createAuditEvents(audit, { 'user.login': z.object({ method: z.enum(['password', 'passkey']) }) })
 * await events.record({ action: 'user.login', actor: { id: 'u_42' }, metadata: { method: 'passkey' } })
 */
export function createAuditEvents<const Schemas extends EventSchemas>(
  audit: Pick<Audit, 'record'>,
  schemas: Schemas,
): AuditEvents<Schemas> {
  for (const [action, schema] of Object.entries(schemas)) requireSchema(action, schema)
  return Object.freeze({
    record: async (event: AuditEvent, options?: RecordOptions) => {
      const metadata = await validate(schemaOf(schemas, event), event.metadata)
      const { metadata: _, ...others } = event
      // One-line bridge: record refuses metadata that are no object.
      const checked =
        metadata === undefined ? others : { ...others, metadata: metadata as AuditEvent['metadata'] & {} }
      return await audit.record(checked, options)
    },
    // One-line bridge: what is typed by action outside is read by action inside.
  }) as unknown as AuditEvents<Schemas>
}

function requireSchema(action: string, schema: unknown): void {
  const standard = isSchema(schema) ? schema['~standard'] : undefined
  if (standard?.version === 1 && typeof standard.validate === 'function') return
  throw new AuditError(
    'AUDIT_OPTION_INVALID',
    `The schema of the action ${JSON.stringify(action)} must implement Standard Schema, version 1.`,
    { facts: { action } },
  )
}

function isSchema(value: unknown): value is EventSchema {
  const isHolder = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isHolder && '~standard' in value
}

function schemaOf(schemas: EventSchemas, event: AuditEvent): EventSchema {
  const action: unknown = event?.action
  const schema = typeof action === 'string' && Object.hasOwn(schemas, action) ? schemas[action] : undefined
  if (schema !== undefined) return schema
  throw eventInvalid('action', `must be one of: ${Object.keys(schemas).join(', ')}`)
}

async function validate(schema: EventSchema, metadata: unknown): Promise<unknown> {
  const result = await runValidator(schema, metadata)
  if (result.issues === undefined) return result.value
  throw eventInvalid(describePaths(result.issues), 'does not fit the schema of the action')
}

async function runValidator(schema: EventSchema, metadata: unknown): Promise<EventSchemaResult<unknown>> {
  try {
    return await schema['~standard'].validate(metadata)
  } catch {
    // What it threw may hold the value.
    throw eventInvalid('metadata', 'could not be checked: the schema of the action threw an error')
  }
}

const mostPaths = 10

function describePaths(issues: readonly EventSchemaIssue[]): string {
  const paths = new Set(issues.map(({ path = [] }) => path.map(keyOf).reduce(fieldPathOf, 'metadata')))
  const named = [...paths].slice(0, mostPaths).join(', ')
  return paths.size > mostPaths ? `${named} and ${paths.size - mostPaths} more` : named || 'metadata'
}

function keyOf(segment: PropertyKey | { readonly key: PropertyKey }): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}

function fieldPathOf(parent: string, key: PropertyKey): string {
  return fieldPath(parent, typeof key === 'number' ? key : String(key))
}
