import { Disk } from './disk.ts'
import { markKept } from './mark.ts'
import type { Kept, Recalled } from './saved-page.ts'

/** Whether a conversation is kept in this browser, and if not, why. */
export type Keeping = 'not yet' | 'kept' | 'elsewhere' | 'impossible'

/** Keeps the conversation. */
export class Keeper {
  state: Keeping = 'not yet'
  #opening: Promise<Recalled | undefined> | undefined
  #disk: Disk | undefined
  #isWriting = false

  /** What is kept, if anything is. */
  recall(): Promise<Recalled | undefined> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Opens the disk, if it is not open. */
  start(): void {
    void this.recall()
  }

  /**
   * Writes what `take` gives, in addition to what is kept or instead of it. Not while the disk is not there, or still
   * busy: then it asks for nothing, and says so. `written` is called once the disk has it.
   */
  keep(how: 'more' | 'instead', take: () => Kept, written: () => void): boolean {
    if (this.#disk === undefined || this.#isWriting) return false
    this.#isWriting = true
    this.#disk.keep(how, take()).then(
      () => {
        this.#isWriting = false
        written()
        if (this.state === 'kept') return
        this.state = 'kept'
        markKept()
      },
      // The disk is full: from here on nothing is kept, since what comes later would not fit to what is there.
      () => {
        this.#disk = undefined
        this.state = 'impossible'
      },
    )
    return true
  }

  async #open(): Promise<Recalled | undefined> {
    try {
      const { disk, recalled } = await Disk.open()
      this.#disk = disk
      return recalled
    } catch (error) {
      const isTaken = error instanceof DOMException && error.name === 'TimeoutError'
      this.state = isTaken ? 'elsewhere' : 'impossible'
      return undefined
    }
  }
}

/** The one of this page. */
export const keeper: Keeper = new Keeper()
