/**
 * What checks and may transform the metadata of an action: any validator with the interface of
 * [Standard Schema](https://standardschema.dev), version 1: zod, valibot, arktype and others.
 */
export interface EventSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => EventSchemaResult<Output> | Promise<EventSchemaResult<Output>>
    /** Holds types only; validators leave it undefined. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a validator answers: the value, or what is wrong with it. */
export type EventSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly EventSchemaIssue[] }

/** One fault. Its message is not repeated: it may hold the value. */
export interface EventSchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What may be given to a validator. */
export type EventSchemaInput<Schema extends EventSchema> = NonNullable<Schema['~standard']['types']>['input']
