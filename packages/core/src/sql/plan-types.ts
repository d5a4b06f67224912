/** A piece of a statement's text, in offsets of the JavaScript string. It begins and ends with a token. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The name of a table as PostgreSQL reads it: unquoted, and in lower case where it was written without quotes. */
export interface TableName {
  readonly schema?: string
  readonly name: string
}

/** One assignment of a SET list. */
export interface SetItem {
  /** The assigned columns, named as PostgreSQL reads them. */
  readonly columns: readonly string[]
  /** `column` is `a = x`, `row` is `(a, b) = …`, `part` is `a[1] = x` or `a.field = x`. */
  readonly kind: 'column' | 'row' | 'part'
  readonly value: Span
  /** Whether the value is the word DEFAULT, which is no expression. */
  readonly isDefault: boolean
}

/** What an INSERT does about a row that is there already. */
export interface ConflictPlan {
  readonly action: 'nothing' | 'update'
  /** The condition of DO UPDATE, without its WHERE. */
  readonly where?: Span
  readonly whereKeyword?: Span
}

/** The `WITH (OLD AS …, NEW AS …)` of a RETURNING clause, known to PostgreSQL 18. */
export interface ReturningOption {
  /** From WITH to the closing parenthesis. */
  readonly span: Span
  /** The names for the old and the new row, as written. */
  readonly old?: string
  readonly new?: string
}

/** What a statement changes about the settings of its session without being SET: by a call of `set_config`, or behind words. */
export interface ConfiguredSetting {
  /** In lower case, or the number of the parameter that tells it; `unknown` where the text does not tell. */
  readonly setting: string | number
  /** Whether it holds for the transaction only. */
  readonly local: boolean
}

/**
 * A single INSERT, UPDATE or DELETE that writes one table and nothing else, as far as its text can tell. A WITH in
 * front or inside holds no other write.
 */
export interface WritePlan {
  readonly kind: 'write'
  readonly verb: 'insert' | 'update' | 'delete'
  readonly table: TableName
  /** SQL text that names the row inside the statement: the alias as written, else the quoted name of the table,
   * with its schema where that was written. */
  readonly reference: string
  /** Where the statement begins: at its WITH, else at its verb. */
  readonly start: number
  /** Where the word INSERT, UPDATE or DELETE begins. */
  readonly verbStart: number
  /** Just after the last token before RETURNING, else just after the statement. */
  readonly bodyEnd: number
  /** Just after the last token of the statement. Comments and semicolons may follow. */
  readonly end: number
  /** The list after RETURNING and after its {@link ReturningOption}. */
  readonly returning?: Span
  readonly returningOption?: ReturningOption
  /** Whether the RETURNING list expands a `*`. */
  readonly returningStars: boolean
  /** Whether the RETURNING list says `old` or `new` where PostgreSQL 18 could take it for a row. */
  readonly returningNamesOldOrNew: boolean
  /** The assignments of an UPDATE or of DO UPDATE. */
  readonly set?: readonly SetItem[]
  /** Just after the last token of the SET list. */
  readonly setEnd?: number
  /** The condition of an UPDATE or DELETE, without its WHERE. */
  readonly where?: Span
  /** Whether the statement joins other tables: UPDATE … FROM, DELETE … USING. */
  readonly hasFrom: boolean
  readonly conflict?: ConflictPlan
  /** The highest `$n`, 0 where there is none. */
  readonly maxParameter: number
  readonly setsConfiguration?: readonly ConfiguredSetting[]
  /** Tells which names stand in a span, quoted or not, qualified or not. */
  readonly identifiers: (span: Span) => ReadonlySet<string>
}

/** A statement that changes no row, apart from what functions do that it calls. */
export interface ReadPlan {
  readonly kind: 'read'
  /** Whether it calls anything that is not known to be a harmless built-in. A hint: operators and views call functions too. */
  readonly callsFunctions: boolean
  readonly setsConfiguration?: readonly ConfiguredSetting[]
}

/** The verbs of transaction control, by what they do and not by how they were spelled. */
export type TransactionVerb =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'release'
  | 'rollback to'
  | 'prepare transaction'
  | 'commit prepared'
  | 'rollback prepared'

/** A statement that begins, ends or divides a transaction. */
export interface TransactionPlan {
  readonly kind: 'transaction'
  readonly verb: TransactionVerb
  /** The savepoint, as PostgreSQL reads it. */
  readonly name?: string
  /** Whether a new transaction begins at once: COMMIT AND CHAIN. */
  readonly chain: boolean
}

/** The verbs of statements about the session. */
export type SessionVerb =
  | 'set'
  | 'reset'
  | 'show'
  | 'discard'
  | 'deallocate'
  | 'listen'
  | 'unlisten'
  | 'notify'
  | 'lock'
  | 'close'
  | 'analyze'

/** A statement that changes no row, but may change what later statements mean. */
export interface SessionPlan {
  readonly kind: 'session'
  readonly verb: SessionVerb
  /**
   * The setting in lower case, by the name that `pg_settings` has for it, so that `SET TIME ZONE` is `timezone` and `SET
   * SCHEMA` is `search_path`. Beside those: `role`, `session_authorization`, `constraints`, `transaction`, `transaction
   * snapshot`, `session characteristics`, and for RESET and DISCARD `all`, `plans`, `sequences`, `temp`.
   */
  readonly setting?: string
  /** Whether it holds for the transaction only. */
  readonly local?: boolean
  /** What SET sets it to, in lower case, as it was written: only where that is a single token. */
  readonly value?: string
}

/** A text without any statement. */
interface EmptyPlan {
  readonly kind: 'empty'
}

/** A text of which the planner cannot prove what rows it changes. */
export interface UnprovablePlan {
  readonly kind: 'unprovable'
  readonly reason: string
  /** The first word, in upper case. */
  readonly verb?: string
  /** `ddl` where any of several statements is one. */
  readonly class: 'ddl' | 'truncate' | 'statement'
  readonly statements: 'one' | 'several' | 'unknown'
  /** The tables it says to write or to define. A hint: there may be more, and a name may be that of something else. */
  readonly tables: readonly TableName[]
  /** False where PostgreSQL refuses the statement in a transaction block, or where it may end transactions itself. */
  readonly transactional: boolean
  /** Whether it may make a temporary table, which hides a table of the same name. */
  readonly temporary: boolean
  /** The settings that its words name. A hint: there may be more, and a name may be that of something else. */
  readonly setsConfiguration: readonly ConfiguredSetting[]
  /** Whether it is a single statement that stores code or settings for later: what its text names is not used now. */
  readonly stores: boolean
}

/** What a text does, as far as it can be proved. */
export type Plan = WritePlan | ReadPlan | TransactionPlan | SessionPlan | EmptyPlan | UnprovablePlan
