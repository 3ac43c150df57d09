import { styleText } from 'node:util'
import type { Host } from './host.ts'

/** What a command tells: one JSON object a line with `--json`, words else. */
export interface Output {
  readonly isJson: boolean
  /** Whether a person looks at it: a terminal, and words. */
  readonly isLive: boolean
  /** A result, on stdout. `text` is left out where words would be noise. */
  emit(event: OutputEvent, text?: string): void
  /** On the way to a result, for people alone, on stderr. */
  note(text: string): void
  /** One line that is drawn again and again on a terminal, and goes away with `undefined`. */
  status(text: string | undefined): void
  /** Has lines written by somebody who draws on the terminal, until `undefined` is given. */
  through(print: ((line: string) => void) | undefined): void
  /** Makes text look as it is told to, where that is wanted (`NO_COLOR`). */
  readonly style: (format: Style, text: string) => string
}

/** The ways in which text looks. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** A line for programs. */
export interface OutputEvent {
  readonly event: string
  readonly [field: string]: unknown
}

/** Takes away the line in which the cursor stands. */
export const CLEAR_LINE = '\r\u001B[K'

/** Makes the output of a command. */
export function createOutput(host: Host, isJson: boolean): Output {
  const { stdout, stderr } = host
  const isLive = !isJson && stdout.isTTY === true
  const hasStatus = !isJson && stderr.isTTY === true
  const isColoured = wantsColour(host)
  let drawn = ''
  let printed: ((line: string) => void) | undefined
  /** Writes a line where the status stands, and the status below it. */
  const write = (stream: Host['stdout'], line: string): void => {
    if (printed !== undefined && stream.isTTY === true) return printed(line)
    if (drawn !== '') stderr.write(CLEAR_LINE)
    stream.write(`${line}\n`)
    if (drawn !== '') stderr.write(drawn)
  }
  return {
    isJson,
    isLive,
    style: (format, text) => (isColoured ? styleText(format, text, { validateStream: false }) : text),
    through(print) {
      printed = print
    },
    emit(event, text) {
      if (isJson) stdout.write(`${JSON.stringify(event)}\n`)
      else if (text !== undefined) write(stdout, text)
    },
    note(text) {
      if (!isJson) write(stderr, text)
    },
    status(text) {
      if (!hasStatus) return
      const width = (stderr.columns ?? 80) - 1
      const next = text === undefined ? '' : text.slice(0, width)
      if (next === drawn) return
      drawn = next
      stderr.write(`${CLEAR_LINE}${next}`)
    },
  }
}

/** https://no-color.org: set to anything but nothing it means none, whatever the terminal can. */
function wantsColour({ env, stdout }: Host): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true
  return stdout.isTTY === true && env['TERM'] !== 'dumb'
}
