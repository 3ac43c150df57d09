/**
 * The same arguments, with a negative number joined to the option before it: `parseArgs` of Node.js takes `--loss -0.1` for two
 * options, and says that it is ambiguous, where the command can say what it expects of `--loss`.
 *
 * @example
 * parseArgs({ args: joinNegativeValues(process.argv.slice(2)), options })
 */
export function joinNegativeValues(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const [index, arg] of args.entries()) {
    const before = joined.at(-1)
    const isValue = /^-\.?\d/.test(arg) && before !== undefined && /^--[^=]+$/.test(before)
    if (isValue && !args.slice(0, index).includes('--')) joined[joined.length - 1] = `${before}=${arg}`
    else joined.push(arg)
  }
  return joined
}
