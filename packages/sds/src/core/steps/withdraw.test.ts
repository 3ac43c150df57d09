import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'
import { RollingFilter } from '../filter/rolling-filter.ts'
import type { SdsMessage } from '../wire/message.ts'

const quiet = { periodicSyncMs: 0 }

/** Alice has said some things, and carol has them all. */
function said(count: number, options = {}) {
  const net = new Network({ random: seeded(3) })
  const alice = net.join('alice', { ...quiet, ...options })
  const ids = Array.from({ length: count }, (_, i) => alice.say(`m${i}`))
  net.run(1_000)
  const carol = (fields: Partial<SdsMessage>): void => {
    alice.receive(message({ content: undefined, lamport: net.now, ...fields }))
    net.run(1_000)
  }
  carol({ messageId: 'all', causalHistory: named(ids), bloomFilter: filterOf(ids) })
  return { net, alice, ids, carol }
}

const named = (ids: readonly string[], senderId = 'alice') =>
  ids.map((messageId) => ({ messageId, senderId, retrievalHint: undefined }))

function filterOf(ids: readonly string[], more = 0): Uint8Array {
  const filter = new RollingFilter('lip', 10_000, 0.001)
  for (const id of ids) filter.insert(id)
  for (let i = 0; i < more; i++) filter.insert(`other ${i}`)
  return filter.toWire().slice()
}

const withdrawn = (peer: Peer): (readonly [string, string, boolean])[] =>
  peer.eventsOf('acknowledgement-withdrawn').map(({ messageId, by, last }) => [messageId, by, last])
const copiesOf = (peer: Peer, id: string): number =>
  peer.sent.filter(({ messageId, kind }) => messageId === id && kind !== 'content').length

describe('an acknowledgement', () => {
  // F10
  it('goes back when its member asks for the message, which is given to him', () => {
    const { alice, ids, carol } = said(2)
    const before = copiesOf(alice, ids[1]!)
    carol({ messageId: 'ask', repairRequest: named(ids.slice(1)) })
    expect(withdrawn(alice)).toEqual([[ids[1], 'carol', true]])
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual(['carol'])
    expect(alice.stage.acknowledgedBy(ids[1]!)).toEqual([])
    expect(copiesOf(alice, ids[1]!) - before).toBe(1)
  })

  // F10
  it('goes back when his filter lacks it, with all others that it lacks', () => {
    const { alice, ids, carol } = said(4)
    carol({ messageId: 'old copy', bloomFilter: filterOf(ids.slice(0, 1)) })
    expect(withdrawn(alice)).toEqual(ids.slice(1).map((id) => [id, 'carol', true]))
    // He is told again when he has it again.
    carol({ messageId: 'again', causalHistory: named(ids.slice(2, 3)) })
    expect(alice.eventsOf('acknowledged').at(-1)).toMatchObject({
      messageId: ids[2],
      by: 'carol',
      first: true,
    })
    expect(alice.stage.acknowledgedBy(ids[2]!)).toEqual(['carol'])
  })

  it('goes back though he has acknowledged what was said since, in the message that shows it', () => {
    const { net, alice, ids, carol } = said(3)
    const next = alice.say('next')
    net.run(1_000)
    carol({ messageId: 'empty', causalHistory: named([next]), bloomFilter: filterOf([next]) })
    expect(withdrawn(alice).map(([id]) => id)).toEqual(ids)
    expect(alice.stage.acknowledgedBy(next)).toEqual(['carol'])
  })

  it('goes back when he has got the newest again before he was heard', () => {
    const { alice, ids, carol } = said(3)
    carol({ messageId: 'newest', bloomFilter: filterOf(ids.slice(2)) })
    expect(withdrawn(alice).map(([id]) => id)).toEqual(ids.slice(0, 2))
  })

  it('goes back in the end, though he has got the newest again, and more, when his clock shows it', () => {
    const { alice, ids, carol } = said(9)
    const has = filterOf(ids.slice(1), 20)
    for (let i = 0; i < 3; i++) carol({ messageId: `has ${i}`, bloomFilter: has })
    expect(withdrawn(alice)).toEqual([[ids[0], 'carol', true]])
  })

  it('goes back when he asks for the newest, with all others that his filter lacks', () => {
    const { alice, ids, carol } = said(3)
    carol({ messageId: 'ask', repairRequest: named(ids.slice(2)), bloomFilter: filterOf([]) })
    expect(
      withdrawn(alice)
        .map(([id]) => id)
        .toSorted(),
    ).toEqual(ids.toSorted())
  })

  it('stands for those who have it still', () => {
    const { alice, ids, carol } = said(2)
    carol({ messageId: 'dave has', senderId: 'dave', causalHistory: named(ids) })
    carol({ messageId: 'old copy', bloomFilter: filterOf([]) })
    expect(withdrawn(alice)).toEqual(ids.map((id) => [id, 'carol', false]))
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual(['dave'])
  })

  it('goes back though his clock is behind now, as soon as he has something new', () => {
    const { net, alice, ids, carol } = said(2)
    carol({ messageId: 'behind', lamport: net.now - 5_000, bloomFilter: filterOf([]) })
    expect(withdrawn(alice)).toEqual([])
    const next = alice.say('next')
    net.run(1_000)
    carol({ messageId: 'behind too', lamport: net.now - 5_000, bloomFilter: filterOf([next]) })
    expect(withdrawn(alice).map(([id]) => id)).toEqual(ids)
  })

  it('is known of another who has the message by one filter, since he may have no other', () => {
    const { alice, ids, carol } = said(2)
    carol({ messageId: 'empty', bloomFilter: filterOf([]) })
    carol({ messageId: 'dave', senderId: 'dave', bloomFilter: filterOf(ids, 20) })
    expect(ids.map((id) => alice.stage.acknowledgedBy(id))).toEqual([['dave'], ['dave']])
  })

  it('stands where he wrote earlier that he lacks it, and that comes late', () => {
    const { net, alice, ids, carol } = said(2)
    carol({
      messageId: 'late',
      lamport: net.now - 5_000,
      bloomFilter: filterOf([]),
      repairRequest: named(ids),
    })
    expect(withdrawn(alice)).toEqual([])
  })

  it('stands where his filter may have begun anew', () => {
    const { alice, carol } = said(2)
    carol({ messageId: 'rolled', bloomFilter: filterOf([], 8_000) })
    expect(withdrawn(alice)).toEqual([])
  })

  it('stands where a restart makes a filter of less than it holds', () => {
    const { alice, carol } = said(2, { maxHistory: 500 })
    carol({ messageId: 'restarted', bloomFilter: filterOf([], 20) })
    expect(withdrawn(alice)).toEqual([])
  })

  it('is not given again by what he wrote before he lost the message, and comes late', () => {
    const { net, alice, ids, carol } = said(2)
    const before = net.now
    net.run(60_000)
    carol({ messageId: 'empty', bloomFilter: filterOf([]) })
    expect(withdrawn(alice)).toHaveLength(2)
    for (let i = 0; i < 3; i++)
      carol({
        messageId: `old ${i}`,
        lamport: before,
        causalHistory: named(ids),
        bloomFilter: filterOf(ids, i),
      })
    expect(ids.map((id) => alice.stage.acknowledgedBy(id))).toEqual([[], []])
    carol({ messageId: 'again', causalHistory: named(ids) })
    expect(ids.map((id) => alice.stage.acknowledgedBy(id))).toEqual([['carol'], ['carol']])
  })

  it('counts an hour later once it went back three times: two devices may have one name', () => {
    const { net, alice, ids, carol } = said(1)
    const inTurn = (times: number, everyMs: number): number => {
      const before = withdrawn(alice).length
      for (let i = 0; i < times; i++) {
        carol({ messageId: `without ${net.now}`, bloomFilter: filterOf([]) })
        carol({ messageId: `with ${net.now}`, causalHistory: named(ids), bloomFilter: filterOf(ids) })
        net.run(everyMs)
      }
      return withdrawn(alice).length - before
    }
    expect(inTurn(100, 1_000)).toBe(3)
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual([])
    expect(inTurn(24 * 30, 120_000)).toBeLessThanOrEqual(24)
    // Whoever has it for good is named for good.
    net.run(86_400_000)
    for (let i = 0; i < 2; i++)
      carol({ messageId: `has it ${i}`, causalHistory: named(ids), bloomFilter: filterOf(ids) })
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual(['carol'])
  })

  it('stands where a filter comes late that is older than one of content sent again', () => {
    const { net, alice, ids, carol } = said(1)
    const next = alice.say('next')
    net.run(1_000)
    const { now } = net
    const without = { messageId: 'without', bloomFilter: filterOf([]), lamport: now - 100 }
    // The content is older than the sync message, and was sent again since, with the filter of then.
    carol({
      messageId: 'content',
      content: new Uint8Array(1),
      lamport: now - 200,
      bloomFilter: filterOf([...ids, next], 5),
      causalHistory: named([next]),
    })
    carol(without)
    expect(withdrawn(alice)).toEqual([])
    const copies = copiesOf(alice, next)
    carol({ ...without, messageId: 'without too', lamport: now - 50, content: new Uint8Array(1) })
    expect(withdrawn(alice)).toEqual([])
    expect(copiesOf(alice, next)).toBe(copies)
    net.run(10_000)
    carol({ messageId: 'lost', bloomFilter: filterOf([]) })
    expect(withdrawn(alice)).toHaveLength(2)
  })

  it('goes back when he names what was said since he was heard, whatever his clock says', () => {
    const { net, alice, ids, carol } = said(2)
    const next = alice.say('next')
    net.run(1_000)
    carol({ messageId: 'dave has', senderId: 'dave', causalHistory: named([next]) })
    carol({ messageId: 'behind', lamport: 5, causalHistory: named([next]), bloomFilter: filterOf([next]) })
    expect(withdrawn(alice).map(([id]) => id)).toEqual(ids)
  })

  it('goes back when he has been behind for long, by what is not kept and not played again', () => {
    const { net, alice, ids, carol } = said(2)
    const early = net.now - 3_600_000
    const says = (name: string, fields: Partial<SdsMessage> = {}): void =>
      carol({ messageId: name, lamport: early + Number(name.slice(1)), bloomFilter: filterOf([]), ...fields })
    says('a0')
    net.run(700_000)
    says('a0')
    says('c1', { content: new Uint8Array(1) })
    net.run(10_000)
    expect(withdrawn(alice)).toEqual([])
    says('a2')
    expect(withdrawn(alice).map(([id]) => id)).toEqual(ids)
  })

  it('stands where what he said before a restart comes again after it', () => {
    const { net, alice, ids, carol } = said(1)
    carol({
      messageId: 'early',
      senderId: 'carol',
      content: new Uint8Array(1),
      lamport: net.now,
      bloomFilter: filterOf(ids),
    })
    const late = {
      messageId: 'early',
      content: new Uint8Array(1),
      lamport: net.now - 1_000,
      bloomFilter: filterOf([]),
    }
    alice.restart()
    alice.input({
      type: 'follow',
      messages: ids.map((messageId) => ({ messageId, acknowledgedBy: ['carol'] })),
    })
    carol(late)
    expect(withdrawn(alice)).toEqual([])
  })

  it('of before a restart goes back too, if it is followed', () => {
    const { alice, ids, carol } = said(2)
    alice.restart()
    const messages = ids.map((messageId) => ({ messageId, acknowledgedBy: ['carol'] }))
    alice.input({ type: 'follow', messages })
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual(['carol'])
    carol({ messageId: 'old copy', bloomFilter: filterOf(ids.slice(0, 1)) })
    expect(withdrawn(alice)).toEqual([[ids[1], 'carol', true]])
  })
})

describe('what somebody has lost', () => {
  it('is sent again until it is acknowledged, where nobody else has it', () => {
    const { net, alice, ids, carol } = said(2)
    carol({ messageId: 'old copy', bloomFilter: filterOf([]) })
    const sum = (): number => ids.reduce((count, id) => count + copiesOf(alice, id), 0)
    const before = sum()
    alice.input({ type: 'send-again', messageIds: ids, by: 'carol' })
    expect(alice.stage.isUnacknowledged(ids[0]!)).toBe(true)
    expect(sum() - before).toBe(2)
    net.run(60_000)
    expect(sum() - before).toBeGreaterThan(2)
    carol({ messageId: 'again', causalHistory: named(ids), bloomFilter: filterOf(ids) })
    expect(alice.stage.isUnacknowledged(ids[0]!)).toBe(false)
    const copies = copiesOf(alice, ids[1]!)
    net.run(600_000)
    expect(copiesOf(alice, ids[1]!)).toBe(copies)
  })

  it('is sent again after a restart as well', () => {
    const { net, alice, ids, carol } = said(1)
    carol({ messageId: 'old copy', bloomFilter: filterOf([]) })
    alice.input({ type: 'send-again', messageIds: ids, by: 'carol' })
    const before = copiesOf(alice, ids[0]!)
    alice.restart()
    net.run(60_000)
    expect(copiesOf(alice, ids[0]!)).toBeGreaterThan(before)
  })

  it('is given to him once, where others have it', () => {
    const { net, alice, ids, carol } = said(1)
    carol({ messageId: 'dave has', senderId: 'dave', causalHistory: named(ids) })
    carol({ messageId: 'old copy', bloomFilter: filterOf([]) })
    const before = copiesOf(alice, ids[0]!)
    alice.input({ type: 'send-again', messageIds: ids, by: 'carol' })
    net.run(60_000)
    expect(copiesOf(alice, ids[0]!) - before).toBeLessThanOrEqual(1)
    expect(copiesOf(alice, ids[0]!)).toBeGreaterThan(0)
    expect(alice.stage.isUnacknowledged(ids[0]!)).toBe(false)
  })

  it('is not sent where the history has forgotten it', () => {
    const { alice, carol, ids } = said(3, { maxHistoryBytes: 2 })
    carol({ messageId: 'old copy', bloomFilter: filterOf([]) })
    alice.input({ type: 'send-again', messageIds: ids, by: 'carol' })
    expect(ids.map((id) => copiesOf(alice, id)).slice(0, 2)).toEqual([0, 0])
    const failed = ids.slice(0, 2).map((messageId) => ({ messageId, forgotten: true }))
    expect(alice.eventsOf('delivery-failed')).toMatchObject(failed)
  })

  it('is undelivered where there is no room to send it', () => {
    const { net, alice, carol, ids } = said(1, { maxOutgoing: 1 })
    alice.say('another')
    net.run(100)
    carol({ messageId: 'old copy', bloomFilter: filterOf([]) })
    alice.input({ type: 'send-again', messageIds: ids, by: 'carol' })
    expect(alice.eventsOf('delivery-failed')).toMatchObject([{ messageId: ids[0] }])
    expect(alice.eventsOf('delivery-failed')[0]).toMatchObject({ forgotten: false })
  })
})
