import type { Holders } from './holders.ts'

/** Why a sentence needs no test. What it says of this library, and could be untrue tomorrow, is no reason. */
const REASONS = {
  signpost: 'says what comes next, or where it is said, and nothing else',
  instruction: 'says what to do, not what comes of it',
  advice: 'says what is good for whom, which the reader judges',
  definition: 'says what a word means',
  outside: 'says something of the world that this project does not make',
} as const

type Reason = keyof typeof REASONS

/** What no reason excuses, however the sentence is meant. */
const NEEDS_A_TEST = /\d|\bERR_|\b(?:by|the) default\b|\bguarantee/

/**
 * What holds each sentence of a page, by the sentence: tests, or a {@link REASONS | reason} why it needs none. An empty list
 * is yet to be filled in.
 */
export type Ledger = Readonly<Record<string, readonly string[] | Reason>>

/** What is wrong with the ledger of a page that says `sentences`, a line each. */
export function ledgerProblems(sentences: readonly string[], ledger: Ledger, holders: Holders): string[] {
  return [
    ...sentences.flatMap((sentence) => problemsOf(sentence, ledger[sentence], holders)),
    ...Object.keys(staleOf(sentences, ledger)).map((sentence) => `is no longer said: ${sentence}`),
  ]
}

function problemsOf(sentence: string, held: Ledger[string] | undefined, holders: Holders): string[] {
  if (held === undefined) return [`is not in the ledger: ${sentence}`]
  if (typeof held !== 'string') {
    if (held.length === 0) return [`nothing holds: ${sentence}`]
    return held.flatMap((holder) => holders.problemOf(holder) ?? [])
  }
  if (!Object.hasOwn(REASONS, held))
    return [`"${held}" is no reason, as ${Object.keys(REASONS).join(', ')} are: ${sentence}`]
  return NEEDS_A_TEST.test(sentence.replaceAll('pnpm@12', 'pnpm'))
    ? [`needs a test, not "${held}": ${sentence}`]
    : []
}

/** The ledger with all `sentences` in their order: what it lacks is empty, what is no longer said stands at the end. */
export function completed(sentences: readonly string[], ledger: Ledger): Ledger {
  const entries = sentences.map((sentence) => [sentence, ledger[sentence] ?? []] as const)
  return { ...Object.fromEntries(entries), ...staleOf(sentences, ledger) }
}

function staleOf(sentences: readonly string[], ledger: Ledger): Ledger {
  const said = new Set(sentences)
  return Object.fromEntries(Object.entries(ledger).filter(([sentence]) => !said.has(sentence)))
}
