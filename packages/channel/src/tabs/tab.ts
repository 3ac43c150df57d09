import { withinLimit } from '@reliable-channels/stage'
import { hexOf } from '@reliable-channels/wire'
import type { ReliableChannel } from '../channel.ts'
import { failuresOf, throwAll, togetherOf } from '../all-settled.ts'
import { ChannelOptionError } from '../check-options.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { Election, type Leadership } from './election.ts'
import { Leader } from './leader.ts'
import type { ChannelInfo, FromLeader, FromTab } from './messages.ts'
import type { HeardMessage } from './read-message.ts'
import type { TabChannel } from './tab-channel.ts'
import { TabChannelClient } from './tab-client.ts'
import { TabVoice } from './tab-voice.ts'
import type { CheckedOptions, TabsExclusive } from './tabs-options.ts'

/** Before the name of the lock, and of what tabs hear each other by. */
const PREFIX = 'reliable-channels/tabs/'
/** A tab that could not open the channel stands in line again after so long, twice as long each time, ms. */
const REST_MS = 1_000
const MOST_REST_MS = 60_000
/** A leader that has said nothing for so long looks whether it still leads before it takes a message, ms. */
const FRESH_MS = 1_500
/** So long its own voice is waited for, ms. @limit It goes on: two writers of a store lose nothing. */
const ECHO_MS = 1_000

/** One tab: hears the others, stands for election, leads or follows. */
export class Tab {
  readonly opened: Promise<TabChannel>
  readonly #options: CheckedOptions
  readonly #id: string
  readonly #voice: TabVoice
  readonly #election: Election
  #client: TabChannelClient | undefined
  /** The channel, while this tab leads. */
  #leading: { readonly leadership: Leadership; readonly leader: Leader } | undefined
  /** The lead that this tab has, while its channel is not open yet; and that it opens it. */
  #opening: Leadership | undefined
  #startingToLead: Promise<void> = Promise.resolve()
  /** Stops leading. */
  #stop: () => void = () => {}
  /** Ends what this tab has opened to lead. */
  #ending: Promise<void> = Promise.resolve()
  /** The leader that this tab speaks with. */
  #followed: { readonly from: string; readonly term: number; isOpen: boolean } | undefined
  #saidAt = -Infinity
  #echoed: (() => void) | undefined
  #failures = 0
  /** Aborts when this tab is closed. */
  readonly #closing = new AbortController()
  /** What failed while something was closed, and nobody was told of. */
  readonly #untold: unknown[] = []
  #settle!: { readonly resolve: (channel: TabChannel) => void; readonly reject: (error: unknown) => void }
  #isClosed = false

  constructor(options: CheckedOptions) {
    const { name, locks, scheduler, randomBytes, broadcast } = options
    this.#options = options
    const id = randomBytes(10)
    this.#id = hexOf(id)
    this.opened = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#voice = new TabVoice(
      () => broadcast(PREFIX + name),
      (message) => this.#hear(message),
    )
    this.#election = new Election({
      name: PREFIX + name,
      locks,
      scheduler,
      rank: id[0]! / 256,
      elected: (leadership) => (this.#startingToLead = this.#lead(leadership)),
      beat: () => this.#beat(),
      ask: () => this.#sayHere(true),
    })
    this.#sayHere(true)
  }

  #sayHere(asks: boolean): void {
    if (this.#leading === undefined)
      this.#toLeader({ type: 'here', topics: this.#client?.topics ?? [], asks })
  }

  /** To the leader: in another tab, or in this one once those who call have returned. */
  #toLeader(message: FromTab): void {
    const { leader } = this.#leading ?? {}
    if (leader === undefined) this.#voice.say({ ...message, from: this.#id })
    else queueMicrotask(() => leader.take(this.#id, message))
  }

  #hear(message: HeardMessage): void {
    if (this.#isClosed) return
    if (message.type === 'foreign') return void this.#election.heard(message.term)
    if (message.from === this.#id) {
      if (message.type === 'echo') this.#echoed?.()
      return
    }
    if (!('term' in message)) return this.#leading?.leader.take(message.from, message)
    if (!this.#election.heard(message.term) || this.#leading !== undefined) return
    if (message.type === 'leading') this.#follow(message.from, message.term, message.channel)
    else if (this.#followed?.term === message.term && this.#followed.isOpen) this.#client?.take(message)
  }

  /** A tab leads, this one perhaps. Its channel may be still being opened. */
  #follow(from: string, term: number, channel: ChannelInfo | undefined): void {
    const before = this.#followed
    const isOther = before?.from !== from || before.term !== term
    if (isOther) this.#followed = { from, term, isOpen: false }
    if (channel === undefined) return isOther ? this.#client?.led('waiting', undefined) : undefined
    const client = this.#clientFor(channel)
    client?.led(from === this.#id ? 'leader' : 'follower', channel)
    if (this.#followed!.isOpen) return
    this.#followed!.isOpen = true
    client?.begin()
    if (client !== undefined) this.#settle.resolve(client)
  }

  #clientFor(info: ChannelInfo): TabChannelClient | undefined {
    const { name, scheduler, randomBytes } = this.#options
    const client = this.#client
    if (client === undefined) {
      this.#client = new TabChannelClient({
        tabId: this.#id,
        info,
        scheduler,
        randomBytes,
        post: (message) => this.#toLeader(message),
        cancelHere: (requestId) => this.#leading?.leader.requests.cancel(requestId) ?? 'too-late',
        closed: () => this.close(),
      })
      return this.#client
    }
    if (client.channelId === info.channelId && client.senderId === info.senderId) return client
    client.die(
      new ChannelOptionError(
        `tabs named "${name}" have different channels: "${client.channelId}" of "${client.senderId}" here, "${info.channelId}" of "${info.senderId}" there`,
      ),
    )
    return undefined
  }

  #beat(): void {
    const { leader } = this.#leading ?? {}
    if (leader !== undefined) leader.tellLeading()
    else if (this.#opening !== undefined)
      this.#voice.say({ type: 'leading', from: this.#id, term: this.#opening.term })
  }

  async #lead(leadership: Leadership): Promise<void> {
    const { term, lost } = leadership
    this.#opening = leadership
    this.#beat()
    this.#follow(this.#id, term, undefined)
    let channel: ReliableChannel | undefined
    try {
      // What this tab had opened before is closed first.
      await this.#ending
      channel = await this.#open(leadership)
      lost.throwIfAborted()
      this.#closing.signal.throwIfAborted()
    } catch (error) {
      this.#opening = undefined
      this.#ending = this.#end(channel)
      await this.#ending
      this.#failed(leadership, error)
      return
    }
    this.#opening = undefined
    this.#failures = 0
    this.#serve(leadership, channel)
  }

  /** Opens the channel, whose store is this tab's until the lead is lost. */
  async #open({ lost }: Leadership): Promise<ReliableChannel> {
    const { name, open, limitMs, scheduler } = this.#options
    let isTaken = false
    const locks: NonNullable<TabsExclusive['locks']> = {
      request: (_, __, held) => {
        isTaken = true
        return new Promise((resolve, reject) => {
          lost.addEventListener('abort', () => reject(lost.reason))
          resolve(held({}))
        })
      },
    }
    const ends = AbortSignal.any([lost, this.#closing.signal])
    const channel = await withinLimit(() => open({ name: PREFIX + name, wait: true, locks }, ends), {
      what: 'opening the channel',
      limitMs,
      scheduler,
      signal: lost,
      late: (late) => void this.#end(late),
    })
    if (isTaken) return channel
    await this.#end(channel)
    throw new ChannelOptionError(
      '"open" must hand its argument on: open: (exclusive) => openChannel({ …, exclusive })',
    )
  }

  #serve(leadership: Leadership, channel: ReliableChannel): void {
    const { scheduler } = this.#options
    const { term, lost } = leadership
    const leader = new Leader({
      channel,
      scheduler,
      post: (message) => this.#tell(message, term),
      confirm: () => this.#confirm(lost),
    })
    const leading = { leadership, leader }
    this.#leading = leading
    const stop = (): void => {
      if (this.#leading !== leading) return
      this.#leading = undefined
      leader.stop()
      this.#ending = this.#end(channel)
      this.#client?.led('waiting', undefined)
      void this.#ending.then(() => leadership.release(this.#isClosed ? 0 : this.#restMs()))
    }
    this.#stop = stop
    lost.addEventListener('abort', stop)
    // The transport has died, or the application has closed the channel below.
    channel.events$.subscribe({ error: stop, complete: stop })
    leader.tellLeading()
  }

  /** To all tabs; to this one at once. */
  #tell(message: FromLeader, term: number): void {
    const said = { ...message, from: this.#id, term }
    this.#saidAt = this.#options.scheduler.now()
    if (!('to' in message) || message.to !== this.#id) this.#voice.say(said)
    if (message.type === 'leading') this.#follow(this.#id, term, message.channel)
    else this.#client?.take(message)
  }

  /** Whether this tab still leads: after a while of silence it hears all that others have said meanwhile. */
  async #confirm(lost: AbortSignal): Promise<boolean> {
    const { scheduler } = this.#options
    const { leadership } = this.#leading ?? {}
    if (lost.aborted || leadership === undefined) return false
    if (scheduler.now() - this.#saidAt > FRESH_MS) {
      const echoed = new Promise<void>((resolve) => (this.#echoed = resolve))
      this.#voice.say({ type: 'echo', from: this.#id, term: leadership.term })
      const what = 'hearing the other tabs'
      await withinLimit(echoed, { what, limitMs: ECHO_MS, scheduler, signal: lost }).catch(() => {})
    }
    return !lost.aborted
  }

  #restMs(): number {
    return Math.min(REST_MS * 2 ** this.#failures++, MOST_REST_MS)
  }

  #failed(leadership: Leadership, error: unknown): void {
    if (this.#client === undefined && !this.#isClosed) {
      // Whoever opens the channel is told. Other tabs try for themselves.
      const errors = [error, ...this.#untold]
      this.#settle.reject(errors.length === 1 ? error : togetherOf(errors))
      leadership.release()
      return void this.close().catch(() => {})
    }
    this.#client?.tell('tab-failed', { what: 'open', error })
    leadership.release(this.#restMs())
  }

  /**
   * Closes a channel, and what was opened for it. What fails is told by an event of the tab that goes on, else to whoever
   * closes it.
   */
  async #end(channel: ReliableChannel | undefined): Promise<void> {
    const { closed, limitMs, scheduler } = this.#options
    const failures = await failuresOf([
      () => withinLimit(() => channel?.close(), { what: 'closing the channel', limitMs, scheduler }),
      () => withinLimit(() => closed?.(), { what: '"closed"', limitMs, scheduler }),
    ])
    const client = this.#client
    if (this.#isClosed || client === undefined) this.#untold.push(...failures)
    else for (const error of failures) client.tell('tab-failed', { what: 'close', error })
  }

  /** @throws AggregateError of all that failed while something was closed for this tab, and nobody was told */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closing.abort(new ChannelClosedError('the channel was closed before it was open'))
    this.#stop()
    await this.#startingToLead
    await this.#ending
    this.#election.close()
    this.#voice.close()
    throwAll(this.#untold)
  }
}
