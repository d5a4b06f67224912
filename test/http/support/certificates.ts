import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A key and its certificate, as PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** A certificate authority that lives as long as a test. */
export interface Authority {
  readonly ca: string
  /** Issues a certificate for a subject such as `/CN=billing`. */
  issue(subject: string): Identity
  remove(): void
}

const tool = 'openssl'

/** Whether certificates can be made here: Node.js cannot, `openssl` can. */
export function canMakeCertificates(): boolean {
  try {
    execFileSync(tool, ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Makes an authority. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(path.join(tmpdir(), 'indelible-ca-'))
  const file = (name: string) => path.join(folder, name)
  const read = (name: string) => readFileSync(file(name), 'utf8')
  const openssl = (...args: string[]) => execFileSync(tool, args, { cwd: folder, stdio: 'pipe' })
  const keyArgs = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...keyArgs,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '2',
    '-subj',
    '/CN=tests',
  )
  writeFileSync(file('san.cnf'), 'subjectAltName=IP:127.0.0.1')
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2']
  return {
    ca: read('ca.crt'),
    issue(subject) {
      openssl('req', ...keyArgs, '-keyout', 'one.key', '-out', 'one.csr', '-subj', subject)
      openssl('x509', '-req', '-in', 'one.csr', ...authority, '-extfile', 'san.cnf', '-out', 'one.crt')
      return { key: read('one.key'), cert: read('one.crt') }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
