import { xchacha } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { type Member, type MemberOptions, type Restarting, setUp } from '../../test/restarting.ts'
import type { SendStatus } from '../events.ts'

/** Ten segments. */
const SEGMENTS = 10
const payload = Uint8Array.from({ length: SEGMENTS * 1_900 }, (_, i) => (i * i) >>> 7)

const all: MemberOptions = { receipts: 'all', segmentSizeBytes: 2_048 }

/** What happens to a message of alice's before all are known to have it. Returns alice as she is then. */
type Story = (group: Group) => Promise<Member>

/** alice, bob and carol, each with a store of its own. */
class Group {
  readonly net: Restarting
  /** Who was named without having the message. */
  readonly untrue: string[] = []
  requestId = ''
  readonly #options: MemberOptions
  readonly #order: 'causal' | 'none'
  readonly #disks = { alice: memoryStore(), bob: memoryStore(), carol: memoryStore() }
  readonly #has = new Set<string>()

  constructor(net: Restarting, { order = 'causal', ...options }: GroupOptions) {
    this.net = net
    this.#options = options
    this.#order = order
  }

  has(name: string): boolean {
    return this.#has.has(name)
  }

  async open(name: 'alice' | 'bob' | 'carol'): Promise<Member> {
    const handler = (): unknown => this.#has.add(name)
    const member = await this.net.open(name, this.#disks[name], { ...this.#options, handler })
    member.channel.events$.subscribe((event) => {
      if (event.type === 'reliable:message:receipt' && !this.has(event.member)) this.untrue.push(event.member)
    })
    return member
  }

  /** alice sends until something is so of her message. */
  async send({ channel }: Member, until: (status: SendStatus) => boolean): Promise<void> {
    const request = channel.send(payload, { order: this.#order })
    this.requestId = request.requestId
    await this.net.scheduler.run({ until: () => until(request.status), maxMs: 60_000 })
  }

  /** How long it takes, ms, until both others are known to have it; ten minutes at most. */
  async untilAll({ channel }: Member): Promise<number> {
    const { scheduler } = this.net
    const startedAt = scheduler.now()
    let isAll = false
    void channel
      .request(this.requestId)!
      .deliveredToAll(['bob', 'carol'])
      .then(() => (isAll = true))
    await scheduler.run({ until: () => isAll, maxMs: 600_000 })
    return scheduler.now() - startedAt
  }
}

interface GroupOptions extends MemberOptions {
  readonly order?: 'causal' | 'none'
}

const someAcknowledged = ({ segments }: SendStatus): boolean => segments.acknowledged >= 3

const stories: Readonly<Record<string, Story>> = {
  async 'its author restarts in the middle'(group) {
    const alice = await group.open('alice')
    await group.open('bob')
    await group.open('carol')
    await group.send(alice, someAcknowledged)
    await Promise.all([alice.channel.close(), group.net.pass(3_000)])
    return group.open('alice')
  },
  async 'its author is killed when the last of it has left'(group) {
    const alice = await group.open('alice')
    await group.open('bob')
    await group.open('carol')
    await group.send(alice, ({ segments: { confirmed, total } }) => total > 0 && confirmed === total)
    alice.kill()
    await group.net.pass(5_000)
    return group.open('alice')
  },
  async 'a receiver is killed in the middle'(group) {
    const alice = await group.open('alice')
    await group.open('bob')
    const carol = await group.open('carol')
    await group.send(alice, someAcknowledged)
    carol.kill()
    await group.net.pass(1_000)
    await group.open('carol')
    return alice
  },
  async 'both are killed in the middle'(group) {
    const alice = await group.open('alice')
    await group.open('bob')
    const carol = await group.open('carol')
    await group.send(alice, someAcknowledged)
    alice.kill()
    carol.kill()
    await group.net.pass(1_000)
    await group.open('carol')
    return group.open('alice')
  },
  async 'one has it before its author is killed, and one gets it after'(group) {
    const alice = await group.open('alice')
    await group.open('bob')
    await group.open('carol')
    group.net.network.partition([['alice', 'bob'], ['carol']])
    await group.send(alice, ({ state }) => state === 'delivered')
    alice.kill()
    group.net.network.heal()
    await group.net.pass(1_000)
    return group.open('alice')
  },
  async 'one says that he has it while its author is not there'(group) {
    const alice = await group.open('alice')
    await group.open('bob')
    await group.open('carol')
    await group.send(alice, ({ state }) => state === 'delivered' && group.has('carol'))
    alice.kill()
    await group.net.pass(10_000)
    return group.open('alice')
  },
}

const variants: readonly (readonly [string, GroupOptions])[] = [
  ['in segments', {}],
  ['in one segment', { segmentSizeBytes: 50_000 }],
  ['at six messages a second', { rateLimit: { messagesPerEpoch: 6, epochMs: 1_000 } }],
  ['with parity', { parityRate: 0.2 }],
  ['sealed', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' }],
  ['in no order', { order: 'none' }],
]

// The "nothing is lost, nothing is silent": receipts too.
describe.each(Object.entries(stories))('all are known to have a message though %s', (_, story) => {
  const run = async (options: GroupOptions, conditions: { seed: number; loss?: number }) => {
    const group = new Group(setUp(conditions), { ...all, ...options })
    const waitMs = await group.untilAll(await story(group))
    expect(group.untrue).toEqual([])
    return { waitMs, frames: group.net.network.stats.sent }
  }

  it.each(variants)('%s', async (_name, options) => {
    const { waitMs, frames } = await run(options, { seed: 1 })
    expect(waitMs).toBeLessThan(6_000)
    expect(frames).toBeLessThanOrEqual(2 * SEGMENTS + 6)
  })

  it('of five networks that lose a fifth', async () => {
    const waits: number[] = []
    for (let seed = 1; seed <= 5; seed++) waits.push((await run({}, { seed, loss: 0.2 })).waitMs)
    expect(Math.max(...waits)).toBeLessThan(40_000)
  })
})

describe('receipts after a restart', () => {
  it('grow without being waited for, where whoever lacks one had acknowledged before', async () => {
    const net = setUp()
    const group = new Group(net, all)
    const alice = await group.open('alice')
    await group.open('bob')
    await group.open('carol')
    alice.channel.send(payload)
    await net.pass(5_000)
    await group.send(alice, ({ state }) => state === 'delivered')
    const { requestId } = group
    const names = alice.channel.request(requestId)!.status.deliveredTo
    expect(names).toHaveLength(1)
    alice.kill()
    await net.pass(10_000)
    const back = await group.open('alice')
    const grown: (readonly string[])[] = []
    back.channel.receipts(requestId).subscribe((each) => grown.push(each.toSorted()))
    await net.pass(5_000)
    expect(grown).toEqual([names, ['bob', 'carol']])
    expect(group.untrue).toEqual([])
  })
})
