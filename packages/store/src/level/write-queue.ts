import { StoreTimeoutError } from '../errors.ts'
import type { LevelOperation } from './level-database.ts'

/** One write that was asked for. */
interface Waiting {
  readonly operations: readonly LevelOperation[]
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Most bytes that writes are joined up to. */
const GROUP_BYTES = 2 ** 20

/**
 * Applies writes in the order in which they were asked for. Those that come while one is under way are joined into one
 * write: several channels with one store, each of which waits for its own, wait for one flush of the disk together.
 */
export class WriteQueue {
  readonly #apply: (operations: LevelOperation[]) => Promise<void>
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(apply: (operations: LevelOperation[]) => Promise<void>) {
    this.#apply = apply
  }

  write(operations: readonly LevelOperation[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operations, bytes: bytesOf(operations), resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#write(this.#takeGroup())
    this.#running = undefined
  }

  #takeGroup(): Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex((one, index) => (bytes += one.bytes) > GROUP_BYTES && index > 0)
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#apply(group.flatMap(({ operations }) => operations))
      for (const { resolve } of group) resolve()
    } catch (error) {
      // One of them may be at fault for all; written again, each has an outcome of its own. When the database does not answer, none of them is.
      if (group.length === 1 || error instanceof StoreTimeoutError) {
        for (const { reject } of group) reject(error)
        return
      }
      for (const one of group) await this.#write([one])
    }
  }
}

function bytesOf(operations: readonly LevelOperation[]): number {
  let bytes = 0
  for (const operation of operations) {
    bytes += operation.key.length + (operation.type === 'put' ? operation.value.length : 0)
  }
  return bytes
}
