import { expect, test } from 'vitest'
import { isAuditFailure } from './audit-failure.ts'

test.each([
  ['23514', 'new row for relation "entry" violates check constraint "indelible_entry_op"'],
  ['23502', 'null value in column "id" of relation "pending" violates not-null constraint'],
  ['42883', 'function indelible.log(unknown, text) does not exist'],
  ['42501', 'permission denied for schema indelible'],
  ['42501', 'permission denied for function log'],
  ['42501', 'permission denied for function keep'],
  ['42501', 'permission denied for function exact_json'],
  ['42501', 'permission denied for function exact_text'],
  ['42501', 'permission denied for function log_rows'],
  ['42501', 'permission denied for function cascade_1_delete'],
  ['42501', 'permission denied for table entry'],
  ['54000', 'index row size 2712 exceeds btree version 4 maximum 2704 for index "entry_row"'],
  ['54000', 'index row requires 8200 bytes, maximum size is 8191 for index "entry_actor"'],
  ['2200H', 'nextval: reached maximum value of sequence "entry_id_seq" (9223372036854775807)'],
  ['P0001', 'indelible: the old image of a row of public.t is missing'],
])('%s is of our making: %s', (code, message) => expect(isAuditFailure(code, message)).toBe(true))

test.each([
  ['54000', 'index row size 2712 exceeds btree version 4 maximum 2704 for index "t_pkey"'],
  ['23505', 'duplicate key value violates unique constraint "Customer_email_key"'],
  ['42703', 'column "indelibly" of relation "note" does not exist'],
  ['23514', 'new row for relation "entries" violates check constraint "x"'],
  ['42501', 'permission denied for table log'],
  ['42501', 'permission denied for function log_in'],
  [undefined, 'indelible'],
])('%s is of the application: %s', (code, message) => expect(isAuditFailure(code, message)).toBe(false))
