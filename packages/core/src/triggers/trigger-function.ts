import { createHash } from 'node:crypto'
import type { Column, Table } from '../capture/catalog.ts'
import { keyExpression, type Rules } from '../capture/row-expressions.ts'
import type { RedactOptions } from '../redact/redact-options.ts'
import type { Redaction } from '../redact/redaction.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'

/** What a capture trigger is made for. */
export interface TriggerFunctionParts {
  readonly table: Table
  /** `pg_class.relnatts`: how many columns it has ever had. */
  readonly attributes: number
  readonly redact: RedactOptions
  readonly redaction: Redaction
}

/** The function of one table's capture trigger. */
export interface TriggerFunction {
  /** Its name in the schema `indelible`. */
  readonly name: string
  /** Its text, as `pg_proc.prosrc` holds it. */
  readonly body: string
  /** The statement that makes it. */
  readonly sql: string
}

/** Writes the function that enters each changed row of a table, in the form of the engine's own entries. */
export function renderTriggerFunction(parts: TriggerFunctionParts): TriggerFunction {
  const name = functionName(parts.table)
  const body = renderBody(parts)
  const sql = `create or replace function indelible.${quoteIdentifier(name)}() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp${settings(parts.table)} as ${quoteLiteral(body)}`
  return { name, body, sql }
}

/** Readable, unique and short enough for PostgreSQL. */
function functionName({ schema, name }: Table): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([schema, name]))
    .digest('hex')
    .slice(0, 12)
  const readable = name.replace(/[^A-Za-z0-9]+/g, '_').slice(0, 40)
  return `capture_${readable}_${hash}`
}

// These look the same under every setting of the session. Dates are ISO in JSON.
const plainTypes = new Set(
  [
    'int2',
    'int4',
    'int8',
    'numeric',
    'bool',
    'text',
    'varchar',
    'bpchar',
    'name',
    'uuid',
    'json',
    'jsonb',
  ].concat(['date', 'time', 'timetz', 'timestamp', 'timestamptz']),
)

// The text of these is the same as in JSON.
const sameInJson = new Set(
  ['int2', 'int4', 'int8', 'numeric', 'bool', 'text', 'varchar', 'name', 'uuid'].map(builtIn),
)

function builtIn(type: string): string {
  return `pg_catalog.${type}`
}

/** A writer with other settings must not change how values look, or lose digits of floats. */
function settings({ columns, key }: Table): string {
  const isPlain = ({ type }: Column) => plainTypes.has(type.replace(/^pg_catalog\._?/, ''))
  if ([...columns.values()].every(isPlain) && key.every((column) => isSameInJson(columns.get(column))))
    return ''
  return `
set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = 'postgres' set bytea_output = 'hex'`
}

function isSameInJson(column: Column | undefined): boolean {
  return column !== undefined && sameInJson.has(column.type)
}

function renderBody(parts: TriggerFunctionParts): string {
  const { table, redaction } = parts
  const rules = redaction.rulesOf(table)
  const [schema, name] = tableNames(table)
  const imageOf = [...table.columns.values()].some(({ virtual }) => virtual) ? computedImage : rowToJson
  return `
declare
  old_image json;
  new_image json;
  image json;
  row_key text;
  is_logged boolean;
  rules jsonb := ${rules === undefined ? 'null' : quoteLiteral(JSON.stringify(rules))};
begin
  if tg_op <> 'INSERT' then old_image := ${imageOf('old')}; end if;
  if tg_op <> 'DELETE' then new_image := ${imageOf('new')}; end if;
  if tg_op = 'UPDATE' and old_image::text = new_image::text then return null; end if;
  image := coalesce(old_image, new_image);
  if coalesce(${isKnown(parts, 'old_image')}, true)
    and coalesce(${isKnown(parts, 'new_image')}, true) then
    ${assignKey(table, rules)}
  else
    if tg_op <> 'INSERT' then old_image := ${computedImage('old')}; end if;
    if tg_op <> 'DELETE' then new_image := ${computedImage('new')}; end if;
    rules := indelible.capture_rules(tg_relid, ${quoteLiteral(JSON.stringify(policyOf(parts)))});
    ${executeKey('indelible.capture_key(tg_relid, rules)')}
  end if;
  is_logged := indelible.log(lower(tg_op), ${schema}, ${name}, row_key, old_image, new_image,
    indelible.begin_capture(tg_relid, ${schema}, ${name}, tg_table_schema, tg_table_name, ${words(redaction)}), rules);
  return null;
end `
}

function rowToJson(row: string): string {
  return `row_to_json(${row})`
}

/** Virtual columns may have been added, or have got another expression, since the trigger was made: the function looks. */
function computedImage(row: string): string {
  return `indelible.computed_image(tg_relid, ${row})`
}

/** Entries of a partition's rows name the table that it is a part of; any other table's name may change. */
function tableNames({ kind, schema, name }: Table): readonly [schema: string, name: string] {
  return kind === 'p' ? [quoteLiteral(schema), quoteLiteral(name)] : ['tg_table_schema', 'tg_table_name']
}

/**
 * Whether an image has the columns that the trigger was made for: any other may be a secret. Fast for a table of ordinary
 * columns, exact for all; null where there is no image.
 */
function isKnown({ table, attributes }: TriggerFunctionParts, image: string): string {
  const names = [...table.columns.keys()]
  const documents = [...table.columns.values()].filter(
    ({ holdsDocument, type }) => holdsDocument || type.startsWith('pg_catalog._'),
  )
  const exact = `indelible.is_known_row(${image}, ${textArray(names.toSorted(byCodePoint))}, ${textArray(documents.map((column) => column.name))})`
  const isOrdinary =
    table.kind === 'r' && documents.length === 0 && names.every((name) => /^[A-Za-z0-9_ ]+$/.test(name))
  if (!isOrdinary || names.length === 0) return exact
  const pattern = names.map((name) => `"${name.replaceAll('_', '\\_')}":%`).join(',')
  return `((has_column_privilege(tg_relid, ${attributes + 1}::int2, 'select') is null
      and strpos(substr(${image}::text, 2), '{') = 0 and ${image}::text like ${quoteLiteral(`{${pattern}}`)})
    or ${exact})`
}

/** The order of the collation "C". */
function byCodePoint(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

function textArray(texts: readonly string[]): string {
  return `array[${texts.map(quoteLiteral).join(', ')}]::text[]`
}

function assignKey(table: Table, rules: Rules | undefined): string {
  if (!table.key.every((column) => isSameInJson(table.columns.get(column)))) {
    return executeKey(quoteLiteral(keyExpression({ table, rules }, '($1)')))
  }
  const [first = 'null', ...rest] = table.key.map((column) => {
    const rule = rules?.[column]
    return rule !== undefined && rule !== 'document' ? `'[redacted]'` : `(image ->> ${quoteLiteral(column)})`
  })
  if (rest.length === 0) return `row_key := ${first};`
  const parts = [first, ...rest].map((part) => `to_json(${part}::text)`)
  return `row_key := concat('[', ${parts.join(", ',', ")}, ']');`
}

function executeKey(expression: string): string {
  const execute = (row: string) => `execute 'select ' || ${expression} into row_key using ${row};`
  return `if tg_op = 'INSERT' then ${execute('new')} else ${execute('old')} end if;`
}

function policyOf({ table, redact, redaction }: TriggerFunctionParts) {
  const { strategy = 'mask', allow = [], tables = {} } = redact
  const own = { ...tables[table.name], ...tables[`${table.schema}.${table.name}`] }
  return { words: redaction.words, strategy, allow, own }
}

function words({ words, stems }: Redaction): string {
  if (words === '') return 'null, null'
  return `${quoteLiteral(words)}, ${textArray(stems.map((stem) => `%${stem}%`))}`
}
