import type { CaptureTriggerStatus } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import type { Colors } from './terminal.ts'

/** Writes the states of capture triggers for reading, a line for each table. */
export function describeTriggers(states: readonly CaptureTriggerStatus[], colors: Colors): string {
  if (states.length === 0) return 'no capture triggers'
  const lines = states.map(({ schema, name, state, detail }) => {
    const said = state === 'present' ? colors.green(state) : colors.red(state)
    return `${escapeControls(`${schema}.${name}`)}  ${said}${detail === '' ? '' : `: ${escapeControls(detail)}`}`
  })
  const isWrong = states.some(({ state, exists }) => state !== 'present' && exists)
  return [...lines, ...(isWrong ? ['', '`npx indelible triggers refresh` makes them anew.'] : [])].join('\n')
}
