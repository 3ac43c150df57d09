import type { Devnet } from '@reliable-channels/waku-devnet'

/** One service node goes for good, another comes back. */
export interface Upset {
  readonly killed: number
  readonly restarted: number
  /** Share of the segments that bob had when it began. */
  readonly atShare: number
}

/** The node that both use is killed, then the one that is left to bob restarted: for a moment no way leads to bob. */
const KILLED = 1
const RESTARTED = 2

/** Waits for half of the file, then kills one node and restarts another. */
export class NodeUpset {
  readonly #network: Devnet
  readonly #onNote: (note: string) => void
  readonly #done = Promise.withResolvers<void>()
  #hasBegun = false
  #result: Upset | undefined

  constructor(network: Devnet, onNote: (note: string) => void) {
    this.#network = network
    this.#onNote = onNote
  }

  /** Resolves when the restarted node runs again. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  /** Which nodes were killed and restarted. */
  get result(): Upset | undefined {
    return this.#result
  }

  /** Bob has so many of so many segments. */
  progress(held: number, needed: number): void {
    if (this.#hasBegun || held * 2 < needed) return
    this.#hasBegun = true
    void this.#run(held / needed).then(this.#done.resolve, this.#done.reject)
  }

  async #run(atShare: number): Promise<void> {
    const { nodes } = this.#network
    await nodes[KILLED]!.stop()
    this.#onNote(`node ${KILLED} was killed`)
    await nodes[RESTARTED]!.restart()
    this.#onNote(`node ${RESTARTED} was restarted`)
    this.#result = { killed: KILLED, restarted: RESTARTED, atShare }
  }
}
