import { createHash } from 'node:crypto'
import { redactRule, requireFingerprintKey } from './check-redact-options.ts'
import type { RedactOptions, RedactStrategy } from './redact-options.ts'
import { createSecretNameTest, defaultSecretNames, secretStems, secretWords } from './secret-names.ts'

/** What the database does to one column of an image; `document` masks secret keys inside a JSON value. */
export type ColumnRule = RedactStrategy | 'document'

/** A table as far as redaction needs it. */
export interface RedactableTable {
  readonly schema: string
  readonly name: string
  readonly columns: { values(): Iterable<{ readonly name: string; readonly holdsDocument: boolean }> }
  /** The partitioned tables that its rows belong to, the outermost first. Their rules are its own. */
  readonly partitionOf?: readonly { readonly schema?: string; readonly name: string }[] | null
}

type TableRules = Readonly<Record<string, ColumnRule>>

/** The rules of one application, compiled once. */
export interface Redaction {
  /** Regular expression body for JSON keys, see `secretWords`; empty when nothing is secret. */
  readonly words: string
  /** Pieces of them for a cheap test, see `secretStems`. */
  readonly stems: readonly string[]
  /** The two padded keys of HMAC-SHA-256 as hex, when a fingerprint key was given. */
  readonly pads: { readonly inner: string; readonly outer: string } | undefined
  /** The rules of one table by column, or `undefined` when none applies. They are found once for each object. */
  rulesOf(table: RedactableTable): TableRules | undefined
  /** Tells whether a JSON key, a header or a parameter of this name holds a secret. */
  isSecret(name: string): boolean
  /** Serialises context to JSON text with secret values masked. */
  toJson(value: unknown): string
}

const masked = '[redacted]'

/** Compiles redaction options. @throws AuditError `AUDIT_OPTION_INVALID` naming the option, as in `redact.columns`. */
export function createRedaction(options: RedactOptions = {}): Redaction {
  redactRule(options, 'redact')
  requireFingerprintKey(options)
  const {
    defaults = true,
    columns = [],
    allow = [],
    tables = {},
    strategy = 'mask',
    fingerprintKey,
  } = options
  const names = [...(defaults ? defaultSecretNames : []), ...columns]
  const words = secretWords(names)
  const matches = createSecretNameTest(words)
  const isSecret = (name: string) => !allow.includes(name) && matches(name)

  return Object.freeze({
    words,
    stems: secretStems(names),
    pads: fingerprintKey === undefined ? undefined : hmacPads(fingerprintKey),
    rulesOf: oncePerTable((table) => {
      const own = ownRules(table, tables)
      const rules: [string, ColumnRule][] = []
      for (const { name, holdsDocument } of table.columns.values()) {
        const byName = isSecret(name) ? strategy : holdsDocument && words !== '' ? 'document' : false
        const rule = (Object.hasOwn(own, name) ? own[name] : undefined) ?? byName
        if (rule !== false) rules.push([name, rule])
      }
      return rules.length === 0 ? undefined : Object.fromEntries(rules)
    }),
    isSecret,
    toJson: (value: unknown) => JSON.stringify(value, maskSecrets(isSecret)),
  })
}

/** The rules that the options have for columns of a table; the closer a table is, the more its rules count. */
function ownRules(table: RedactableTable, rules: NonNullable<RedactOptions['tables']>) {
  const tables = [...(table.partitionOf ?? []), table]
  return Object.assign(
    {},
    ...tables.flatMap(({ schema, name }) => [rules[name], rules[`${schema}.${name}`]]),
  ) as Record<string, RedactStrategy | false>
}

/** Where an ORM writes values into its texts, every statement is decided about anew. */
function oncePerTable(find: Redaction['rulesOf']): Redaction['rulesOf'] {
  const known = new WeakMap<RedactableTable, TableRules | undefined>()
  return (table) => {
    if (!known.has(table)) known.set(table, find(table))
    return known.get(table)
  }
}

function maskSecrets(isSecret: (name: string) => boolean) {
  return (key: string, value: unknown): unknown => {
    if (value !== null && value !== undefined && isSecret(key)) return masked
    return typeof value === 'bigint' ? value.toString() : value
  }
}

// RFC 2104: the key is hashed when longer than the 64-byte block, padded with zeros, and xored with 0x36 and 0x5c.
function hmacPads(key: string | Uint8Array): { inner: string; outer: string } {
  const bytes = Buffer.from(key)
  const block = Buffer.alloc(64)
  ;(bytes.length > 64 ? createHash('sha256').update(bytes).digest() : bytes).copy(block)
  const xor = (pad: number) => Buffer.from(block.map((byte) => byte ^ pad)).toString('hex')
  return { inner: xor(0x36), outer: xor(0x5c) }
}
