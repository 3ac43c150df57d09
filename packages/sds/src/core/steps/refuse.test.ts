import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'
import type { OfferedContent, ContentRefusal } from '../options.ts'

const text = ({ content }: Pick<OfferedContent, 'content'>): string => new TextDecoder().decode(content)

/** Alice, and bob who has no room for what begins with the words. */
function pair(words: readonly string[], refusal: ContentRefusal = 'now') {
  const net = new Network({ random: seeded(5) })
  const full = new Set(words)
  const refuses = (offered: OfferedContent): ContentRefusal | undefined =>
    full.has(text(offered).split(' ')[0]!) ? refusal : undefined
  return { net, full, alice: net.join('alice'), bob: net.join('bob', { refuses }) }
}

const wantOf = (...messageIds: readonly string[]) =>
  messageIds.map((messageId) => ({ messageId, senderId: 'alice' }))
const copiesOf = (peer: Peer, ids: readonly string[]): number =>
  peer.sent.filter(({ messageId, kind }) => ids.includes(messageId) && kind !== 'content').length

// F10
describe('content that there is no room for', () => {
  it('is not acknowledged, and what comes after it waits until it is asked for and taken in', () => {
    const { net, full, alice, bob } = pair(['film'])
    const film = alice.say('film')
    const after = alice.say('after')
    net.run(5_000)
    expect(bob.delivered).toEqual([])
    expect(bob.eventsOf('refused')[0]).toMatchObject({ messageId: film, senderId: 'alice', refusal: 'now' })
    expect(alice.stage.acknowledgedBy(film)).toEqual([])
    full.clear()
    bob.input({ type: 'want', messages: wantOf(film) })
    net.run(1_000)
    expect(bob.texts()).toEqual(['film', 'after'])
    expect(alice.stage.acknowledgedBy(film)).toEqual(['bob'])
    expect(alice.stage.acknowledgedBy(after)).toEqual(['bob'])
  })

  it('is not sent again and again meanwhile', () => {
    const { net, full, alice, bob } = pair(['film'])
    const carol = net.join('carol', { refuses: () => undefined })
    carol.say('hello')
    net.run(1_000)
    // Nobody acknowledges them, and bob goes on to show what he has.
    net.passes = (from, to) => !(from === alice && to === carol)
    const film = Array.from({ length: 200 }, (_, i) => alice.say(`film ${i}`))
    for (let i = 0; i < 60; i++) {
      bob.say(`text ${i}`)
      net.run(1_000)
    }
    expect(bob.texts()).toEqual(['hello'])
    expect(copiesOf(alice, film)).toBeLessThan(60)
    full.clear()
    bob.input({ type: 'want', messages: wantOf(...film) })
    net.run(10_000)
    expect(bob.delivered).toHaveLength(201)
  })

  it('is asked for though nothing names it, and after a restart too', () => {
    const { net, full, alice, bob } = pair(['film'])
    alice.say('hello')
    net.run(1_000)
    const film = ['film 1', 'film 2', 'film 3'].map((part) => alice.say(part))
    net.run(100)
    net.passes = () => false
    full.clear()
    bob.input({ type: 'want', messages: wantOf(...film) })
    net.run(1_000)
    bob.restart()
    expect(bob.stage.health()).toMatchObject({ state: 'missing', missing: 3 })
    net.passes = () => true
    net.run(60_000)
    expect(bob.texts()).toEqual(['hello', 'film 1', 'film 2', 'film 3'])
  })

  it('holds up nothing if it never can be held, and its author learns that it did not arrive', () => {
    const { net, alice, bob } = pair(['film'], 'never')
    const film = alice.say('film')
    const after = alice.say('after')
    net.run(20 * 60_000)
    expect(bob.texts()).toEqual(['after'])
    expect(alice.stage.acknowledgedBy(after)).toEqual(['bob'])
    expect(alice.eventsOf('delivery-failed').map(({ messageId }) => messageId)).toEqual([film])
    // Nor does his filter have it after a restart.
    bob.restart()
    bob.say('still here')
    net.run(5 * 60_000)
    expect(alice.stage.acknowledgedBy(film)).toEqual([])
  })

  it('may be of any participant but oneself', () => {
    const { net, alice, bob } = pair(['film'])
    bob.say('film')
    net.run(1_000)
    expect(alice.texts()).toEqual(['film'])
  })
})
