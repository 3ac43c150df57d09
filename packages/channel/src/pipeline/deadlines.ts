import { type SchedulerLike, Subscription } from 'rxjs'

/** Something that may take only so long. Its fields are those of the {@link Deadlines} that it is armed by. */
export class Timed {
  /** Armed, if it has a number. */
  dueAt: number | undefined
  before: Timed | undefined
  after: Timed | undefined
}

/** Options of {@link Deadlines}. */
export interface DeadlinesOptions<T extends Timed> {
  /** How long each may take, ms. */
  readonly limitMs: number
  readonly scheduler: SchedulerLike
  /** One has taken as long. */
  readonly passed: (item: T) => void
}

/** As a rule nothing takes as long: so soon it is looked whether anything does, ms. */
const SOON_MS = 1_000

/**
 * Things that may all take equally long, by one timer.
 *
 * Most are over soon: the first timer is short, and finds as a rule that nothing is left, which is cheaper than to start
 * and to call off one for each.
 */
export class Deadlines<T extends Timed> {
  readonly #options: DeadlinesOptions<T>
  /** What is armed, in a ring: the earliest is after it, since what is armed anew goes to the end. */
  readonly #ring = new Timed()
  #timer = Subscription.EMPTY
  #armedAt = 0
  /** The timer has nothing to do but for what waits long. */
  #isLong = false

  constructor(options: DeadlinesOptions<T>) {
    this.#options = options
    this.#ring.before = this.#ring.after = this.#ring
  }

  /** Its time begins, anew if it had begun. */
  arm(item: T): void {
    const { limitMs, scheduler } = this.#options
    this.#takeOut(item)
    const last = this.#ring.before!
    item.dueAt = scheduler.now() + limitMs
    item.before = last
    item.after = this.#ring
    last.after = this.#ring.before = item
    if (this.#timer.closed) this.#start(Math.min(limitMs, SOON_MS))
  }

  /** It is over. A timer with nothing to do would keep a process alive for long. */
  disarm(item: T): void {
    this.#takeOut(item)
    if (this.#isLong && this.#first === undefined) this.#timer.unsubscribe()
  }

  close(): void {
    this.#ring.before = this.#ring.after = this.#ring
    this.#timer.unsubscribe()
  }

  get #first(): T | undefined {
    const first = this.#ring.after!
    return first === this.#ring ? undefined : (first as T)
  }

  #takeOut(item: T): void {
    if (item.dueAt === undefined) return
    item.dueAt = undefined
    item.before!.after = item.after
    item.after!.before = item.before
    item.before = item.after = undefined
  }

  #start(delayMs: number): void {
    const { scheduler } = this.#options
    this.#armedAt = scheduler.now()
    this.#isLong = delayMs > SOON_MS
    this.#timer = scheduler.schedule(() => this.#look(), delayMs)
  }

  #look(): void {
    const { limitMs, scheduler, passed } = this.#options
    const now = scheduler.now()
    // Where the clock was set back, nobody knows how long each has taken.
    if (now < this.#armedAt)
      for (let one = this.#ring.after!; one !== this.#ring; one = one.after!) one.dueAt = now + limitMs
    this.#timer.unsubscribe()
    for (let one; (one = this.#first) !== undefined && one.dueAt! <= now;) {
      this.#takeOut(one)
      passed(one)
    }
    if (this.#first !== undefined && this.#timer.closed) this.#start(this.#first.dueAt! - now)
  }
}
