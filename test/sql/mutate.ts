import type { Random } from './random.ts'

/** Texts to mutate. */
export type Corpus = readonly [string, ...string[]]

/** Makes a new text out of a corpus by a few changes, most of which leave some of it grammatical. */
export function mutate(corpus: Corpus, random: Random): string {
  let text = random.pick(corpus)
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    text = random.pick(MUTATIONS)(text, corpus, random)
  }
  return text
}

type Mutation = (text: string, corpus: Corpus, random: Random) => string

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  dropToken,
  repeatToken,
  swapTokens,
  borrowToken,
  borrowToken,
  borrowTail,
  changeCharacter,
  insertCharacter,
  insertFragment,
  insertFragment,
]

// Rough on purpose: where it divides a text wrongly, the mutation is a lexical one.
function tokensOf(text: string): string[] {
  return text.match(/\s+|[\w$]+|'[^']*'|"[^"]*"|./gsu) ?? ['']
}

function dropToken(text: string, _: Corpus, random: Random): string {
  const tokens = tokensOf(text)
  return tokens.toSpliced(random.below(tokens.length), 1 + random.below(2)).join('')
}

function repeatToken(text: string, _: Corpus, random: Random): string {
  const tokens = tokensOf(text)
  const from = random.below(tokens.length)
  const piece = tokens.slice(from, from + 1 + random.below(6))
  return tokens.toSpliced(random.below(tokens.length), 0, ' ', ...piece, ' ').join('')
}

function swapTokens(text: string, _: Corpus, random: Random): string {
  const tokens = tokensOf(text)
  const [first, second] = [random.below(tokens.length), random.below(tokens.length)]
  return tokens
    .with(first, tokens[second] ?? '')
    .with(second, tokens[first] ?? '')
    .join('')
}

function borrowToken(text: string, corpus: Corpus, random: Random): string {
  const [tokens, others] = [tokensOf(text), tokensOf(random.pick(corpus))]
  const from = random.below(others.length)
  const piece = others.slice(from, from + 1 + random.below(8))
  return tokens.toSpliced(random.below(tokens.length), random.below(3), ...piece).join('')
}

function borrowTail(text: string, corpus: Corpus, random: Random): string {
  const [tokens, others] = [tokensOf(text), tokensOf(random.pick(corpus))]
  const head = tokens.slice(0, random.below(tokens.length + 1))
  return [...head, ' ', ...others.slice(random.below(others.length))].join('')
}

function changeCharacter(text: string, _: Corpus, random: Random): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at + 1)
}

function insertCharacter(text: string, _: Corpus, random: Random): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at)
}

function insertFragment(text: string, _: Corpus, random: Random): string {
  const tokens = tokensOf(text)
  return tokens.toSpliced(random.below(tokens.length + 1), random.below(2), random.pick(FRAGMENTS)).join('')
}

const CHARACTERS: readonly [string, ...string[]] = [
  ' ',
  ...Array.from('\t\n\r\f\v\u00a0\u0085\u2028\'"$$\\();,.*/--[]:?|&@#=<>~%+Ee0_1aUunN`{}'),
]

const FRAGMENTS: readonly [string, ...string[]] = [
  ' ',
  ...[
    "'",
    "''",
    '"',
    '""',
    "e'",
    "E'\\'",
    "\\'",
    "U&'",
    'U&"',
    "b'",
    "x'",
    "n'",
    '$$',
    '$a$',
    '$1',
    '$',
    '\\',
  ],
  ...[
    '--',
    '--\n',
    '/*',
    '*/',
    '/**/',
    '/*/**/',
    ';',
    ';;',
    '(',
    ')',
    '()',
    '[',
    ']',
    ',',
    '.',
    '::',
    '..',
    '*',
  ],
  ...[' insert into u values (1) ', ' update u set b = 2 ', ' delete from u ', ' into v ', ' merge into u '],
  ...[
    ' where ',
    ' from ',
    ' returning ',
    ' set ',
    ' using ',
    ' as ',
    ' on conflict ',
    ' do ',
    ' do nothing ',
  ],
  ...[' do update set a = 1 ', ' distinct from ', ' is distinct from ', '.distinct ', '.from ', '.where '],
  ...[
    '.returning ',
    ' as returning ',
    ' as from ',
    ' as where ',
    ' as as ',
    ' as set ',
    ' only ',
    ' default ',
  ],
  ...[
    ' with x as (select 1) ',
    ' with (old as o) ',
    ' old ',
    ' new ',
    ' for update ',
    ' current of c ',
    ' rows ',
  ],
  ...[
    ' union select ',
    ' values (1) ',
    ' (select 1) ',
    ' case when ',
    ' end ',
    ' join v on ',
    ' row (1, 2) ',
  ],
  ...[' explain ', ' analyze ', ' declare c cursor for ', ' set_config(', ' temp ', ' table ', ' recursive '],
  ...[
    "e'a'\n'\\'",
    "'a'\n'b'",
    '\u00a0',
    '\u00e4',
    '\u017f',
    '\u0131',
    ' overriding user value ',
    ' default values ',
  ],
]
