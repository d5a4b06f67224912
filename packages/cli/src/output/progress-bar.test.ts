import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createProgressBar, formatProgress } from './progress-bar.ts'
import { createTerminal } from './terminal.ts'

test.each([
  [0, 10, '░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0%  0 of 10'],
  [1_240_000, 2_000_000, '██████████████████░░░░░░░░░░░░  62%  1,240,000 of 2,000,000'],
  [10, 10, '██████████████████████████████ 100%  10 of 10'],
  [12, 10, '██████████████████████████████ 100%  12 of 10'],
  [0, 0, '██████████████████████████████ 100%  0 of 0'],
])('%d of %d is drawn as %s', (size, total, line) => {
  expect(formatProgress({ size, total })).toBe(line)
})

/** A bar on a terminal whose clock stands at each of `times` in turn. */
function drawAt(times: readonly number[], isTTY: boolean): string[] {
  const drawn: string[] = []
  const clock = [0, ...times]
  const stream = new Writable({
    decodeStrings: false,
    write: (text, _, done) => {
      drawn.push(text)
      done()
    },
  })
  const stderr = Object.assign(stream, { isTTY })
  const terminal = createTerminal({ stdout: stderr, stderr, env: {} })
  const bar = createProgressBar(terminal, () => new Date(clock.shift() ?? 0))
  for (const _ of times) bar.draw({ size: 1, total: 2 })
  bar.clear()
  return drawn
}

test('a short work draws nothing, a long one now and then, and the line is removed at the end', () => {
  expect(drawAt([10, 400], true)).toEqual([])
  const drawn = drawAt([10, 600, 620, 690, 710], true)
  expect(drawn).toHaveLength(3)
  expect(drawn[0]).toBe(`\r${formatProgress({ size: 1, total: 2 })}\u001b[K`)
  expect(drawn.at(-1)).toBe('\r\u001b[K')
})

test('where standard error is no terminal nothing is drawn', () => {
  expect(drawAt([600, 1200], false)).toEqual([])
})
