import { type AuditContext, tryGetAuditContext } from './audit-context.ts'

/** Adds to the context of a write what only the moment of the write can tell. It is to answer the same with the same object. */
export type ContextAddition = (context: AuditContext | undefined) => AuditContext | undefined

let addition: ContextAddition | undefined

/** Sets what every write adds to its context, in place of what was set before. Returns what takes it back. */
export function setContextAddition(added: ContextAddition): () => void {
  addition = added
  return () => {
    if (addition === added) addition = undefined
  }
}

/** The context that an entry written now is to carry. */
export function getWrittenContext(): AuditContext | undefined {
  const context = tryGetAuditContext()
  return addition === undefined ? context : addition(context)
}
