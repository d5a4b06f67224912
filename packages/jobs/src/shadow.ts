import { isDeepStrictEqual } from 'node:util'
import { optionInvalid } from '@indelible/core'
import type { JobContextOptions } from './job-context-options.ts'

/** Changes the arguments of a method. */
export type ChangeArguments = (args: readonly unknown[]) => readonly unknown[]

const shadowed = new WeakMap<object, JobContextOptions>()

/**
 * Shadows methods of one object by functions that change their arguments, and returns the object. Methods that it does not have
 * are left out; an object that was given before with these options is left alone, so that nothing is done twice.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` when it was given with other options: one of them would be lost, such as a key.
 */
export function shadow<Target extends object>(
  target: Target,
  options: JobContextOptions,
  changes: Readonly<Record<string, ChangeArguments>>,
): Target {
  const before = shadowed.get(target)
  if (before !== undefined) return requireSame(target, before, options)
  shadowed.set(target, options)
  for (const [name, change] of Object.entries(changes)) {
    const method: unknown = Reflect.get(target, name)
    if (typeof method !== 'function') continue
    // A method that is not async may throw where the real one would reject.
    const value = async (...args: unknown[]) => Reflect.apply(method, target, change(args))
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
  }
  return target
}

function requireSame<Target>(target: Target, before: JobContextOptions, options: JobContextOptions): Target {
  if (isDeepStrictEqual(before, options)) return target
  throw optionInvalid('options', 'differ from those that this object is audited with already: give them once')
}
