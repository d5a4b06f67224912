import { hashOrigin } from '../chain/link.ts'
import { CHECKPOINT_COLUMNS, type StoredCheckpoint, toStoredCheckpoint } from '../chain/stored-checkpoint.ts'
import type { HashHex } from '../entry/sha256.ts'
import { AuditError } from '../errors.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** Where a log ends. */
export interface LogTail {
  readonly logId: string
  /** Sequence number of the last link; 0 in an empty log. */
  readonly size: number
  /** Hash of the last link. */
  readonly head: HashHex
  /** The last checkpoint. */
  readonly checkpoint: StoredCheckpoint | undefined
  /** Its age in milliseconds, by the database's clock. Infinite when there is none. */
  readonly checkpointAge: number
}

/**
 * Reads where the log ends. A few index probes.
 *
 * @throws AuditError `AUDIT_SCHEMA_ALTERED` when the row with the log's id is gone.
 */
export async function readLogTail(database: AuditQueryable): Promise<LogTail> {
  const [row] = await database.query(TAIL)
  const logId = row?.['log_id']
  if (row === undefined || !logId) throw missingOrigin()
  return {
    logId,
    size: Number(row['tail_seq'] ?? 0),
    head: row['tail_hash'] ?? hashOrigin(logId),
    checkpoint: toStoredCheckpoint(row),
    checkpointAge: Number(row['age'] ?? Number.POSITIVE_INFINITY),
  }
}

const TAIL = `
  select o.log_id::text as log_id, l.seq::text as tail_seq, encode(l.hash, 'hex') as tail_hash, ${CHECKPOINT_COLUMNS},
    (extract(epoch from clock_timestamp() - c.at) * 1000)::text as age
  from indelible.origin o
  left join (select seq, hash from indelible.link order by seq desc limit 1) l on true
  left join (select * from indelible.checkpoint order by size desc limit 1) c on true`

function missingOrigin(): AuditError {
  return new AuditError(
    'AUDIT_SCHEMA_ALTERED',
    'The id of the audit log is gone from indelible.origin. Restore the row: every checkpoint names the id.',
  )
}
