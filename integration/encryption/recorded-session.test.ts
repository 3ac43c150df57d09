import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import {
  type SimulatedClock,
  seededRandom,
  simulatedClock,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import type { Envelope } from '@reliable-channels/transport'
import { describe, expect, it } from 'vitest'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const cipher = xchacha({ key: new Uint8Array(32).fill(3) })
/** Each fifth text is ephemeral: lost once, it is lost. */
const mayBeLost = (text: string): boolean => /[05]$/.test(text)
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Alice and bob talk while carol listens and somebody without the key records, until carol has forgotten it all. */
async function recorded(placement: 'envelope' | 'content') {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 11, loss: 0.1, duplicate: 0.1, scheduler })
  const random = seededRandom(11)
  const randomBytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.floor(random() * 256))
  const disk = new Map<string, Uint8Array>()
  const clock = simulatedClock(scheduler)
  const open = (
    senderId: string,
    time: typeof scheduler | SimulatedClock = scheduler,
  ): Promise<ReliableChannel> =>
    openChannel({
      channelId: 'bank',
      contentTopic: '/bank/1/orders/proto',
      senderId,
      transport: network.peer(senderId),
      scheduler: time,
      randomBytes,
      cipher,
      placement,
      sds: { maxHistory: 40, maxMet: 40 },
      ...(senderId === 'carol' && { store: memoryStore(disk) }),
    })
  const [alice, bob] = [await open('alice'), await open('bob')]
  let carol = await open('carol', clock)
  const received: string[] = []
  const listen = (): void =>
    void carol.incoming$.subscribe(({ payload }) => received.push(new TextDecoder().decode(payload)))
  listen()
  const session: Envelope[] = []
  const recording = [alice, bob].map(({ outgoing$ }) =>
    outgoing$.subscribe(({ envelope }) => session.push(envelope)),
  )
  const talk = async (texts: string, count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      ;(i % 2 === 0 ? alice : bob).send(encode(`${texts} ${i}`), { ephemeral: i % 5 === 0 })
      await scheduler.advance(300)
    }
    await scheduler.advance(20_000)
  }
  await talk('pay', 50)
  for (const each of recording) each.unsubscribe()
  await talk('later', 200)
  const mallory = network.peer('mallory')
  return {
    clock,
    received,
    pass: (ms: number) => scheduler.advance(ms),
    /** Plays the session to everybody. */
    async play() {
      for (const envelope of session) await mallory.send(envelope)
      await scheduler.advance(60_000)
    },
    async restart() {
      await carol.close()
      carol = await open('carol', clock)
      listen()
    },
    drops: () => carol.drops,
    talk,
    close: () => Promise.all([alice, bob, carol].map((channel) => channel.close())),
  }
}

// X1
describe('a sealed session that somebody without the key recorded', () => {
  it.each([
    ['by a clock that is right', 0, 'envelope'],
    ['by a clock that was set back an hour', -HOUR_MS, 'envelope'],
    ['by a clock that was set back two days', -2 * DAY_MS, 'envelope'],
    ['by a clock that was set ahead two days', 2 * DAY_MS, 'envelope'],
    ['by a clock that is right, its contents sealed', 0, 'content'],
    ['by a clock that was set ahead an hour, its contents sealed', HOUR_MS, 'content'],
  ] as const)(
    'opens for nobody again, at once or a day later, before and after a restart, %s',
    async (_, setMs, placement) => {
      const { clock, received, pass, play, restart, drops, talk, close } = await recorded(placement)
      expect(received.filter((text) => !mayBeLost(text))).toHaveLength(200)
      expect(received.filter(mayBeLost).length).toBeGreaterThan(25)
      const before = received.length
      await play()
      expect(received.slice(before)).toEqual([])
      clock.set(setMs)
      await play()
      await restart()
      await play()
      await pass(DAY_MS)
      await play()
      expect(received.slice(before)).toEqual([])
      expect(drops()['sds-older-than-history']).toBeGreaterThan(25)
      // Those who have the key are heard as ever.
      if (Math.abs(setMs) < DAY_MS) {
        await talk('again', 10)
        expect(received.slice(before).filter((text) => !mayBeLost(text))).toHaveLength(8)
      }
      await close()
    },
  )
})
