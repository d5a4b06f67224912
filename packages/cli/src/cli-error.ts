/** Stable codes of the errors that the command itself finds. Those of the library are `AuditError` codes. */
export type CliErrorCode =
  | 'CLI_DATABASE_URL_MISSING'
  | 'CLI_DATABASE_URL_INVALID'
  | 'CLI_DATABASE_UNREACHABLE'
  | 'CLI_FILE_EXISTS'
  | 'CLI_FILE_UNREADABLE'
  | 'CLI_FILE_UNWRITABLE'
  | 'CLI_ARGUMENT_INVALID'
  | 'CLI_COMMAND_FAILED'

/** What stops a command before or beside the library. Its message says what to do, and never holds a password. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
