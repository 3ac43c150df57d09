import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TrafficCounts } from '../outcome.ts'
import type { MemberOptions } from './member.ts'

/** A message to a receiver's process. */
export type ToReceiver =
  | { readonly type: 'open'; readonly options: MemberOptions }
  | { readonly type: 'close' }

/** A message from it. */
export type FromReceiver =
  | { readonly type: 'opened' }
  | { readonly type: 'progress'; readonly held: number; readonly needed: number }
  | { readonly type: 'received'; readonly bytes: number; readonly sha256: string }
  | { readonly type: 'traffic'; readonly traffic: TrafficCounts }
  | { readonly type: 'failed'; readonly reason: string }

const SCRIPT = fileURLToPath(new URL('receiver-process.ts', import.meta.url))
/** A process that has not closed by then is killed, ms. */
const CLOSE_MS = 10_000

/** A receiving member, in a process of its own. */
export class Receiver implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #exited = Promise.withResolvers<void>()
  readonly #received = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()
  #file: Extract<FromReceiver, { type: 'received' }> | undefined
  #traffic: TrafficCounts = { content: 0, retransmission: 0, repair: 0, sync: 0 }

  /**
   * Starts the process. The key in the options goes over a pipe, where no list of processes shows it.
   *
   * @param onProgress is told of the segments held, and of how many make the file whole.
   */
  constructor(options: MemberOptions, onProgress: (held: number, needed: number) => void) {
    const child = fork(SCRIPT, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.name = options.senderId
    this.#child = child
    const failed = (reason: string): void => {
      for (const waiting of [this.#opened, this.#received]) {
        waiting.promise.catch(() => {})
        waiting.reject(new Error(reason))
      }
    }
    child.on('message', (message: FromReceiver) => {
      if (message.type === 'opened') this.#opened.resolve()
      else if (message.type === 'progress') onProgress(message.held, message.needed)
      else if (message.type === 'received') {
        this.#file = message
        this.#received.resolve()
      } else if (message.type === 'traffic') this.#traffic = message.traffic
      else failed(message.reason)
    })
    const ended = (how: string): void => {
      this.#exited.resolve()
      failed(`${this.name}'s process ended: ${how}`)
    }
    child.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
    child.on('error', ({ message }) => ended(message))
    this.#tell({ type: 'open', options })
  }

  get processId(): number | undefined {
    return this.#child.pid
  }

  /** Resolves when it hears the channel. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Resolves when it has the file. */
  get received(): Promise<void> {
    return this.#received.promise
  }

  /** The file that it has. */
  get file(): { readonly bytes: number; readonly sha256: string } | undefined {
    return this.#file
  }

  /** Has it close; returns what it sent. */
  async close(): Promise<TrafficCounts> {
    this.#tell({ type: 'close' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS)
    await this.#exited.promise
    clearTimeout(timer)
    return this.#traffic
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #tell(message: ToReceiver): void {
    // One that has just ended says so by itself.
    if (this.#child.connected) this.#child.send(message, () => {})
  }
}
