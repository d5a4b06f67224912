import type { Span } from '../sql/plan-types.ts'

/** A piece of a rewritten statement: text of ours, or a span of the user's. */
export type Piece = string | Span

/** Joins pieces to one text. */
export function joinPieces(sql: string, pieces: readonly Piece[]): string {
  return pieces.map((piece) => textOfPiece(sql, piece)).join('')
}

/**
 * Finds the place in the user's text that a place in the rewritten one came from.
 *
 * @param position As PostgreSQL counts: characters, not UTF-16 units, the first being 1.
 * @returns The position in the user's text, `undefined` where the place lies in text of ours.
 */
export function originalPosition(
  sql: string,
  pieces: readonly Piece[],
  position: number,
): number | undefined {
  let seen = 0
  for (const piece of pieces) {
    const length = countCharacters(textOfPiece(sql, piece))
    if (position <= seen + length) {
      if (typeof piece === 'string') return undefined
      return countCharacters(sql.slice(0, piece.start)) + position - seen
    }
    seen += length
  }
  return undefined
}

function textOfPiece(sql: string, piece: Piece): string {
  return typeof piece === 'string' ? piece : sql.slice(piece.start, piece.end)
}

function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
