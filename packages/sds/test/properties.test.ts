import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SdsOptions, decodeMessage } from '../src/core.ts'
import { Network, type Peer, seeded } from './network.ts'

/** More with SDS_PROPERTY_RUNS. */
const RUNS = Number(process.env['SDS_PROPERTY_RUNS'] ?? 25)
/** A few seconds on a machine that does nothing else. */
const TIMEOUT_MS = 60_000 + RUNS * 1_000

const QUICK: Partial<SdsOptions> = {
  repair: { tMinMs: 1_000, tMaxMs: 4_000 },
  lostAfterMs: Infinity,
  periodicSyncMs: 5_000,
  maxRetransmissions: 20,
}

/** For each message, the ids that it names as before it. */
function declaredHistory(peers: readonly Peer[]): Map<string, readonly string[]> {
  const history = new Map<string, readonly string[]>()
  for (const peer of peers) {
    for (const { kind, payload } of peer.sent) {
      if (kind !== 'content') continue
      const { message } = decodeMessage(payload)
      history.set(
        message!.messageId,
        message!.causalHistory.map(({ messageId }) => messageId),
      )
    }
  }
  return history
}

/** The messages missed before any was delivered: perhaps from before the participant's time, and not waited for. */
function missedAtFirst({ events }: Peer): Set<string> {
  const first = events.findIndex(({ type }) => type === 'delivered')
  return new Set(
    events
      .slice(0, first)
      .flatMap((event) => (event.type === 'missing' ? event.entries.map(({ messageId }) => messageId) : [])),
  )
}

/**
 * Checks what every participant must have seen: everything of the others, once, after what it depends on, but for what a
 * newcomer missed at first, which it is told comes late.
 */
function expectComplete(peers: readonly Peer[]): void {
  const history = declaredHistory(peers)
  for (const peer of peers) {
    const own = new Set(peer.sent.filter(({ kind }) => kind === 'content').map(({ messageId }) => messageId))
    const expected = [...history.keys()].filter((id) => !own.has(id))
    const got = peer.delivered.map(({ messageId }) => messageId)
    expect(got.toSorted(), `${peer.name}: each message once`).toEqual(expected.toSorted())
    const seen = new Set(own)
    const late = new Set(peer.delivered.filter((one) => one.late).map(({ messageId }) => messageId))
    const missed = missedAtFirst(peer)
    for (const id of late) expect(missed.has(id), `${peer.name}: ${id} is late`).toBe(true)
    for (const id of got) {
      for (const before of history.get(id)!)
        expect(seen.has(before) || late.has(before), `${peer.name}: ${id} after ${before}`).toBe(true)
      seen.add(id)
    }
    expect(peer.stage.health(), `${peer.name}: nothing is missing`).toEqual({
      state: 'synced',
      missing: 0,
      lost: 0,
    })
    const open = peer.events.filter(({ type }) => type === 'delivery-failed')
    expect(open, `${peer.name}: nothing failed`).toEqual([])
    for (const id of own)
      expect(peer.stage.acknowledgedBy(id).length, `${peer.name}: ${id} acknowledged`).toBeGreaterThan(0)
  }
}

const scenario = fc.record({
  seed: fc.nat(),
  peers: fc.integer({ min: 3, max: 8 }),
  loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
  duplicate: fc.double({ min: 0, max: 0.5, noNaN: true }),
  jitterMs: fc.integer({ min: 0, max: 3_000 }),
  messages: fc.integer({ min: 1, max: 40 }),
  partitionAt: fc.integer({ min: 0, max: 40 }),
  lateJoiners: fc.integer({ min: 0, max: 2 }),
  dialects: fc.constantFrom<'lip' | 'nim' | 'both'>('lip', 'nim', 'both'),
})

describe('a group of participants', () => {
  // CAU-01 CAU-05 CAU-06 REP-15 RCV-09
  it(
    'delivers every message to everyone, once and in causal order, whatever the network does',
    () => {
      fc.assert(
        fc.property(scenario, (s) => {
          const random = seeded(s.seed)
          const network = new Network({ random, loss: s.loss, duplicate: s.duplicate, jitterMs: s.jitterMs })
          const dialectOf = (index: number): 'lip' | 'nim' =>
            s.dialects === 'both' ? (index % 2 === 0 ? 'lip' : 'nim') : s.dialects
          const join = (index: number): Peer =>
            network.join(`peer-${index}`, { ...QUICK, dialect: dialectOf(index) })
          for (let i = 0; i < s.peers; i++) join(i)
          for (let i = 0; i < s.messages; i++) {
            if (i === s.partitionAt) {
              const half = new Set(network.peers.filter((_, index) => index % 2 === 0))
              network.passes = (from, to) => half.has(from) === half.has(to)
            }
            if (i === s.partitionAt + 10) network.passes = () => true
            const speaker = network.peers[Math.floor(random() * network.peers.length)]!
            speaker.say(`${i}`)
            network.run(random() * 2_000)
            if (i < s.lateJoiners) join(s.peers + i)
          }
          network.passes = () => true
          network.run(900_000)
          expectComplete(network.peers)
        }),
        { numRuns: RUNS, endOnFailure: true },
      )
    },
    TIMEOUT_MS,
  )

  it(
    'goes on where it was after restarts',
    () => {
      fc.assert(
        fc.property(scenario, fc.double({ min: 0, max: 0.3, noNaN: true }), (s, restarts) => {
          const random = seeded(s.seed)
          const network = new Network({
            random,
            loss: s.loss * 0.6,
            duplicate: s.duplicate,
            jitterMs: s.jitterMs,
          })
          for (let i = 0; i < s.peers; i++) network.join(`peer-${i}`, QUICK)
          for (let i = 0; i < s.messages; i++) {
            const speaker = network.peers[Math.floor(random() * network.peers.length)]!
            speaker.say(`${i}`)
            network.run(random() * 2_000)
            for (const peer of network.peers) if (random() < restarts) peer.restart()
          }
          network.run(900_000)
          const history = declaredHistory(network.peers)
          for (const peer of network.peers) {
            const own = new Set(
              peer.sent.filter(({ kind }) => kind === 'content').map(({ messageId }) => messageId),
            )
            const got = peer.delivered.map(({ messageId }) => messageId)
            expect(got.toSorted(), peer.name).toEqual(
              [...history.keys()].filter((id) => !own.has(id)).toSorted(),
            )
          }
        }),
        { numRuns: RUNS, endOnFailure: true },
      )
    },
    TIMEOUT_MS,
  )
})
