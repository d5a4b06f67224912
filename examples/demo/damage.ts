import type { FindingKind } from '@indelible/core'
import { CORRECTION } from './order-story.ts'

/** Something that a person with full rights on the database might do to the trail. */
export interface Damage {
  readonly title: string
  /** What `verify` must call it. */
  readonly kind: FindingKind
  /** Run as superuser, on a copy of the database. */
  readonly sql: string
  /** Whether the trail is then sealed again, with a key of the intruder's own. */
  readonly sealAgain?: boolean
  /** What `verify` finds without the checkpoint kept outside the database, by the public key alone. Default: the same. */
  readonly byKeyAlone?: FindingKind | 'nothing'
}

const REFUND = `(select id from indelible.entry where correlation_id = '${CORRECTION}' and table_name = 'Order')`
const MAKE_REFUND_BIGGER = `update indelible.entry set after = replace(after::text, '99.80', '9.80')::json where id = ${REFUND};`
const LAST_40 = '(select max(seq) - 40 from indelible.link)'

/** Each is done to a fresh copy of the database, so that `verify` has nothing else to go by. */
export const DAMAGES: readonly Damage[] = [
  { title: 'changes the amount of a refund', kind: 'edited', sql: MAKE_REFUND_BIGGER },
  {
    title: 'puts the refund down to somebody else',
    kind: 'edited',
    sql: `update indelible.entry set actor_id = 'jonas.weber' where id = ${REFUND};`,
  },
  {
    title: 'deletes the entry of the refund',
    kind: 'removed',
    sql: `delete from indelible.entry where id = ${REFUND};`,
  },
  {
    title: 'deletes that entry together with its link',
    kind: 'gap',
    sql: `create temporary table victim as select ${REFUND} as id;
      delete from indelible.entry where id in (table victim);
      delete from indelible.link where entry_id in (table victim);`,
  },
  {
    title: 'swaps two links of the chain',
    kind: 'reordered',
    sql: `update indelible.link set seq = 1000000 where seq = 1000;
      update indelible.link set seq = 1000 where seq = 1200;
      update indelible.link set seq = 1200 where seq = 1000000;`,
  },
  {
    title: 'slips in an entry, dated back a week',
    kind: 'unqueued',
    sql: `insert into indelible.entry (at, op, table_schema, table_name, row_key, before, after, actor_id)
      values (now() - interval '7 days', 'update', 'public', 'Customer', '7', '{"vip":false}', '{"vip":true}', 'mira.kaya');`,
  },
  {
    title: 'cuts off the last 40 entries, their links and checkpoints',
    kind: 'truncated',
    byKeyAlone: 'nothing',
    sql: `delete from indelible.checkpoint where size > ${LAST_40};
      create temporary table tail as select entry_id from indelible.link where seq > ${LAST_40};
      delete from indelible.entry where id in (table tail);
      delete from indelible.link where entry_id in (table tail);`,
  },
  {
    title: 'changes the refund, then forges the whole chain and its checkpoint anew',
    kind: 'checkpoint_mismatch',
    byKeyAlone: 'signature_invalid',
    sealAgain: true,
    sql: `${MAKE_REFUND_BIGGER}
      insert into indelible.pending select entry_id from indelible.link;
      delete from indelible.link;
      delete from indelible.checkpoint;`,
  },
]

const TABLES = ['entry', 'link', 'checkpoint']

/**
 * Writes what the intruder runs. Append-only tables refuse changes from everybody, but their owner can switch that off, and on
 * again behind himself: hence the chain.
 */
export function toScript({ sql }: Damage): string {
  const unlock = TABLES.map((table) => `alter table indelible.${table} disable trigger append_only;`)
  const lock = TABLES.map((table) => `alter table indelible.${table} enable always trigger append_only;`)
  return [...unlock, sql, ...lock].join('\n')
}
