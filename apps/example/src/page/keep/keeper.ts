import type { Disk } from './disk.ts'
import type { Kept, Recalled } from './saved-page.ts'

/** Says, to whom asks before the disk is there, that something is kept. */
const MARK = 'reliable-channels-example'

/** Whether a conversation is kept in this browser, and if not, why. */
export type Keeping = 'not yet' | 'kept' | 'elsewhere' | 'impossible'

/** Keeps the conversation. What it needs for that is loaded when something is kept already, or after the first paint. */
export class Keeper {
  state: Keeping = 'not yet'
  #opening: Promise<Recalled | undefined> | undefined
  #disk: Disk | undefined
  #isWriting = false

  /** What is kept, if anything is. */
  async recall(): Promise<Recalled | undefined> {
    return isMarked() ? this.#open() : undefined
  }

  /** Opens the disk, if it is not open. */
  start(): void {
    void this.#open()
  }

  /**
   * Writes what `take` gives, in addition to what is kept or instead of it. Not while the disk is not there, or still
   * busy: then it asks for nothing, and says so.
   */
  keep(how: 'more' | 'instead', take: () => Kept): boolean {
    if (this.#disk === undefined || this.#isWriting) return false
    this.#isWriting = true
    this.#disk.keep(how, take()).then(
      () => {
        this.#isWriting = false
        this.state = 'kept'
        mark()
      },
      // The disk is full: from here on nothing is kept, since what comes later would not fit to what is there.
      () => {
        this.#disk = undefined
        this.state = 'impossible'
      },
    )
    return true
  }

  #open(): Promise<Recalled | undefined> {
    this.#opening ??= this.#openOnce()
    return this.#opening
  }

  async #openOnce(): Promise<Recalled | undefined> {
    try {
      const { Disk: Opened } = await import('./disk.ts')
      const { disk, recalled } = await Opened.open()
      this.#disk = disk
      return recalled
    } catch (error) {
      const isTaken = error instanceof DOMException && error.name === 'TimeoutError'
      this.state = isTaken ? 'elsewhere' : 'impossible'
      return undefined
    }
  }
}

function isMarked(): boolean {
  try {
    return localStorage.getItem(MARK) !== null
  } catch {
    return false
  }
}

function mark(): void {
  try {
    localStorage.setItem(MARK, 'kept')
  } catch {
    // Then the next visit begins anew, without harm.
  }
}
