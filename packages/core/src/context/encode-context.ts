import type { Redaction } from '../redact/redaction.ts'
import type { AuditContext } from './audit-context.ts'
import { storableJson, storableText } from './storable-text.ts'

/** Turns a context into the one bind that carries it: the text of the composite type `indelible.context`. */
export interface ContextEncoder {
  /** `withRules` adds the redaction rules, which only tables with secret or JSON columns need. */
  encode(context: AuditContext | undefined, withRules: boolean): string
}

/** Creates an encoder that remembers the texts of each context object, since one context serves many writes. */
export function createContextEncoder(redaction: Redaction): ContextEncoder {
  const rules = ruleFields(redaction)
  const [absent, given] = [rules.map(() => null), rules].map(fieldTexts)
  const known = new WeakMap<AuditContext, { readonly plain: string; readonly ruled: string }>()
  const none: AuditContext = Object.freeze({})

  return {
    encode(context = none, withRules) {
      const texts = known.get(context) ?? makeTexts(context)
      return withRules ? texts.ruled : texts.plain
    },
  }

  function makeTexts(context: AuditContext) {
    const fields = fieldTexts(contextFields(context, redaction))
    const texts = { plain: `(${fields},${absent})`, ruled: `(${fields},${given})` }
    known.set(context, texts)
    return texts
  }
}

function ruleFields({ words, stems, pads }: Redaction): readonly (string | null)[] {
  const patterns = words === '' ? [null, null] : [words, `{${stems.map((stem) => `%${stem}%`).join(',')}}`]
  return [...patterns, ...(pads === undefined ? [null, null] : [`\\x${pads.inner}`, `\\x${pads.outer}`])]
}

function contextFields(context: AuditContext, redaction: Redaction): readonly (string | null)[] {
  const { actor, tenant, correlationId } = context
  const json = Object.keys(context).length === 0 ? null : serialize(context, redaction)
  return [actor?.id ?? null, actor?.type ?? null, tenant ?? null, correlationId ?? null, json].map(
    storableOrNull,
  )
}

function serialize(context: AuditContext, redaction: Redaction): string {
  try {
    return storableJson(redaction.toJson(context))
  } catch (cause) {
    throw new TypeError('The audit context cannot be written as JSON; is there a cycle in it?', { cause })
  }
}

function storableOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text)
}

/** Composite input syntax: every field quoted, `"` and `\` doubled, null left empty (PostgreSQL manual, 8.16.6). */
function fieldTexts(fields: readonly (string | null)[]): string {
  return fields.map((field) => (field === null ? '' : `"${field.replace(/["\\]/g, '$&$&')}"`)).join(',')
}
