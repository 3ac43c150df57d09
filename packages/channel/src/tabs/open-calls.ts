import type { Calls, FromLeader, FromTab, Method } from './messages.ts'
import { unpackError } from './tab-errors.ts'

/** Who waits for the answer. */
interface Caller {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A call that was not answered yet. */
interface OpenCall extends Caller {
  readonly method: Method
  readonly args: Calls[Method]
  /** A leader was asked. */
  isAsked: boolean
}

/** What a tab has asked the leader and was not answered: the next one is asked again. */
export class OpenCalls {
  readonly #post: (message: FromTab) => void
  readonly #isLed: () => boolean
  readonly #calls = new Map<number, OpenCall>()
  #last = 0

  constructor(post: (message: FromTab) => void, isLed: () => boolean) {
    this.#post = post
    this.#isLed = isLed
  }

  call<M extends Method>(method: M, args: Calls[M], signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = this.open(method, args, { resolve, reject })
      signal?.addEventListener('abort', () => {
        if (!this.#calls.delete(call)) return
        this.#post({ type: 'drop', call })
        reject(signal.reason)
      })
    })
  }

  /** Returns its number. */
  open<M extends Method>(method: M, args: Calls[M], caller: Caller): number {
    const call = ++this.#last
    const open = { ...caller, method, args, isAsked: false }
    this.#calls.set(call, open)
    if (this.#isLed()) this.#ask(call, open)
    return call
  }

  /** Whether a leader was asked. */
  isAsked(call: number): boolean {
    return this.#calls.get(call)?.isAsked === true
  }

  /** The answer is known otherwise. */
  end(call: number): void {
    this.#calls.delete(call)
  }

  /** Asks a new leader for all that the one before has not answered. */
  askAgain(): void {
    for (const [call, open] of this.#calls) this.#ask(call, open)
  }

  answered(message: Extract<FromLeader, { type: 'answer' | 'refusal' }>): void {
    const open = this.#calls.get(message.call)
    if (open === undefined) return
    // A message is asked of the next leader too, until it is known to be stored.
    if (open.method === 'send' && message.type === 'answer') return
    this.#calls.delete(message.call)
    if (message.type === 'answer') open.resolve(message.value)
    else open.reject(unpackError(message.error))
  }

  close(error: Error): void {
    for (const { reject } of this.#calls.values()) reject(error)
    this.#calls.clear()
  }

  #ask(call: number, open: OpenCall): void {
    const { method, args } = open
    open.isAsked = true
    this.#post({ type: 'call', call, method, args } as FromTab)
  }
}
