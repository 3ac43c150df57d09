import { type SdsOptions, type SdsStage, createSdsStage, decodeMessage } from '@reliable-channels/sds/core'
import { Message, MessageChannel, MessageChannelEvent } from '@waku/sds'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const START = 1_750_000_000_000
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Seeded random numbers in [0, 1): mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Member {
  readonly name: string
  /** Texts delivered. */
  readonly delivered: string[]
  /** Texts of own messages that somebody has acknowledged. */
  readonly acknowledged: Set<string>
  /** Texts of messages replayed for others. */
  readonly repaired: string[]
  say(text: string): Promise<void>
  receive(payload: Uint8Array): Promise<void>
  /** Does what is due. Called each half second. */
  tick(): Promise<void>
}

type Send = (payload: Uint8Array) => void

/** Our participant. */
class Ours implements Member {
  readonly name: string
  readonly delivered: string[] = []
  readonly acknowledged = new Set<string>()
  readonly repaired: string[] = []
  readonly #texts = new Map<string, string>()
  readonly #stage: SdsStage
  readonly #send: Send

  constructor(name: string, send: Send, random: () => number, options: Partial<SdsOptions> = {}) {
    this.name = name
    this.#send = send
    this.#stage = createSdsStage({ participantId: name, channelId: 'channel', random, ...options })
  }

  say(text: string, order: 'causal' | 'none' = 'causal'): Promise<void> {
    return this.#step(
      this.#stage.handle({ type: 'wrap', frame: { payload: encode(text) }, order }, Date.now()),
      text,
    )
  }

  receive(payload: Uint8Array): Promise<void> {
    return this.#step(this.#stage.handle({ type: 'receive', frame: { payload } }, Date.now()))
  }

  tick(): Promise<void> {
    return this.#step(this.#stage.tick(Date.now()))
  }

  #step({ outputs }: ReturnType<SdsStage['tick']>, text?: string): Promise<void> {
    for (const output of outputs) {
      if (output.type === 'wrapped') {
        this.#texts.set(output.messageId, text!)
        this.#send(output.payload)
      } else if (output.type === 'traffic') {
        this.#send(output.frame.payload)
        if (output.frame.kind === 'repair') {
          this.repaired.push(decode(decodeMessage(output.frame.payload).message!.content!))
        }
      } else if (output.type === 'delivered') this.delivered.push(decode(output.payload))
      else if (output.type === 'event' && output.event.type === 'acknowledged') {
        this.acknowledged.add(this.#texts.get(output.event.messageId)!)
      }
    }
    return Promise.resolve()
  }
}

/** The published participant, driven as its documentation says: sweeps and sync messages at intervals. */
class Theirs implements Member {
  readonly name: string
  readonly delivered: string[] = []
  readonly acknowledged = new Set<string>()
  readonly repaired: string[] = []
  retransmits = true
  readonly #channel: MessageChannel
  readonly #send: Send
  readonly #fetch: (messageId: string) => Uint8Array | undefined
  readonly #contents = new Map<string, string>()
  #ticks = 0

  /** @param fetch - gives stored messages by id */
  constructor(
    name: string,
    send: Send,
    fetch: (messageId: string) => Uint8Array | undefined = () => undefined,
  ) {
    this.name = name
    this.#send = send
    this.#fetch = fetch
    this.#channel = new MessageChannel('channel', name, {
      causalHistorySize: 10,
      repairConfig: { tMin: 2_000, tMax: 6_000 },
    })
    this.#channel.addEventListener(MessageChannelEvent.InMessageDelivered, ({ detail }) => {
      this.delivered.push(this.#contents.get(detail)!)
    })
    this.#channel.addEventListener(MessageChannelEvent.OutMessageAcknowledged, ({ detail }) => {
      this.acknowledged.add(this.#contents.get(detail)!)
    })
  }

  async say(text: string): Promise<void> {
    this.#channel.pushOutgoingMessage(encode(text), (message) => {
      this.#contents.set(message.messageId, text)
      this.#send(message.encode())
      return Promise.resolve({ success: true })
    })
    await this.#channel.processTasks()
  }

  async receive(payload: Uint8Array): Promise<void> {
    const message = Message.decode(payload)
    expect(message, 'they understand what we send').toBeDefined()
    if (message!.content !== undefined) this.#contents.set(message!.messageId, decode(message!.content))
    this.#channel.pushIncomingMessage(message!, undefined)
    await this.#channel.processTasks()
  }

  async tick(): Promise<void> {
    this.#ticks++
    const missing = this.#channel.sweepIncomingBuffer()
    // It asks for a repair only once: when that is lost, a store is its way out.
    if (this.#ticks % 20 === 0) {
      for (const { messageId } of missing) {
        const stored = this.#fetch(messageId)
        if (stored !== undefined) await this.receive(stored)
      }
    }
    const repairs = await this.#channel.sweepRepairIncomingBuffer((message) => {
      this.#send(message.encode())
      return Promise.resolve(true)
    })
    for (const { content } of repairs) this.repaired.push(decode(content!))
    if (this.retransmits && this.#ticks % 10 === 0) {
      const { unacknowledged, possiblyAcknowledged } = this.#channel.sweepOutgoingBuffer()
      for (const message of [...unacknowledged, ...possiblyAcknowledged]) this.#send(message.encode())
    }
    if (this.#ticks % 6 === 0) {
      await this.#channel.pushOutgoingSyncMessage((message) => {
        this.#send(message.encode())
        return Promise.resolve(true)
      })
    }
  }
}

/** A broadcast network that loses and reorders. */
class Network {
  readonly members: Member[] = []
  readonly stored = new Map<string, Uint8Array>()
  loss: number
  passes: (from: string, to: string, text: string | undefined) => boolean = () => true
  readonly #random: () => number
  readonly #flying: { at: number; to: Member; payload: Uint8Array }[] = []

  constructor(random: () => number, loss: number) {
    this.#random = random
    this.loss = loss
  }

  sendOf(from: string): Send {
    return (payload) => {
      const { message } = decodeMessage(payload)
      const text = message?.content === undefined ? undefined : decode(message.content)
      if (text !== undefined) this.stored.set(message!.messageId, payload)
      for (const to of this.members) {
        if (to.name === from || !this.passes(from, to.name, text) || this.#random() < this.loss) continue
        this.#flying.push({ at: Date.now() + this.#random() * 1_500, to, payload })
      }
    }
  }

  async run(ms: number): Promise<void> {
    for (let elapsed = 0; elapsed < ms; elapsed += 500) {
      vi.setSystemTime(Date.now() + 500)
      for (const member of this.members) await member.tick()
      const now = Date.now()
      const arrived = this.#flying.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
      for (const one of arrived) {
        this.#flying.splice(this.#flying.indexOf(one), 1)
        await one.to.receive(one.payload)
      }
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('our participant and that of @waku/sds', () => {
  it.each([1, 2, 3])('hold one conversation through loss and reordering (seed %i)', async (seed) => {
    const random = seeded(seed)
    const network = new Network(random, 0.25)
    const alice = new Ours('alice', network.sendOf('alice'), random)
    const dave = new Ours('dave', network.sendOf('dave'), random)
    const fetch = (messageId: string): Uint8Array | undefined => network.stored.get(messageId)
    const bob = new Theirs('bob', network.sendOf('bob'), fetch)
    const carol = new Theirs('carol', network.sendOf('carol'), fetch)
    network.members.push(alice, bob, carol, dave)
    const said = new Map<Member, string[]>(network.members.map((member) => [member, []]))
    for (let i = 0; i < 40; i++) {
      const speaker = network.members[Math.floor(random() * 4)]!
      const text = `${speaker.name} ${i}`
      said.get(speaker)!.push(text)
      await speaker.say(text)
      await network.run(500 * Math.floor(random() * 4))
    }
    await network.run(120_000)
    for (const member of network.members) {
      const others = network.members.filter((other) => other !== member).flatMap((other) => said.get(other)!)
      expect([...new Set(member.delivered)].toSorted(), `${member.name} has everything`).toEqual(
        others.toSorted(),
      )
      expect([...member.acknowledged].toSorted(), `${member.name} is acknowledged`).toEqual(
        said.get(member)!.toSorted(),
      )
    }
    for (const { delivered } of [alice, dave]) expect(new Set(delivered).size).toBe(delivered.length)
  })

  it('acknowledge each other', async () => {
    const random = seeded(1)
    const network = new Network(random, 0)
    const alice = new Ours('alice', network.sendOf('alice'), random)
    const bob = new Theirs('bob', network.sendOf('bob'))
    network.members.push(alice, bob)
    await alice.say('from us')
    await bob.say('from them')
    await network.run(10_000)
    expect([...alice.acknowledged]).toEqual(['from us'])
    expect([...bob.acknowledged]).toEqual(['from them'])
  })

  // F16
  it('have no order between a message with order none and what its author says', async () => {
    const random = seeded(4)
    const network = new Network(random, 0)
    const alice = new Ours('alice', network.sendOf('alice'), random)
    const bob = new Theirs('bob', network.sendOf('bob'))
    network.members.push(alice, bob)
    const isHeldBack = new Set(['missed', 'loose, missed'])
    network.passes = (_, to, text) => to !== 'bob' || !isHeldBack.has(text!)
    await alice.say('first')
    await alice.say('loose, missed', 'none')
    await alice.say('second')
    await alice.say('missed')
    await alice.say('loose', 'none')
    await alice.say('third')
    await network.run(3_000)
    expect(bob.delivered.toSorted()).toEqual(['first', 'loose', 'second'])
    network.passes = () => true
    await network.run(60_000)
    const ordered = bob.delivered.filter((text) => !text.startsWith('loose'))
    expect([...new Set(ordered)]).toEqual(['first', 'second', 'missed', 'third'])
    expect([...alice.acknowledged].toSorted()).toEqual([...new Set(bob.delivered)].toSorted())
    expect(alice.acknowledged.size).toBe(6)
  })

  it('repair for each other', async () => {
    const random = seeded(2)
    const network = new Network(random, 0)
    // One who has left cannot answer: only the other kind can.
    const alice = new Ours('alice', network.sendOf('alice'), random, { maxRetransmissions: 0 })
    const bob = new Theirs('bob', network.sendOf('bob'))
    network.members.push(alice, bob)
    network.passes = (_, to, text) => !(text === 'from us, missed' && to === 'bob')
    await alice.say('from us, missed')
    network.passes = () => true
    await alice.say('from us')
    await network.run(20_000)
    expect(alice.repaired).toEqual(['from us, missed'])
    expect(bob.delivered).toEqual(['from us, missed', 'from us'])

    bob.retransmits = false
    network.passes = (_, to, text) => !(text === 'from them, missed' && to === 'alice')
    await bob.say('from them, missed')
    network.passes = () => true
    await bob.say('from them')
    await network.run(20_000)
    // It is asked for again before their repair can have come, and they answer each time.
    expect([...new Set(bob.repaired)]).toEqual(['from them, missed'])
    expect(alice.delivered).toEqual(['from them, missed', 'from them'])
  })
})
