import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Bench, type Judged, type Row, environment } from './document.ts'

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
  for (const name of names()) console.log(`  ${name.padEnd(16)}${(await load(name)).about}`)
}

async function runJson(name: string): Promise<void> {
  const rows: Row[] = []
  for await (const { row } of (await load(name)).run()) rows.push(row)
  console.log(JSON.stringify({ bench: name, env: environment(), rows }, null, 2))
}

async function runTable(name: string): Promise<void> {
  const bench = await load(name)
  const { node, cpu, cores, os } = environment()
  console.log(`${name}: ${bench.about}\nNode ${node}, ${cpu} (${cores} cores), ${os}\n`)
  const judged: Judged[] = []
  for await (const one of bench.run()) {
    judged.push(one)
    console.error(`${one.row.case}: ${one.row.ours} ${one.row.unit}`)
  }
  const lines = [
    ['case', 'unit', 'ours', 'theirs', 'ratio', 'target', 'bound', ''],
    ...judged.map(({ row, met }) => [
      row.case,
      row.unit,
      ...[row.ours, row.theirs, row.ratio, row.target, row.bound].map((value) => String(value ?? '–')),
      met === undefined ? '' : met ? 'met' : 'MISSED',
    ]),
  ]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  console.log()
  for (const line of lines) {
    const cells = line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    console.log(cells.join('  ').trimEnd())
  }
}

/** What the command line asks for; nothing after a mistake, which was told. */
function command(): { readonly name: string | undefined; readonly json: boolean } | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean' } },
    })
    const name = values.help === true ? undefined : positionals[0]
    if (name === undefined || names().includes(name)) return { name, json: values.json }
    console.error(`no benchmark "${name}"; there are: ${names().join(', ')}`)
  } catch (error) {
    console.error(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
  }
  return undefined
}

const asked = command()
if (asked === undefined) process.exitCode = 2
else if (asked.name === undefined) await list()
else await (asked.json ? runJson : runTable)(asked.name)
