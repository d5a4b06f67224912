import type { Terminal } from './terminal.ts'

/** A line on a terminal that shows how far a long work has come. */
export interface ProgressBar {
  draw(progress: Progress): void
  /** Removes the line. */
  clear(): void
}

/** So much of so much. */
export interface Progress {
  readonly size: number
  readonly total: number
}

/** Short works need no bar. */
const QUIET_MILLISECONDS = 500
const REDRAW_MILLISECONDS = 100
const WIDTH = 30

/** Creates a progress bar on standard error; where that is no terminal, it draws nothing. */
export function createProgressBar({ canRedraw, draw }: Terminal, now: () => Date): ProgressBar {
  let drawn = false
  let next = now().getTime() + QUIET_MILLISECONDS
  return {
    draw: (progress) => {
      const time = now().getTime()
      if (!canRedraw || time < next) return
      next = time + REDRAW_MILLISECONDS
      drawn = true
      draw(formatProgress(progress))
    },
    clear: () => {
      if (drawn) draw('')
    },
  }
}

/** `██████░░░░  62%  1,240,000 of 2,000,000` */
export function formatProgress({ size, total }: Progress): string {
  const part = total > 0 ? Math.min(1, size / total) : 1
  const full = Math.floor(part * WIDTH)
  const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full)
  return `${bar} ${String(Math.floor(part * 100)).padStart(3)}%  ${size.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`
}
