import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { bundleLimits } from './bundle-limits.ts'
import { PROJECT_ROOT } from './project.ts'

/** The list of what each kilobyte of a bundle does. Its rows are people's, its figures this script's. */
const FILE = 'ARCHITECTURE.md'
const TABLE = /(?<=^<!-- weights -->\n)[^]*?(?=^<!-- \/weights -->$)/m
/** The row that has no link: the whole bundle. */
const ALL = 'all of it'
/** A figure may be off by so much until it has to be written anew: by a share, or where it is small by so many kB. */
const TOLERANCE = 0.05
const TOLERANCE_KB = 0.3

/** A module of a bundle, and where it stands there. */
interface Slice {
  /** Relative to the project; of a dependency, behind `node_modules/`. */
  readonly path: string
  readonly start: number
  readonly end: number
}

/** An entry with all that it pulls in, minified. */
export interface Bundle {
  readonly text: Buffer
  readonly slices: readonly Slice[]
}

/** Bundles an entry such as `channel` or `sds/core` from its sources, as applications do. */
export async function bundle(entry: string): Promise<Bundle> {
  const [name, file = 'index'] = entry.split('/')
  const { metafile, outputFiles } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [`packages/${name}/src/${file}.ts`],
    conditions: ['@reliable-channels/source'],
    external: bundleLimits.find((limit) => limit.name === entry)!.ignore,
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    outdir: 'dist',
  })
  // They stand in the bundle as they stand here, behind what opens the function around them.
  const inputs = Object.entries(Object.values(metafile.outputs)[0]!.inputs)
  const text = Buffer.from(outputFiles[0]!.contents)
  let end = text.indexOf('{') + 1
  const slices = inputs.map(([path, { bytesInOutput }]) => {
    const start = end
    end += bytesInOutput
    return { path: path.replace(/^.*node_modules\//, ''), start, end }
  })
  return { text, slices: slices.filter(({ start, end }) => start < end) }
}

/**
 * What groups of modules weigh in a bundle, compressed, in bytes: what it loses without each, in proportion, so that
 * together they weigh what it does.
 *
 * @param groupOf Names the group of a module.
 */
export function weigh({ text, slices }: Bundle, groupOf: (path: string) => string): Map<string, number> {
  const all = zipped([text])
  const groups = Map.groupBy(slices, ({ path }) => groupOf(path))
  const losses = new Map(
    Array.from(groups, ([group, own]) => [group, all - zipped(without(text, own))] as const),
  )
  const sum = [...losses.values()].reduce((total, loss) => total + loss, 0)
  return new Map(Array.from(losses, ([group, loss]) => [group, (loss * all) / sum] as const))
}

const zipped = (parts: readonly Uint8Array[]): number => gzipSync(Buffer.concat(parts), { level: 9 }).length

function without(text: Buffer, slices: readonly Slice[]): Uint8Array[] {
  const ends = [0, ...slices.map(({ end }) => end)]
  return ends.map((end, i) => text.subarray(end, slices[i]?.start))
}

/** Finds the row of a module: that whose link, or name in code, is the longest beginning of its path. */
function rowOf(path: string, rows: readonly (readonly string[])[]): string {
  const found = rows
    .flatMap((cells) =>
      cells.flatMap((cell) => pathsIn(cell)).map((prefix) => ({ row: cells.join('|'), prefix })),
    )
    .filter(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  if (found[0] === undefined) throw new Error(`${FILE}: no row of the weights has ${path}`)
  return found[0].row
}

/** `[name](path)`, or the name of a dependency alone. */
const pathsIn = (cell: string): string[] =>
  Array.from(cell.matchAll(/\]\(([^)]+)\)|^`(@[^`]+)`$/g), ([, linked, named]) => linked ?? named!)

/**
 * Weighs what the table of weights in `markdown` lists, and puts the figures in.
 *
 * @returns the text with new figures, and what is off by more than it may be
 */
export async function weighTable(markdown: string): Promise<{ text: string; problems: string[] }> {
  const table = TABLE.exec(markdown)?.[0]
  if (table === undefined) throw new Error(`${FILE}: no table between <!-- weights --> and <!-- /weights -->`)
  const [heads, , ...rows] = table.trim().split('\n').map(cellsOf)
  const problems: string[] = []
  for (const [column, head] of heads!.entries()) {
    const entry = /^`(.+)`, kB$/.exec(head)?.[1]
    if (entry === undefined) continue
    const found = await bundle(entry)
    const named = rows.map((cells) => cells.slice(heads!.length - 2))
    const weights = weigh(found, (path) => rowOf(path, named))
    for (const [i, cells] of rows.entries()) {
      const isAll = named[i]![0] === ALL
      const bytes = isAll ? zipped([found.text]) : weights.get(named[i]!.join('|'))
      const kB = bytes === undefined ? undefined : bytes / 1_000
      if (isOff(cells[column]!, kB))
        problems.push(`${named[i]![0]} weighs ${shown(kB)} kB in ${entry}, not ${cells[column]}`)
      cells[column] = shown(kB)
    }
  }
  const lines = [heads!, heads!.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return { text: markdown.replace(TABLE, () => `\n${lines.join('\n')}\n\n`), problems }
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

const shown = (kB: number | undefined): string => (kB === undefined ? '–' : kB.toFixed(1))

function isOff(cell: string, kB: number | undefined): boolean {
  if (kB === undefined || cell === '–') return cell !== shown(kB)
  return !(Math.abs(Number(cell) - kB) <= Math.max(TOLERANCE * kB, TOLERANCE_KB))
}

async function main(): Promise<void> {
  const path = join(PROJECT_ROOT, FILE)
  const { text, problems } = await weighTable(readFileSync(path, 'utf8'))
  if (process.argv.includes('--write')) {
    writeFileSync(path, text)
    spawnSync('oxfmt', [path], { stdio: 'inherit' })
    return
  }
  console.log(TABLE.exec(text)![0].trim())
  for (const problem of problems)
    console.log(`${FILE}: ${problem}; npx pnpm@12 exec node scripts/weights.ts --write`)
  if (problems.length > 0) process.exitCode = 1
}

if (import.meta.main) await main()
