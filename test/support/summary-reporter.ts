import fs from 'node:fs'
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node'

interface Summary {
  passed: number
  failed: number
  skipped: number
}

/**
 * Ends a run with `N passed, N failed, N skipped` on a line of its own, the very last one.
 *
 * A file that does not load, a hook that throws, an unhandled error and a run that ends before its first test are failures too.
 */
export function summaryReporter(): Reporter {
  const summary: Summary = { passed: 0, failed: 0, skipped: 0 }
  return {
    // Not earlier: the configuration, and with it this function, is evaluated once for every project.
    onInit: () => void process.once('exit', (code) => printSummary(summary, code)),
    onTestRunEnd: (modules, errors) => void Object.assign(summary, summarise(modules, errors)),
  }
}

function printSummary({ passed, failed, skipped }: Summary, exitCode: number): void {
  const atLeast = exitCode === 0 ? 0 : 1
  const extra = skipped > 0 ? `, ${skipped} skipped` : ''
  fs.writeSync(process.stdout.fd, `${passed} passed, ${Math.max(failed, atLeast)} failed${extra}\n`)
}

function summarise(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Summary {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  return {
    passed: count('passed'),
    failed: count('failed') + suites.filter(failedItself).length + unhandledErrors.length,
    skipped: count('skipped'),
  }
}

/** Whether its own code threw: loading the file, or a hook. */
function failedItself(suite: TestModule | TestSuite): boolean {
  return suite.errors().length > 0
}
