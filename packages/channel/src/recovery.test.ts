import { describe, expect, it } from 'vitest'
import { type SchedulerAction, type SchedulerLike, type Subscription, filter } from 'rxjs'
import { decodeMessage } from '@reliable-channels/sds/core'
import { type Conditions, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { type Store, memoryStore } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { type ChannelEvent, type ChannelOptions, openChannel } from './index.ts'
import { team } from '../test/open-fake.ts'
import { seededBytes } from '../test/seeded-bytes.ts'

/** A tab in the background: its timers run once a minute. */
const heldBack = (scheduler: SchedulerLike): SchedulerLike => ({
  now: () => scheduler.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return scheduler.schedule(work, delay > 0 ? 60_000 - (scheduler.now() % 60_000) : 0, state)
  },
})

/** Members of one channel, in virtual time, who do not hear certain messages. */
function group(seed: number, conditions: Conditions = {}) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed, scheduler, ...conditions })
  const open = async (
    senderId: string,
    isHeard: (messageId: string) => boolean = () => true,
    {
      hasMemory = false,
      areTimersHeld = false,
      ...options
    }: Partial<ChannelOptions> & { store?: Store; hasMemory?: boolean; areTimersHeld?: boolean } = {},
  ) => {
    const transport: Transport = network.peer(senderId)
    const messages$ = transport.messages$.pipe(
      filter(({ payload }) => isHeard(decodeMessage(payload).message?.messageId ?? '')),
    )
    Object.defineProperty(transport, 'messages$', { value: messages$ })
    Object.defineProperty(transport, 'history', { value: undefined })
    if (!hasMemory) Object.defineProperty(transport, 'fetch', { value: undefined })
    const channel = await openChannel({
      ...team,
      senderId,
      transport,
      scheduler: areTimersHeld ? heldBack(scheduler) : scheduler,
      randomBytes: seededBytes(seed, senderId),
      segmentSizeBytes: 192,
      ...options,
    })
    const events: ChannelEvent[] = []
    channel.events$.subscribe((event) => events.push(event))
    const receivedAt: number[] = []
    channel.incoming$.subscribe(() => receivedAt.push(scheduler.now()))
    const contents: string[] = []
    channel.outgoing$.subscribe(({ kind, messageId }) => kind === 'content' && contents.push(messageId))
    const codes = (): string[] => events.flatMap((event) => (event.type === 'diagnostic' ? [event.code] : []))
    return { channel, events, receivedAt, contents, codes }
  }
  return { scheduler, open }
}

const twoSegments = new Uint8Array(2 * 64)

describe('delivered', () => {
  it('is not told while each of two members has acknowledged half, and names the first who has all (N4)', async () => {
    const { scheduler, open } = group(1)
    const alice = await open('alice')
    let isCarolDeaf = true
    const bob = await open('bob', (id) => id !== alice.contents[1])
    const carol = await open('carol', (id) => !isCarolDeaf || id !== alice.contents[0])
    const request = alice.channel.send(twoSegments)
    await scheduler.run({ maxMs: 30_000 })
    expect(alice.contents).toHaveLength(2)
    expect([bob.receivedAt, carol.receivedAt]).toEqual([[], []])
    expect(request.status).toMatchObject({ state: 'sent', segments: { acknowledged: 2 }, deliveredTo: [] })
    isCarolDeaf = false
    await scheduler.run({ until: () => request.status.state === 'delivered', maxMs: 120_000 })
    expect(request.status).toMatchObject({ state: 'delivered', deliveredTo: ['carol'] })
    expect([bob.receivedAt.length, carol.receivedAt.length]).toEqual([0, 1])
  })

  it('comes at most 2.5 s after the message, when parity stood in for what was lost', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { scheduler, open } = group(seed)
      const alice = await open('alice', undefined, { parityRate: 0.5 })
      const bob = await open('bob', (id) => id !== alice.contents[seed % 4])
      const request = alice.channel.send(new Uint8Array(4 * 64))
      await scheduler.run({ until: () => request.status.state === 'delivered', maxMs: 60_000 })
      expect(request.status.deliveredTo, `seed ${seed}`).toEqual(['bob'])
      expect(scheduler.now() - bob.receivedAt[0]!, `seed ${seed}`).toBeLessThanOrEqual(2_500)
    }
  })
})

describe('what was missed', () => {
  /** Alice's second message is not heard live. */
  const missed = async (hasMemory: boolean) => {
    const { scheduler, open } = group(2)
    const startMs = scheduler.now()
    const alice = await open('alice')
    let left = 1
    const bob = await open('bob', (id) => id !== alice.contents[1] || left-- <= 0, { hasMemory })
    for (const byte of [1, 2, 3]) {
      alice.channel.send(Uint8Array.of(byte))
      await scheduler.run({ maxMs: 400 })
    }
    await scheduler.run({ until: () => bob.receivedAt.length === 3, maxMs: 10_000 })
    return { bob, alice, tookMs: bob.receivedAt[2]! - (startMs + 800) }
  }

  it('is fetched from the memory of the network, and its author is not asked for it', async () => {
    const { bob, tookMs } = await missed(true)
    expect(bob.codes()).toContain('missing')
    expect(bob.codes()).not.toContain('repair-requested')
    expect(tookMs).toBeLessThan(1_000)
  })

  it('comes from its author within two seconds where there is no memory', async () => {
    const { alice, bob, tookMs } = await missed(false)
    expect([...alice.codes(), ...bob.codes()]).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(retransmitted|repair-requested)$/)]),
    )
    expect(tookMs).toBeLessThan(2_000)
  })
})

describe('a member whose timers are held to a minute', () => {
  it('acknowledges with what comes next, so that little is sent again and nothing counts as failed (F12)', async () => {
    const { scheduler, open } = group(3)
    const alice = await open('alice')
    const bob = await open('bob', undefined, { areTimersHeld: true })
    const requests = []
    for (let i = 0; i < 60; i++) {
      requests.push(alice.channel.send(Uint8Array.of(i)))
      await scheduler.run({ maxMs: 5_000 })
    }
    await scheduler.run({ maxMs: 180_000 })
    expect(bob.receivedAt).toHaveLength(60)
    expect(requests.map(({ status }) => status.state)).toEqual(requests.map(() => 'delivered'))
    expect(alice.codes().filter((code) => code === 'retransmitted').length).toBeLessThanOrEqual(10)
  })
})

describe('a message that was given up', () => {
  it('is delivered late, after a restart too, once its receiver is heard again (F2)', async () => {
    for (const restarts of [false, true]) {
      const { scheduler, open } = group(4)
      const store = memoryStore()
      let isAway = true
      const first = await open('alice', () => !isAway, { store })
      const bob = await open('bob', () => !isAway)
      first.channel.send(Uint8Array.of(1))
      await scheduler.run({ maxMs: 3_600_000 })
      expect(first.events.map(({ type }) => type)).toContain('reliable:message:delivery-error')
      if (restarts) await first.channel.close()
      const alice = restarts ? await open('alice', () => !isAway, { store }) : first
      isAway = false
      bob.channel.send(Uint8Array.of(2))
      await scheduler.run({ maxMs: 30_000 })
      expect(bob.receivedAt).toHaveLength(1)
      expect(alice.events.filter(({ type }) => type === 'reliable:message:delivered')).toMatchObject([
        { deliveredTo: ['bob'], late: true },
      ])
    }
  })
})

describe('a network whose delays differ by more than a round trip', () => {
  it.each([400, 800])('has what left together sent again hardly ever, by %i ms', async (jitterMs) => {
    const { scheduler, open } = group(5, { latencyMs: 50, jitterMs })
    const alice = await open('alice')
    const bob = await open('bob')
    alice.channel.send(new Uint8Array(40 * 64))
    await scheduler.run({ maxMs: 30_000 })
    expect(bob.receivedAt).toHaveLength(1)
    expect(alice.events.map(({ type }) => type)).toContain('reliable:message:delivered')
    const segments = new Set(alice.contents).size
    expect(segments).toBeGreaterThan(30)
    expect(alice.codes().filter((code) => code === 'retransmitted').length).toBeLessThan(segments / 3)
  })
})
