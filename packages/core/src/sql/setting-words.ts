import type { ConfiguredSetting } from './plan-types.ts'

const scope = '((local|session)\\s+)?'
// UPDATE … SET role = … sets a column: with an equals sign it must begin a statement.
const begins = '(^|[;\'"$]|\\y(begin|then|else|loop))'

/**
 * Words by which a text that is not planned may change a setting: several statements, the body of a function. Rather once too often
 * than missed. Regular expressions without regard to case, as PostgreSQL reads them: it takes long to compile bounds.
 */
export const settingWords: readonly (readonly [setting: string, pattern: string])[] = [
  ['search_path', `search_path|\\yset\\s+${scope}schema\\s*['$]`],
  [
    'role',
    `\\yset\\s+${scope}role\\s+[^=\\s]|${begins}\\s*set\\s+${scope}role\\s*=|set_config\\s*\\(\\s*'role'`,
  ],
  ['session_authorization', `session_authorization|\\yset\\s+${scope}session\\s+authorization`],
  ['session_replication_role', 'session_replication_role'],
  ['row_security', 'row_security'],
  ['extra_float_digits', 'extra_float_digits'],
  ['standard_conforming_strings', 'standard_conforming_strings'],
  [
    'unknown',
    `set_config\\s*\\((?!\\s*'[^']*'(::text)?\\s*,)|update\\s+(only\\s+)?("?pg_catalog"?\\s*\\.\\s*)?"?pg_settings`,
  ],
]

const patterns = settingWords.map(
  ([setting, pattern]) => [setting, new RegExp(pattern.replaceAll('\\y', '\\b'), 'i')] as const,
)

/** Lists the settings that a text names where it may set them. */
export function settingsNamedIn(text: string): readonly ConfiguredSetting[] {
  return patterns.filter(([, pattern]) => pattern.test(text)).map(([setting]) => ({ setting, local: false }))
}
