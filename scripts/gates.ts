import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { PROJECT_ROOT } from './project.ts'

/** One thing that must hold before a change is taken. */
export interface Gate {
  readonly name: string
  /** The command and its arguments; fails with any exit code but 0. */
  readonly command: readonly string[]
}

/** The result of a gate. */
export interface Outcome {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
}

/**
 * Runs `gates` one after the other, whatever fails among them.
 *
 * @param say Told of each outcome, and of all that a failing gate printed.
 */
export async function runGates(gates: readonly Gate[], say: (line: string) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const gate of gates) {
    const start = performance.now()
    const { passed, output } = await run(gate)
    const seconds = (performance.now() - start) / 1000
    say(`${passed ? 'ok    ' : 'FAILED'} ${gate.name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s`)
    if (!passed) say(stripVTControlCharacters(output).trimEnd().replaceAll(/^/gm, '       '))
    outcomes.push({ name: gate.name, passed, seconds })
  }
  return outcomes
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
