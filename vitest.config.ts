import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { PostgresMajor } from './test/support/postgres-binaries.ts'
import { summaryReporter } from './test/support/summary-reporter.ts'

/** Packages are tested from their sources: nothing needs to be built first. */
const conditions = ['@indelible/source']
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/** What is waited for comes late on a machine under load; where it comes at once, the limit costs nothing. */
const patient = { expect: { poll: { timeout: 10_000 } } }

const UNIT_TESTS = ['packages/*/src/**/*.test.ts', 'test/sql/**/*.test.ts']
const PACKAGE_TESTS = ['test/package/**/*.test.ts']

const ALL_TESTS = ['test/**/*.test.ts']
/** What stands above the writing of rows, or asks PostgreSQL's types: the version of the database makes no difference to it. */
const NEWEST_ONLY = [
  ...['chain', 'cli', 'context', 'coverage', 'demo', 'events', 'http', 'http-attacks', 'jobs', 'seal'].map(
    (folder) => `test/${folder}/**`,
  ),
  'test/triggers/{foreign-keys,prisma}.test.ts',
  'test/values/{documents,keys,values}.test.ts',
]
/** What a version between the oldest and the newest could answer differently: every way to write. */
const CORE_TESTS = ['test/*/conformance.test.ts', 'test/pg/{races,upserts,fidelity}.test.ts']

function postgresProject(
  major: PostgresMajor,
  { include = ALL_TESTS, exclude = [] }: { readonly include?: string[]; readonly exclude?: string[] } = {},
): TestProjectInlineConfiguration {
  return {
    ...fromSource,
    test: {
      ...patient,
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
      { ...fromSource, test: { ...patient, name: 'unit', include: UNIT_TESTS, testTimeout: 30_000 } },
      postgresProject(18),
      postgresProject(17, { include: CORE_TESTS }),
      postgresProject(16, { include: CORE_TESTS }),
      postgresProject(15, { exclude: NEWEST_ONLY }),
      {
        test: {
          ...patient,
          name: 'package',
          include: PACKAGE_TESTS,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})
