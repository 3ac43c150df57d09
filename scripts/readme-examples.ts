import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { PROJECT_ROOT, SCOPE, publishedPackages, sourceFiles } from './project.ts'

/** A fenced block of a README that quotes an example or what it prints. */
export interface Quote {
  readonly kind: 'example' | 'output'
  /** Relative to the README. */
  readonly path: string
  /** Quotes only what lies between `// #region NAME` and `// #endregion`. */
  readonly region?: string
  /** The text of the block, without the fences. */
  readonly text: string
  /** Where `text` stands in the README. */
  readonly start: number
  readonly line: number
}

const QUOTE =
  /^<!-- (?<kind>example|output): (?<path>[^\s#]+)(?:#(?<region>\S+))? -->\n+(?<fence>`{3,})\w*\n(?<text>[^]*?)^\k<fence>$/gm
const MARKER = /^<!-- (?:example|output):/gm

/**
 * Finds the quotes of a README.
 *
 * @throws Error when a marker is not followed by a fenced block.
 */
export function findQuotes(readme: string): Quote[] {
  const quotes = [...readme.matchAll(QUOTE)].map(({ 0: whole, index, groups }): Quote => {
    const { kind, path, region, text, fence } = groups as Record<string, string>
    return {
      kind: kind === 'output' ? 'output' : 'example',
      path: path!,
      ...(region !== undefined && { region }),
      text: text!,
      start: index + whole.length - fence!.length - text!.length,
      line: readme.slice(0, index).split('\n').length,
    }
  })
  const markers = readme.match(MARKER)?.length ?? 0
  if (markers !== quotes.length)
    throw new Error(`${markers} markers, but ${quotes.length} of them stand before a fenced block`)
  return quotes
}

/** The part of an example's file that the reader sees: the region asked for, or all of it without the region marks. */
export function excerpt(source: string, region?: string): string {
  const lines = source.split('\n')
  if (region === undefined) return lines.filter((line) => !/^\s*\/\/ #(end)?region\b/.test(line)).join('\n')
  const from = lines.findIndex((line) => line.trim() === `// #region ${region}`)
  const length = lines.slice(from + 1).findIndex((line) => line.trim() === '// #endregion')
  if (from < 0 || length < 0) throw new Error(`has no region ${region}`)
  return `${outdented(lines.slice(from + 1, from + 1 + length)).join('\n')}\n`
}

/** Lines without the indentation that all of them share, as a formatter of markdown leaves them. */
function outdented(lines: readonly string[]): string[] {
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const depth = Math.min(...depths, Infinity)
  return lines.map((line) => line.slice(Math.min(depth, line.length)))
}

/** Runs an example from source and returns what it prints. */
export function runExample(file: string): string {
  const { status, stdout, stderr, signal } = spawnSync(
    process.execPath,
    [`--conditions=${SCOPE}source`, file],
    { encoding: 'utf8', timeout: 60_000 },
  )
  if (status !== 0) throw new Error(`ended with ${signal ?? status}:\n${stderr}`)
  return stdout
}

/** One quote that does not say what it should. */
export interface Stale {
  readonly at: string
  readonly problem: string
}

/**
 * Compares the quotes of the README at `path` (relative to `root`) with the files and with what they print.
 * With `write`, the README is brought up to date.
 */
export function checkReadme(
  root: string,
  path: string,
  { write = false, run = runExample }: { write?: boolean; run?: (file: string) => string } = {},
): Stale[] {
  const readme = readFileSync(join(root, path), 'utf8')
  const stale: Stale[] = []
  let updated = readme
  // From the end, so that earlier positions stay true.
  for (const quote of findQuotes(readme).toReversed()) {
    const file = join(root, dirname(path), quote.path)
    const at = `${path}:${quote.line}`
    try {
      const expected = quote.kind === 'output' ? run(file) : excerpt(readFileSync(file, 'utf8'), quote.region)
      if (expected === quote.text) continue
      updated = updated.slice(0, quote.start) + expected + updated.slice(quote.start + quote.text.length)
      if (!write) stale.unshift({ at, problem: difference(quote, expected) })
    } catch (error) {
      stale.unshift({ at, problem: `${quote.path} ${(error as Error).message}` })
    }
  }
  if (write && updated !== readme) writeFileSync(join(root, path), updated)
  return stale
}

function difference({ kind, path, text }: Quote, expected: string): string {
  const [ours, theirs] = [text.split('\n'), expected.split('\n')]
  const line = theirs.findIndex((theirLine, i) => theirLine !== ours[i])
  const at = line < 0 ? theirs.length : line
  const what = kind === 'output' ? `what ${path} prints` : path
  return `differs from ${what} in line ${at + 1}: README ${JSON.stringify(ours[at])}, expected ${JSON.stringify(theirs[at])}`
}

/** Runs each example once, however many pages show what it prints. */
function runOnce(): (file: string) => string {
  const printed = new Map<string, string>()
  return (file) => {
    const output = printed.get(file) ?? runExample(file)
    printed.set(file, output)
    return output
  }
}

/** Checks all pages, or with `--write` updates them; further arguments are beginnings of the paths of those that count. */
function main(): void {
  const write = process.argv.includes('--write')
  const beginnings = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
  const isMeant = (path: string): boolean =>
    beginnings.length === 0 || beginnings.some((beginning) => path.startsWith(beginning))
  const run = runOnce()
  const stale: Stale[] = []
  let quotes = 0
  for (const path of sourceFiles(PROJECT_ROOT, '{**/README.md,docs/pages/**/*.md}')) {
    if (!isMeant(path)) continue
    quotes += findQuotes(readFileSync(join(PROJECT_ROOT, path), 'utf8')).length
    stale.push(...checkReadme(PROJECT_ROOT, path, { write, run }))
  }
  for (const { folder } of publishedPackages(PROJECT_ROOT)) {
    const path = posix.join(folder, 'README.md')
    if (!isMeant(path)) continue
    if (!existsSync(join(PROJECT_ROOT, path))) stale.push({ at: path, problem: 'is missing' })
    else if (findQuotes(readFileSync(join(PROJECT_ROOT, path), 'utf8')).length === 0)
      stale.push({ at: path, problem: 'quotes no example' })
  }
  for (const { at, problem } of stale) console.log(`${at}: ${problem}`)
  console.log(`${quotes} quotes in READMEs and in the documentation checked`)
  if (stale.length > 0) process.exitCode = 1
}

if (import.meta.main) main()
