import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { PostgresMajor } from './test/support/postgres-binaries.ts'
import { summaryReporter } from './test/support/summary-reporter.ts'

/** Packages are tested from their sources: nothing needs to be built first. */
const conditions = ['@indelible/source']
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const UNIT_TESTS = ['packages/*/src/**/*.test.ts', 'test/sql/**/*.test.ts']
const PACKAGE_TESTS = ['test/package/**/*.test.ts']

const ALL_TESTS = ['test/**/*.test.ts']
/** What stands above the database, whose version makes no difference to it. */
const ABOVE_THE_DATABASE = ['cli', 'context', 'demo', 'http', 'http-attacks', 'jobs'].map(
  (folder) => `test/${folder}/**`,
)
/** What a version between the oldest and the newest could answer differently: every way to write, and plain node-postgres. */
const CORE_TESTS = ['test/*/conformance.test.ts', 'test/pg/*.test.ts']

function postgresProject(
  major: PostgresMajor,
  { include = ALL_TESTS, exclude = [] }: { readonly include?: string[]; readonly exclude?: string[] } = {},
): TestProjectInlineConfiguration {
  return {
    ...fromSource,
    test: {
      name: `postgres-${major}`,
      include,
      exclude: ['test/sql/**', 'test/package/**', ...exclude],
      globalSetup: ['test/support/global-setup.ts'],
      provide: { postgresMajor: major },
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  }
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', summaryReporter()],
    projects: [
      { ...fromSource, test: { name: 'unit', include: UNIT_TESTS, testTimeout: 30_000 } },
      postgresProject(18),
      postgresProject(17, { include: CORE_TESTS }),
      postgresProject(16, { include: CORE_TESTS }),
      postgresProject(15, { exclude: ABOVE_THE_DATABASE }),
      { test: { name: 'package', include: PACKAGE_TESTS, testTimeout: 240_000, hookTimeout: 240_000 } },
    ],
  },
})
