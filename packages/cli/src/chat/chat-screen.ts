import { type Interface, clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { Host } from '../host.ts'

/** Where lines are typed, and others appear above them. */
export interface ChatScreen extends Disposable {
  /** Lines as they are typed, until the end of the input. */
  readonly lines: AsyncIterable<string>
  /** Writes a line above what is being typed. */
  readonly print: (line: string) => void
  /** Shows something before what is being typed: the progress of a file. */
  readonly show: (text: string | undefined) => void
}

/** A terminal on which somebody types. */
export function liveScreen({ stdin, stdout, signal, interrupt }: Host, name: string): ChatScreen {
  const input = createInterface({ input: stdin, output: stdout, terminal: true, prompt: `${name}> ` })
  let shown = ''
  let isOver = false
  const redraw = (write: () => void): void => {
    if (isOver) return write()
    const { rows } = input.getCursorPos()
    moveCursor(stdout, 0, -rows)
    cursorTo(stdout, 0)
    clearScreenDown(stdout)
    write()
    input.prompt(true)
  }
  // Ctrl-C is a key here, and no signal.
  input.on('SIGINT', interrupt)
  input.on('close', () => (isOver = true))
  const close = (): void => input.close()
  signal.addEventListener('abort', close)
  input.prompt()
  return {
    lines: linesOf(input, () => input.prompt()),
    print: (line) => redraw(() => void stdout.write(`${line}\n`)),
    show(text) {
      const next = text === undefined ? '' : `${text} `
      if (next === shown) return
      shown = next
      redraw(() => input.setPrompt(`${next}${name}> `))
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', close)
      if (!isOver) stdout.write('\n')
      input.close()
    },
  }
}

/** Input that nobody types: a pipe, or a program. */
export function plainScreen({ stdin, signal }: Host, print: (line: string) => void): ChatScreen {
  const input = createInterface({ input: stdin, output: new PassThrough(), terminal: false })
  const close = (): void => input.close()
  signal.addEventListener('abort', close)
  return {
    lines: linesOf(input, () => {}),
    print,
    show() {},
    [Symbol.dispose]() {
      signal.removeEventListener('abort', close)
      input.close()
      // What is left of a pipe would keep the process.
      stdin.destroy()
    },
  }
}

async function* linesOf(input: Interface, next: () => void): AsyncGenerator<string> {
  for await (const line of input) {
    yield line
    next()
  }
}
