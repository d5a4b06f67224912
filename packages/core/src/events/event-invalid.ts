import { AuditError } from '../errors.ts'

/** The error of an event that cannot be recorded as it is. It names the field and tells nothing of its value. */
export function eventInvalid(field: string, fault: string): AuditError {
  return new AuditError('AUDIT_EVENT_INVALID', `The audit event was not recorded: ${field} ${fault}.`, {
    facts: { field },
  })
}

/** A key as part of the name of a field: cut, and in the notation of an index where it is no plain name. */
export function fieldPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`
  if (/^[A-Za-z_$][\w$]{0,63}$/.test(key)) return parent === '' ? key : `${parent}.${key}`
  return `${parent}[${JSON.stringify(key.length > 64 ? `${key.slice(0, 63)}…` : key)}]`
}
