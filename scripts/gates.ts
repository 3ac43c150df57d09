import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { PROJECT_ROOT } from './project.ts'

/** One thing that must hold before a change is taken. */
export interface Gate {
  readonly name: string
  /** The command and its arguments; fails with any exit code but 0. */
  readonly command: readonly string[]
  /** Runs beside no other: those after it need what it makes, or it needs all of the machine. */
  readonly alone?: boolean
}

/** The result of a gate. */
export interface Outcome {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
}

/** How many run at once: some wait for the disk, or keep one core busy alone. */
const AT_ONCE = 2

/**
 * Runs `gates`, those that may at the same time, whatever fails among them.
 *
 * @param say Told of each outcome when it is there, and of all that a failing gate printed.
 * @returns The outcomes in the order of the gates.
 */
export async function runGates(gates: readonly Gate[], say: (line: string) => void): Promise<Outcome[]> {
  const outcomes = new Map<Gate, Outcome>()
  const runAndTell = async (gate: Gate): Promise<void> => {
    const start = performance.now()
    const { passed, output } = await run(gate)
    const seconds = (performance.now() - start) / 1000
    say(`${passed ? 'ok    ' : 'FAILED'} ${gate.name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s`)
    if (!passed) say(stripVTControlCharacters(output).trimEnd().replaceAll(/^/gm, '       '))
    outcomes.set(gate, { name: gate.name, passed, seconds })
  }
  const running = new Set<Promise<void>>()
  for (const gate of gates) {
    while (running.size >= (gate.alone ? 1 : AT_ONCE)) await Promise.race(running)
    const done = runAndTell(gate).finally(() => running.delete(done))
    running.add(done)
    if (gate.alone) await done
  }
  await Promise.all(running)
  return gates.map((gate) => outcomes.get(gate)!)
}

function run({ command: [command, ...parameters] }: Gate): Promise<{ passed: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command!, parameters, {
      cwd: PROJECT_ROOT,
      env: {
        ...process.env,
        PATH: [join(PROJECT_ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
        TURBO_TELEMETRY_DISABLED: '1',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', (error) => resolve({ passed: false, output: `${output}${error.message}` }))
    child.on('close', (code, signal) =>
      resolve({ passed: code === 0, output: `${output}\nended with ${signal ?? `exit code ${code}`}` }),
    )
  })
}
