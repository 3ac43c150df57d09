/** One run of a campaign, in words. */
export interface Outcome {
  readonly name: string
  readonly facts: string
  /** The arguments that repeat it. */
  readonly again: string
  readonly violations: readonly string[]
}

/** What is said of a run; of one that went wrong what did, and the command that repeats it. */
export function lineOf({ name, facts, again, violations }: Outcome): string {
  if (violations.length === 0) return `${name}: ok, ${facts}`
  return [`${name}: NOT WELL, ${facts}`, ...violations, `again: npx pnpm@12 campaign ${again}`].join(
    '\n      ',
  )
}
