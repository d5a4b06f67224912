import fs from 'node:fs'

/** Where the processor time of the server's sessions can be read. */
export type CpuSource = 'schedstat' | 'stat' | 'none'

/** Tells how exactly this machine knows what another process has used. */
export function findCpuSource(pid: number): CpuSource {
  if (tryRead(`/proc/${pid}/schedstat`) !== undefined) return 'schedstat'
  return tryRead(`/proc/${pid}/stat`) === undefined ? 'none' : 'stat'
}

/** Processor time of this process and of the given sessions of the server so far, in microseconds. */
export function readCpu(sessions: readonly number[], source: CpuSource): number {
  const { user, system } = process.cpuUsage()
  return sessions.reduce((sum, pid) => sum + readSession(pid, source), user + system)
}

// Ticks of /proc/<pid>/stat: USER_HZ, 100 in every Linux of today (man 5 proc).
const microsecondsOfTick = 10_000

function readSession(pid: number, source: CpuSource): number {
  if (source === 'none') return 0
  const text = tryRead(`/proc/${pid}/${source}`) ?? ''
  if (source === 'schedstat') return Number(text.split(' ')[0]) / 1000
  // The name in parentheses may hold spaces. utime and stime are the fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * microsecondsOfTick
}

function tryRead(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
