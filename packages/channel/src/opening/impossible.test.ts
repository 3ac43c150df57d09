import { type Cipher, xchacha } from '@reliable-channels/encryption'
import { checkedStore, memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { type MemberOptions, dump, encode, setUp } from '../../test/restarting.ts'

const PREFIX = 'channel/team/'
/** Small, so that everything is stored that may be. */
const options: MemberOptions = {
  segmentSizeBytes: 192,
  parityRate: 1,
  consume: 'acknowledged',
  sds: { maxHistory: 6, maxMet: 8, lostAfterMs: 3_000 },
  reassembly: { maxCompleted: 2, maxSets: 2, timeoutMs: 60_000 },
}
const inner = xchacha({ key: new Uint8Array(32).fill(1) })
const sealed = { ...options, cipher: inner, placement: 'content' } as const

/** What bob has in his store in the middle of a conversation. */
async function stored(ofBob: MemberOptions): Promise<Map<string, Uint8Array>> {
  const { open, pass, network } = setUp({ loss: 0.3 })
  const disk = new Map<string, Uint8Array>()
  const { placement, cipher } = ofBob
  const sealing = cipher === undefined ? {} : { placement: placement!, cipher: inner }
  const [alice, carol] = [
    await open('alice', memoryStore(), { ...options, ...sealing }),
    await open('carol', memoryStore(), { ...options, ...sealing }),
  ]
  const bob = await open('bob', memoryStore(disk), ofBob)
  for (let i = 0; i < 20; i++) {
    alice.channel.send(encode(`${i}`.padEnd(i % 4 === 0 ? 700 : 20, '.')))
    if (i % 3 === 0) carol.channel.send(encode(`of carol ${i}`))
    if (i % 5 === 0) alice.channel.send(encode('passing'), { ephemeral: true })
    await pass(200)
  }
  network.partition([['alice', 'carol'], ['bob']])
  bob.channel.send(encode('of bob, unacknowledged'.padEnd(600, '.')))
  await pass(100)
  for (const member of [alice, bob, carol]) member.kill()
  return dump(checkedStore(memoryStore(disk)))
}

/** The part and kind of an entry. */
function kindOf(key: string): string {
  const [part = '', kind = ''] = key
    .replace(PREFIX, '')
    .replace(/^(requests\/r)[0-9a-f]+$/, '$1')
    .split('/')
  if (part === 'segments' || part === 'inbox') return `${part}/${kind.slice(0, 1)}`
  return part === 'sds' || part === 'requests' ? `${part}/${kind}` : part
}

const MOST = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 1)

/** What a record may be that nobody wrote, its check being right all the same. */
function* impossible(value: Uint8Array, other: Uint8Array): Generator<[what: string, value: Uint8Array]> {
  const { length } = value
  yield ['cut in the middle', value.slice(0, length >> 1)]
  yield ['cut at the end', value.slice(0, -1)]
  yield ['empty', new Uint8Array(0)]
  yield ['all zeros', new Uint8Array(length)]
  yield ['all ones but for its version', new Uint8Array(length).fill(255).fill(1, 0, 1)]
  yield ['too long', Uint8Array.of(...value, ...MOST)]
  for (const at of [1, length >> 1])
    if (at > 0)
      yield [
        `with the greatest number at ${at}`,
        Uint8Array.of(...value.slice(0, at), ...MOST, ...value.slice(at + 1)),
      ]
  yield ['another record', other]
}

/** Opens each frame once, before SDS counts it, and never again: it waits where its content is to be handed out. */
function openedOnce(): Cipher['open'] {
  const opened = new Set<string>()
  return (frame, context) => {
    const name = String(frame)
    if (opened.has(name)) return new Promise<never>(() => {})
    opened.add(name)
    return inner.open(frame, context)
  }
}

// X10
describe('a record that is impossible', () => {
  it.each([
    [
      'in the clear',
      options,
      [
        'hints',
        'heard',
        'inbox/m',
        'requests/request',
        'segments/s',
        'segments/c',
        'sds/log',
        'sds/met',
        'sds/out',
        'sds/horizon',
        'sds/parked',
        'sds/missing',
        'sds/life',
        'writes',
        'owner',
      ],
    ],
    ['that waits to be opened', { ...sealed, cipher: { ...inner, open: openedOnce() } }, ['sealed']],
  ] as [string, MemberOptions, string[]][])(
    'keeps no channel from opening, and from going on: %s',
    { timeout: 300_000 },
    async (_, ofBob, expected) => {
      const sound = await stored(ofBob)
      const kinds = new Map([...sound.keys()].map((key) => [kindOf(key), key]))
      expect([...kinds.keys()]).toEqual(expect.arrayContaining(expected))
      const values = [...kinds.values()].map((key) => sound.get(key)!)
      const tried = ofBob === options ? [...kinds] : [...kinds].filter(([kind]) => expected.includes(kind))
      for (const [index, [kind, key]] of tried.entries()) {
        if (kind === 'version') continue
        for (const [what, value] of impossible(sound.get(key)!, values[(index + 1) % values.length]!)) {
          const disk = checkedStore(memoryStore())
          await disk.write(
            [...sound].map(([each, its]) => ({ key: each, value: each === key ? value : its })),
          )
          const where = `${kind}, ${what}`
          const { open, pass, scheduler } = setUp()
          // Later than what is stored.
          await scheduler.advance(60_000)
          const sealing = ofBob === options ? options : sealed
          const bob = await open('bob', disk, sealing).catch((error: { code: string }) => error.code)
          // The owner's name may have become another's.
          if (typeof bob === 'string') {
            expect([kind, bob], where).toEqual(['owner', 'ERR_STORE_OWNER'])
            continue
          }
          const dave = await open('dave', memoryStore(), sealing)
          await pass(100)
          dave.channel.send(encode('hello, bob'))
          bob.channel.send(encode('hello, dave'))
          await pass(10_000)
          expect(bob.received, where).toContain('hello, bob')
          expect(dave.received, where).toContain('hello, dave')
          expect(bob.events, where).not.toContainEqual(expect.objectContaining({ code: 'channel-died' }))
          await bob.channel.close()
          dave.kill()
        }
      }
    },
  )
})
