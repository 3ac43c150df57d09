/** The ends of alice's requests, over all her sessions, and whether they may be. */
import type { JournalEntry, RequestEnd, Sender } from './protocol.ts'

/** An event that is told of a request. */
export type OutcomeEntry = Extract<
  JournalEntry,
  { readonly type: 'requested' | 'restored' | 'cancelling' | 'too-late' | 'ended' }
>

/** A request that `send` answered with its id. */
interface Request {
  /** Of its message, if the process lived to write it down. */
  readonly name: string | undefined
  /** It was stored: its ends must be told. */
  isKept: boolean
  /** Its owner took it back: it may end without a word, as he knows. */
  isCancelled: boolean
  /** Who has it, as she was told. */
  readonly deliveredTo: Set<Sender>
  /** How it ended, and in which session that was told last. */
  dispatch: Told | undefined
  delivery: Told | undefined
}

interface Told {
  readonly end: RequestEnd['end']
  session: number
}

/** Checks the ends of requests as they are told. */
export class Outcomes {
  told = 0
  toldAgain = 0
  cancelled = 0
  readonly #requests = new Map<string, Request>()
  readonly #byName = new Map<string, Request>()
  readonly #received: (member: Sender, name: string) => boolean
  readonly #violation: (text: string) => void
  #session = 0
  /** The latest session that was closed in peace: what it was told is stored. */
  #closed = 0

  constructor(received: (member: Sender, name: string) => boolean, violation: (text: string) => void) {
    this.#received = received
    this.#violation = violation
  }

  startSession(): void {
    this.#session++
  }

  /** The session that runs has closed its channels. */
  closeSession(): void {
    this.#closed = this.#session
  }

  read(entry: OutcomeEntry): void {
    const { requestId } = entry
    switch (entry.type) {
      case 'requested':
        return this.#add(requestId, `${entry.channel} alice ${entry.n}`)
      case 'restored': {
        if (!this.#requests.has(requestId)) this.#add(requestId, undefined)
        this.#requests.get(requestId)!.isKept = true
        return
      }
      case 'cancelling':
      case 'too-late':
        this.#requests.get(requestId)!.isCancelled = entry.type === 'cancelling'
        return
      case 'ended':
        this.#ended(requestId, entry)
    }
  }

  /** `accepted()` has resolved. */
  accepted(name: string): void {
    this.#byName.get(name)!.isKept = true
  }

  /** A member has received a message of hers. */
  received(member: Sender, name: string): void {
    const end = this.#byName.get(name)?.delivery?.end
    if (end === 'cancelled') this.#violation(`cancelled, and received by ${member}: ${name}`)
  }

  /** Whether the message was taken back, so that it need not arrive. */
  isCancelled(name: string): boolean {
    return this.#byName.get(name)?.isCancelled ?? false
  }

  /** Ends that are to be told still, since the request is kept; and what has not come to whom it was told that it had. */
  missing(): string[] {
    const missing: string[] = []
    for (const [requestId, request] of this.#requests) {
      const { name = requestId, isKept, isCancelled, dispatch, delivery, deliveredTo } = request
      if (isKept && !isCancelled) {
        if (dispatch === undefined) missing.push(`the end of the dispatch of ${name}`)
        if (delivery === undefined) missing.push(`the end of ${name}`)
      }
      if (request.name === undefined) continue
      for (const member of deliveredTo)
        if (!this.#received(member, name)) missing.push(`${name} at ${member}`)
    }
    return missing
  }

  #add(requestId: string, name: string | undefined): void {
    const request = {
      name,
      isKept: false,
      isCancelled: false,
      deliveredTo: new Set<Sender>(),
      dispatch: undefined,
      delivery: undefined,
    }
    this.#requests.set(requestId, request)
    if (name !== undefined) this.#byName.set(name, request)
  }

  #ended(requestId: string, entry: RequestEnd & { readonly redelivered: boolean }): void {
    const request = this.#requests.get(requestId)
    if (request === undefined)
      return this.#violation(`${entry.end} of a request that nobody made: ${requestId}`)
    const { name = requestId } = request
    this.told++
    if (entry.redelivered) this.toldAgain++
    if (entry.end === 'delivered') this.#note(request, entry.deliveredTo)
    const isDelivery = entry.end === 'delivered' || entry.end === 'delivery-error'
    if (!isDelivery) this.#tell(request, 'dispatch', entry)
    if (isDelivery || entry.end === 'cancelled') this.#tell(request, 'delivery', entry)
    if (entry.end !== 'cancelled') return
    this.cancelled++
    if (!request.isCancelled) this.#violation(`cancelled by nobody: ${name}`)
    for (const member of ['bob', 'carol'] as const) {
      if (this.#received(member, name)) this.#violation(`cancelled, and received by ${member}: ${name}`)
    }
  }

  /** There is one end, unless the truth came late; what comes again comes in another session, flagged, unless everything was told and stored. */
  #tell(
    request: Request,
    which: 'dispatch' | 'delivery',
    entry: RequestEnd & { readonly redelivered: boolean },
  ): void {
    const { end, redelivered } = entry
    const { name = 'a request' } = request
    const before = request[which]
    const replaces = entry.end === 'delivered' && !redelivered ? entry.replaces : undefined
    if (before === undefined || before.end === replaces) {
      request[which] = { end, session: this.#session }
      return
    }
    if (before.end !== end) this.#violation(`two ends, ${before.end} and ${end}: ${name}`)
    if (!redelivered) this.#violation(`told twice, and not flagged, that it is ${end}: ${name}`)
    if (before.session === this.#session)
      this.#violation(`told twice in one session that it is ${end}: ${name}`)
    const { dispatch, delivery } = request
    const over = Math.max(dispatch?.session ?? Infinity, delivery?.session ?? Infinity)
    if (over <= this.#closed)
      this.#violation(`told again that it is ${end}, though all was told and stored: ${name}`)
    before.session = this.#session
  }

  /** Who is said to have it is another member, and will have received it in the end: before it may come what it depends on. */
  #note(request: Request, members: readonly string[]): void {
    for (const member of members) {
      if (member === 'bob' || member === 'carol') request.deliveredTo.add(member)
      else this.#violation(`said to be delivered to ${member}: ${request.name}`)
    }
  }
}
