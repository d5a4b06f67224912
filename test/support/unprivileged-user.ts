import fs from 'node:fs'

/** The system user that a child process runs as; empty means: the user that runs this process. */
export interface SystemUser {
  readonly uid?: number
  readonly gid?: number
}

/**
 * Finds a system user that PostgreSQL agrees to run as: the server refuses root. Creates none.
 *
 * @throws Error when this process is root and the machine has neither a `postgres` nor a `nobody` user.
 */
export function getUnprivilegedUser(): SystemUser {
  if (process.getuid?.() !== 0) return {}
  const accounts = readAccounts()
  const user = accounts.get('postgres') ?? accounts.get('nobody')
  if (!user) {
    throw new Error(
      'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as',
    )
  }
  return user
}

function readAccounts(): ReadonlyMap<string, SystemUser> {
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
  return new Map(lines.map(parseAccount))
}

function parseAccount(line: string): [name: string, user: SystemUser] {
  const [name = '', , uid, gid] = line.split(':')
  return [name, { uid: Number(uid), gid: Number(gid) }]
}
