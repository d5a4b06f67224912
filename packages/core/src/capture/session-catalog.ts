import type { AuditQueryable } from '../store/audit-database.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import type { CaptureSession } from './capture-session.ts'
import { loadCatalog } from './catalog.ts'

/** Reads what a transaction sees of the schema, which holds for it alone. */
export async function loadSessionCatalog(
  { session, audit }: { readonly session: CaptureSession; readonly audit: AuditQueryable },
  options: ResolvedCaptureOptions,
): Promise<void> {
  session.catalog = await loadCatalog(audit, options)
  session.catalogExpired = false
}
