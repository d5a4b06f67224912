import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { PostgresMajor } from './test/support/postgres-binaries.ts'
import { summaryReporter } from './test/support/summary-reporter.ts'

/** Packages are tested from their sources: nothing needs to be built first. */
const conditions = ['@indelible/source']
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const UNIT_TESTS = ['packages/*/src/**/*.test.ts', 'test/sql/**/*.test.ts']
const PACKAGE_TESTS = ['test/package/**/*.test.ts']

const ALL_TESTS = ['test/**/*.test.ts']
/** What a version between the oldest and the newest could answer differently: every way to write, and plain node-postgres. */
const CORE_TESTS = ['test/*/conformance.test.ts', 'test/pg/*.test.ts']

function postgresProject(major: PostgresMajor, include = ALL_TESTS): TestProjectInlineConfiguration {
  return {
    ...fromSource,
    test: {
      name: `postgres-${major}`,
      include,
      exclude: ['test/sql/**', 'test/package/**'],
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
      postgresProject(17, CORE_TESTS),
      postgresProject(16, CORE_TESTS),
      postgresProject(15),
      { test: { name: 'package', include: PACKAGE_TESTS, testTimeout: 240_000, hookTimeout: 240_000 } },
    ],
  },
})
