import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { basename } from 'node:path'
import {
  aText,
  checkedElsewhere,
  checkOptions,
  mustBe,
  type OptionRules,
  trueOrFalse,
} from '../configuration/check-options.ts'
import type { Environment } from '../configuration/environment-values.ts'
import { readEnvironment } from '../configuration/read-environment.ts'
import { AuditError } from '../errors.ts'
import { type AuditActor, type AuditContext, hasReason, runInScope } from './audit-context.ts'

/** What a script says about itself. */
export interface RunScriptOptions {
  /** Why it runs. @default INDELIBLE_REASON, which `indelible run --reason` sets */
  readonly reason?: string
  /** Whether it may not run without a reason. @default false */
  readonly requireReason?: boolean
  /** The business action. @default INDELIBLE_ACTION, else none */
  readonly action?: string
  /** What it is called in the entries. @default the file that Node.js was started with */
  readonly name?: string
  /** @default process.env */
  readonly env?: Environment
}

const rules: OptionRules<RunScriptOptions> = {
  reason: mustBe('a text', (value) => typeof value === 'string'),
  requireReason: trueOrFalse,
  action: aText,
  name: aText,
  env: checkedElsewhere,
}

/**
 * Runs a one-off script so that its writes tell who ran it. The actor is the operating system's user whose process this is, with
 * type `os-user`; `metadata` names host, process and script; all entries share a correlation id.
 *
 * Who called `sudo` stands in `metadata.sudoUser`: a hint from the environment, where anybody may write it, and never the actor.
 *
 * @throws AuditError `AUDIT_REASON_MISSING` before anything runs, `AUDIT_OPTION_INVALID` naming the option, or a variable that
 * cannot be read.
 *
 * @example
 * await runScript(() => prisma.order.updateMany({ where: { status: 'LOST' }, data: { status: 'CANCELLED' } }), {
 *   requireReason: true,
 * })
 */
export async function runScript<Value>(
  work: () => Value | PromiseLike<Value>,
  options: RunScriptOptions = {},
): Promise<Value> {
  checkOptions(options, rules)
  const { requireReason = false, env = process.env, name = scriptName(), ...said } = options
  const { correlationId = `script-${randomUUID()}`, ...told } = readEnvironment('script', env)
  const { reason = told.reason, action = told.action } = said
  if (requireReason && !hasReason({ reason: reason ?? '' })) throw withoutReason(name)
  const context: AuditContext = {
    actor: operatingSystemUser(),
    correlationId,
    ...(action !== undefined && { action }),
    ...(reason !== undefined && { reason }),
    metadata: { host: hostname(), pid: process.pid, script: name, ...sudoUser(env) },
  }
  // One-line bridge: whatever work returns, its promise is awaited here.
  return (await runInScope(Object.freeze(context), work)) as Value
}

/** The user of the process, as its system knows him. Variables such as USER are not asked. */
function operatingSystemUser(): AuditActor {
  return { id: systemUserName(), type: 'os-user', authMethod: 'operating-system' }
}

function systemUserName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that has no name.
    return `uid:${process.getuid?.() ?? 'unknown'}`
  }
}

function sudoUser({ SUDO_USER }: Environment): { sudoUser?: string } {
  return SUDO_USER ? { sudoUser: SUDO_USER.slice(0, 200) } : {}
}

function scriptName(): string {
  return basename(process.argv[1] ?? 'node')
}

function withoutReason(script: string): AuditError {
  return new AuditError(
    'AUDIT_REASON_MISSING',
    `The script ${script} must say why it runs: give the option reason, set INDELIBLE_REASON, or start it with indelible run --reason "…" -- node ${script}.`,
    { facts: { script } },
  )
}
