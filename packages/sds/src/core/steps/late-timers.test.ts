import { describe, expect, it } from 'vitest'
import { Network, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0 }

/** bob's timers never come; alice does not send again by herself. */
function held() {
  const net = new Network({ random: seeded(4) })
  const alice = net.join('alice', { ...quiet, acknowledgementTimeoutMs: 1e9 })
  const bob = net.join('bob', quiet)
  bob.online = false
  /** alice says something, and bob hears it. */
  const hear = (text: string): string => {
    const id = alice.say(text)
    bob.receive(alice.sent.at(-1)!.payload)
    return id
  }
  /** The messages that each of bob's sync messages names. */
  const named = (): string[][] =>
    bob.messages('sync').map(({ causalHistory }) => causalHistory.map(({ messageId }) => messageId))
  return { net, alice, bob, hear, named }
}

describe('timers that come late', () => {
  // F12
  it('are not waited for: each input first does what is due', () => {
    const { net, bob, hear, named } = held()
    const first = hear('1')
    expect(named()).toEqual([])
    net.now += 60_000
    bob.input({ type: 'receive', frame: { payload: new Uint8Array(1) } })
    expect(named()).toEqual([[first]])
  })

  // F12
  it('make it acknowledge at once what comes', () => {
    const { net, hear, named } = held()
    hear('1')
    net.now += 60_000
    const second = hear('2')
    expect(named().at(-1)).toContain(second)
    net.now += 10
    const third = hear('3')
    expect(named().at(-1)).toContain(third)
  })

  it('are trusted again once some have come in time', () => {
    const { net, bob, hear, named } = held()
    hear('1')
    net.now += 60_000
    hear('2')
    bob.online = true
    net.run(1_000_000)
    const said = named().length
    hear('3')
    expect(named()).toHaveLength(said)
    net.run(1_000)
    expect(named().length).toBeGreaterThan(said)
  })

  // X3
  it('are put off for 5 s after a sleep where they are overdue, and do not act on the way', () => {
    const { net, bob, hear, named } = held()
    hear('1')
    net.now += 3_600_000
    bob.input({ type: 'suspended', lateMs: 3_600_000 })
    expect(named()).toEqual([])
    expect(bob.stage.deadline()).toBe(net.now + 5_000)
  })

  // X3
  it('keep their time after a sleep where they are not overdue: what was missed is asked for then', () => {
    const { net, alice, bob, hear } = held()
    hear('1')
    net.now += 3_600_000
    bob.input({ type: 'suspended', lateMs: 3_600_000 })
    alice.say('2')
    hear('3')
    // A jump of the clock that is told again.
    bob.input({ type: 'suspended', lateMs: 3_600_000 })
    bob.online = true
    net.run(1_000)
    expect(bob.eventsOf('repair-requested')).not.toEqual([])
    net.run(5_000)
    expect(bob.texts()).toEqual(['1', '2', '3'])
  })
})
