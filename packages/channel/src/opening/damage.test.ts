import { memoryStore } from '@reliable-channels/store'
import type { Envelope } from '@reliable-channels/transport'
import { describe, expect, it } from 'vitest'
import { team } from '../../test/open-fake.ts'
import { type Member, encode, setUp } from '../../test/restarting.ts'

/** Bytes of an entry that are spoiled in turn: of the mark, the checksum, and what it holds. */
const PLACES = [0, 4, 8, 9, 13]
const limits = { sds: { maxHistory: 6, maxMet: 8 }, past: 'deliver' } as const

/** What bob has in his store after a conversation with alice, and what she has sent. */
async function conversation(): Promise<{ sound: Map<string, Uint8Array>; sent: Envelope[] }> {
  const { open, pass, network } = setUp()
  const sound = new Map<string, Uint8Array>()
  const sent: Envelope[] = []
  const ear = network.peer('ear')
  await ear.subscribe(team.contentTopic)
  ear.messages$.subscribe(({ contentTopic, payload, ephemeral, meta }) => {
    sent.push({ contentTopic, payload, ephemeral, ...(meta && { meta }) })
  })
  const alice = await open('alice', memoryStore(), limits)
  const bob = await open('bob', memoryStore(sound), limits)
  for (let i = 0; i < 24; i++) {
    alice.channel.send(encode(`old ${i}`))
    await pass(200)
  }
  alice.channel.send(encode('passing'), { ephemeral: true })
  await pass(10_000)
  expect(bob.received).toHaveLength(25)
  network.partition([['alice'], ['bob']])
  bob.channel.send(encode('of bob, unacknowledged'))
  await pass(1_000)
  alice.kill()
  bob.kill()
  return { sound, sent }
}

const damages = (member: Member): number =>
  member.events.filter((event) => event.type === 'diagnostic' && event.code === 'store-corrupt').length

/** Of each kind of entry the last one. */
function oneOfEach(store: ReadonlyMap<string, Uint8Array>): Map<string, string> {
  const kinds = new Map<string, string>()
  for (const key of store.keys()) {
    const [part = '', kind = ''] = key
      .replace('channel/team/', '')
      .replace(/^(requests\/r)[0-9a-f]+$/, '$1')
      .split('/')
    kinds.set(part === 'sds' || part === 'requests' ? `${part}/${kind}` : `${part}${kind.slice(0, 1)}`, key)
  }
  return kinds
}

// X10, X13
describe('a damaged entry', () => {
  it(
    'of whatever kind is told, ends no process, and brings no message twice',
    { timeout: 200_000 },
    async () => {
      const { sound, sent } = await conversation()
      const kinds = oneOfEach(sound)
      const expected = [
        'sds/clock',
        'sds/horizon',
        'sds/log',
        'sds/met',
        'sds/out',
        'owner',
        'identity',
        'version',
      ]
      expect([...kinds.keys()]).toEqual(expect.arrayContaining(expected))
      for (const [kind, key] of kinds) {
        for (const place of PLACES) {
          const damaged = sound.get(key)!.slice()
          if (place >= damaged.length) continue
          damaged[place]! ^= 0x10
          const { open, pass, network } = setUp()
          const bob = await open('bob', memoryStore(new Map([...sound, [key, damaged]])), limits)
          const where = `byte ${place} of ${kind}`
          await pass(100)
          expect(damages(bob), where).toBe(1)
          for (const envelope of sent) await network.peer('alice').send(envelope)
          await pass(2_000)
          expect(bob.received, where).toEqual([])
          bob.kill()
        }
      }
    },
  )
})
