import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SdsOptions, Urgency } from '../src/core.ts'
import { Network, type Peer, seeded } from './network.ts'

/** More with SDS_PROPERTY_RUNS. */
const RUNS = Number(process.env['SDS_PROPERTY_RUNS'] ?? 25)
/** A few seconds on a machine that does nothing else. */
const TIMEOUT_MS = 60_000 + RUNS * 1_000

const OPTIONS: Partial<SdsOptions> = {
  lostAfterMs: Infinity,
  periodicSyncMs: 5_000,
  maxRetransmissions: 20,
  maxHeads: 64,
}

const RANKS: Record<Urgency, number> = { critical: 0, normal: 1, optional: 2 }

/** A message as its author means it. */
interface Said {
  readonly author: string
  readonly priority: Urgency
  readonly isLoose: boolean
  /** What has to come before it everywhere. */
  readonly after: ReadonlySet<string>
}

const scenario = fc.record({
  seed: fc.nat(),
  peers: fc.integer({ min: 2, max: 5 }),
  loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
  duplicate: fc.double({ min: 0, max: 0.3, noNaN: true }),
  jitterMs: fc.integer({ min: 0, max: 3_000 }),
  messages: fc.integer({ min: 1, max: 40 }),
  /** How much leaves, of what waits. */
  leaving: fc.double({ min: 0.1, max: 1, noNaN: true }),
  loose: fc.double({ min: 0, max: 0.7, noNaN: true }),
  restarts: fc.double({ min: 0, max: 0.15, noNaN: true }),
})

/** Says something, and notes what that comes after. */
function say(
  peer: Peer,
  text: string,
  how: { priority: Urgency; isLoose: boolean },
  all: Map<string, Said>,
): void {
  const { priority, isLoose } = how
  const left = new Set(peer.sent.map(({ messageId }) => messageId))
  const after = new Set(peer.delivered.map(({ messageId }) => messageId))
  for (const [messageId, own] of all) {
    if (own.author !== peer.name || own.isLoose) continue
    if (left.has(messageId) || RANKS[own.priority] <= RANKS[priority]) after.add(messageId)
  }
  // What was lower in rank and left nevertheless may come after what waits, and so after what overtakes it.
  for (const messageId of [...after]) {
    const own = all.get(messageId)!
    const isHeldUp = [...own.after].some(
      (before) => all.get(before)!.author === peer.name && !after.has(before),
    )
    if (own.author === peer.name && isHeldUp) after.delete(messageId)
  }
  const id = peer.say(text, false, { priority, ...(isLoose && { order: 'none' }) })
  all.set(id, { author: peer.name, priority, isLoose, after: isLoose ? new Set() : after })
}

// F16
it(
  'each comes once, after all that it comes after, whatever leaves first, depends on nothing or is restarted',
  () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const random = seeded(s.seed)
        const network = new Network({ random, duplicate: s.duplicate, jitterMs: s.jitterMs })
        const peers = Array.from({ length: s.peers }, (_, i) => network.joinHeldBack(`peer-${i}`, OPTIONS))
        const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
        const all = new Map<string, Said>()
        const checked = new Map<Peer, number>()
        const letOut = (share: number): void => {
          for (const peer of peers)
            for (let left = peer.waiting.length; left > 0; left--) if (random() < share) peer.letOut()
        }
        const checkEvents = (): void => {
          for (const peer of peers) {
            const events = peer.events.slice(checked.get(peer))
            checked.set(peer, peer.events.length)
            for (const event of events) {
              if (event.type !== 'acknowledged' || event.via !== 'causal-history') continue
              const by = peers.find(({ name }) => name === event.by)!
              const has = by.delivered.some(({ messageId }) => messageId === event.messageId)
              expect(has, `${event.by} has what it acknowledges`).toBe(true)
            }
          }
        }
        // What a newcomer hears first need not wait for what it comes after.
        for (const peer of peers) {
          say(peer, `hello of ${peer.name}`, { priority: 'normal', isLoose: false }, all)
          letOut(1)
          network.run(5_000)
        }
        network.loss = s.loss
        for (let i = 0; i < s.messages; i++) {
          const how = {
            priority: one(['critical', 'normal', 'optional'] as const),
            isLoose: random() < s.loose,
          }
          say(one(peers), `${i}`, how, all)
          letOut(s.leaving * random())
          network.run(random() * 1_000)
          checkEvents()
          for (const peer of peers) if (random() < s.restarts) peer.restart()
        }
        for (let round = 0; round < 600; round++) {
          letOut(1)
          network.run(1_000)
        }
        checkEvents()
        for (const peer of peers) {
          const got = peer.delivered.map(({ messageId }) => messageId)
          const others = [...all].filter(([, { author }]) => author !== peer.name).map(([id]) => id)
          expect(got.toSorted(), `${peer.name}: each once`).toEqual(others.toSorted())
          const seen = new Set<string>()
          for (const { messageId, late } of peer.delivered) {
            expect(late, `${peer.name}: ${messageId} is late`).toBe(false)
            for (const before of all.get(messageId)!.after) {
              if (all.get(before)!.author === peer.name) continue
              expect(seen.has(before), `${peer.name}: ${messageId} after ${before}`).toBe(true)
            }
            seen.add(messageId)
          }
          expect(peer.eventsOf('delivery-failed')).toEqual([])
          expect(peer.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
          for (const [id, { author }] of all) {
            if (author === peer.name)
              expect(peer.stage.isUnacknowledged(id), `${id} is acknowledged`).toBe(false)
          }
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  },
  TIMEOUT_MS,
)
