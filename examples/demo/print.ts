import { styleText } from 'node:util'

// styleText leaves the colours out when the output is no terminal or NO_COLOR is set.
const bold = (text: string) => styleText('bold', text)
const dim = (text: string) => styleText('dim', text)
const green = (text: string) => styleText('green', text)
const red = (text: string) => styleText('red', text)

/** The terminal, and the score of what the demo claims. */
export interface Printer {
  title(text: string): void
  step(text: string, detail?: string): void
  line(text?: string): void
  /** States a claim and whether it turned out true. */
  claim(text: string, holds: boolean): void
  score(): { readonly claims: number; readonly failed: number }
}

/** Creates a printer that writes to standard output. */
export function createPrinter(): Printer {
  let [claims, failed, steps] = [0, 0, 0]
  return {
    title: (text) => print(`\n${bold(text)}`),
    step: (text, detail = '') => print(`\n${bold(`${++steps}  ${text}`)}${detail && dim(`   ${detail}`)}`),
    line: (text = '') => print(text && `   ${text}`),
    claim: (text, holds) => {
      claims += 1
      if (!holds) failed += 1
      print(`   ${holds ? green('✓') : red('✗')} ${holds ? text : red(`${text}: NOT TRUE`)}`)
    },
    score: () => ({ claims, failed }),
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
