import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SdsMessage, type SdsOptions, createSdsStage, encodeMessage } from '../src/core.ts'
import { sdsRecords } from '../src/records.ts'
import { type Peer, Network, decoded, seeded } from './network.ts'

const START = 1_750_000_000_000
/** How many messages others have written, each after two of the last few. */
const THEIRS = 60

function conversation(random: () => number): SdsMessage[] {
  const all: SdsMessage[] = []
  for (let i = 0; i < THEIRS; i++) {
    const before = all.slice(-4).filter(() => random() < 0.5)
    all.push({
      senderId: `sender-${i % 3}`,
      messageId: `m${i}`,
      channelId: 'channel',
      lamport: START + i,
      causalHistory: before.map(({ messageId, senderId }) => ({ messageId, senderId })),
      repairRequest: [],
      content: new TextEncoder().encode(`${i}`),
    })
  }
  return all
}

const small: Partial<SdsOptions> = {
  periodicSyncMs: 0,
  maxHistory: 25,
  maxHistoryBytes: 40,
  // Of what was met and is forgotten, what is parked waits once more after a restart.
  maxMet: 1_000,
  maxIncoming: 8,
  maxMissing: 12,
  maxOutgoing: 6,
  maxHeads: 30,
  maxRetransmissions: 1,
  lostAfterMs: 40_000,
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('receive' as const), index: fc.nat(THEIRS - 1) }) },
  fc.record({ type: fc.constant('say' as const) }),
  fc.record({ type: fc.constant('acknowledge' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('waive' as const), index: fc.nat(THEIRS - 1) }),
  fc.record({ type: fc.constant('pass' as const), ms: fc.nat(20_000) }),
)

describe('a participant that was restored', () => {
  it('knows what the one knew that was stored, delivers what that would and goes on from there', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom('lip' as const, 'nim' as const),
        fc.boolean(),
        fc.array(step, { maxLength: 120, size: 'max' }),
        (seed, dialect, isNewcomer, steps) => {
          const random = seeded(seed)
          const theirs = conversation(random)
          const wires = theirs.map((message) => encodeMessage(message, dialect))
          const net = new Network({ random: seeded(seed) })
          net.now = START + 1000
          // Messages that a newcomer does without take up room until the restart.
          const options = { ...small, dialect, ...(isNewcomer && { maxMissing: 1_000 }) }
          const bob = net.join('bob', options)
          if (!isNewcomer) bob.receive(wires[0]!)
          for (const one of steps) {
            if (one.type === 'receive') bob.receive(wires[one.index]!)
            else if (one.type === 'say') bob.say('mine')
            else if (one.type === 'pass') net.run(one.ms)
            else if (one.type === 'waive')
              bob.input({ type: 'waive', messages: [{ messageId: `m${one.index}` }] })
            else {
              const mine = bob.sent.filter(({ kind }) => kind === 'content')
              const messageId = mine[one.which % mine.length]?.messageId
              if (messageId === undefined) continue
              const sync = { senderId: 'sender-0', messageId: `s-${messageId}`, channelId: 'channel' }
              bob.receive(
                encodeMessage(
                  { ...sync, lamport: START, causalHistory: [{ messageId }], repairRequest: [] },
                  dialect,
                ),
              )
            }
          }
          const other = new Network({ random: seeded(seed) })
          other.now = net.now
          const heir = other.join('bob', options)
          heir.stage = createSdsStage(
            { ...options, participantId: 'bob', channelId: 'channel', random: seeded(seed) },
            sdsRecords([...bob.store].map(([key, value]) => ({ key, value }))),
          )
          for (const [key, value] of bob.store) heir.store.set(key, value)
          heir.input({ type: 'start' })
          // Messages that a newcomer does without are asked for until the restart.
          const { missing } = bob.stage.health()
          if (isNewcomer) expect(heir.stage.health().missing).toBeLessThanOrEqual(missing)
          else expect(heir.stage.health()).toEqual(bob.stage.health())
          expect(heir.stage.health().lost).toBe(bob.stage.health().lost)
          expect(heir.stage.outgoing()).toEqual(bob.stage.outgoing())
          for (const { messageId } of bob.sent) {
            expect(heir.stage.isUnacknowledged(messageId)).toBe(bob.stage.isUnacknowledged(messageId))
          }
          if (bob.stage.outgoing().messages < 6) {
            const [ofHeir, ofBob] = [heir, bob].map((peer) => {
              peer.say('next')
              return decoded(peer.sent.findLast(({ kind }) => kind === 'content')!.payload)
            })
            expect(ofHeir!.lamport).toBe(ofBob!.lamport)
            // A message that came later than one that names it is named once more by the peer that saw it come.
            const ids = ofBob!.causalHistory.map(({ messageId }) => messageId)
            expect(ids).toEqual(
              expect.arrayContaining(ofHeir!.causalHistory.map(({ messageId }) => messageId)),
            )
          }
          const before = bob.delivered.length
          for (const index of fc.sample(fc.shuffledSubarray([...wires.keys()], { minLength: THEIRS }), {
            numRuns: 1,
            seed,
          })[0]!) {
            bob.receive(wires[index]!)
            heir.receive(wires[index]!)
          }
          const what = ({ delivered }: Peer, from: number): unknown =>
            delivered.slice(from).map(({ messageId, late }) => [messageId, late])
          expect(what(heir, 0)).toEqual(what(bob, before))
          expect(new Set(bob.delivered.map(({ messageId }) => messageId)).size).toBe(bob.delivered.length)
        },
      ),
      { numRuns: 100 },
    )
  })
})
