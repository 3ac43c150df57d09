import type { Example } from '../packed-examples.ts'
import { type CommandOptions, runCommand } from './run-command.ts'

/** Longest run of an example, ms. */
const EXAMPLE_LIMIT_MS = 180_000

/** Without what differs between runtimes in how they show objects: quotes, breaks, commas at the end. */
export const sameWords = (text: string): string =>
  text
    .replaceAll(/["']/g, "'")
    .replaceAll(/\s+/g, '')
    .replaceAll(/,(?=[\]}])/g, '')

/** Runs an example's file. Says what is wrong with it, if anything. */
export async function exampleProblem(
  command: readonly string[],
  file: string,
  { output }: Pick<Example, 'output'>,
  options: Pick<CommandOptions, 'cwd' | 'env'>,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runCommand([...command, file], { ...options, limitMs: EXAMPLE_LIMIT_MS })
    if (output !== undefined && sameWords(stdout) !== sameWords(output))
      return `${file} printed\n${stdout}where the README says\n${output}`
    // Nobody is warned of what is not theirs.
    return stderr === '' ? undefined : `${file} wrote to stderr\n${stderr}`
  } catch (error) {
    return (error as Error).message
  }
}
