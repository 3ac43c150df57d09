import type { Lamport } from '../wire/lamport.ts'
import { LatestWords } from './latest-words.ts'
import { QueueMap } from './queue-map.ts'
import type { Reminded, Reminder, Reminders } from './reminders.ts'

/** Own messages for which it is remembered who has them. @limit The oldest is forgotten. */
const MOST_REMEMBERED = 10_000
/** Participants remembered for one message. @limit Further ones are not. */
const MOST_PARTICIPANTS = 1_000
/**
 * So often one's acknowledgement of a message goes back and counts again at once. Two devices of one name would make it do so
 * for ever, and so would whoever lies, or has no room for it. @limit From then on he counts as having it after a wait, and is
 * sent nothing again for having lost it.
 */
const MOST_WITHDRAWN = 3
/** That wait, ms. */
const HOLD_MS = 3_600_000

/** Own messages that are looked for in each message of somebody, in turn. */
const IN_TURN = 16
/** By so much the number of ids in a filter may be mistaken for another, as a share. */
const ERROR = 0.01

/** An own message that somebody has, or that was given up. */
interface Settled {
  /** Its number among own messages; see `OwnLog`. */
  readonly number: number
  /** Who has it: the first, and any others. In most groups one is all that is heard of. */
  first: string | undefined
  others: Set<string> | undefined
  /** Whose acknowledgement went back. */
  withdrawn: Map<string, Withdrawal> | undefined
}

/** Somebody's acknowledgement of a message went back, so often, the last time by his message of that timestamp. */
interface Withdrawal {
  readonly times: number
  readonly lamport: Lamport
  readonly at: number
}

/** A message of somebody. */
interface Word {
  readonly by: string
  readonly lamport: Lamport
  readonly now: number
}

/** Somebody who has acknowledged own messages. */
interface Member extends Reminded {
  readonly words: LatestWords
  /** The newest of those that he has acknowledged, and its number. */
  newest: string | undefined
  number: number
  /** The newest when he showed last what he has, and how many ids he had then. */
  shown: string | undefined
  ids: number
  /** Own messages of which it is yet to be looked for whether he still has them. */
  turn: MapIterator<[string, Settled]>
}

/** Who has acknowledged own messages, the newest so many of them. */
export class Acknowledgements {
  readonly #byId = new QueueMap<string, Settled>(MOST_REMEMBERED)
  readonly #members = new QueueMap<string, Member>(MOST_PARTICIPANTS)
  readonly #reminders: Reminders

  constructor(reminders: Reminders) {
    this.#reminders = reminders
  }

  /** How many are remembered. */
  get size(): number {
    return this.#byId.size
  }

  /** What was heard of somebody last. */
  words(by: string): LatestWords {
    return this.#member(by).words
  }

  /** Whether somebody has acknowledged it, or it was given up. */
  has(messageId: string): boolean {
    return this.#byId.has(messageId)
  }

  /** Its number, if it is remembered. */
  numberOf(messageId: string): number | undefined {
    return this.#byId.get(messageId)?.number
  }

  /** Who is known to have it. */
  of(messageId: string): readonly string[] {
    const { first, others = [] } = this.#byId.get(messageId) ?? NOBODY
    return first === undefined ? [] : [first, ...others]
  }

  /** Whether somebody is known to have it. */
  isByAny(messageId: string): boolean {
    return this.#byId.get(messageId)?.first !== undefined
  }

  /** Whether one is known to have it. */
  isBy(messageId: string, by: string): boolean {
    const known = this.#byId.get(messageId)
    return known !== undefined && isOf(known, by)
  }

  /**
   * Somebody shows what he has, so many ids in all. Returns whether he has lost something, as it seems: he has fewer than
   * when he did so before, or the newest of that time is not among them, nor one of a few others in turn.
   */
  show(by: string, ids: number, has: (messageId: string) => boolean): boolean {
    const member = this.#member(by)
    const isFewer = ids < member.ids - 0.5 - ERROR * member.ids
    const isLost = isFewer || (member.shown !== undefined && !has(member.shown))
    member.shown = member.newest
    member.ids = ids
    return this.#lacksInTurn(member, by, has) || isLost
  }

  #lacksInTurn(member: Member, by: string, has: (messageId: string) => boolean): boolean {
    for (let i = 0; i < IN_TURN; i++) {
      const { value } = member.turn.next()
      if (value === undefined) {
        member.turn = this.#byId.entries()
        return false
      }
      const [messageId, known] = value
      if (isOf(known, by) && !has(messageId)) return true
    }
    return false
  }

  /** Those that one has acknowledged, of the newest `most`. */
  ofMember(by: string, most: number): string[] {
    const ids = [...this.#byId.keys()]
    return ids.slice(-most).filter((messageId) => this.isBy(messageId, by))
  }

  /** Somebody is there: he is to have own messages after the one of that number. Returns how often he was reminded in vain. */
  expect(by: string, since: number): number {
    return this.#reminders.expect(this.#member(by), since)
  }

  /** Reminds each of those who are there of the newest message that another has, and he not, as far as is known. */
  remind(): Reminder[] {
    const all: Reminder[] = []
    for (const [by, member] of this.#members) {
      const reminder = this.#reminders.remind(by, member, this)
      if (reminder !== undefined) all.push(reminder)
    }
    return all
  }

  /** Whether another has it, and he not, as far as is known; `undefined` where nobody has it. */
  isLackedBy(messageId: string, by: string): boolean | undefined {
    const known = this.#byId.get(messageId)
    return known?.first === undefined ? undefined : !isOf(known, by)
  }

  /** Whether somebody had it who does not any more. */
  wasWithdrawn(messageId: string): boolean {
    return this.#withdrawnOf(messageId) !== undefined
  }

  /** Somebody has it, the first who is known to; or nobody has, and it was given up. */
  begin(messageId: string, number: number, by?: string): void {
    const known = this.#byId.get(messageId)
    // What nobody has any more has its place already.
    if (!known || known.first !== undefined) this.#reminders.begin(messageId, number)
    this.#byId.put(messageId, { number, first: by, others: undefined, withdrawn: known?.withdrawn })
    if (by !== undefined) this.#noteNewest(by, messageId, number)
  }

  /** Yet another has it. Returns whether that is news, and of a message that is remembered. */
  add(messageId: string, by: string): boolean {
    const known = this.#byId.get(messageId)
    if (known === undefined || isOf(known, by)) return false
    if (known.first === undefined) known.first = by
    else {
      known.others ??= new Set()
      if (known.others.size + 1 >= MOST_PARTICIPANTS) return false
      known.others.add(by)
    }
    this.#noteNewest(by, messageId, known.number)
    return true
  }

  /**
   * Whether his message of that timestamp says of an own one what was so before he lost it, or he has lost it so often that
   * nobody waits for him.
   */
  isOutdated(messageId: string, { by, lamport, now }: Word): boolean {
    const withdrawal = this.#withdrawnOf(messageId)?.get(by)
    if (withdrawal === undefined) return false
    // The clock may be moved.
    const isHeld = withdrawal.times >= MOST_WITHDRAWN && Math.abs(now - withdrawal.at) < HOLD_MS
    return isHeld || lamport <= withdrawal.lamport
  }

  /** Somebody does not have it any more, as his message shows. Returns whether he was known to. */
  withdraw(messageId: string, { by, lamport, now }: Word): boolean {
    const known = this.#byId.get(messageId)
    if (known === undefined || !isOf(known, by)) return false
    known.withdrawn ??= new Map()
    const times = (known.withdrawn.get(by)?.times ?? 0) + 1
    known.withdrawn.set(by, { times, lamport, at: now })
    if (known.first === by) {
      const [next] = known.others ?? []
      known.first = next
      if (next !== undefined) known.others!.delete(next)
    } else known.others!.delete(by)
    const member = this.#member(by)
    this.#reminders.lost(member)
    if (member.shown === messageId) member.shown = undefined
    if (member.newest === messageId) {
      member.newest = undefined
      member.number = -1
    }
    return true
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const { words } of this.#members.values()) words.shift(ms)
  }

  #withdrawnOf(messageId: string): Map<string, Withdrawal> | undefined {
    return this.#byId.get(messageId)?.withdrawn
  }

  #member(by: string): Member {
    const known = this.#members.get(by)
    if (known !== undefined) return known
    const member: Member = {
      words: new LatestWords(),
      newest: undefined,
      number: -1,
      shown: undefined,
      ids: 0,
      turn: this.#byId.entries(),
      since: Infinity,
      tries: 0,
      mostTries: 0,
      hasUpTo: 0,
    }
    this.#members.put(by, member)
    return member
  }

  #noteNewest(by: string, messageId: string, number: number): void {
    const member = this.#member(by)
    this.#reminders.acknowledged(member)
    if (number < member.number) return
    member.newest = messageId
    member.number = number
  }
}

const NOBODY: Partial<Settled> = {}

const isOf = ({ first, others }: Settled, by: string): boolean => first === by || others?.has(by) === true
