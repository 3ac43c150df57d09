import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Network, seeded } from '../../../test/network.ts'
import { encodeMessage } from '../wire/codec.ts'

const START = 1_750_000_000_000
const MAX_MS = 1_000

interface Said {
  readonly id: string
  readonly after?: readonly string[]
  readonly from?: string
  readonly at?: number
  readonly text?: string
}

const bytesOf = ({ id, after = [], from = 'carol', at = 0, text = id }: Said): Uint8Array =>
  encodeMessage(
    {
      senderId: from,
      messageId: id,
      channelId: 'channel',
      lamport: START + at,
      causalHistory: after.map((messageId) => ({ messageId, senderId: 'carol' })),
      repairRequest: [],
      content: new TextEncoder().encode(text),
    },
    'lip',
  )

/** bob, who is no newcomer, and hears this. */
function hearing(...all: readonly Said[]) {
  const net = new Network({ random: seeded(37) })
  const bob = net.join('bob', { periodicSyncMs: 0 })
  bob.say('no newcomer')
  for (const said of all) bob.receive(bytesOf(said))
  return { net, bob }
}

// F23
describe('a message whose id is the hash of its content, said again', () => {
  const X: Said = { id: 'X', at: 1 }
  const R: Said = { id: 'R', after: ['X'], at: 2 }
  const again: Said = { id: 'X', after: ['X', 'R'], at: 3 }

  it('is delivered once, and the reply too, in whichever order the three come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([X, R, again], { minLength: 3 }), (order) => {
        const { bob } = hearing(...order)
        expect(bob.texts().toSorted()).toEqual(['R', 'X'])
        expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
      }),
    )
  })

  it('waits with the reply for neither, where the first never comes', () => {
    expect(hearing(R, again).bob.texts()).toEqual(['R', 'X'])
    expect(hearing(again, R).bob.texts()).toEqual(['R', 'X'])
  })

  it('waits for what both copies come after, and for nothing else, after a restart too', () => {
    const { bob } = hearing({ id: 'X', after: ['p', 'q'], at: 5 }, { id: 'X', after: ['q', 'r'], at: 1 })
    bob.restart()
    expect(bob.texts()).toEqual([])
    bob.receive(bytesOf({ id: 'q' }))
    expect(bob.texts()).toEqual(['q', 'X'])
  })

  it('is not to be had by a copy of another’s, or with another content', () => {
    for (const other of [{ from: 'mallory' }, { text: 'something else' }]) {
      const { bob } = hearing({ id: 'X', after: ['p'] }, { id: 'X', ...other })
      expect(bob.texts()).toEqual([])
    }
  })
})

// F23
describe('messages that wait for each other', () => {
  it('are released at once, the first of the log first, with all that waits for them', () => {
    const { bob } = hearing(
      { id: 'after', after: ['c'], at: 9 },
      { id: 'a', after: ['c'], at: 1 },
      { id: 'b', after: ['a'], at: 2 },
      { id: 'c', after: ['b'], at: 3 },
    )
    expect(bob.texts()).toEqual(['a', 'b', 'c', 'after'])
  })

  it('are not while one of them waits for something that may come, and are once it has', () => {
    const { bob } = hearing({ id: 'a', after: ['b'], at: 1 }, { id: 'b', after: ['a', 'x'], at: 2 })
    expect(bob.texts()).toEqual([])
    expect(bob.stage.health()).toEqual({ state: 'missing', missing: 1, lost: 0 })
    bob.receive(bytesOf({ id: 'x' }))
    expect(bob.texts()).toEqual(['x', 'a', 'b'])
  })

  it('are after a restart too', () => {
    const { bob } = hearing({ id: 'a', after: ['b'], at: 1 }, { id: 'b', after: ['a', 'x'], at: 2 })
    bob.restart()
    bob.receive(bytesOf({ id: 'x' }))
    expect(bob.texts()).toEqual(['x', 'a', 'b'])
  })

  it('are looked for among few: a chain of thousands that waits for its first costs no more than before', () => {
    const count = 4_000
    const all = Array.from({ length: count }, (_, i) => ({
      id: `${i}`,
      after: i === 0 ? [] : [`${i - 1}`],
      at: i,
    }))
    const odd = all.filter((_, i) => i % 2 === 1)
    const even = all.filter((_, i) => i % 2 === 0 && i > 0)
    const { net, bob } = hearing(...odd, ...even)
    expect(bob.texts()).toEqual([])
    bob.receive(bytesOf(all[0]!))
    net.run(1)
    expect(bob.texts()).toHaveLength(count)
  })

  it('count in the health while a larger circle waits, which is released when it is given up', () => {
    const count = 100
    const all = Array.from({ length: count }, (_, i) => ({
      id: `${i}`,
      after: [`${(i + 1) % count}`],
      at: i,
    }))
    const { net, bob } = hearing(...all)
    expect(bob.texts()).toEqual([])
    expect(bob.stage.health()).toEqual({ state: 'missing', missing: 0, lost: 0 })
    net.run(4 * 3_600 * MAX_MS)
    expect(bob.texts()).toHaveLength(count)
    expect(bob.stage.health().state).toBe('synced')
  })
})
