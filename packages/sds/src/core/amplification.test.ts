import { expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../test/network.ts'
import { RollingFilter } from './filter/rolling-filter.ts'
import { encodeMessage } from './wire/codec.ts'
import type { HistoryEntry, SdsMessage } from './wire/message.ts'

/** Others may cause three times the bytes that they send, and besides a start and eight times the own content. */
const START_BYTES = 32 * 2 ** 20
const FOR_OWN = 8
/** So many probes leave, one at a time, though nobody claims anything: twelve for what was said, and for its being acknowledged. */
const PROBES = 24

interface Lie {
  readonly name: string
  /** Makes the liar's next message, who knows the ids of alice's. */
  readonly next: (ids: readonly string[], index: number) => Partial<SdsMessage>
}

const emptyFilter = filterOf([])

function filterOf(ids: readonly string[]): Uint8Array {
  const filter = new RollingFilter('lip', 10_000, 0.001)
  for (const id of ids) filter.insert(id)
  return filter.toWire()
}

const named = (ids: readonly string[]): HistoryEntry[] =>
  ids.map((messageId) => ({ messageId, senderId: 'alice', retrievalHint: undefined }))

const lies: readonly Lie[] = [
  { name: 'an empty filter again and again', next: () => ({ bloomFilter: emptyFilter }) },
  {
    name: 'a filter without the newest, of which he names all that came before',
    next: (ids) => ({
      bloomFilter: filterOf(ids.slice(0, -1)),
      causalHistory: named(ids.slice(0, -1)),
    }),
  },
  {
    name: 'a filter in which another one is missing each time',
    next: (ids, index) => ({ bloomFilter: filterOf(ids.filter((_, i) => i !== index % ids.length)) }),
  },
  {
    name: 'empty filters of many made-up members',
    next: (_, index) => ({ senderId: `member ${index}`, bloomFilter: emptyFilter }),
  },
  {
    name: 'filters of everything and of nothing in turn',
    next: (ids, index) =>
      index % 2 === 0
        ? { bloomFilter: filterOf(ids), causalHistory: named(ids) }
        : { bloomFilter: emptyFilter },
  },
  {
    name: 'filters of everything and of nothing in turn, of many made-up members',
    next: (ids, index) => ({
      senderId: `member ${index >> 1}`,
      ...(index % 2 === 0
        ? { bloomFilter: filterOf(ids), causalHistory: named(ids) }
        : { bloomFilter: emptyFilter }),
    }),
  },
  { name: 'requests again and again', next: (ids) => ({ repairRequest: named(ids) }) },
  {
    name: 'requests of many made-up members',
    next: (ids, index) => ({ senderId: `member ${index}`, repairRequest: named(ids) }),
  },
  {
    name: 'requests with filters, each after a message that he did get',
    next: (ids) => ({
      bloomFilter: emptyFilter,
      causalHistory: named(ids.slice(-1)),
      repairRequest: named(ids),
    }),
  },
]

/** Copies of what was said before, by alice or by others, that she has sent. */
const copiesOf = (peer: Peer): number =>
  peer.sent
    .filter(({ kind }) => kind === 'retransmission' || kind === 'repair')
    .reduce((sum, { payload }) => sum + payload.length, 0)

/** Mallory lies each second, for so long, after alice has said so much; a message of bob's is with her too. */
function lying(lie: Lie, seconds: number, contents: readonly number[], options = {}) {
  const net = new Network({ random: seeded(5) })
  const alice = net.join('alice', { periodicSyncMs: 0, ...options })
  const bob = net.join('bob', { periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 })
  const ids = contents.map((bytes, i) => alice.say(`${i % 10}`.repeat(bytes)))
  ids.push(bob.say('x'.repeat(contents[0]!)))
  net.run(1_000)
  bob.online = false
  let heard = bob.sent.reduce((sum, { payload }) => sum + payload.length, 0)
  const copies: number[] = []
  let seen = 0
  for (let second = 0; second < seconds; second++) {
    const payload = encodeMessage(
      {
        senderId: 'mallory',
        messageId: `lie ${second}`,
        channelId: 'channel',
        lamport: net.now,
        causalHistory: [],
        repairRequest: [],
        content: undefined,
        ...lie.next(ids, second),
      },
      'lip',
    )
    heard += payload.length
    alice.receive(payload)
    // As a channel does, whose message is still under way.
    for (const { messageId, by } of alice.eventsOf('acknowledgement-withdrawn').slice(seen))
      alice.input({ type: 'send-again', messageIds: [messageId], by })
    seen = alice.eventsOf('acknowledgement-withdrawn').length
    net.run(1_000)
    copies.push(copiesOf(alice))
  }
  return { heard, copies, own: contents.reduce((sum, bytes) => sum + bytes, 0) }
}

it.each(lies)('whoever lies gets no more than three times what he sends: $name', (lie) => {
  const size = 400_000
  const { heard, copies, own } = lying(
    lie,
    600,
    Array.from({ length: 4 }, () => size),
  )
  const sent = copies.at(-1)!
  expect(sent).toBeLessThanOrEqual(
    START_BYTES + FOR_OWN * (own + 4 * 20_000) + PROBES * (size + 20_000) + 3 * heard,
  )
  // Once the start is used up, nothing but what he sends counts.
  const half = copies[copies.length / 2]!
  expect(sent - half).toBeLessThanOrEqual((3 * heard) / 2 + size)
})

it.each([lies[0]!, lies[6]!, lies[8]!])(
  'small messages whose filters are most of them cost what is on the wire: $name',
  (lie) => {
    const { heard, copies } = lying(
      lie,
      100,
      Array.from({ length: 40 }, () => 100),
    )
    expect(copies.at(-1)!).toBeLessThanOrEqual(
      START_BYTES + FOR_OWN * 40 * 20_000 + PROBES * 20_000 + 3 * heard,
    )
  },
)

it.each([lies[0]!, lies[6]!, lies[8]!])(
  'the times of LIP-109 and LIP-173 make no difference: $name',
  (lie) => {
    const size = 400_000
    const fixed = {
      acknowledgementTimeoutMs: 5_000,
      maxRetransmissions: 5,
      repair: { tMinMs: 1_000, tMaxMs: 2_000 },
    }
    const { heard, copies, own } = lying(
      lie,
      200,
      Array.from({ length: 4 }, () => size),
      fixed,
    )
    expect(copies.at(-1)!).toBeLessThanOrEqual(START_BYTES + (FOR_OWN + 5) * (own + 4 * 20_000) + 3 * heard)
  },
)

it.each([lies[0]!, lies[1]!, lies[4]!, lies[5]!, lies[8]!])(
  'nor does it where each is reminded who has not acknowledged: $name',
  (lie) => {
    const size = 400_000
    const { heard, copies, own } = lying(
      lie,
      300,
      Array.from({ length: 4 }, () => size),
      { acknowledge: 'each' },
    )
    expect(copies.at(-1)!).toBeLessThanOrEqual(
      START_BYTES + FOR_OWN * (own + 4 * 20_000) + PROBES * (size + 20_000) + 3 * heard,
    )
  },
)
