import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'
import { type Bench, BenchUsageError, type BenchValues, type Row, environment } from './document.ts'

const folder = dirname(fileURLToPath(import.meta.url))

/** The names of the benchmarks: a folder that holds a `bench.ts` is one. */
function names(): string[] {
  return globSync('*/bench.ts', { cwd: folder })
    .map((path) => dirname(path))
    .sort()
}

async function load(name: string): Promise<Bench> {
  const { bench } = (await import(join(folder, name, 'bench.ts'))) as { bench: Bench }
  return bench
}

async function list(): Promise<void> {
  console.log('pnpm bench NAME [--json]\n')
  for (const name of names()) {
    const { about, usage } = await load(name)
    console.log(`  ${name.padEnd(16)}${about}`)
    if (usage !== undefined) console.log(`  ${' '.repeat(16)}${usage}`)
  }
}

async function runJson(name: string, bench: Bench, values: BenchValues): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of bench.run(values)) rows.push(row)
  console.log(JSON.stringify({ bench: name, env: environment(), rows }, null, 2))
  return rows
}

async function runTable(name: string, bench: Bench, values: BenchValues): Promise<readonly Row[]> {
  const { node, cpu, cores, os } = environment()
  console.log(`${name}: ${bench.about}\nNode ${node}, ${cpu} (${cores} cores), ${os}\n`)
  const rows: Row[] = []
  for await (const row of bench.run(values)) {
    rows.push(row)
    console.error(`${row.case}: ${shown(row.ours)} ${row.unit}`)
  }
  if (rows.length > 0) printTable(bench, rows)
  return rows
}

function printTable({ theirs = 'theirs' }: Bench, rows: readonly Row[]): void {
  const inPairs = rows.some(({ spread }) => spread !== null)
  const lines = [
    ['case', 'unit', 'ours', theirs, 'ratio', ...(inPairs ? ['of pairs'] : []), 'target', 'bound', ''],
    ...rows.map((row) => [
      row.case,
      row.unit,
      shown(row.ours),
      ...[row.theirs, row.ratio].map((value) => String(value ?? '–')),
      ...(inPairs ? [row.spread?.join(' to ') ?? '–'] : []),
      ...[row.target, row.bound].map((value) => String(value ?? '–')),
      row.met === null ? '' : row.met ? 'met' : 'MISSED',
    ]),
  ]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  console.log()
  for (const line of lines) {
    const cells = line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    console.log(cells.join('  ').trimEnd())
  }
}

const shown = (ours: number | null): string => String(ours ?? 'not there')

const COMMON = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options']

/** Runs what the command line asks for; returns the exit code. */
async function main(): Promise<number> {
  const name = parseArgs({ allowPositionals: true, strict: false, options: COMMON }).positionals[0]
  if (name !== undefined && !names().includes(name))
    throw new BenchUsageError(`no benchmark "${name}"; there are: ${names().join(', ')}`)
  const bench = name === undefined ? undefined : await load(name)
  const values = valuesOf({ ...bench?.options, ...COMMON })
  if (name === undefined || bench === undefined || values['help'] === true) {
    await list()
    return 0
  }
  const rows = await (values['json'] === true ? runJson : runTable)(name, bench, values)
  const missed = rows.filter(({ met }) => met === false)
  return bench.fails === true && missed.length > 0 ? 1 : 0
}

function valuesOf(options: NonNullable<ParseArgsConfig['options']>): BenchValues {
  try {
    const args = joinNegativeValues(process.argv.slice(2))
    return parseArgs({ args, allowPositionals: true, options }).values
  } catch (error) {
    throw new BenchUsageError(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}
