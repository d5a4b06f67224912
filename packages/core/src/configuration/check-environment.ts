import { AuditError } from '../errors.ts'
import type { Environment, EnvironmentValues, VariableName } from './environment-values.ts'
import { isVariableName, prefix, variables } from './environment-variables.ts'
import { nearestName } from './nearest-name.ts'

/** A variable of the environment that bears our prefix. */
export interface FoundVariable {
  readonly name: string
  /** What it sets; null where it is none of ours. */
  readonly sets: string | null
  /** Its value; `[set]` in place of a secret, and of what is none of ours. */
  readonly shown: string
  /** What is wrong with it. It never repeats the value. */
  readonly problem: string | null
}

/** Lists the variables that are set with our prefix, by name. An empty one counts as not set. */
export function listEnvironment(env: Environment = process.env): readonly FoundVariable[] {
  return namesIn(env)
    .sort()
    .map((name) => describeVariable(name, env[name] ?? ''))
}

/**
 * Makes sure that each variable with our prefix is one that there is, and says something that it can say.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the variable and the nearest known one, never its value.
 */
export function checkEnvironment(env: Environment): void {
  for (const { name, problem } of listEnvironment(env)) {
    if (problem === null) continue
    throw new AuditError('AUDIT_OPTION_INVALID', `The environment variable ${name} ${problem}.`, {
      facts: { option: name },
    })
  }
}

/** Reads one variable; undefined where it is not set. Only after {@link checkEnvironment}. */
export function readVariable<Name extends VariableName>(
  env: Environment,
  name: Name,
): EnvironmentValues[Name] | undefined {
  const text = env[prefix + name]
  return text === undefined || text === '' ? undefined : variables[name].parse(text)
}

// Kubernetes sets these for a service that is called `indelible`, or begins with it.
const ofKubernetes =
  /_(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/

function namesIn(env: Environment): string[] {
  return Object.keys(env).filter((name) => name.startsWith(prefix) && env[name] && !ofKubernetes.test(name))
}

function describeVariable(name: string, text: string): FoundVariable {
  const own = name.slice(prefix.length)
  if (!isVariableName(own)) {
    const nearest = prefix + nearestName(own, Object.keys(variables))
    return { name, sets: null, shown: '[set]', problem: `is unknown; did you mean ${nearest}?` }
  }
  const { sets, secret, expected, parse } = variables[own]
  const problem = parse(text) === undefined ? `must be ${expected}` : null
  return { name, sets, shown: secret ? '[set]' : withoutPassword(text), problem }
}

/** A password in an address is refused, and is not to be shown for that. */
function withoutPassword(text: string): string {
  return text.replaceAll(/\/\/[^/]*@/g, '//[set]@')
}
