import type { EntryWriter, EntryWriterTarget } from './entry-writer.ts'
import { escapeControlsInJson } from './escape-controls.ts'

/** Writes a value as one line of JSON that is safe to print. */
function toJsonLine(value: unknown): string {
  return escapeControlsInJson(JSON.stringify(value))
}

/** Prints each entry as one line of JSON: https://jsonlines.org */
export function createJsonlWriter({ terminal }: EntryWriterTarget): EntryWriter {
  return {
    write: async (entries) => {
      for (const entry of entries) await terminal.print(toJsonLine(entry))
    },
    end: async () => {},
  }
}
