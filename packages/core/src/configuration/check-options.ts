import { AuditError } from '../errors.ts'

/** Checks the value of an option. @throws AuditError `AUDIT_OPTION_INVALID` naming the option, never its value. */
export type OptionRule = (value: unknown, option: string) => void

/** A rule for every option that there is, so that the compiler finds a missing one. */
export type OptionRules<Options extends object> = { readonly [Name in keyof Options]-?: OptionRule }

/**
 * Checks options once, at start-up, so that a typo or a wrong type fails there. An option that is undefined is one that was left open.
 *
 * @param name What stands before the names of the options, such as `redact`.
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option, never its value.
 */
export function checkOptions<Options extends object>(
  options: Options,
  rules: OptionRules<Options>,
  name = '',
): void {
  requireRecord(options, name || 'options')
  const known: Readonly<Record<string, OptionRule>> = rules
  for (const [each, value] of Object.entries(options)) {
    const option = name === '' ? each : `${name}.${each}`
    const rule = Object.hasOwn(known, each) ? known[each] : undefined
    if (rule === undefined)
      throw optionInvalid(option, `is unknown; known are: ${Object.keys(known).join(', ')}`)
    if (value !== undefined) rule(value, option)
  }
}

/** Makes the rule that an option has options itself. */
export function optionsOf<Options extends object>(rules: OptionRules<Options>): OptionRule {
  // One-line bridge: the check finds out whether it is true.
  return (value, option) => checkOptions(value as Options, rules, option)
}

/** Makes the rule that an option holds anything by name, each of which keeps a rule. */
export function recordOf(rule: OptionRule): OptionRule {
  return (value, option) => {
    for (const [name, each] of Object.entries(requireRecord(value, option))) rule(each, `${option}.${name}`)
  }
}

/** Makes a rule. @param expected What a good value is, to end the sentence "must be …". */
export function mustBe(expected: string, isGood: (value: unknown) => boolean): OptionRule {
  return (value, option) => {
    if (!isGood(value)) throw optionInvalid(option, `must be ${expected}`)
  }
}

/** Makes the rule that an option is one of a few values. */
export function oneOf(...choices: readonly unknown[]): OptionRule {
  return mustBe(`one of: ${choices.join(', ')}`, (value) => choices.includes(value))
}

/** Makes the rule that an option is turned off by `false`, or keeps another rule. */
export function orFalse(rule: OptionRule): OptionRule {
  return (value, option) => {
    if (value !== false) rule(value, option)
  }
}

/** What is compiled at start-up, too, and checked there. */
export const checkedElsewhere: OptionRule = () => undefined

export const trueOrFalse: OptionRule = mustBe('true or false', (value) => typeof value === 'boolean')

export const aFunction: OptionRule = mustBe('a function', (value) => typeof value === 'function')

export const aText: OptionRule = mustBe('a text that is not empty', isText)

export const listOfNames: OptionRule = mustBe(
  'a list of names',
  (value) => Array.isArray(value) && value.every(isText),
)

export const numberAboveZero: OptionRule = mustBe(
  'a whole number above 0',
  (value) => Number.isSafeInteger(value) && Number(value) > 0,
)

/** Tells that an option is wrong, and how. */
export function optionInvalid(option: string, problem: string): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', `The option ${option} ${problem}.`, { facts: { option } })
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function requireRecord(value: unknown, option: string): object {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value
  throw optionInvalid(option, 'must be an object')
}
