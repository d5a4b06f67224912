import type { AuditOptions } from '@indelible/core'

/** Everything in clear, so that images can be compared with the rows; no sealer, so that nothing else runs. */
export const exact: AuditOptions = { redact: { defaults: false }, seal: false }
