import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChannelOptions, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import { type VirtualTime, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { timelinePicture } from '../build/reference/timeline.ts'
import { bundleLimits } from '../../scripts/bundle-limits.ts'
import { PROJECT_ROOT, SCOPE, publishedPackages } from '../../scripts/project.ts'

const CHANNEL = { channelId: 'harbour', contentTopic: '/my-app/1/harbour/proto' }
const KEY = new Uint8Array(32).fill(7)
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)

/** Members of a channel on one network, in virtual time, and what each was shown. */
async function members<Name extends string>(names: readonly Name[], options: Partial<ChannelOptions> = {}) {
  const scheduler: VirtualTime = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const shown = Object.fromEntries(names.map((name) => [name, [] as string[]])) as Record<Name, string[]>
  const channels = await Promise.all(
    names.map(async (senderId) => {
      const transport = network.peer(senderId)
      const channel = await openChannel({ ...CHANNEL, senderId, transport, scheduler, ...options })
      channel.incoming$.subscribe((message) =>
        shown[senderId].push(`${message.senderId}: ${decode(message.payload)}`),
      )
      return channel
    }),
  )
  return { scheduler, network, shown, channels }
}

describe('messages that know nothing of each other', () => {
  it('come in one order to one member, and in another to another', async () => {
    const { scheduler, network, shown, channels } = await members(['alice', 'bob', 'carol', 'dave'])
    network.link('alice', 'carol', { latencyMs: 500 })
    network.link('bob', 'dave', { latencyMs: 500 })
    channels[0]!.send(encode('east'))
    channels[1]!.send(encode('west'))
    await scheduler.advance(2_000)
    expect(shown.carol).toEqual(['bob: west', 'alice: east'])
    expect(shown.dave).toEqual(['alice: east', 'bob: west'])
  })
})

describe('a stranger who hears and says', () => {
  it('sees topic, size and time of a sealed message, and nothing that is in it', async () => {
    const { scheduler, network, channels } = await members(['alice'], { cipher: xchacha({ key: KEY }) })
    const eve = network.peer('eve')
    const heard: { contentTopic: string; payload: Uint8Array; timestampMs?: number }[] = []
    await eve.subscribe(CHANNEL.contentTopic)
    eve.messages$.subscribe((message) => heard.push(message))
    for (const length of [100, 10_000]) {
      channels[0]!.send(encode('secret'.padEnd(length, '!')))
      await scheduler.advance(1_000)
    }
    const [short, long] = heard
    expect(short!.contentTopic).toBe(CHANNEL.contentTopic)
    expect(long!.timestampMs! - short!.timestampMs!).toBe(1_000)
    expect(long!.payload.length - short!.payload.length).toBeGreaterThan(9_000)
    for (const { payload } of heard)
      for (const word of ['secret', '!!!!', 'harbour', 'alice']) expect(decode(payload)).not.toContain(word)
  })

  it.each([
    ['without a cipher, in any name', undefined, ['carol: Sell the boat!']],
    ['with one not at all', xchacha({ key: KEY }), []],
  ])('is believed %s', async (_, cipher, believed) => {
    const { scheduler, network, shown, channels } = await members(['bob'], cipher && { cipher })
    const transport = network.peer('mallory')
    const forger = await openChannel({ ...CHANNEL, senderId: 'carol', transport, scheduler })
    forger.send(encode('Sell the boat!'))
    await scheduler.advance(100)
    expect(shown.bob).toEqual(believed)
    if (cipher) expect(channels[0]!.drops.undecryptable).toBeGreaterThan(0)
  })
})

describe('the picture of a lost message', () => {
  it('frames in full what leaves, and dashes what a member finds out', () => {
    const picture = timelinePicture(PROJECT_ROOT)
    const items = [...picture.matchAll(/<li class="\w+ (\w+)">(.*)<\/li>/g)].map(([, kind, what]) => [
      kind,
      what!,
    ])
    expect(items.length).toBeGreaterThan(10)
    for (const [kind, what] of items)
      expect(kind).toBe(/<\/b> (?:missing|has|delivered)/.test(what!) ? 'found' : 'sent')
    const css = readFileSync(join(PROJECT_ROOT, 'docs/client/site.css'), 'utf8')
    expect(css).toMatch(/\.timeline \.found div \{[^}]*border-style: dashed/)
    expect(css).not.toMatch(/\.timeline \.sent div \{[^}]*dashed/)
  })
})

describe('the limits of size', () => {
  it('are of each entry but those of the packages for Waku and the terminal, and have a gate', () => {
    const weighed = new Set(bundleLimits.map(({ name }) => name.split('/')[0]!))
    const others = publishedPackages(PROJECT_ROOT)
      .map(({ manifest }) => manifest.name.slice(SCOPE.length))
      .filter((name) => !weighed.has(name))
    expect(others).toEqual(['cli', 'libp2p-tuning', 'transport-waku', 'waku-devnet'])
    expect(bundleLimits.every(({ gzip, ignore }) => gzip && ignore.includes('rxjs'))).toBe(true)
    expect(readFileSync(join(PROJECT_ROOT, 'scripts/check.ts'), 'utf8')).toContain("command: ['size-limit']")
  })
})

describe('whoever takes the disk', () => {
  it('reads what was said, with a cipher too', async () => {
    const medium = new Map<string, Uint8Array>()
    const store = memoryStore(medium)
    const { scheduler, channels } = await members(['alice'], {
      cipher: xchacha({ key: KEY }),
      store,
    } as object)
    channels[0]!.send(encode('secret'))
    await scheduler.advance(1_000)
    expect([...medium.values()].some((value) => decode(value).includes('secret'))).toBe(true)
  })
})
