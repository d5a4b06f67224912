import { AuditError } from './errors.ts'

// Shared by all copies of this package in the process, whatever their version.
const copiesKey = Symbol.for('indelible.copies')
// One-line bridge: globalThis declares no symbol of ours.
const shared = globalThis as { [copiesKey]?: Set<string> }
const copies = shared[copiesKey] ?? new Set<string>()
shared[copiesKey] = copies
copies.add(new URL('.', import.meta.url).href)

/**
 * Holds back an application that loads this package twice: half of it would know the actor in one version's form, half in the
 * other's.
 *
 * @throws AuditError `AUDIT_CORE_DUPLICATED` naming where the copies were loaded from.
 */
export function requireOnlyCopy(): void {
  if (copies.size === 1) return
  const places = [...copies]
  throw new AuditError(
    'AUDIT_CORE_DUPLICATED',
    `@indelible/core is loaded ${places.length} times: ${places.join(', ')}. Keep one of them: see \`npm ls @indelible/core\`, then \`npm dedupe\`.`,
    { facts: { places } },
  )
}
