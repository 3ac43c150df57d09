import { SparseSet } from '@reliable-channels/stage/core'
import type { Settings } from '../settings.ts'

/** Own messages of late that somebody may have to be reminded of. @limit Of earlier ones he is not. */
const MOST_LACKED = 512
/** Reminders in a row. @limit He may be away, and is reminded once more each time that he is heard. */
const MOST_IN_VAIN = 8

/** A member who is to have own messages, as far as reminding him goes. */
export interface Reminded {
  /** Number of the latest own message that he need not have. */
  readonly since: number
  /** Reminders since he last acknowledged anything, and how many there may be. */
  readonly tries: number
  readonly mostTries: number
  /** Up to which of the messages of late he lacks none. */
  readonly hasUpTo: number
}

/** Somebody to be reminded of a message, so often in a row. */
export interface Reminder {
  readonly messageId: string
  readonly by: string
  readonly tries: number
}

/** Only {@link Reminders} writes what it keeps of a member. */
type Own = { -readonly [K in keyof Reminded]: Reminded[K] }

/** Who has own messages. */
interface Receipts {
  /** Whether another has it, and he not, as far as is known; `undefined` where nobody has it. */
  isLackedBy(messageId: string, by: string): boolean | undefined
}

/**
 * With `acknowledge: 'each'`: the own messages that are to be sent again as reminders, and who is to be reminded of which.
 * Those of one round have left by the next one, or never will: the participant could not answer, or has forgotten them.
 */
export class Reminders extends SparseSet<string> {
  readonly #isEach: boolean
  /** Of the own messages of late, in the order in which they were first acknowledged or given up: by the remainder of its place. */
  readonly #ids: string[] = []
  readonly #numbers: number[] = []
  #newest = 0

  constructor({ acknowledge }: Pick<Settings, 'acknowledge'>) {
    super()
    this.#isEach = acknowledge === 'each'
  }

  /** An own message was acknowledged for the first time, or given up. */
  begin(messageId: string, number: number): void {
    if (!this.#isEach) return
    const place = ++this.#newest % MOST_LACKED
    this.#ids[place] = messageId
    this.#numbers[place] = number
  }

  /** A member is to have own messages after the one of that number. Returns how often he was reminded in vain. */
  expect(member: Reminded, since: number): number {
    const own: Own = member
    if (since < own.since) {
      own.since = since
      own.hasUpTo = 0
    }
    own.mostTries = Math.max(MOST_IN_VAIN, own.tries + 1)
    return own.tries
  }

  /** He has acknowledged something. */
  acknowledged(member: Reminded): void {
    const own: Own = member
    own.tries = 0
  }

  /** He has lost something. */
  lost(member: Reminded): void {
    const own: Own = member
    own.hasUpTo = 0
  }

  /** Reminds him of the newest message that another has, and he not. What was found out before is not looked at again. */
  remind(by: string, member: Reminded, receipts: Receipts): Reminder | undefined {
    const own: Own = member
    if (own.tries >= own.mostTries) return undefined
    const end = Math.max(own.hasUpTo, this.#newest - MOST_LACKED)
    let upTo = this.#newest
    for (let at = upTo; at > end; at--) {
      const messageId = this.#ids[at % MOST_LACKED]!
      const isLacked = receipts.isLackedBy(messageId, by)
      // It was given up. Should another turn out to have it, he lacks it.
      if (isLacked === undefined) upTo = at - 1
      else if (isLacked && this.#numbers[at % MOST_LACKED]! > own.since)
        return { messageId, by, tries: ++own.tries }
    }
    own.hasUpTo = upTo
    return undefined
  }
}
