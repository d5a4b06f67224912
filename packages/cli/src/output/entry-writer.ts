import type { AuditEntry } from '@indelible/core'
import { createJsonWriter } from './json.ts'
import { createJsonlWriter } from './jsonl.ts'
import { createTableWriter } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Prints entries as they come. */
export interface EntryWriter {
  write(entries: readonly AuditEntry[]): Promise<void>
  /** Prints what must stand behind the last entry. */
  end(): Promise<void>
}

/** How entries can be printed. */
export const FORMATS = ['table', 'json', 'jsonl'] as const

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number]

/** Where entries go, and what is known of them. */
export interface EntryWriterTarget {
  readonly terminal: Terminal
  /** Entries come one by one: nobody knows yet how wide the next one is. Default false. */
  readonly follow?: boolean
}

/** Creates the writer of a format. */
export function createEntryWriter(format: Format, target: EntryWriterTarget): EntryWriter {
  return WRITERS[format](target)
}

const WRITERS: Readonly<Record<Format, (target: EntryWriterTarget) => EntryWriter>> = {
  table: createTableWriter,
  json: createJsonWriter,
  jsonl: createJsonlWriter,
}
