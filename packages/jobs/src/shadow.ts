/** Changes the arguments of a method. */
export type ChangeArguments = (args: readonly unknown[]) => readonly unknown[]

const shadowed = new WeakSet<object>()

/**
 * Shadows methods of one object by functions that change their arguments, and returns the object. Methods that it does not have
 * are left out; an object that was given before is left alone, so that nothing is done twice.
 */
export function shadow<Target extends object>(
  target: Target,
  changes: Readonly<Record<string, ChangeArguments>>,
): Target {
  if (shadowed.has(target)) return target
  shadowed.add(target)
  for (const [name, change] of Object.entries(changes)) {
    const method: unknown = Reflect.get(target, name)
    if (typeof method !== 'function') continue
    // A method that is not async may throw where the real one would reject.
    const value = async (...args: unknown[]) => Reflect.apply(method, target, change(args))
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
  }
  return target
}
