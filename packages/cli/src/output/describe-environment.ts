import type { FoundVariable } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import type { Colors } from './terminal.ts'
import { truncate } from './truncate.ts'

/** Writes the variables that are set, for reading. Empty where there is none. */
export function describeEnvironment(variables: readonly FoundVariable[], colors: Colors): string {
  if (variables.length === 0) return ''
  return [colors.dim('environment'), ...variables.map((each) => describe(each, colors))].join('\n')
}

const longestValue = 200

function describe({ name, shown, problem }: FoundVariable, colors: Colors): string {
  const variable = `  ${escapeControls(name)}=${truncate(escapeControls(shown), longestValue)}`
  return problem === null ? variable : `${variable}  ${colors.red(escapeControls(problem))}`
}
