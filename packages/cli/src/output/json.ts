import type { AuditEntry } from '@indelible/core'
import type { EntryWriter, EntryWriterTarget } from './entry-writer.ts'
import { escapeControlsInJson } from './escape-controls.ts'

/** Writes a value as indented JSON that is safe to print. */
export function toJson(value: unknown): string {
  return escapeControlsInJson(JSON.stringify(value, null, 2))
}

/** Prints entries as one JSON array, element by element. */
export function createJsonWriter({ terminal }: EntryWriterTarget): EntryWriter {
  let held: AuditEntry | undefined
  let isFirst = true
  // One entry is held back: only the next one tells whether a comma follows it.
  const release = async (comma: string) => {
    if (held) await terminal.print(`${isFirst ? '[\n' : ''}${indent(toJson(held))}${comma}`)
    isFirst &&= !held
  }
  return {
    write: async (entries) => {
      for (const entry of entries) {
        await release(',')
        held = entry
      }
    },
    end: async () => {
      await release('')
      await terminal.print(held ? ']' : '[]')
    },
  }
}

function indent(json: string): string {
  return json.replace(/^/gm, '  ')
}
