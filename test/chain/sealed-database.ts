import type { Finding } from '../../packages/core/src/chain/findings.ts'
import { generateNoteKey, type NoteSigner, parseSigningKey } from '../../packages/core/src/chain/note-key.ts'
import { sealOnce } from '../../packages/core/src/seal/seal-once.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import {
  type VerifyOptions,
  type VerifyReport,
  verifyLog,
} from '../../packages/core/src/verify/verify-log.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

/** A database with a sealed log, and the means of someone who may do anything to it. */
export interface SealedDatabase {
  readonly database: TestDatabase
  readonly audit: AuditDatabase
  /** The key that has signed its checkpoints, and its public half. */
  readonly signer: NoteSigner
  readonly verifierKey: string
  /** Runs statements with the triggers off that refuse changes. */
  tamper(sql: string): Promise<void>
  /** Puts the tables back to what was sealed. */
  restore(): Promise<void>
  verify(options?: VerifyOptions): Promise<VerifyReport>
  /** `kind@place` of each finding. */
  find(options?: VerifyOptions): Promise<readonly string[]>
  /** The note of a stored checkpoint. */
  note(size: number): Promise<string>
}

/** Entries in it. Each ten of them have a checkpoint. */
export const SEALED = 40

const TABLES = ['entry', 'pending', 'link', 'checkpoint', 'origin'] as const
const PROTECTED = TABLES.filter((table) => table !== 'pending')

export async function createSealedDatabase(): Promise<SealedDatabase> {
  const { database, audit } = await createTrailDatabase()
  await writeEntries(database, SEALED)
  const { signingKey, verifierKey } = generateNoteKey('shop.example/audit')
  const signer = parseSigningKey(signingKey)
  for (let sealed = 0; sealed < SEALED; sealed += 10) {
    await sealOnce(audit, { batch: 10, checkpointAfter: 0, signer })
  }
  await database.pool.query('create schema backup')
  for (const table of TABLES) {
    await database.pool.query(`create table backup.${table} as table indelible.${table}`)
  }
  const tamper = async (sql: string) => {
    await database.pool.query(
      [...switchTriggers('disable'), sql.replace(/;\s*$/, ''), ...switchTriggers('enable always')].join(
        ';\n',
      ),
    )
  }
  const verify = (options: VerifyOptions = {}) => verifyLog(audit, { unsealedGrace: 0, ...options })
  return {
    database,
    audit,
    signer,
    verifierKey,
    tamper,
    verify,
    restore: async () => {
      await endOpenTransactions(database)
      await tamper(TABLES.map(restoreTable).join(';\n'))
    },
    find: async (options) => (await verify(options)).findings.map(brief),
    note: async (size) => {
      const [row] = await database.query<{ note: string }>(
        'select note from indelible.checkpoint where size = $1',
        [size],
      )
      return row?.note ?? ''
    },
  }
}

/** Writes entries as the application does, in transactions of five, with every column in use. */
export async function writeEntries({ pool }: Pick<TestDatabase, 'pool'>, count: number): Promise<void> {
  await pool.query(`
    do $$ begin
      for i in 1..${count} loop
        perform indelible.log('update', 'public', 'order', i::text, json_build_object('id', i, 'status', 'OPEN'),
          json_build_object('id', i, 'status', 'PAID'), json_populate_record(null::indelible.context, json_build_object(
            'actor_id', 'u_' || i, 'actor_type', 'user', 'tenant', 'acme', 'correlation_id', 'req-' || i,
            'context', json_build_object('action', 'pay'))));
        if i % 5 = 0 then commit; end if;
      end loop;
    end $$`)
}

/** A test that has failed half-way may have left one: it would block the restoring, and every test after it. */
async function endOpenTransactions({ pool }: TestDatabase): Promise<void> {
  await pool.query(`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`)
}

function switchTriggers(state: 'disable' | 'enable always'): string[] {
  return PROTECTED.map((table) => `alter table indelible.${table} ${state} trigger append_only`)
}

function restoreTable(table: string): string {
  const value = table === 'entry' ? ' overriding system value' : ''
  return `delete from indelible.${table}; insert into indelible.${table}${value} select * from backup.${table}`
}

function brief({ kind, seq, entryId }: Finding): string {
  return `${kind}@${seq ?? `entry ${entryId}`}`
}
